//! The program, served as in its README, with a database and a simulated carrier of its own.

use std::{
    fs,
    net::{Ipv4Addr, TcpListener},
    os::unix::fs::PermissionsExt as _,
    process::{Child, Command},
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process};
use tokio::time::sleep;

pub struct Host {
    pub url: String,
    serving: Child,
    _folder: tempfile::TempDir,
}

impl Host {
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        // The database runs as another user when this is root.
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let (listen, carrier) = (free(), free());
        let serving = Command::new(env!("CARGO_BIN_EXE_nexusport"))
            .args(["serve", "--listen", &listen, "--simulated-carrier", &carrier])
            .args(["--log", "error", "--data"])
            .arg(folder.path().join("data"))
            .spawn()
            .unwrap();
        let host = Self {
            url: format!("http://{listen}"),
            serving,
            _folder: folder,
        };
        while !host.is_ready().await {
            sleep(Duration::from_millis(100)).await;
        }
        host
    }

    async fn is_ready(&self) -> bool {
        let answer = reqwest::get(format!("{}/readyz", self.url)).await;
        answer.is_ok_and(|answer| answer.status().is_success())
    }

    /// Of the host alone, without its database and without the children it compiles in.
    pub fn resident_mib(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.serving.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        let _ = kill_process(Pid::from_child(&self.serving), Signal::TERM);
        let _ = self.serving.wait();
    }
}

/// An address that nobody listens at.
fn free() -> String {
    let found = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    found.local_addr().unwrap().to_string()
}
