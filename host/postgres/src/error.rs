//! What can go wrong, each in one line that names the thing and its limit.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::binaries::OLDEST_MAJOR;

/// Why a server could not be started, or a backup not be made or restored.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nothing that looks like a PostgreSQL installation was found.
    #[error("no PostgreSQL binaries found {place}: {advice}")]
    NoBinaries {
        /// Where was looked.
        place: String,
        /// What to install on this platform.
        advice: String,
    },
    /// An installation lacks one of PostgreSQL's own programs.
    #[error("{program} is missing in {folder}: PostgreSQL's server and client packages are both needed")]
    MissingProgram {
        /// The program's name.
        program: &'static str,
        /// The installation's folder of programs.
        folder: PathBuf,
    },
    /// The only usable installation is older than this crate supports.
    #[error("PostgreSQL {found} in {folder} is too old: {OLDEST_MAJOR} or newer is needed")]
    TooOld {
        /// The version found.
        found: String,
        /// The installation's folder of programs.
        folder: PathBuf,
    },
    /// A cluster or backup was written by a major version that is not installed.
    #[error("{holder} belongs to PostgreSQL {held}, but installed is {installed}: install PostgreSQL {held}")]
    OtherMajor {
        /// The cluster or backup.
        holder: PathBuf,
        /// The major version that wrote it.
        held: u32,
        /// The installed versions, comma-separated.
        installed: String,
    },
    /// The user that runs the server cannot pass through a folder above the data.
    #[error("folder {folder} is closed to uid {uid}, which runs PostgreSQL: open it with chmod o+x")]
    ClosedFolder {
        /// The topmost closed folder.
        folder: PathBuf,
        /// The server's user.
        uid: u32,
    },
    /// The data folder cannot be written by this process.
    #[error("cannot write in data folder {folder} as uid {uid}: {source}")]
    Unwritable {
        /// The data folder.
        folder: PathBuf,
        /// This process's user.
        uid: u32,
        /// The system's refusal.
        source: io::Error,
    },
    /// Somebody else's file is where the private socket folder belongs.
    #[error("socket folder {folder} does not belong to uid {uid} alone: remove it")]
    SocketFolder {
        /// The folder.
        folder: PathBuf,
        /// The server's user.
        uid: u32,
    },
    /// One of PostgreSQL's programs failed.
    #[error("{program} failed: {said}")]
    Failed {
        /// The program's name.
        program: String,
        /// What it wrote to its standard error, in one line.
        said: String,
    },
    /// The server ended before it accepted a connection.
    #[error("PostgreSQL did not start: {said} (log: {log})")]
    NotStarted {
        /// The end of its log, in one line.
        said: String,
        /// The whole log.
        log: PathBuf,
    },
    /// Something took longer than the options allow.
    #[error("{what} took longer than {limit:?}")]
    Slow {
        /// What was waited for.
        what: String,
        /// The limit.
        limit: Duration,
    },
    /// A backup's target is already there.
    #[error("{to} exists: a backup never replaces anything")]
    TargetExists {
        /// The target.
        to: PathBuf,
    },
    /// What should be restored is not a backup.
    #[error("{from} is not a backup: {why}")]
    NotABackup {
        /// The folder named as a backup.
        from: PathBuf,
        /// What it lacks.
        why: String,
    },
    /// A restore would replace a database.
    #[error("{data} already holds a database: a restore needs an empty data folder")]
    Occupied {
        /// The data folder.
        data: PathBuf,
    },
    /// A file operation failed.
    #[error("cannot {action} {path}: {source}")]
    Io {
        /// What was tried, as a verb.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// The system's refusal.
        source: io::Error,
    },
}

/// Adds to a bare I/O error what was being done and to which path.
pub(crate) trait Naming<T> {
    fn naming(self, action: &'static str, path: &Path) -> Result<T, Error>;
}

impl<T> Naming<T> for io::Result<T> {
    fn naming(self, action: &'static str, path: &Path) -> Result<T, Error> {
        self.map_err(|source| Error::Io {
            action,
            path: path.to_owned(),
            source,
        })
    }
}
