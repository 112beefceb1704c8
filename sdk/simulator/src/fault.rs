//! Faults on command: what goes wrong, how often, and for which calls. Taking a fault uses up one of its count; the
//! oldest fault that fits strikes first. How each one is carried out is the business of `http` and `notify`.

use serde::{Deserialize, Serialize};

use crate::{order::Reason, refusal::Refusal};

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

/// A call as far as faults are concerned.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Call<'a> {
    pub(crate) method: &'a str,
    /// Without the query.
    pub(crate) path: &'a str,
}

/// The faults in force, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<Fault>);

impl Faults {
    /// Adds a fault behind those in force.
    pub(crate) fn add(&mut self, fault: Fault) -> Result<(), Refusal> {
        fault.check()?;
        self.0.push(fault);
        Ok(())
    }

    /// What strikes this call itself.
    pub(crate) fn strike(&mut self, call: Call<'_>) -> Option<Kind> {
        let later = |kind: &Kind| matches!(kind, Kind::Reject { .. } | Kind::DuplicateNotification);
        self.take(|fault| !later(&fault.kind) && fault.matching.fits(call))
    }

    /// How the order that this call places will be rejected, if it will be.
    pub(crate) fn rejection(&mut self, call: Call<'_>) -> Option<Reason> {
        let kind =
            self.take(|fault| matches!(fault.kind, Kind::Reject { .. }) && fault.matching.fits(call))?;
        let Kind::Reject { code, message } = kind else {
            return None;
        };
        Some(Reason { code, message })
    }

    /// How often the next notification is sent.
    pub(crate) fn notification_copies(&mut self) -> u32 {
        let duplicate = self.take(|fault| fault.kind == Kind::DuplicateNotification);
        1 + u32::from(duplicate.is_some())
    }

    fn take(&mut self, wanted: impl Fn(&Fault) -> bool) -> Option<Kind> {
        let index = self.0.iter().position(wanted)?;
        let fault = &mut self.0[index];
        fault.count -= 1;
        let kind = fault.kind.clone();
        self.0.retain(|fault| fault.count > 0);
        Some(kind)
    }
}

impl Match {
    fn fits(&self, call: Call<'_>) -> bool {
        let prefix = self.path_prefix.as_deref().unwrap_or("/v1/");
        let method = self.method.as_deref();
        call.path.starts_with(prefix) && method.is_none_or(|method| method.eq_ignore_ascii_case(call.method))
    }
}

fn once() -> u32 {
    1
}

fn internal_server_error() -> u16 {
    500
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]
mod tests {
    use super::*;

    const ORDER: Call<'_> = Call {
        method: "POST",
        path: "/v1/ports/p/orders",
    };

    #[test]
    fn a_fault_is_spent_after_its_count_and_the_oldest_strikes_first() {
        let mut faults = Faults::default();
        faults.add(Fault::new(Kind::LostReply).times(2)).unwrap();
        faults.add(Fault::new(Kind::LostRequest)).unwrap();
        let struck: Vec<_> = (0..4)
            .map(|_| faults.strike(ORDER).map(|kind| kind.name()))
            .collect();
        assert_eq!(
            struck,
            [Some("lost_reply"), Some("lost_reply"), Some("lost_request"), None]
        );
    }

    #[test]
    fn a_fault_strikes_only_what_its_match_fits() {
        let mut faults = Faults::default();
        faults
            .add(Fault::new(Kind::LostReply).on("post", "/v1/ports/p/"))
            .unwrap();
        assert_eq!(
            faults.strike(Call {
                method: "GET",
                ..ORDER
            }),
            None
        );
        assert_eq!(
            faults.strike(Call {
                path: "/v1/ports/q/orders",
                ..ORDER
            }),
            None
        );
        assert_eq!(faults.strike(ORDER), Some(Kind::LostReply));
    }

    #[test]
    fn without_a_match_a_token_request_is_spared() {
        let mut faults = Faults::default();
        faults.add(Fault::new(Kind::LostReply)).unwrap();
        assert_eq!(
            faults.strike(Call {
                method: "POST",
                path: "/oauth/token"
            }),
            None
        );
        assert_eq!(faults.strike(ORDER), Some(Kind::LostReply));
    }

    #[test]
    fn a_rejection_waits_for_an_order_and_leaves_the_call_alone() {
        let mut faults = Faults::default();
        faults
            .add(Fault::new(Kind::Reject {
                code: "no".into(),
                message: "not here".into(),
            }))
            .unwrap();
        assert_eq!(faults.strike(ORDER), None);
        assert_eq!(
            faults.rejection(ORDER).map(|reason| reason.code),
            Some("no".to_owned())
        );
        assert_eq!(faults.rejection(ORDER), None);
    }

    #[test]
    fn the_json_of_every_kind_carries_its_name() {
        let reject = Kind::Reject {
            code: "c".into(),
            message: "m".into(),
        };
        let throttle = Kind::Throttle {
            retry_after_seconds: 3,
        };
        for kind in [
            Kind::Slow { milliseconds: 1 },
            throttle,
            Kind::Error { status: 502 },
            Kind::LostReply,
            Kind::LostRequest,
            reject,
            Kind::TokenRevoked,
            Kind::DuplicateNotification,
        ] {
            let json = serde_json::to_value(Fault::new(kind.clone())).unwrap();
            assert_eq!(json["kind"], kind.name());
            assert_eq!(serde_json::from_value::<Fault>(json).unwrap(), Fault::new(kind));
        }
    }
}
