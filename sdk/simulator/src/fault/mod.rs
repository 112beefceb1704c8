//! Faults on command: what goes wrong, how often, and for which calls. How each one is carried out is the business
//! of `http` and `notify`.

mod queue;

pub(crate) use queue::{Call, Faults};

use serde::{Deserialize, Serialize};

use crate::refusal::Refusal;

/// The longest a `slow` fault may delay an answer: ten minutes, past any client's patience.
const MAX_SLOW_MS: u64 = 600_000;

/// Something to go wrong for the next calls that fit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// What goes wrong.
    #[serde(flatten)]
    pub kind: Kind,
    /// How many times still.
    #[serde(default = "once")]
    pub count: u32,
    /// For which calls.
    #[serde(default, rename = "match")]
    pub matching: Match,
}

/// What goes wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Kind {
    /// The work is done at once and the answer comes this much later, on the real clock.
    Slow {
        /// How much later, at most ten minutes.
        milliseconds: u64,
    },
    /// 429 with `Retry-After`; no work is done.
    Throttle {
        /// What `Retry-After` says.
        retry_after_seconds: u32,
    },
    /// This status; no work is done.
    Error {
        /// From 400 to 599.
        #[serde(default = "internal_server_error")]
        status: u16,
    },
    /// The work is done and the connection closes without an answer.
    LostReply,
    /// The connection closes without an answer and no work is done.
    LostRequest,
    /// The next order that is placed ends rejected when it is due.
    Reject {
        /// The carrier's code for it.
        code: String,
        /// The carrier's words for it.
        message: String,
    },
    /// 401, and the token that the call brought is worthless from now on.
    TokenRevoked,
    /// The next notification is sent twice.
    DuplicateNotification,
}

/// Which calls a fault may strike. A call that is refused for want of a valid token is never struck.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Match {
    /// The method, in any case; absent: every method.
    #[serde(default)]
    pub method: Option<String>,
    /// What the path begins with; absent: `/v1/`, so that a fault meant for the carrier's API is not spent on a
    /// token request.
    #[serde(default)]
    pub path_prefix: Option<String>,
}

impl Fault {
    /// One fault of this kind, for any call of the carrier's API.
    #[must_use]
    pub fn new(kind: Kind) -> Self {
        Self {
            kind,
            count: once(),
            matching: Match::default(),
        }
    }

    /// The same fault, this many times.
    #[must_use]
    pub fn times(self, count: u32) -> Self {
        Self { count, ..self }
    }

    /// The same fault, for calls with this method whose path begins so.
    #[must_use]
    pub fn on(self, method: &str, path_prefix: &str) -> Self {
        let matching = Match {
            method: Some(method.to_owned()),
            path_prefix: Some(path_prefix.to_owned()),
        };
        Self { matching, ..self }
    }

    /// Refuses a fault that could never strike or be carried out.
    pub(crate) fn check(&self) -> Result<(), Refusal> {
        let problem = match self.kind {
            _ if self.count == 0 => "a fault's count is at least 1",
            Kind::Slow { milliseconds } if milliseconds > MAX_SLOW_MS => {
                "slow takes at most 600000 milliseconds"
            }
            Kind::Error { status } if !(400..=599).contains(&status) => {
                "an error's status is from 400 to 599"
            }
            Kind::DuplicateNotification if self.matching != Match::default() => {
                "duplicate_notification takes no match, since a notification is no call"
            }
            _ => return Ok(()),
        };
        Err(Refusal::BadFault(problem))
    }
}

impl Kind {
    /// The kind as it stands in JSON.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Slow { .. } => "slow",
            Self::Throttle { .. } => "throttle",
            Self::Error { .. } => "error",
            Self::LostReply => "lost_reply",
            Self::LostRequest => "lost_request",
            Self::Reject { .. } => "reject",
            Self::TokenRevoked => "token_revoked",
            Self::DuplicateNotification => "duplicate_notification",
        }
    }
}

fn once() -> u32 {
    1
}

fn internal_server_error() -> u16 {
    500
}
