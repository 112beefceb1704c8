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
}

impl Sort {
    const ALL: [Self; 7] = [
        Self::Session,
        Self::ApiKey,
        Self::Invitation,
        Self::Operator,
        Self::Visit,
        Self::PasswordReset,
        Self::AddressProof,
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
        }
    }
}

/// A token as it is given out, once.
#[derive(Clone)]
pub struct Token(String);

impl Token {
    /// A new token nobody can guess.
    pub fn new(sort: Sort) -> Self {
        Self(format!(
            "{}{}",
            sort.word(),
            URL_SAFE_NO_PAD.encode(app::random::<32>())
        ))
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
}
