//! The neighbour: quotes by a price that never ends, and uploads of bombs, hostile guests and components that something
//! happened to, each of them other bytes than ever before.

#[path = "../../../sdk/cli/tests/command/mutation.rs"]
mod mutation;

use std::{
    collections::BTreeMap,
    fmt, fs,
    process::Command,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use nexusport_plugins::hostile;
use serde_json::Value;
use tokio::{task::JoinSet, time::interval};
use tokio_util::sync::CancellationToken;

use super::house::House;
use mutation::{Chance, mutated, originals};

const QUOTES_A_SECOND: u64 = 50;
const UPLOADS_AT_ONCE: usize = 4;
/// Quotes that may be on their way at a time.
const QUOTES_AT_ONCE: usize = 200;

#[derive(Clone)]
pub struct Loud(Arc<Parts>);

struct Parts {
    house: House,
    /// By name, in the order in which they are uploaded.
    bombs: Vec<(String, Vec<u8>)>,
    originals: Vec<Vec<u8>>,
    uploads: AtomicU64,
    quotes: AtomicU64,
    /// What was uploaded and why it was refused.
    ends: Mutex<BTreeMap<String, u64>>,
}

/// A loud phase that is under way.
pub struct Phase {
    stop: CancellationToken,
    working: JoinSet<()>,
    loud: Loud,
    before: (u64, u64),
}

impl Loud {
    pub fn new(house: House) -> Self {
        let mut bombs = bombs();
        let guests: [(&str, &[u8]); 8] = [
            ("loops", hostile::LOOPS),
            ("hoards", hostile::HOARDS),
            ("floods", hostile::FLOODS),
            ("recurses", hostile::RECURSES),
            ("grips", hostile::GRIPS),
            ("lies", hostile::LIES),
            ("compares", hostile::COMPARES),
            ("sleeps", hostile::SLEEPS),
        ];
        bombs.extend(guests.map(|(name, guest)| (name.to_owned(), guest.to_vec())));
        Self(Arc::new(Parts {
            house,
            bombs,
            originals: originals(),
            uploads: AtomicU64::new(0),
            quotes: AtomicU64::new(0),
            ends: Mutex::default(),
        }))
    }

    pub fn begin(&mut self) -> Phase {
        let stop = CancellationToken::new();
        let mut working = JoinSet::new();
        working.spawn(self.clone().keep_quoting(stop.clone()));
        for _ in 0..UPLOADS_AT_ONCE {
            working.spawn(self.clone().keep_uploading(stop.clone()));
        }
        Phase {
            stop,
            working,
            loud: self.clone(),
            before: self.counts(),
        }
    }

    fn counts(&self) -> (u64, u64) {
        let of = |count: &AtomicU64| count.load(Ordering::Relaxed);
        (of(&self.0.quotes), of(&self.0.uploads))
    }

    async fn keep_quoting(self, stop: CancellationToken) {
        let mut due = interval(Duration::from_secs(1) / QUOTES_A_SECOND as u32);
        let mut asked = JoinSet::new();
        while !stop.is_cancelled() {
            due.tick().await;
            while asked.try_join_next().is_some() {}
            if asked.len() < QUOTES_AT_ONCE {
                asked.spawn(self.0.house.quote().send());
                self.0.quotes.fetch_add(1, Ordering::Relaxed);
            }
        }
        asked.join_all().await;
    }

    async fn keep_uploading(self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            let number = self.0.uploads.fetch_add(1, Ordering::Relaxed);
            let (name, component) = self.component(number);
            let answer = self.0.house.upload("loud", component).send().await;
            let end = match answer {
                Ok(answer) => why(&answer.text().await.unwrap_or_default()),
                Err(error) => format!("no answer: {error}"),
            };
            let mut ends = self.0.ends.lock().unwrap();
            *ends.entry(format!("{name}: {end}")).or_insert(0) += 1;
        }
    }

    /// Bombs and mutations in turns.
    fn component(&self, number: u64) -> (&str, Vec<u8>) {
        let (name, mut component) = if number.is_multiple_of(2) {
            let (name, bomb) = &self.0.bombs[(number / 2) as usize % self.0.bombs.len()];
            (&**name, bomb.clone())
        } else {
            ("mutated", mutated(&mut Chance(number), &self.0.originals))
        };
        // A custom section makes it another one than every time before.
        let section = format!("\x04loud{number:08}");
        component.extend([0, section.len() as u8]);
        component.extend(section.as_bytes());
        (name, component)
    }
}

impl Phase {
    /// Lets what is under way come to its end.
    pub async fn end(self) -> String {
        self.stop.cancel();
        self.working.join_all().await;
        let (quotes, uploads) = self.loud.counts();
        format!(
            "{} quotes, {} uploads",
            quotes - self.before.0,
            uploads - self.before.1
        )
    }
}

impl fmt::Display for Loud {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (end, count) in &*self.0.ends.lock().unwrap() {
            write!(f, "\n{count:>6} {end}")?;
        }
        Ok(())
    }
}

/// The check that refused it, or the problem.
fn why(answer: &str) -> String {
    let problem: Value = serde_json::from_str(answer).unwrap_or_default();
    let said = problem["detail"].as_str().unwrap_or_default();
    match (said.split_once("the check "), problem["code"].as_str()) {
        (Some((_, check)), _) => check.split([',', ':']).next().unwrap_or_default().to_owned(),
        (None, Some(code)) => code.to_owned(),
        (None, None) => "accepted".to_owned(),
    }
}

/// Those of the sandbox's tests.
fn bombs() -> Vec<(String, Vec<u8>)> {
    let folder = tempfile::tempdir().unwrap();
    let made = Command::new(env!("CARGO"))
        .args([
            "run",
            "--quiet",
            "--release",
            "--package",
            "nexusport-sandbox",
            "--example",
            "bombs",
            "--",
        ])
        .arg(folder.path())
        .status()
        .unwrap();
    assert!(made.success());
    let files = fs::read_dir(folder.path()).unwrap();
    let mut bombs: Vec<_> = files
        .map(|file| {
            let file = file.unwrap();
            (
                file.file_name().into_string().unwrap(),
                fs::read(file.path()).unwrap(),
            )
        })
        .collect();
    bombs.sort();
    bombs
}
