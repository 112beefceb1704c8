//! What a mail says, before it is put into words, and how that lies in the database.

use serde_json::{Value, json};

use crate::{
    fault::{Fault, Result},
    ids::MailId,
    vault::TenantKey,
};

/// What a mail is about. Brands know these names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A way into a tenant.
    Invitation,
    /// A way to a new password.
    PasswordReset,
    /// A way to show that one reads the mailbox of an address.
    AddressProof,
    /// Something happened to how a person signs in: word to the mailbox, with no link in it.
    SignInNotice,
}

impl Kind {
    const ALL: [Self; 4] = [
        Self::Invitation,
        Self::PasswordReset,
        Self::AddressProof,
        Self::SignInNotice,
    ];

    /// The word in the database and in requests to brands.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Invitation => "invitation",
            Self::PasswordReset => "password_reset",
            Self::AddressProof => "address_proof",
            Self::SignInNotice => "sign_in_notice",
        }
    }

    /// The page that a link with a token leads to.
    pub(super) const fn page(self) -> &'static str {
        match self {
            Self::Invitation => "invitation",
            Self::PasswordReset => "password-reset",
            Self::AddressProof => "address-proof",
            Self::SignInNotice => "",
        }
    }

    pub(super) fn parse(name: &str) -> Result<Self> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.name() == name)
            .ok_or_else(|| Fault::broken(format!("{name} is no kind of mail")))
    }
}

/// A mail to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// What it is about.
    pub kind: Kind,
    /// Whom it reaches.
    pub to: String,
    /// What its link carries behind the `#`, which no server's log sees.
    pub token: Option<String>,
    /// What it tells, by name.
    pub values: Vec<(String, String)>,
}

pub(super) fn seal(key: &TenantKey, id: MailId, mail: &Mail) -> Vec<u8> {
    let Mail {
        kind: _,
        to,
        token,
        values,
    } = mail;
    let plain = json!({ "to": to, "token": token, "values": values }).to_string();
    key.seal(&context(id), plain.as_bytes())
}

pub(super) fn open(key: &TenantKey, id: MailId, kind: Kind, sealed: &[u8]) -> Result<Mail> {
    let plain: Value = serde_json::from_slice(&key.open(&context(id), sealed)?)?;
    Ok(Mail {
        kind,
        to: serde_json::from_value(plain["to"].clone())?,
        token: serde_json::from_value(plain["token"].clone())?,
        values: serde_json::from_value(plain["values"].clone())?,
    })
}

fn context(id: MailId) -> String {
    format!("mail:{id}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back_to_their_kind() {
        for kind in Kind::ALL {
            assert_eq!(Kind::parse(kind.name()).unwrap(), kind);
        }
        assert!(Kind::parse("advertisement").is_err());
    }
}
