//! Compiled code on the local disk: a folder for each reseller, a file for each digest. Nothing from there is believed
//! before it has shown that this host wrote it; whatever is wrong with a file, it is only compiled again.

use std::io;

use cap_std::fs::Dir;
use nexusport_sandbox::{Artifact, Sandbox, open_artifact, seal_artifact};

use crate::{app, ids::TenantId};

/// Files kept for one reseller; the oldest makes room.
const FILES: usize = 64;

pub(super) struct Compiled {
    sandbox: Sandbox,
    cache: Dir,
    key: [u8; 32],
}

impl Compiled {
    pub(super) fn new(sandbox: Sandbox, cache: Dir, key: [u8; 32]) -> Self {
        Self { sandbox, cache, key }
    }

    /// What was compiled before by this host, with this engine and these settings.
    pub(super) fn read(&self, reseller: TenantId, digest: &str) -> Option<Artifact> {
        let folder = self.cache.open_dir(reseller.to_string()).ok()?;
        let sealed = folder.read(file(digest)).ok()?;
        match open_artifact(&self.sandbox, &self.key_of(reseller), digest, sealed) {
            Ok(artifact) => Some(artifact),
            Err(error) => {
                tracing::warn!(%reseller, digest, %error, "compiled code is made anew");
                None
            }
        }
    }

    /// Whole or not at all: a file gets its name when it is complete.
    pub(super) fn write(&self, reseller: TenantId, artifact: &Artifact) -> io::Result<()> {
        self.cache.create_dir_all(reseller.to_string())?;
        let folder = self.cache.open_dir(reseller.to_string())?;
        make_room(&folder)?;
        let unfinished = format!("{}.part", hex::encode(app::random::<8>()));
        folder.write(
            &unfinished,
            seal_artifact(&self.sandbox, &self.key_of(reseller), artifact),
        )?;
        folder.rename(&unfinished, &folder, file(artifact.digest()))
    }

    /// A key of its own for every reseller: a file moved between their folders does not open.
    fn key_of(&self, reseller: TenantId) -> [u8; 32] {
        *blake3::keyed_hash(&self.key, reseller.uuid().as_bytes()).as_bytes()
    }
}

fn file(digest: &str) -> String {
    format!("{digest}.artifact")
}

/// What a dying host left unfinished is among the oldest one day.
fn make_room(folder: &Dir) -> io::Result<()> {
    let mut files = Vec::new();
    for entry in folder.entries()? {
        let entry = entry?;
        files.push((entry.metadata()?.modified()?.into_std(), entry.file_name()));
    }
    files.sort();
    let too_many = (files.len() + 1).saturating_sub(FILES);
    for (_, name) in files.into_iter().take(too_many) {
        folder.remove_file(name)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use cap_std::ambient_authority;
    use nexusport_sandbox::{Limits, compile::compile_trusted};
    use uuid::Uuid;

    use super::*;

    fn artifact(limits: &Limits) -> Artifact {
        let report = compile_trusted(nexusport_plugins::PRICING_COMMITTED, limits);
        report.artifact.expect("the plugin of this repository compiles")
    }

    #[test]
    fn compiled_code_is_read_by_the_reseller_and_key_that_wrote_it_alone() {
        let folder = tempfile::tempdir().unwrap();
        let dir = || Dir::open_ambient_dir(folder.path(), ambient_authority()).unwrap();
        let sandbox = Sandbox::new(Limits::default()).unwrap();
        let artifact = artifact(sandbox.limits());
        let (one, other): (TenantId, TenantId) = (Uuid::from_u128(1).into(), Uuid::from_u128(2).into());

        let compiled = Compiled::new(sandbox.clone(), dir(), [7; 32]);
        compiled.write(one, &artifact).unwrap();
        assert_eq!(compiled.read(one, artifact.digest()), Some(artifact.clone()));
        assert_eq!(compiled.read(other, artifact.digest()), None);

        let name = file(artifact.digest());
        dir().create_dir(other.to_string()).unwrap();
        let (from, to) = (
            dir().open_dir(one.to_string()).unwrap(),
            dir().open_dir(other.to_string()).unwrap(),
        );
        from.copy(&name, &to, &name).unwrap();
        assert_eq!(
            compiled.read(other, artifact.digest()),
            None,
            "moved between tenants"
        );

        let other_key = Compiled::new(sandbox, dir(), [8; 32]);
        assert_eq!(other_key.read(one, artifact.digest()), None);

        let mut bytes = from.read(&name).unwrap();
        *bytes.last_mut().unwrap() ^= 1;
        from.write(&name, bytes).unwrap();
        assert_eq!(compiled.read(one, artifact.digest()), None, "altered on the disk");
    }

    #[test]
    fn the_oldest_file_makes_room() {
        let folder = tempfile::tempdir().unwrap();
        let dir = Dir::open_ambient_dir(folder.path(), ambient_authority()).unwrap();
        for n in 0..FILES + 5 {
            make_room(&dir).unwrap();
            dir.write(format!("{n}"), b"").unwrap();
        }
        assert_eq!(dir.entries().unwrap().count(), FILES);
        assert!(dir.exists(format!("{}", FILES + 4)));
    }
}
