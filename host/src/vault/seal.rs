//! One sealed value: a format byte, a random nonce of 24 bytes, and XChaCha20-Poly1305's ciphertext with its tag
//! (draft-irtf-cfrg-xchacha-03). Nonces of that length can be random for any number of values under one key.

use chacha20poly1305::{
    KeyInit as _, XChaCha20Poly1305, XNonce,
    aead::{Aead as _, Payload},
};
use zeroize::Zeroizing;

use crate::{
    app,
    fault::{Fault, Result},
};

const FORMAT: u8 = 1;
const NONCE_BYTES: usize = 24;

/// Seals `plain` so that it opens only with the same key and the same `bound` bytes.
pub(super) fn seal(key: &[u8; 32], bound: &[u8], plain: &[u8]) -> Vec<u8> {
    let nonce: [u8; NONCE_BYTES] = app::random();
    let payload = Payload {
        msg: plain,
        aad: bound,
    };
    let ciphertext = XChaCha20Poly1305::new(key.into())
        .encrypt(&XNonce::from(nonce), payload)
        .expect("a value in memory is below the cipher's 256 GiB");
    [&[FORMAT], &nonce[..], &ciphertext].concat()
}

/// Opens what `seal` made. Whatever else it is given, it fails without saying why.
pub(super) fn open(key: &[u8; 32], bound: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
    let failed =
        || Fault::broken("a sealed value does not open: it was changed, or sealed for something else");
    let (head, ciphertext) = sealed
        .split_first_chunk::<{ NONCE_BYTES + 1 }>()
        .filter(|(head, _)| head[0] == FORMAT)
        .ok_or_else(failed)?;
    let nonce = XNonce::try_from(&head[1..]).map_err(|_| failed())?;
    let payload = Payload {
        msg: ciphertext,
        aad: bound,
    };
    let plain = XChaCha20Poly1305::new(key.into())
        .decrypt(&nonce, payload)
        .map_err(|_| failed())?;
    Ok(Zeroizing::new(plain))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: [u8; 32] = [7; 32];

    #[test]
    fn a_sealed_value_opens_with_its_key_and_binding() {
        let sealed = seal(&KEY, b"bound", b"secret");
        assert_eq!(open(&KEY, b"bound", &sealed).unwrap().as_slice(), b"secret");
    }

    #[test]
    fn another_key_or_binding_does_not_open_it() {
        let sealed = seal(&KEY, b"bound", b"secret");
        assert!(open(&[8; 32], b"bound", &sealed).is_err());
        assert!(open(&KEY, b"other", &sealed).is_err());
    }

    #[test]
    fn no_single_byte_can_be_changed_or_cut() {
        let sealed = seal(&KEY, b"bound", b"secret");
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(
                open(&KEY, b"bound", &changed).is_err(),
                "byte {at} can be changed"
            );
            assert!(open(&KEY, b"bound", &sealed[..at]).is_err(), "cut at {at}");
        }
    }

    #[test]
    fn the_same_value_is_sealed_differently_each_time() {
        let (first, second) = (seal(&KEY, b"", b"secret"), seal(&KEY, b"", b"secret"));
        assert_ne!(first, second);
        assert!(!first.windows(6).any(|part| part == b"secret"));
    }
}
