//! Compiled code: where it may come from, and how it is kept on a disk without being trusted from there. Machine code runs
//! with the host's rights, so what cannot be shown to be the host's own is never loaded. Reading and writing files is
//! left to the host.

use std::hash::{Hash, Hasher};

use wasmtime::Engine;
use wasmtime::component::Component;

use crate::engine::Sandbox;
use crate::failure::Failure;
use crate::world::World;

/// Compiled code of one component. There are two ways to get one: compile it, or open what was sealed with the host's
/// own key.
#[derive(Clone)]
pub struct Artifact {
    digest: String,
    world: World,
    /// The code, behind its seal where it was sealed: a second copy would cost loading as much as all the rest.
    bytes: Vec<u8>,
    code_at: usize,
}

impl PartialEq for Artifact {
    fn eq(&self, other: &Self) -> bool {
        (&self.digest, self.world, self.code()) == (&other.digest, other.world, other.code())
    }
}

impl Eq for Artifact {}

impl Artifact {
    /// The code must be what this crate's compiler made.
    pub(crate) fn new(digest: String, world: World, code: Vec<u8>) -> Self {
        Self {
            digest,
            world,
            bytes: code,
            code_at: 0,
        }
    }

    /// SHA-256 of the component, in hexadecimal.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// What the component exports.
    pub fn world(&self) -> World {
        self.world
    }

    /// Size of the compiled code.
    pub fn bytes(&self) -> u64 {
        self.code().len() as u64
    }

    fn code(&self) -> &[u8] {
        &self.bytes[self.code_at..]
    }

    #[allow(unsafe_code)]
    pub(crate) fn component(&self, engine: &Engine) -> Result<Component, Failure> {
        // SAFETY: `deserialize` runs what it is given as machine code. An `Artifact` holds only what `Engine` made from a
        // component, in the compile child or here, or what `open_artifact` found unaltered under the host's key.
        // The engine itself refuses code made with other settings or by another version.
        let component = unsafe { Component::deserialize(engine, self.code()) };
        component.map_err(|error| Failure::broken(&error))
    }
}

impl std::fmt::Debug for Artifact {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Artifact({} {}, {} bytes)",
            self.world,
            self.digest,
            self.bytes()
        )
    }
}

/// Why sealed code was not opened. It is compiled again then; nothing else follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the compiled code is altered, of another release, or made by another engine or with another key")]
pub struct NotAuthentic;

const MAC_BYTES: usize = blake3::OUT_LEN;
/// Where code begins behind the seal and the world.
const SEALED_CODE_AT: usize = MAC_BYTES + 1;

/// The artifact as bytes that [`open_artifact`] takes back from anywhere. They are authenticated, not secret.
pub fn seal_artifact(sandbox: &Sandbox, key: &[u8; 32], artifact: &Artifact) -> Vec<u8> {
    let world = World::ALL
        .iter()
        .position(|world| *world == artifact.world)
        .expect("all worlds are listed");
    let mut sealed = Vec::with_capacity(SEALED_CODE_AT + artifact.code().len());
    sealed.extend_from_slice(&[0; MAC_BYTES]);
    sealed.push(world as u8);
    sealed.extend_from_slice(artifact.code());
    let mac = authenticate(sandbox.engine(), key, &artifact.digest, &sealed[MAC_BYTES..]);
    sealed[..MAC_BYTES].copy_from_slice(mac.as_bytes());
    sealed
}

/// What was sealed for this digest, by this key, this engine version and these settings; anything else is refused.
pub fn open_artifact(
    sandbox: &Sandbox,
    key: &[u8; 32],
    digest: &str,
    sealed: Vec<u8>,
) -> Result<Artifact, NotAuthentic> {
    let (mac, rest) = sealed.split_first_chunk::<MAC_BYTES>().ok_or(NotAuthentic)?;
    // The comparison of blake3's hashes takes the same time wherever they differ.
    if authenticate(sandbox.engine(), key, digest, rest) != *mac {
        return Err(NotAuthentic);
    }
    let world = rest.first().ok_or(NotAuthentic)?;
    let world = *World::ALL.get(usize::from(*world)).ok_or(NotAuthentic)?;
    Ok(Artifact {
        digest: digest.to_owned(),
        world,
        bytes: sealed,
        code_at: SEALED_CODE_AT,
    })
}

fn authenticate(engine: &Engine, key: &[u8; 32], digest: &str, rest: &[u8]) -> blake3::Hash {
    let mut settings = Settings(blake3::Hasher::new());
    // The engine's version is part of this.
    engine.precompile_compatibility_hash().hash(&mut settings);
    let mut hasher = blake3::Hasher::new_keyed(key);
    hasher.update(settings.0.finalize().as_bytes());
    hasher.update(&(digest.len() as u64).to_le_bytes());
    hasher.update(digest.as_bytes());
    hasher.update(rest);
    hasher.finalize()
}

/// The engine shows its settings only as something that can be hashed.
struct Settings(blake3::Hasher);

impl Hasher for Settings {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(&self) -> u64 {
        let hash = self.0.finalize();
        let first = hash.as_bytes().first_chunk().expect("a hash has 32 bytes");
        u64::from_le_bytes(*first)
    }
}
