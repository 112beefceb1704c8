//! Requests at fixed times, whether or not those before were answered, and what each waited for since its time had come.

use std::{
    fmt,
    time::{Duration, Instant},
};

use reqwest::RequestBuilder;
use tokio::{task::JoinSet, time::sleep};

/// How long requests took, and how many were not done.
#[derive(Default)]
pub struct Times {
    took: Vec<Duration>,
    refused: usize,
}

/// So many a second, each sent when it is due; comes back when all are answered.
pub async fn steadily(a_second: u32, lasting: Duration, request: impl Fn() -> RequestBuilder) -> Times {
    let began = Instant::now();
    let between = Duration::from_secs(1) / a_second;
    let mut asked = JoinSet::new();
    for number in 0.. {
        let due = between * number;
        if due >= lasting {
            break;
        }
        sleep(due.saturating_sub(began.elapsed())).await;
        let request = request();
        asked.spawn(async move {
            let done = is_done(request).await;
            (began.elapsed() - due, done)
        });
    }
    let answers = asked.join_all().await;
    Times {
        refused: answers.iter().filter(|(_, done)| !done).count(),
        took: answers.into_iter().map(|(took, _)| took).collect(),
    }
}

/// Whether it was answered as it was to be, to its last byte.
async fn is_done(request: RequestBuilder) -> bool {
    match request.send().await {
        Ok(answer) => answer.status().is_success() && answer.bytes().await.is_ok(),
        Err(_) => false,
    }
}

impl Times {
    pub fn join(&mut self, other: Self) {
        self.took.extend(other.took);
        self.refused += other.refused;
    }

    pub fn refused(&self) -> usize {
        self.refused
    }

    pub fn quantile(&self, part: f64) -> Duration {
        let mut took = self.took.clone();
        took.sort_unstable();
        took[((took.len() - 1) as f64 * part) as usize]
    }
}

impl fmt::Display for Times {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [p50, p99, most] = [0.5, 0.99, 1.0].map(|part| self.quantile(part).as_micros() as f64 / 1_000.0);
        let (all, refused) = (self.took.len(), self.refused);
        write!(
            f,
            "p50 {p50:.1} ms, p99 {p99:.1} ms, most {most:.1} ms, {refused} of {all} refused"
        )
    }
}
