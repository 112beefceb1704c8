//! The steps that changes and return legs can take.

use crate::machine::machine;

machine! {
    /// Where a bandwidth change stands.
    ChangeState "bandwidth_change" "a bandwidth change" {
        /// Being written.
        Draft "draft" => [Quoted];
        /// Priced, and held until somebody books it.
        Quoted "quoted" => [AwaitingApproval, Scheduled, Cancelled, Expired];
        /// Waits for somebody's yes.
        AwaitingApproval "awaiting_approval" => [Scheduled, Rejected, Cancelled, Expired];
        /// Booked; not begun.
        Scheduled "scheduled" => [Applying, Cancelled];
        /// Asked of the carrier, or, for a base change inside a window, waiting for the window to end.
        Applying "applying" => [Applied, Rejected, Failed, Indeterminate];
        /// The carrier says it is in force.
        Applied "applied" => [Verified, Indeterminate];
        /// A read-back showed it.
        Verified "verified" => [Reverted];
        /// The carrier said no, or whoever had to approve it.
        Rejected "rejected" => [];
        /// Withdrawn in time.
        Cancelled "cancelled" => [];
        /// Nobody booked it while it was held, or approved it in time.
        Expired "expired" => [];
        /// It is known not to be in force.
        Failed "failed" => [];
        /// Nobody knows whether it is in force.
        Indeterminate "indeterminate" => [Applied, Verified, Failed, Applying];
        /// Undone after it was in force.
        Reverted "reverted" => [];
    }
}

machine! {
    /// Where a return leg stands.
    LegState "return_leg" "a return leg" {
        /// Waits for its window to end.
        Reserved "reserved" => [Applying, Released, PassedOn];
        /// Asked of the carrier.
        Applying "applying" => [Applied, Failed, Indeterminate];
        /// The carrier says the port is back.
        Applied "applied" => [Verified, Indeterminate];
        /// A read-back showed it.
        Verified "verified" => [];
        /// The carrier said no. Tried again until it is back.
        Failed "failed" => [Applying, PassedOn];
        /// Nobody knows whether the port is back. Tried again until it is.
        Indeterminate "indeterminate" => [Applied, Verified, Applying, PassedOn];
        /// Not needed: the window never took effect.
        Released "released" => [];
        /// Another window was in force when it was due, and has its own return leg.
        PassedOn "passed_on" => [];
    }
}

impl ChangeState {
    /// Whether it may still take effect, or has. As in the exclusion constraints.
    pub const fn is_live(self) -> bool {
        !matches!(
            self,
            Self::Rejected | Self::Cancelled | Self::Expired | Self::Failed | Self::Reverted
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::Fault;

    #[test]
    fn names_lead_back_to_their_state() {
        for state in ChangeState::ALL {
            assert_eq!(ChangeState::parse(state.name()), Some(*state));
        }
        for state in LegState::ALL {
            assert_eq!(LegState::parse(state.name()), Some(*state));
        }
    }

    #[test]
    fn an_illegal_step_is_refused_by_both_names() {
        let Err(Fault::Refused(refusal)) = ChangeState::Verified.become_(ChangeState::Cancelled) else {
            panic!("a verified change was cancelled")
        };
        assert_eq!(
            refusal.message,
            "a bandwidth change that is verified cannot become cancelled"
        );
    }
}
