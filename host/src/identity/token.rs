//! Secrets that stand for a caller: session tokens, API keys, invitation tokens. 256 random bits behind a word that
//! says what they are; only their SHA-256 is stored.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256};

use crate::app;

/// What a token stands for. The words are neutral: customers of every brand see them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// A signed-in person.
    Session,
    /// A program.
    ApiKey,
    /// A way in for one address.
    Invitation,
    /// A person who runs the platform.
    Operator,
    /// That person inside a tenant, for a while.
    Visit,
    /// A way to a new password.
    PasswordReset,
    /// A way to show that one reads the mailbox of an address.
    AddressProof,
    /// The address of a carrier's inbox.
    Inbox,
}

impl Sort {
    const ALL: [Self; 8] = [
        Self::Session,
        Self::ApiKey,
        Self::Invitation,
        Self::Operator,
        Self::Visit,
        Self::PasswordReset,
        Self::AddressProof,
        Self::Inbox,
    ];

    const fn word(self) -> &'static str {
        match self {
            Self::Session => "ses_",
            Self::ApiKey => "key_",
            Self::Invitation => "inv_",
            Self::Operator => "opk_",
            Self::Visit => "vis_",
            Self::PasswordReset => "rst_",
            Self::AddressProof => "prf_",
            Self::Inbox => "inb_",
        }
    }
}

/// 32 bytes in base64url.
const SECRET_CHARS: usize = 43;

/// A token as it is given out, once.
#[derive(Clone)]
pub struct Token(String);

impl Token {
    /// A new token nobody can guess.
    pub fn new(sort: Sort) -> Self {
        let token = format!("{}{}", sort.word(), URL_SAFE_NO_PAD.encode(app::random::<32>()));
        match sort {
            Sort::ApiKey => Self(format!("{token}{}", checksum(&token))),
            _ => Self(token),
        }
    }

    /// The text to hand over.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What is stored.
    pub fn hash(&self) -> Vec<u8> {
        hash(&self.0)
    }

    /// The first characters, for people to tell keys apart.
    pub fn prefix(&self) -> &str {
        &self.0[..10]
    }
}

/// What a token given by a stranger is, and the hash to look it up by.
pub fn read(token: &str) -> Option<(Sort, Vec<u8>)> {
    let sort = Sort::ALL
        .into_iter()
        .find(|sort| token.starts_with(sort.word()))?;
    (token.len() <= 64).then(|| (sort, hash(token)))
}

/// Whether a key was copied wrong: its end is not the checksum of the rest. Keys from before there were checksums have
/// none, and are as long as the rest.
pub fn is_mistyped(token: &str) -> bool {
    let rest = Sort::ApiKey.word().len() + SECRET_CHARS;
    if !token.starts_with(Sort::ApiKey.word()) || token.len() == rest {
        return false;
    }
    let parts = token.split_at_checked(rest);
    parts.is_none_or(|(rest, end)| end != checksum(rest))
}

/// CRC-32 (IEEE 802.3) in base64url: 6 characters.
fn checksum(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(crc32fast::hash(text.as_bytes()).to_be_bytes())
}

fn hash(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_found_by_its_hash_and_says_what_it_is() {
        let token = Token::new(Sort::ApiKey);
        assert_eq!(read(token.reveal()), Some((Sort::ApiKey, token.hash())));
        assert_ne!(token.hash(), Token::new(Sort::ApiKey).hash());
        assert_eq!(read("bearer"), None);
    }

    #[test]
    fn a_key_with_any_character_changed_is_mistyped() {
        let token = Token::new(Sort::ApiKey);
        let key = token.reveal();
        assert_eq!(key.len(), 53);
        assert!(!is_mistyped(key));
        for at in 4..key.len() {
            let mut changed = key.as_bytes().to_vec();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let cut = &key[..at];
            assert!(is_mistyped(std::str::from_utf8(&changed).unwrap()), "at {at}");
            assert_eq!(is_mistyped(cut), cut.len() != 47, "cut at {at}");
        }
    }

    #[test]
    fn keys_from_before_the_checksum_and_other_tokens_are_not_mistyped() {
        assert!(!is_mistyped(&Token::new(Sort::ApiKey).reveal()[..47]));
        assert!(!is_mistyped(Token::new(Sort::Session).reveal()));
        assert!(!is_mistyped("bearer"));
        assert!(is_mistyped("key_"));
        assert!(is_mistyped(&format!("key_{}", "é".repeat(25))));
    }
}
