//! Starts the server of a data folder: makes the cluster when it is missing, clears what a crash left, hands the
//! server to a guard, and waits until it answers. Callers hold the folder's lock.

use std::fs::{self, File};
use std::io::{ErrorKind, Read, Seek, SeekFrom};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::{Child, Command};
use std::thread;
use std::time::{Duration, Instant};

use crate::Options;
use crate::account;
use crate::binaries::Installation;
use crate::error::{Error, Naming};
use crate::guard::{self, Hold};
use crate::home::Home;
use crate::{postmaster, program};

/// How often a starting server is asked whether it is ready. A server is up about 100 ms after a clean stop.
const ASK_EVERY: Duration = Duration::from_millis(10);
/// The log is cut at the next start beyond this size, keeping the cut part as `postgres.log.old`.
const LOG_BYTES: u64 = 16 << 20;

/// Shares the server that runs, or starts one.
pub(crate) fn join_or_start(home: &Home, with: &Installation, options: &Options) -> Result<Hold, Error> {
    let socket = home.socket_folder()?;
    while let Some(hold) = guard::join(home, options.patience)? {
        // The server may have crashed a moment ago, with its guard about to notice.
        let alive = || guard::join(home, options.patience).map(|hold| hold.is_some());
        if becomes_ready(home, &socket, alive, options.patience)? {
            tracing::debug!(data = %home.root().display(), "sharing the running PostgreSQL server");
            return Ok(hold);
        }
    }
    start(home, &socket, with, options)
}

fn start(home: &Home, socket: &Path, with: &Installation, options: &Options) -> Result<Hold, Error> {
    let log = take_over(home, options.patience)?;
    match home.major()? {
        None => make_cluster(home, with, &log)?,
        Some(_) => claim_cluster(home)?,
    }
    postmaster::clear_stale_pid(&home.cluster())?;
    prepare_socket(home, socket)?;
    let said_before = log.metadata().naming("look at", &home.log())?.len();
    let (hold, mut child) = guard::spawn(home, &server(home, socket, with, options)?, socket, log)?;
    let is_up = becomes_ready(home, socket, || still_runs(&mut child), options.patience);
    // Reaps the guard whenever the server ends; by then this process may have long moved on.
    thread::spawn(move || child.wait());
    if is_up? {
        tracing::info!(data = %home.root().display(), version = with.version, "PostgreSQL is up");
        return Ok(hold);
    }
    Err(Error::NotStarted {
        said: program::last_words(&log_since(home, said_before)),
        log: home.log(),
    })
}

/// The log, locked, once no process of an earlier server lives. A server that lost its guard is asked to stop.
fn take_over(home: &Home, patience: Duration) -> Result<File, Error> {
    if !home.is_silent()? {
        postmaster::interrupt(&home.cluster())?;
    }
    let log = home.silent_log(patience)?;
    let path = home.log();
    if log.metadata().naming("look at", &path)?.len() > LOG_BYTES {
        let old = home.path("postgres.log.old");
        fs::copy(&path, &old).naming("write", &old)?;
        log.set_len(0).naming("cut", &path)?;
    }
    Ok(log)
}

/// Makes the cluster under another name first, so that a crash can never leave half a cluster.
fn make_cluster(home: &Home, with: &Installation, log: &File) -> Result<(), Error> {
    let staging = empty_staging(home)?;
    let said_before = log.metadata().naming("look at", &home.log())?.len();
    let initdb = with.program("initdb")?;
    let mut command = program::command(&initdb, home.account);
    // A POSIX locale would make the encoding SQL_ASCII; C sorts the same on every machine and after every upgrade.
    command.args([
        "-U",
        "postgres",
        "-E",
        "UTF8",
        "--locale=C",
        "--auth=trust",
        "--data-checksums",
    ]);
    command.arg("-D").arg(&staging);
    // The locked log as standard error keeps others out until initdb has ended, should this process be killed.
    command.stderr(log.try_clone().naming("share", &home.log())?);
    if !command.status().naming("run", &initdb)?.success() {
        return Err(program::failure(&initdb, &log_since(home, said_before)));
    }
    home.adopt_staging()
}

/// A fresh, private `cluster.new`, free of what an interrupted start left there.
pub(crate) fn empty_staging(home: &Home) -> Result<std::path::PathBuf, Error> {
    let staging = home.staging();
    match fs::remove_dir_all(&staging) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error).naming("remove", &staging),
        _ => home.make_private(&staging)?,
    }
    Ok(staging)
}

/// A cluster copied here by root belongs to root, and PostgreSQL would refuse it.
fn claim_cluster(home: &Home) -> Result<(), Error> {
    let cluster = home.cluster();
    let owner = fs::symlink_metadata(&cluster).naming("look at", &cluster)?.uid();
    match home.account {
        Some(account) if account.uid != owner => account::give_tree(&cluster, account),
        _ => Ok(()),
    }
}

fn prepare_socket(home: &Home, folder: &Path) -> Result<(), Error> {
    let uid = home
        .account
        .map_or_else(|| rustix::process::geteuid().as_raw(), |account| account.uid);
    match fs::symlink_metadata(folder) {
        Ok(found) => {
            let is_private = found.is_dir() && found.mode() & 0o077 == 0 && [uid, 0].contains(&found.uid());
            if !is_private {
                return Err(Error::SocketFolder {
                    folder: folder.to_owned(),
                    uid,
                });
            }
            fs::remove_dir_all(folder).naming("remove", folder)?;
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(error).naming("look at", folder),
    }
    home.make_private(folder)
}

/// The server's command. What safety and privacy rest on is set here, where it wins over any configuration file.
fn server(home: &Home, socket: &Path, with: &Installation, options: &Options) -> Result<Command, Error> {
    let mut command = Command::new(with.program("postgres")?);
    command.arg("-D").arg(home.cluster()).arg("-k").arg(socket);
    let connections = format!("max_connections={}", options.max_connections);
    for setting in [
        "listen_addresses=",
        "port=5432",
        "unix_socket_permissions=0700",
        "logging_collector=off",
        "log_destination=stderr",
        "fsync=on",
        "full_page_writes=on",
        "synchronous_commit=on",
        &connections,
    ] {
        command.args(["-c", setting]);
    }
    Ok(command)
}

/// Waits until the server answers (true) or is no longer alive (false).
fn becomes_ready(
    home: &Home,
    socket: &Path,
    mut alive: impl FnMut() -> Result<bool, Error>,
    patience: Duration,
) -> Result<bool, Error> {
    let deadline = Instant::now() + patience;
    while !postmaster::is_ready(socket) {
        if !alive()? {
            return Ok(false);
        }
        if Instant::now() > deadline {
            let what = format!("the start of the server in {}", home.root().display());
            return Err(Error::Slow {
                what,
                limit: patience,
            });
        }
        thread::sleep(ASK_EVERY);
    }
    Ok(true)
}

fn still_runs(guard: &mut Child) -> Result<bool, Error> {
    Ok(guard
        .try_wait()
        .naming("wait for", Path::new(program::SHELL))?
        .is_none())
}

/// What was written to the log since it had this length; nothing when it cannot be read.
fn log_since(home: &Home, length: u64) -> String {
    let mut said = Vec::new();
    let read = File::open(home.log()).and_then(|mut log| {
        log.seek(SeekFrom::Start(length))?;
        log.read_to_end(&mut said)
    });
    read.map(|_| String::from_utf8_lossy(&said).into_owned())
        .unwrap_or_default()
}
