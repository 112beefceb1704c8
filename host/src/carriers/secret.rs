//! What a credential consists of. Leaves this module sealed, or as a header on its way to a destination.

use std::collections::BTreeMap;

use zeroize::Zeroizing;

use crate::{
    egress::{self, Injection, TokenRequest},
    fault::{Fault, Result},
};

/// A shorter secret could not be removed from what comes back without removing innocent text too.
const SHORTEST: usize = 8;
const LONGEST: usize = 4096;
/// What is kept of a token endpoint that wants JSON; nothing is of one that does not.
const JSON: &str = "json";

/// A secret by kind. Has no `Debug`, so that it cannot be logged.
pub enum Secret {
    /// `Authorization: Bearer`.
    Bearer {
        /// The token.
        token: egress::Secret,
    },
    /// A header of the carrier's own.
    Header {
        /// Its name.
        name: String,
        /// Its value.
        value: egress::Secret,
    },
    /// `Authorization: Basic`.
    Basic {
        /// No secret.
        user: String,
        /// The secret.
        password: egress::Secret,
    },
    /// OAuth 2 client credentials: tokens are fetched with it, and only they are sent with requests.
    OAuth2(OAuth2Client),
}

/// An OAuth 2 client.
pub struct OAuth2Client {
    /// The client's name at the carrier.
    pub id: String,
    /// Its secret.
    pub secret: egress::Secret,
    /// Handle of the destination where tokens are fetched; the credential is bound to it.
    pub token_destination: String,
    /// Path of the token endpoint below that destination's base URL.
    pub token_target: String,
    /// Space-separated; none for the carrier's default.
    pub scope: Option<String>,
    /// How the token endpoint wants to be asked.
    pub token_request: TokenRequest,
}

impl Secret {
    /// The word in the database and on the wire.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Bearer { .. } => "bearer",
            Self::Header { .. } => "header",
            Self::Basic { .. } => "basic",
            Self::OAuth2(_) => "oauth2",
        }
    }

    /// Refuses what could not be sent or not be scrubbed, naming the limit.
    pub(super) fn check(&self) -> Result<()> {
        let bytes = self.secret().len();
        if !(SHORTEST..=LONGEST).contains(&bytes) {
            let rule = format!("the secret has {bytes} bytes, it can have {SHORTEST} to {LONGEST}");
            return Err(Fault::invalid("secret_length", rule));
        }
        let short = self.plain_fields().iter().all(|(_, text)| text.len() <= LONGEST);
        let sendable = match self {
            Self::Basic { user, .. } => !user.contains(':'),
            Self::OAuth2(client) => !client.id.is_empty(),
            _ => self.injection().is_some(),
        };
        if !short || !sendable {
            let rule =
                "the secret cannot be sent as a header: it has characters or a name that headers cannot have";
            return Err(Fault::invalid("secret_unsendable", rule));
        }
        Ok(())
    }

    /// What is put into a request; none for a client, which is only good for fetching tokens.
    pub(super) fn injection(&self) -> Option<Injection> {
        match self {
            Self::Bearer { token } => Injection::bearer(token),
            Self::Header { name, value } => Injection::header(name, value),
            Self::Basic { user, password } => Injection::basic(user, password),
            Self::OAuth2(_) => None,
        }
    }

    /// The part that nobody may see.
    pub(super) fn secret(&self) -> &egress::Secret {
        match self {
            Self::Bearer { token } => token,
            Self::Header { value, .. } => value,
            Self::Basic { password, .. } => password,
            Self::OAuth2(client) => &client.secret,
        }
    }

    /// What is sealed: a JSON object of strings.
    pub(super) fn to_plain(&self) -> Zeroizing<Vec<u8>> {
        let mut fields: BTreeMap<_, _> = self.plain_fields().into_iter().collect();
        fields.insert("secret", self.secret().as_str());
        Zeroizing::new(serde_json::to_vec(&fields).expect("strings are JSON"))
    }

    /// Reads what `to_plain` wrote for this kind.
    pub(super) fn from_plain(kind: &str, plain: &[u8]) -> Result<Self> {
        let mut fields: BTreeMap<String, String> = serde_json::from_slice(plain)
            // The parser's own words may repeat what it read.
            .map_err(|_| Fault::broken("a sealed credential is not a JSON object of strings"))?;
        let mut field = |name: &str| {
            let found = fields.remove(name);
            found.ok_or_else(|| Fault::broken(format!("a sealed credential of kind {kind} has no {name}")))
        };
        let secret = Zeroizing::new(field("secret")?);
        match kind {
            "bearer" => Ok(Self::Bearer { token: secret }),
            "header" => Ok(Self::Header {
                name: field("name")?,
                value: secret,
            }),
            "basic" => Ok(Self::Basic {
                user: field("user")?,
                password: secret,
            }),
            "oauth2" => Ok(Self::OAuth2(OAuth2Client {
                id: field("id")?,
                secret,
                token_destination: field("token_destination")?,
                token_target: field("token_target")?,
                scope: field("scope").ok(),
                token_request: match field("token_request").ok().as_deref() {
                    None => TokenRequest::Form,
                    Some(JSON) => TokenRequest::Json,
                    Some(_) => return Err(Fault::broken("a credential has an unknown token request")),
                },
            })),
            _ => Err(Fault::broken(format!("a credential has the unknown kind {kind}"))),
        }
    }

    fn plain_fields(&self) -> Vec<(&'static str, &str)> {
        match self {
            Self::Bearer { .. } => Vec::new(),
            Self::Header { name, .. } => vec![("name", name)],
            Self::Basic { user, .. } => vec![("user", user)],
            Self::OAuth2(client) => {
                let mut fields = vec![
                    ("id", client.id.as_str()),
                    ("token_destination", &client.token_destination),
                    ("token_target", &client.token_target),
                ];
                fields.extend(client.scope.as_deref().map(|scope| ("scope", scope)));
                fields
                    .extend((client.token_request == TokenRequest::Json).then_some(("token_request", JSON)));
                fields
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> egress::Secret {
        Zeroizing::new(text.to_owned())
    }

    fn client(token_request: TokenRequest) -> Secret {
        Secret::OAuth2(OAuth2Client {
            id: "client".to_owned(),
            secret: text("cl1ent-secret"),
            token_destination: "auth".to_owned(),
            token_target: "/token".to_owned(),
            scope: None,
            token_request,
        })
    }

    fn all() -> [Secret; 5] {
        [
            Secret::Bearer {
                token: text("t0ken-value"),
            },
            Secret::Header {
                name: "X-Api-Key".to_owned(),
                value: text("header-value"),
            },
            Secret::Basic {
                user: "ann".to_owned(),
                password: text("pass: wörd"),
            },
            client(TokenRequest::Form),
            client(TokenRequest::Json),
        ]
    }

    #[test]
    fn every_kind_is_read_back_as_it_was_written() {
        for secret in all() {
            secret.check().unwrap();
            let plain = secret.to_plain();
            let back = Secret::from_plain(secret.kind(), &plain).unwrap();
            assert_eq!(*back.to_plain(), *plain);
            assert_eq!(back.kind(), secret.kind());
        }
    }

    #[test]
    fn a_damaged_credential_does_not_show_in_the_error() {
        let error = |plain: &[u8]| Secret::from_plain("basic", plain).err().unwrap().to_string();
        assert!(!error(b"{\"secret\":\"s3cret-value\"}").contains("s3cret"));
        assert!(!error(b"[\"s3cret-value\"]").contains("s3cret"));
    }

    #[test]
    fn what_cannot_be_sent_or_scrubbed_is_refused() {
        let bearer = |token: &str| Secret::Bearer { token: text(token) };
        assert!(bearer("seven77").check().is_err());
        assert!(bearer(&"a".repeat(LONGEST + 1)).check().is_err());
        assert!(bearer("t0ken\r\nvalue").check().is_err());
        let header = |name: &str| Secret::Header {
            name: name.to_owned(),
            value: text("header-value"),
        };
        assert!(header("X-Api-Key").check().is_ok());
        assert!(header("Content-Length").check().is_err());
        assert!(header("no header").check().is_err());
        let basic = Secret::Basic {
            user: "a:b".to_owned(),
            password: text("pass-word"),
        };
        assert!(basic.check().is_err());
    }
}
