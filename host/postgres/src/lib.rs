//! A private PostgreSQL server for one data folder, started from the machine's own binaries and shared by all
//! processes that hold it. When the last holder is gone, however it went, the server stops.
//!
//! ```no_run
//! # fn main() -> Result<(), nexusport_postgres::Error> {
//! let server = nexusport_postgres::Server::start(&nexusport_postgres::Options::new("/var/lib/nexusport/postgres"))?;
//! println!("{}", server.url("postgres", "postgres"));
//! # Ok(())
//! # }
//! ```
//!
//! The server listens on a socket in a private folder and nowhere else, so reaching the folder is the permission:
//! every connection is trusted. It knows nothing of NexusPort: no roles, databases or migrations are made here.

mod account;
mod backup;
mod binaries;
mod error;
mod guard;
mod home;
mod launch;
mod postmaster;
mod program;

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

pub use backup::{backup, restore};
pub use error::Error;

use binaries::{Installation, Need};
use guard::Hold;
use home::Home;

/// How to start a server.
#[derive(Clone, Debug)]
pub struct Options {
    /// The folder for the cluster, its log and its locks; made when missing. Nothing else belongs in it.
    pub data: PathBuf,
    /// The folder of PostgreSQL's programs; without it, wherever platforms install them.
    pub binaries: Option<PathBuf>,
    /// Connections the server accepts at once. Counts for whoever starts the server, not for who joins it.
    pub max_connections: u16,
    /// How long each step (waiting for another starter, for an earlier server's end, for readiness) may take; up to
    /// some years.
    pub patience: Duration,
}

impl Options {
    /// The defaults for a data folder: any installed PostgreSQL, 200 connections, and patience for five minutes, since
    /// recovery after a power cut replays up to some gigabytes and must not be cut short.
    pub fn new(data: impl Into<PathBuf>) -> Options {
        Options {
            data: data.into(),
            binaries: None,
            max_connections: 200,
            patience: Duration::from_secs(300),
        }
    }
}

/// A share in a running server. The server stops once every share in every process is dropped or its process dead.
#[derive(Debug)]
pub struct Server {
    hold: Hold,
    home: Home,
    installation: Installation,
    socket: PathBuf,
    patience: Duration,
}

impl Server {
    /// Starts the data folder's server, or shares the one that runs. Blocks until it takes connections.
    ///
    /// # Errors
    /// Whatever keeps a server from running; see [`Error`].
    pub fn start(options: &Options) -> Result<Server, Error> {
        let home = Home::open(&options.data)?;
        let _lock = home.lock(options.patience)?;
        let need = Need {
            holder: &options.data,
            major: home.major()?,
        };
        let installation = Installation::find(options.binaries.as_deref(), need)?;
        let hold = launch::join_or_start(&home, &installation, options)?;
        let socket = home.socket_folder()?;
        Ok(Server {
            hold,
            home,
            installation,
            socket,
            patience: options.patience,
        })
    }

    /// The private folder that holds the server's socket.
    pub fn socket(&self) -> &Path {
        &self.socket
    }

    /// A connection URL. The superuser is called `postgres`, and so is the database that is always there.
    pub fn url(&self, user: &str, database: &str) -> String {
        // Readable, since people paste it; in a query a slash needs no escape.
        let socket = escape(self.socket.as_os_str().as_encoded_bytes()).replace("%2F", "/");
        let (user, database) = (escape(user.as_bytes()), escape(database.as_bytes()));
        // Port and TLS mode are spelled out because clients would else take them from PGPORT and PGSSLMODE.
        format!("postgres://{user}@localhost:5432/{database}?host={socket}&sslmode=disable")
    }

    /// The version of the programs, such as `15.18`.
    pub fn version(&self) -> &str {
        &self.installation.version
    }

    /// Gives up this share and waits until the server has ended.
    ///
    /// # Errors
    /// [`Error::Slow`] when other holders keep it running for longer than the options' patience.
    pub fn stop(self) -> Result<(), Error> {
        let Server {
            hold, home, patience, ..
        } = self;
        drop(hold);
        home.silent_log(patience).map(drop)
    }
}

/// Percent-encodes everything but what means itself in every part of a URL (RFC 3986, unreserved).
fn escape(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut escaped, &byte| {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                escaped.push(char::from(byte))
            }
            _ => write!(escaped, "%{byte:02X}").expect("writing to a string cannot fail"),
        }
        escaped
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_means_something_in_a_url_is_escaped() {
        assert_eq!(
            escape("/a b/ü?&=%+@".as_bytes()),
            "%2Fa%20b%2F%C3%BC%3F%26%3D%25%2B%40"
        );
    }
}
