//! What a credential's secret looks like on its way in. There is no way out.

use serde::Deserialize;
use utoipa::ToSchema;
use zeroize::Zeroizing;

use crate::{
    carriers::{OAuth2Client, Secret},
    egress,
};

/// A secret of 8 to 4096 bytes. It is never shown again.
#[derive(Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
pub(super) enum NewSecret {
    /// Sent as `Authorization: Bearer`.
    Bearer { token: String },
    /// Sent as a header of the carrier's own.
    Header { name: String, value: String },
    /// Sent as `Authorization: Basic`.
    Basic { user: String, password: String },
    /// Client credentials, with which tokens are fetched.
    OAuth2 {
        client_id: String,
        client_secret: String,
        /// Handle of the destination where tokens are fetched.
        token_destination: String,
        /// Path below its base URL.
        token_target: String,
        /// Space-separated.
        scope: Option<String>,
        /// How tokens are asked for.
        #[serde(default)]
        token_request: TokenRequest,
    },
}

/// How a token endpoint wants to be asked.
#[derive(Deserialize, ToSchema, Default)]
#[serde(rename_all = "lowercase")]
pub(super) enum TokenRequest {
    /// With a form, as OAuth 2 has it.
    #[default]
    Form,
    /// With a JSON object that holds the client too.
    Json,
}

impl From<NewSecret> for Secret {
    fn from(new: NewSecret) -> Self {
        match new {
            NewSecret::Bearer { token } => Self::Bearer {
                token: Zeroizing::new(token),
            },
            NewSecret::Header { name, value } => Self::Header {
                name,
                value: Zeroizing::new(value),
            },
            NewSecret::Basic { user, password } => Self::Basic {
                user,
                password: Zeroizing::new(password),
            },
            NewSecret::OAuth2 {
                client_id,
                client_secret,
                token_destination,
                token_target,
                scope,
                token_request,
            } => Self::OAuth2(OAuth2Client {
                id: client_id,
                secret: Zeroizing::new(client_secret),
                token_destination,
                token_target,
                scope,
                token_request: match token_request {
                    TokenRequest::Form => egress::TokenRequest::Form,
                    TokenRequest::Json => egress::TokenRequest::Json,
                },
            }),
        }
    }
}
