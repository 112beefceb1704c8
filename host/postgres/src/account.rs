//! Which user runs the server. PostgreSQL refuses to run as root, so a root process hands it to another user;
//! anybody else runs it as themselves.

use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::{MetadataExt, lchown};
use std::path::Path;
use std::process::Stdio;

use crate::error::{Error, Naming};
use crate::program;

/// Users that exist to run servers, best first.
const SERVER_USERS: [&str; 3] = ["postgres", "_postgres", "nobody"];

/// The uid and gid that a root process gives to PostgreSQL's programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Account {
    pub uid: u32,
    pub gid: u32,
}

impl Account {
    /// The account for a data folder, or nothing when this process is not root and needs none. What already belongs
    /// to an ordinary user (the cluster, else the folder itself) stays that user's.
    pub fn choose(data: &Path, cluster: &Path) -> Result<Option<Account>, Error> {
        if !rustix::process::geteuid().is_root() {
            return Ok(None);
        }
        let owner = [cluster, data]
            .iter()
            .filter_map(|folder| fs::symlink_metadata(folder).ok())
            .map(|metadata| Account {
                uid: metadata.uid(),
                gid: metadata.gid(),
            })
            .find(|account| account.uid != 0);
        if owner.is_some() {
            return Ok(owner);
        }
        let passwd = Path::new("/etc/passwd");
        let users = fs::read_to_string(passwd).naming("read", passwd)?;
        let account = SERVER_USERS.iter().find_map(|name| in_passwd(&users, name));
        // 65534 is nobody wherever /etc/passwd was stripped, as in containers built from nothing.
        Ok(Some(account.unwrap_or(Account {
            uid: 65534,
            gid: 65534,
        })))
    }
}

/// Fails with the topmost folder on the way to `folder`, itself included, that the account cannot enter. The
/// account's own shell tries, because modes alone do not tell where access lists are used.
pub(crate) fn check_reach(folder: &Path, account: Account) -> Result<(), Error> {
    let mut way: Vec<&Path> = folder.ancestors().collect();
    way.reverse();
    let shell = Path::new(program::SHELL);
    let output = program::command(shell, Some(account))
        .args([
            "-c",
            r#"for f do cd "$f" 2>/dev/null || { printf %s "$f"; exit 1; }; done"#,
            "sh",
        ])
        .args(&way)
        .stdout(Stdio::piped())
        .output()
        .naming("run", shell)?;
    if output.status.success() {
        return Ok(());
    }
    Err(Error::ClosedFolder {
        folder: OsString::from_vec(output.stdout).into(),
        uid: account.uid,
    })
}

/// Gives a path, and everything below it, to the account. Links are given away themselves, never followed.
pub(crate) fn give_tree(path: &Path, account: Account) -> Result<(), Error> {
    lchown(path, Some(account.uid), Some(account.gid)).naming("change the owner of", path)?;
    if !fs::symlink_metadata(path).naming("look at", path)?.is_dir() {
        return Ok(());
    }
    for entry in fs::read_dir(path).naming("list", path)? {
        give_tree(&entry.naming("list", path)?.path(), account)?;
    }
    Ok(())
}

fn in_passwd(users: &str, name: &str) -> Option<Account> {
    users.lines().find_map(|line| {
        let mut fields = line.split(':');
        if fields.next()? != name {
            return None;
        }
        let uid = fields.nth(1)?.parse().ok()?;
        let gid = fields.next()?.parse().ok()?;
        Some(Account { uid, gid }).filter(|account| account.uid != 0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_read_by_its_whole_name_and_is_never_root() {
        let users = "root:x:0:0::/root:/bin/sh\npostgres2:x:7:8::/:\npostgres:x:101:104:admin,,,:/var/lib:/bin/bash\n";
        assert_eq!(in_passwd(users, "postgres"), Some(Account { uid: 101, gid: 104 }));
        assert_eq!(in_passwd(users, "nobody"), None);
        assert_eq!(in_passwd(users, "root"), None);
    }
}
