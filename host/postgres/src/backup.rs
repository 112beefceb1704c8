//! Backups: a folder that `pg_basebackup` wrote, and its way back.
//!
//! A physical copy rather than dumps, because it is one consistent moment of the whole cluster (all databases, roles
//! and grants, and the transaction numbers that audit rows carry), needs no knowledge of what is inside, and comes with a
//! manifest of checksums that `pg_verifybackup` checks on the way out and again on the way in. The price: it goes back
//! only into the major version that wrote it. A plain folder rather than archives, because only that can be verified
//! by every supported version and unpacked without further programs.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use crate::binaries::{Installation, Need};
use crate::error::{Error, Naming};
use crate::home::{self, Home};
use crate::{Options, Server, account, launch, program};

/// Writes a backup of the running server as the new folder `to`, which appears whole and verified or not at all.
///
/// # Errors
/// [`Error::TargetExists`], or what kept the backup from being written.
pub fn backup(server: &Server, to: &Path) -> Result<(), Error> {
    if fs::symlink_metadata(to).is_ok() {
        return Err(Error::TargetExists { to: to.to_owned() });
    }
    let (parent, unfinished) = unfinished(to)?;
    let written = write(server, &unfinished).and_then(|()| fs::rename(&unfinished, to).naming("make", to));
    if written.is_err() {
        // The reason is what the caller needs; a leftover under a name that says so harms nobody.
        let _ = fs::remove_dir_all(&unfinished);
        return written;
    }
    sync(&parent)
}

/// Makes the data folder's cluster from a backup, whole and verified or not at all. The next start serves it.
///
/// # Errors
/// [`Error::Occupied`], [`Error::NotABackup`], [`Error::OtherMajor`], or what kept the files from being written.
pub fn restore(options: &Options, from: &Path) -> Result<(), Error> {
    let from = &fs::canonicalize(from).naming("find", from)?;
    let not_a_backup = |why: &str| Error::NotABackup {
        from: from.to_owned(),
        why: why.to_owned(),
    };
    let major = home::major_of(from)?.ok_or_else(|| not_a_backup("it has no PG_VERSION"))?;
    if !from.join("backup_manifest").is_file() {
        return Err(not_a_backup("it has no backup_manifest"));
    }
    let need = Need {
        holder: from,
        major: Some(major),
    };
    let installation = Installation::find(options.binaries.as_deref(), need)?;

    let home = Home::open(&options.data)?;
    let _lock = home.lock(options.patience)?;
    if fs::symlink_metadata(home.cluster()).is_ok() {
        return Err(Error::Occupied {
            data: options.data.clone(),
        });
    }
    // A start that was killed may have left an initdb behind, still writing where this is about to.
    let _log = home.silent_log(options.patience)?;
    let staging = launch::empty_staging(&home)?;
    copy(from, &staging)?;
    verify(&installation, &staging)?;
    if let Some(account) = home.account {
        account::give_tree(&staging, account)?;
    }
    home.adopt_staging()
}

fn write(server: &Server, unfinished: &Path) -> Result<(), Error> {
    let mut command = program::command(&server.installation.program("pg_basebackup")?, None);
    command
        .args(["-U", "postgres", "-p", "5432", "--no-password", "-h"])
        .arg(&server.socket);
    command
        .args(["--format=plain", "--wal-method=stream", "--checkpoint=fast", "-D"])
        .arg(unfinished);
    program::run(command)?;
    verify(&server.installation, unfinished)
}

fn verify(installation: &Installation, backup: &Path) -> Result<(), Error> {
    let mut command = program::command(&installation.program("pg_verifybackup")?, None);
    command.arg("--exit-on-error").arg(backup);
    program::run(command)
}

/// The target's folder, and a name of its own beside the target, so that the last step is one rename.
fn unfinished(to: &Path) -> Result<(PathBuf, PathBuf), Error> {
    let nameless = || io::Error::new(ErrorKind::InvalidInput, "it has no name of its own");
    let name = to
        .file_name()
        .ok_or_else(nameless)
        .naming("write a backup to", to)?;
    let parent = match to.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    };
    let parent = fs::canonicalize(parent).naming("find", parent)?;
    let mut unfinished = name.to_owned();
    unfinished.push(format!(
        ".unfinished-{:x}",
        RandomState::new().build_hasher().finish()
    ));
    let unfinished = parent.join(unfinished);
    Ok((parent, unfinished))
}

/// Copies what is inside a folder into another, private and on disk when this returns. A backup of a cluster made
/// here has no links; one that has would scatter a restored cluster over the machine.
fn copy(from: &Path, to: &Path) -> Result<(), Error> {
    for entry in fs::read_dir(from).naming("list", from)? {
        let entry = entry.naming("list", from)?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        let kind = entry.file_type().naming("look at", &source)?;
        if kind.is_dir() {
            DirBuilder::new()
                .mode(0o700)
                .create(&target)
                .naming("make", &target)?;
            copy(&source, &target)?;
        } else if kind.is_file() {
            copy_file(&source, &target)?;
        } else {
            let why = format!("{} is neither a file nor a folder", source.display());
            return Err(Error::NotABackup {
                from: from.to_owned(),
                why,
            });
        }
    }
    sync(to)
}

fn copy_file(from: &Path, to: &Path) -> Result<(), Error> {
    let mut source = File::open(from).naming("read", from)?;
    let mut options = OpenOptions::new();
    let mut target = options
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(to)
        .naming("make", to)?;
    io::copy(&mut source, &mut target).naming("write", to)?;
    target.sync_all().naming("sync", to)
}

fn sync(folder: &Path) -> Result<(), Error> {
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .naming("sync", folder)
}
