//! Why the simulator says no, as values: a stable code and a message that names the thing and its limit. Which
//! HTTP status each becomes is `http`'s business.

use crate::order::Status;

/// A request that a rule refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The call brought no token that is valid now.
    #[error("the call brings no access token that is valid now")]
    Unauthorized,
    /// The token endpoint does not know this client id with this secret.
    #[error("no client has this id and secret")]
    InvalidClient,
    /// The token endpoint serves client credentials only.
    #[error("the grant type {0:?} is not client_credentials")]
    UnsupportedGrantType(String),
    /// No such thing, or somebody else's.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// The path exists for other methods.
    #[error("this path does not take this method")]
    MethodNotAllowed,
    /// The request could not be read.
    #[error("{0}")]
    BadRequest(String),
    /// More than the port can do.
    #[error("{mbps} Mbps is more than the port's {max_mbps} Mbps")]
    TooFast {
        /// What was asked.
        mbps: u32,
        /// What the port can do.
        max_mbps: u32,
    },
    /// Not a speed this carrier sells.
    #[error("{mbps} Mbps is not a positive multiple of {step_mbps} Mbps")]
    BadSpeed {
        /// What was asked.
        mbps: u32,
        /// What speeds are multiples of.
        step_mbps: u32,
    },
    /// Another order on the port is open.
    #[error("order {order} on this port is still {status}")]
    OrderInFlight {
        /// The open order's id.
        order: String,
        /// Its status.
        status: Status,
    },
    /// The idempotency key belongs to an order for something else.
    #[error("the idempotency key was used for another order, {order}")]
    KeyReused {
        /// That order's id.
        order: String,
    },
    /// The order has ended.
    #[error("the order is {status} and can no longer be cancelled")]
    TooLate {
        /// How it ended.
        status: Status,
    },
    /// The name is in use.
    #[error("a {0} of this name exists already")]
    Taken(&'static str),
    /// A fault that makes no sense.
    #[error("{0}")]
    BadFault(&'static str),
}

impl Refusal {
    /// The stable code, as it stands in the error's JSON.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unauthorized => "unauthorized",
            Self::InvalidClient => "invalid_client",
            Self::UnsupportedGrantType(_) => "unsupported_grant_type",
            Self::NotFound(_) => "not_found",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::BadRequest(_) => "bad_request",
            Self::TooFast { .. } => "too_fast",
            Self::BadSpeed { .. } => "bad_speed",
            Self::OrderInFlight { .. } => "order_in_flight",
            Self::KeyReused { .. } => "key_reused",
            Self::TooLate { .. } => "too_late",
            Self::Taken(_) => "taken",
            Self::BadFault(_) => "bad_fault",
        }
    }
}
