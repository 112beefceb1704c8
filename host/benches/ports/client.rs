//! Sends requests over connections that are kept, as light as can be, and takes the time.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// A request as bytes.
#[derive(Clone)]
pub struct Question(Vec<u8>);

/// One rival under load.
pub struct Load {
    pub name: &'static str,
    connections: Vec<(TcpStream, Vec<Question>)>,
    /// Requests a second of each round.
    rates: Vec<f64>,
    /// Of every request, in microseconds.
    times: Vec<u64>,
}

impl Question {
    pub fn get(path: &str, token: Option<&str>) -> Self {
        let token = token
            .map(|token| format!("authorization: Bearer {token}\r\n"))
            .unwrap_or_default();
        Self(format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n{token}\r\n").into_bytes())
    }
}

impl Load {
    pub async fn new(name: &'static str, to: SocketAddr, questions: Vec<Question>, at_once: usize) -> Self {
        let mut connections = Vec::new();
        for n in 0..at_once {
            let stream = TcpStream::connect(to).await.unwrap();
            stream.set_nodelay(true).unwrap();
            let own = questions
                .iter()
                .skip(n * questions.len() / at_once)
                .chain(&questions)
                .take(questions.len());
            connections.push((stream, own.cloned().collect()));
        }
        Self {
            name,
            connections,
            rates: Vec::new(),
            times: Vec::new(),
        }
    }

    /// Asks for a while on every connection at once.
    pub async fn turn(&mut self, lasting: Duration, counts: bool) {
        let begun = Instant::now();
        let asking = self.connections.iter_mut().map(|(stream, questions)| async move {
            let mut times = Vec::new();
            for question in questions.iter().cycle() {
                if begun.elapsed() >= lasting {
                    break;
                }
                let asked = Instant::now();
                answer(stream, question).await;
                times.push(asked.elapsed().as_micros() as u64);
            }
            times
        });
        let times: Vec<u64> = futures::future::join_all(asking)
            .await
            .into_iter()
            .flatten()
            .collect();
        if counts {
            self.rates
                .push(times.len() as f64 / begun.elapsed().as_secs_f64());
            self.times.extend(times);
        }
    }

    /// Requests a second in the middle round.
    pub fn rate(&self) -> f64 {
        middle(self.rates.clone())
    }

    pub fn quantile(&self, part: f64) -> u64 {
        let mut times = self.times.clone();
        times.sort_unstable();
        times[((times.len() - 1) as f64 * part) as usize]
    }

    /// This one's rate as a part of another's, in the middle of the rounds.
    pub fn ratio(&self, other: &Self) -> f64 {
        middle(
            self.rates
                .iter()
                .zip(&other.rates)
                .map(|(ours, theirs)| ours / theirs)
                .collect(),
        )
    }
}

fn middle(mut of: Vec<f64>) -> f64 {
    of.sort_by(f64::total_cmp);
    of[of.len() / 2]
}

/// Sends and reads one answer, which must be 200.
async fn answer(stream: &mut TcpStream, question: &Question) {
    stream.write_all(&question.0).await.unwrap();
    let mut bytes = Vec::with_capacity(2048);
    loop {
        stream.read_buf(&mut bytes).await.unwrap();
        let Some(head) = bytes.windows(4).position(|end| end == b"\r\n\r\n") else {
            continue;
        };
        let text = std::str::from_utf8(&bytes[..head]).unwrap().to_ascii_lowercase();
        assert!(
            text.starts_with("http/1.1 200"),
            "{}",
            String::from_utf8_lossy(&bytes)
        );
        let length: usize = text
            .split("content-length: ")
            .nth(1)
            .unwrap()
            .lines()
            .next()
            .unwrap()
            .parse()
            .unwrap();
        if bytes.len() >= head + 4 + length {
            return;
        }
    }
}
