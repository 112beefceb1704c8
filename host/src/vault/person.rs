//! What a person's secrets are sealed under: people belong to no tenant, so their key comes from the master key alone.

use zeroize::Zeroizing;

use super::{MasterKey, seal};
use crate::{fault::Result, ids::UserId};

pub(super) fn seal(master: &MasterKey, of: UserId, context: &str, plain: &[u8]) -> Vec<u8> {
    seal::seal(&key(master), &bind(of, context), plain)
}

pub(super) fn open(
    master: &MasterKey,
    of: UserId,
    context: &str,
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>> {
    seal::open(&key(master), &bind(of, context), sealed)
}

fn key(master: &MasterKey) -> Zeroizing<[u8; 32]> {
    Zeroizing::new(blake3::derive_key(
        "nexusport 2026 people's secrets",
        master.bytes(),
    ))
}

/// The id has a fixed length, so no two pairs of person and context give the same bytes.
fn bind(of: UserId, context: &str) -> Vec<u8> {
    [of.uuid().as_bytes(), context.as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_persons_secret_opens_for_that_person_and_context_alone() {
        let (master, other) = (MasterKey::new([1; 32]), MasterKey::new([2; 32]));
        let (ann, bob) = (Uuid::from_u128(1).into(), Uuid::from_u128(2).into());
        let sealed = seal(&master, ann, "second_factor", b"secret");
        let opened = open(&master, ann, "second_factor", &sealed);
        assert_eq!(opened.unwrap().as_slice(), b"secret");
        assert!(open(&master, bob, "second_factor", &sealed).is_err());
        assert!(open(&master, ann, "second_facto", &sealed).is_err());
        assert!(open(&other, ann, "second_factor", &sealed).is_err());
    }
}
