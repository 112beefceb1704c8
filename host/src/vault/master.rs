//! The master key: 32 bytes that are never in the database. An operator gives it, or it lies in the data folder of
//! the embedded database. Lost, nothing sealed opens again: it belongs into the backup, apart from the database's.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use zeroize::Zeroizing;

use crate::app;

const FILE_NAME: &str = "master.key";

/// The key that seals every tenant's key. Wiped from memory when dropped.
pub struct MasterKey {
    bytes: Zeroizing<[u8; 32]>,
    id: String,
}

/// Why there is no master key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// Not 32 bytes in hexadecimal.
    #[error("the master key is not 64 hexadecimal digits")]
    Malformed,
    /// The file is not one.
    #[error("the master key file {0} is not 64 hexadecimal digits")]
    MalformedFile(PathBuf),
    /// Somebody else on this machine could read it.
    #[error("the master key file {0} can be read by others (mode {1:o}), it must be 600")]
    Exposed(PathBuf, u32),
    /// It cannot be read or made.
    #[error("the master key file {0} cannot be used: {1}")]
    File(PathBuf, io::Error),
}

impl MasterKey {
    /// The key with these bytes.
    pub fn new(bytes: [u8; 32]) -> Self {
        let id = blake3::derive_key("nexusport 2026 master key id", &bytes);
        Self {
            bytes: Zeroizing::new(bytes),
            id: hex::encode(&id[..8]),
        }
    }

    /// Reads 64 hexadecimal digits.
    pub fn from_hex(digits: &str) -> Result<Self, KeyError> {
        let mut bytes = Zeroizing::new([0; 32]);
        hex::decode_to_slice(digits.trim(), bytes.as_mut_slice()).map_err(|_| KeyError::Malformed)?;
        Ok(Self::new(*bytes))
    }

    /// Reads 64 hexadecimal digits from a file that nobody else can read.
    pub fn from_file(path: &Path) -> Result<Self, KeyError> {
        let failed = |error| KeyError::File(path.to_owned(), error);
        refuse_exposed(path)?;
        let digits = Zeroizing::new(fs::read_to_string(path).map_err(failed)?);
        Self::from_hex(&digits).map_err(|_| KeyError::MalformedFile(path.to_owned()))
    }

    /// The key of a data folder, made when there is none. Hosts that make it at once get the same.
    pub fn in_folder(folder: &Path) -> Result<Self, KeyError> {
        let path = folder.join(FILE_NAME);
        match Self::from_file(&path) {
            Err(KeyError::File(_, error)) if error.kind() == io::ErrorKind::NotFound => {
                create(folder, &path).map_err(|error| KeyError::File(path.clone(), error))?;
                Self::from_file(&path)
            }
            found => found,
        }
    }

    /// Names the key without telling anything about it: 16 hexadecimal digits.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Shows that somebody has this key, without telling anything about it.
    pub(super) fn check_value(&self) -> [u8; 32] {
        blake3::derive_key("nexusport 2026 master key check value", self.bytes.as_slice())
    }

    /// Shows that compiled plugins on a disk were written by a host with this key.
    pub fn artifact_key(&self) -> [u8; 32] {
        blake3::derive_key("nexusport 2026 compiled plugins", self.bytes.as_slice())
    }

    pub(super) fn bytes(&self) -> &[u8; 32] {
        &self.bytes
    }
}

/// Whole before it has its name, so nobody reads half a key; linked rather than renamed, so the first one stays.
fn create(folder: &Path, path: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let draft = folder.join(format!("{FILE_NAME}.{}", hex::encode(app::random::<8>())));
    let digits = Zeroizing::new(hex::encode(*Zeroizing::new(app::random::<32>())));
    let mut file = private().write(true).create_new(true).open(&draft)?;
    let linked = file
        .write_all(digits.as_bytes())
        .and_then(|()| file.sync_all())
        .and_then(|()| match fs::hard_link(&draft, path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            linked => linked,
        });
    fs::remove_file(&draft)?;
    linked?;
    fs::File::open(folder)?.sync_all()
}

#[cfg(unix)]
fn private() -> OpenOptions {
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut options = OpenOptions::new();
    options.mode(0o600);
    options
}

#[cfg(not(unix))]
fn private() -> OpenOptions {
    OpenOptions::new()
}

#[cfg(unix)]
fn refuse_exposed(path: &Path) -> Result<(), KeyError> {
    use std::os::unix::fs::PermissionsExt as _;
    let found = fs::metadata(path).map_err(|error| KeyError::File(path.to_owned(), error))?;
    let mode = found.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(KeyError::Exposed(path.to_owned(), mode));
    }
    Ok(())
}

#[cfg(not(unix))]
fn refuse_exposed(_: &Path) -> Result<(), KeyError> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_from_hexadecimal_and_nothing_else() {
        let digits = "ab".repeat(32);
        assert_eq!(MasterKey::from_hex(&digits).unwrap().bytes(), &[0xab; 32]);
        assert_eq!(
            MasterKey::from_hex(&format!("{digits}\n")).unwrap().bytes(),
            &[0xab; 32]
        );
        for wrong in ["", "ab", &digits[1..], &format!("{digits}ab"), &"xy".repeat(32)] {
            assert!(matches!(MasterKey::from_hex(wrong), Err(KeyError::Malformed)));
        }
    }

    #[test]
    fn the_id_and_the_check_value_are_the_keys_own() {
        let (a, b) = (MasterKey::new([1; 32]), MasterKey::new([2; 32]));
        assert_eq!(a.id().len(), 16);
        assert_eq!(a.id(), MasterKey::new([1; 32]).id());
        assert_ne!(a.id(), b.id());
        assert_ne!(a.check_value(), b.check_value());
    }

    #[test]
    fn a_folder_keeps_the_key_it_was_given() {
        let folder = tempfile::tempdir().unwrap();
        let first = MasterKey::in_folder(folder.path()).unwrap();
        let second = MasterKey::in_folder(folder.path()).unwrap();
        assert_eq!(first.bytes(), second.bytes());
        let names: Vec<_> = fs::read_dir(folder.path()).unwrap().collect();
        assert_eq!(names.len(), 1, "the draft stayed behind: {names:?}");
    }

    #[test]
    fn hosts_that_make_the_key_at_once_get_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let ids: Vec<String> = std::thread::scope(|scope| {
            let hosts: Vec<_> = (0..8)
                .map(|_| scope.spawn(|| MasterKey::in_folder(folder.path()).unwrap().id().to_owned()))
                .collect();
            hosts.into_iter().map(|host| host.join().unwrap()).collect()
        });
        assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    }

    #[cfg(unix)]
    #[test]
    fn a_key_file_that_others_can_read_is_refused() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        MasterKey::in_folder(folder.path()).unwrap();
        let path = folder.path().join(FILE_NAME);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(
            MasterKey::from_file(&path),
            Err(KeyError::Exposed(_, 0o640))
        ));
    }

    #[test]
    fn a_damaged_key_file_is_refused_and_kept() {
        let folder = tempfile::tempdir().unwrap();
        MasterKey::in_folder(folder.path()).unwrap();
        let path = folder.path().join(FILE_NAME);
        fs::write(&path, "abc").unwrap();
        assert!(matches!(
            MasterKey::in_folder(folder.path()),
            Err(KeyError::MalformedFile(_))
        ));
        assert_eq!(fs::read_to_string(&path).unwrap(), "abc");
    }
}
