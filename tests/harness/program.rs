//! The program itself, as a process that can be killed, beside a host of the same database.

use std::{
    os::unix::process::ExitStatusExt as _,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    sync::{Arc, Mutex},
};

use nexusport::app::Timestamp;
use rustix::process::{Pid, Signal, kill_process};
use tokio::{
    io::{AsyncBufReadExt as _, BufReader, Lines},
    process::{Child, ChildStderr, Command},
    task::JoinHandle,
};
use uuid::Uuid;

use super::{Client, Host};

/// Business time in a file, for programs to read.
#[derive(Clone)]
pub struct ClockFile(PathBuf);

/// `nexusport serve` in a process of its own. Killed with this.
pub struct Program {
    child: Child,
    /// Its API, without a token.
    pub client: Client,
    said: Arc<Mutex<String>>,
    listening: Option<JoinHandle<()>>,
}

impl ClockFile {
    pub fn new(path: PathBuf, now: Timestamp) -> Self {
        let clock = Self(path);
        clock.show(now);
        clock
    }

    /// Whoever reads sees the old time or the new one, whole.
    pub fn show(&self, now: Timestamp) {
        let new = self.0.with_extension("new");
        std::fs::write(&new, now.to_rfc3339()).unwrap();
        std::fs::rename(new, &self.0).unwrap();
    }
}

impl Program {
    /// Serves the host's database; dies where it is told to, as `NEXUSPORT_CRASH_AT` has it. The error says how it ended
    /// before it could serve.
    pub async fn start(host: &Host, clock: &ClockFile, dies_at: Option<&str>) -> Result<Self, ExitStatus> {
        let mut command = serve(host, clock);
        if let Some(point) = dies_at {
            command.env("NEXUSPORT_CRASH_AT", point);
        }
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let said = Arc::new(Mutex::new(String::new()));
        while let Some(line) = lines.next_line().await.unwrap() {
            said.lock().unwrap().push_str(&format!("{line}\n"));
            if let Some((_, rest)) = line.split_once("serving address=") {
                let address = rest.split_whitespace().next().unwrap();
                let client = Client::new(&format!("http://{address}"));
                let listening = Some(tokio::spawn(listen(lines, said.clone())));
                return Ok(Self {
                    child,
                    client,
                    said,
                    listening,
                });
            }
        }
        let ended = child.wait().await.unwrap();
        // Work begins before anybody is told the address.
        if ended.signal() == Some(Signal::KILL.as_raw()) {
            return Err(ended);
        }
        panic!("{ended}: {}", said.lock().unwrap());
    }

    /// How it ended, if it did.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().unwrap()
    }

    /// Sends a signal.
    pub fn signal(&self, signal: Signal) {
        let id = self.child.id().expect("it runs");
        kill_process(Pid::from_raw(id.cast_signed()).unwrap(), signal).unwrap();
    }

    /// Returns how it ended once it has.
    pub async fn end(&mut self) -> ExitStatus {
        self.child.wait().await.unwrap()
    }

    /// `kill -9`; returns once it is gone.
    pub async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }

    /// The leases that it took, once it was heard out; of one that runs, so far.
    pub async fn claims(&mut self) -> Vec<Uuid> {
        if self.child.try_wait().unwrap().is_some()
            && let Some(listening) = self.listening.take()
        {
            listening.await.unwrap();
        }
        let said = self.said();
        let claims = said
            .lines()
            .filter_map(|line| line.split_once("claiming lease="))
            .map(|(_, lease)| lease.parse().unwrap());
        claims.collect()
    }

    /// What it logged.
    pub fn said(&self) -> String {
        self.said.lock().unwrap().clone()
    }
}

fn serve(host: &Host, clock: &ClockFile) -> Command {
    let urls = &host.database.urls;
    let mut command = Command::new(env!("CARGO_BIN_EXE_nexusport"));
    command
        .args(["serve", "--listen", "127.0.0.1:0", "--allow-loopback-carriers"])
        .args([
            "--log",
            "warn,nexusport=info,nexusport::jobs=debug",
            "--database-connections",
            "6",
            "--data",
        ])
        .arg(host.folder.path())
        .env("DATABASE_URL", &urls.host)
        .env("NEXUSPORT_OWNER_DATABASE_URL", &urls.owner)
        .env("NEXUSPORT_OPERATOR_DATABASE_URL", &urls.operator)
        .env("NEXUSPORT_MASTER_KEY", hex::encode(super::host::MASTER_KEY))
        .env("NEXUSPORT_CLOCK", path(clock))
        .env("NO_COLOR", "1")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

fn path(clock: &ClockFile) -> &Path {
    &clock.0
}

/// Reads on, so that nobody waits for the pipe.
async fn listen(mut lines: Lines<BufReader<ChildStderr>>, said: Arc<Mutex<String>>) {
    while let Ok(Some(line)) = lines.next_line().await {
        said.lock().unwrap().push_str(&format!("{line}\n"));
    }
}
