//! The faults in force, and which calls they strike. Taking a fault uses up one of its count; the oldest fault that
//! fits strikes first.

use super::{Fault, Kind, Match};
use crate::{order::Reason, refusal::Refusal};

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
