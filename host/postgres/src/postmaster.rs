//! The main process of a server seen from outside: its pid file, whether it lives, whether it takes connections.

use std::fs;
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use rustix::io::Errno;
use rustix::process::{Pid, Signal, kill_process, test_kill_process};

use crate::error::{Error, Naming};
use crate::home::SOCKET_FILE;
use crate::program;

/// How long a server may take to answer one greeting; it is asked again after that.
const ANSWER_LIMIT: Duration = Duration::from_secs(1);

/// A greeting in protocol 3.0 from user `postgres` to database `postgres`, and the message that ends a session:
/// <https://www.postgresql.org/docs/current/protocol-message-formats.html>.
const GREETING: &[u8] = b"\0\0\0\x29\0\x03\0\0user\0postgres\0database\0postgres\0\0";
const FAREWELL: &[u8] = b"X\0\0\0\x04";
/// SQLSTATE cannot_connect_now: the server is starting, recovering or stopping.
const CANNOT_CONNECT_NOW: &[u8] = b"57P03";

/// Whether the server behind the socket folder takes connections now.
pub(crate) fn is_ready(socket_folder: &Path) -> bool {
    greet(&socket_folder.join(SOCKET_FILE)).unwrap_or(false)
}

/// Asks the cluster's server, should one live, to stop at once and cleanly.
pub(crate) fn interrupt(cluster: &Path) -> Result<(), Error> {
    match pid(cluster)? {
        Some(pid) if serves(pid, cluster) => match kill_process(pid, Signal::INT) {
            Ok(()) | Err(Errno::SRCH) => Ok(()),
            Err(error) => Err(io::Error::from(error)).naming("stop the server of", cluster),
        },
        _ => Ok(()),
    }
}

/// Removes a pid file whose number now belongs to some other living process: PostgreSQL would refuse to start over
/// it. A file whose number is dead is left to PostgreSQL, and so is one that belongs to a server.
pub(crate) fn clear_stale_pid(cluster: &Path) -> Result<(), Error> {
    let Some(pid) = pid(cluster)? else { return Ok(()) };
    let is_alive = !matches!(test_kill_process(pid), Err(Errno::SRCH));
    if !is_alive || serves(pid, cluster) {
        return Ok(());
    }
    let path = cluster.join("postmaster.pid");
    tracing::warn!(path = %path.display(), "removing a stale pid file whose number another program now has");
    fs::remove_file(&path).naming("remove", &path)
}

fn greet(socket: &Path) -> io::Result<bool> {
    let mut stream = UnixStream::connect(socket)?;
    stream.set_read_timeout(Some(ANSWER_LIMIT))?;
    stream.write_all(GREETING)?;
    let mut answer = [0; 256];
    let count = stream.read(&mut answer)?;
    let answer = &answer[..count];
    let must_wait = answer
        .windows(CANNOT_CONNECT_NOW.len())
        .any(|window| window == CANNOT_CONNECT_NOW);
    if answer.first() == Some(&b'R') {
        stream.write_all(FAREWELL)?;
    }
    // Any other refusal, such as "too many clients", comes from a server that is up.
    Ok(!answer.is_empty() && !must_wait)
}

/// The first line of `postmaster.pid`; nothing without a file, or with one cut short by a crash.
fn pid(cluster: &Path) -> Result<Option<Pid>, Error> {
    let path = cluster.join("postmaster.pid");
    match fs::read_to_string(&path) {
        // A postmaster started in single-user mode writes its number as negative.
        Ok(text) => Ok(text
            .lines()
            .next()
            .and_then(|line| line.trim().parse::<i32>().ok())
            .and_then(|pid| Pid::from_raw(pid.abs()))),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).naming("read", &path),
    }
}

/// Whether the process is the server of this very cluster, which it has as its current folder; where there is no
/// /proc, whether it is a PostgreSQL server at all.
fn serves(pid: Pid, cluster: &Path) -> bool {
    let pid = pid.as_raw_pid();
    if Path::new("/proc/self/cwd").exists() {
        return fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|folder| folder == cluster);
    }
    let mut ps = program::command(Path::new("ps"), None);
    ps.args(["-o", "comm=", "-p", &pid.to_string()])
        .stdout(Stdio::piped());
    ps.output()
        .is_ok_and(|output| String::from_utf8_lossy(&output.stdout).contains("postgres"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_greeting_tells_its_own_length() {
        assert_eq!(usize::from(GREETING[3]), GREETING.len());
    }

    #[test]
    fn a_pid_file_goes_only_when_a_stranger_has_its_number() {
        let cluster = tempfile::tempdir().expect("a temporary folder");
        let path = cluster.path().join("postmaster.pid");
        let survives = |content: &str| {
            fs::write(&path, content).expect("the pid file is written");
            clear_stale_pid(cluster.path()).expect("the pid file is judged");
            path.exists()
        };
        // The largest number that Linux and macOS never give to a process.
        assert!(
            survives("2147483647\n/data\n"),
            "a dead number is PostgreSQL's business"
        );
        assert!(survives(""), "an empty file is PostgreSQL's business");
        assert!(
            !survives(&format!("{}\n/data\n", std::process::id())),
            "this test is not a server"
        );
    }
}
