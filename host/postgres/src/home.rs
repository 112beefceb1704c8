//! The data folder: what lies where, who may enter, and its two locks. Knows nothing of how a server is started.
//!
//! - `cluster/`: PostgreSQL's own data; complete whenever it exists, because it is made as `cluster.new/` and renamed.
//! - `run/`: the private socket folder, unless the path is too long for a socket.
//! - `lock`: held by whoever is starting, restoring or joining, one at a time.
//! - `postgres.log`: what the server says, and the lock that tells whether any of its processes still lives: they all
//!   inherit the locked log as their standard error, so the system lets go of it exactly when the last one has ended.
//! - `hold.fifo`, `ack.fifo`: how processes share the server; see `guard`.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt, lchown};
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use rustix::fs::OFlags;

use crate::account::{self, Account};
use crate::binaries;
use crate::error::{Error, Naming};

/// The smallest length of a socket's path that a supported platform allows (macOS: 104 with the final zero).
const SOCKET_PATH_BYTES: usize = 103;
/// The file PostgreSQL makes in its socket folder for port 5432.
pub(crate) const SOCKET_FILE: &str = ".s.PGSQL.5432";

/// A data folder that this process can write and the server's user can enter.
#[derive(Debug)]
pub(crate) struct Home {
    root: PathBuf,
    pub account: Option<Account>,
}

impl Home {
    /// Opens the folder, making it where it is missing.
    pub fn open(data: &Path) -> Result<Home, Error> {
        let unwritable = |source| Error::Unwritable {
            folder: data.to_owned(),
            uid: rustix::process::geteuid().as_raw(),
            source,
        };
        // Closed to others, but what root makes must let the server's user pass.
        let mode = if rustix::process::geteuid().is_root() {
            0o711
        } else {
            0o700
        };
        DirBuilder::new()
            .recursive(true)
            .mode(mode)
            .create(data)
            .map_err(unwritable)?;
        let root = fs::canonicalize(data).map_err(unwritable)?;
        let account = Account::choose(&root, &root.join("cluster"))?;
        let home = Home { root, account };
        home.append(&home.path("lock")).map_err(unwritable)?;
        if let Some(account) = account {
            home.let_in(account)?;
        }
        Ok(home)
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    pub fn cluster(&self) -> PathBuf {
        self.path("cluster")
    }

    pub fn staging(&self) -> PathBuf {
        self.path("cluster.new")
    }

    pub fn log(&self) -> PathBuf {
        self.path("postgres.log")
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// The major version of the cluster, or nothing while there is none.
    pub fn major(&self) -> Result<Option<u32>, Error> {
        major_of(&self.cluster())
    }

    /// The socket folder: in the data folder where that is short and plain enough for `unix_socket_directories`, else
    /// one in /tmp named for the data folder's place on disk, so that every process comes to the same.
    pub fn socket_folder(&self) -> Result<PathBuf, Error> {
        let near = self.path("run");
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-".contains(&byte);
        let bytes = near.as_os_str().as_encoded_bytes();
        if bytes.len() + 1 + SOCKET_FILE.len() <= SOCKET_PATH_BYTES && bytes.iter().copied().all(plain) {
            return Ok(near);
        }
        let place = fs::metadata(&self.root).naming("look at", &self.root)?;
        Ok(PathBuf::from(format!(
            "/tmp/nexusport-{:x}-{:x}",
            place.dev(),
            place.ino()
        )))
    }

    /// Waits for the right to start, join or restore; dropping the file gives it up.
    pub fn lock(&self, patience: Duration) -> Result<File, Error> {
        let path = self.path("lock");
        let file = self.append(&path).naming("open", &path)?;
        lock_within(file, patience)
            .naming("lock", &path)?
            .ok_or_else(|| Error::Slow {
                what: format!("another process's start of {}", self.root.display()),
                limit: patience,
            })
    }

    /// Waits until no process of an earlier server lives and returns the log, locked for the next one.
    pub fn silent_log(&self, patience: Duration) -> Result<File, Error> {
        let path = self.log();
        let file = self.append(&path).naming("open", &path)?;
        lock_within(file, patience)
            .naming("lock", &path)?
            .ok_or_else(|| Error::Slow {
                what: format!("the end of the earlier server of {}", self.root.display()),
                limit: patience,
            })
    }

    /// Whether a process of a server lives, or did a moment ago.
    pub fn is_silent(&self) -> Result<bool, Error> {
        let path = self.log();
        match self.append(&path).naming("open", &path)?.try_lock() {
            Ok(()) => Ok(true),
            Err(TryLockError::WouldBlock) => Ok(false),
            Err(TryLockError::Error(source)) => Err(source).naming("lock", &path),
        }
    }

    /// Makes a private folder that belongs to the server's user.
    pub fn make_private(&self, folder: &Path) -> Result<(), Error> {
        DirBuilder::new()
            .mode(0o700)
            .create(folder)
            .naming("make", folder)?;
        self.give(folder)
    }

    /// Gives one file or folder to the server's user, where that is another.
    pub fn give(&self, path: &Path) -> Result<(), Error> {
        let Some(Account { uid, gid }) = self.account else {
            return Ok(());
        };
        lchown(path, Some(uid), Some(gid)).naming("change the owner of", path)
    }

    /// Makes the finished `cluster.new` the cluster, surviving a power cut from here on.
    pub fn adopt_staging(&self) -> Result<(), Error> {
        let cluster = self.cluster();
        fs::rename(self.staging(), &cluster).naming("make", &cluster)?;
        File::open(&self.root)
            .and_then(|folder| folder.sync_all())
            .naming("sync", &self.root)
    }

    /// The folder itself stays root's, so that root never follows what the server's user could put there.
    fn let_in(&self, account: Account) -> Result<(), Error> {
        let metadata = fs::metadata(&self.root).naming("look at", &self.root)?;
        if metadata.uid() == 0 && metadata.mode() & 0o001 == 0 {
            let mode = Permissions::from_mode(metadata.mode() | 0o011);
            fs::set_permissions(&self.root, mode).naming("open", &self.root)?;
        }
        account::check_reach(&self.root, account)
    }

    fn append(&self, path: &Path) -> io::Result<File> {
        let flags = OFlags::NOFOLLOW.bits().cast_signed();
        OpenOptions::new()
            .create(true)
            .append(true)
            .mode(0o600)
            .custom_flags(flags)
            .open(path)
    }
}

/// The major version written in a cluster's or backup's `PG_VERSION`, or nothing when there is none.
pub(crate) fn major_of(cluster: &Path) -> Result<Option<u32>, Error> {
    let path = cluster.join("PG_VERSION");
    match fs::read_to_string(&path) {
        Ok(text) => {
            let unreadable = || io::Error::new(io::ErrorKind::InvalidData, "it holds no version");
            binaries::major(text.trim())
                .ok_or_else(unreadable)
                .naming("read", &path)
                .map(Some)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).naming("read", &path),
    }
}

/// Locks the file, or gives up. The system's lock has no limit of its own, so a thread waits for it; after giving
/// up, that thread lets go of the lock as soon as it gets it.
fn lock_within(file: File, patience: Duration) -> io::Result<Option<File>> {
    match file.try_lock() {
        Ok(()) => return Ok(Some(file)),
        Err(TryLockError::WouldBlock) => {}
        Err(TryLockError::Error(error)) => return Err(error),
    }
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let locked = loop {
            match file.lock() {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => break other,
            }
        };
        // Fails only after the receiver gave up; the file, and with it the lock, is dropped then.
        let _ = sender.send(locked.map(|()| file));
    });
    receiver.recv_timeout(patience).ok().transpose()
}
