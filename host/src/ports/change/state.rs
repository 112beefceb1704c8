//! The steps that changes and return legs can take. The database knows the same ones (`transition`); a test compares.

use crate::fault::{Fault, Result};

macro_rules! machine {
    ($(#[$doc:meta])* $name:ident $subject:literal
        { $($(#[$said:meta])* $state:ident $word:literal => [$($next:ident),*];)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name {
            $($(#[$said])* $state,)*
        }

        impl $name {
            /// Every state.
            pub const ALL: &[Self] = &[$(Self::$state),*];

            /// The word in the database and on the wire.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$state => $word,)*
                }
            }

            /// The state of this name.
            pub fn parse(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|state| state.name() == name)
            }

            /// The states that can follow.
            pub const fn next(self) -> &'static [Self] {
                match self {
                    $(Self::$state => &[$(Self::$next),*],)*
                }
            }

            /// The state after this one, or why it cannot be.
            pub fn become_(self, next: Self) -> Result<Self> {
                if self.next().contains(&next) {
                    return Ok(next);
                }
                let message = format!(concat!($subject, " that is {} cannot become {}"), self.name(), next.name());
                Err(Fault::conflict("state_forbids", message))
            }
        }
    };
}

machine! {
    /// Where a bandwidth change stands.
    ChangeState "a bandwidth change" {
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
    LegState "a return leg" {
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
    use std::collections::BTreeSet;

    use super::*;

    const MIGRATIONS: &str = concat!(
        include_str!("../../../../migrations/0004_bandwidth.sql"),
        include_str!("../../../../migrations/0036_caps_and_breakers.sql"),
        include_str!("../../../../migrations/0038_schedules.sql")
    );

    /// The steps of one machine as the migrations list them.
    fn in_sql(machine: &str) -> BTreeSet<(String, String)> {
        let lines = MIGRATIONS
            .lines()
            .map(|line| line.trim().trim_matches(['(', ')', ',', ';']));
        let words = lines.map(|line| {
            line.split(", ")
                .map(|word| word.trim_matches('\''))
                .collect::<Vec<_>>()
        });
        let of_machine = words.filter(|words| words.len() == 3 && words[0] == machine);
        of_machine
            .map(|words| (words[1].to_owned(), words[2].to_owned()))
            .collect()
    }

    macro_rules! steps {
        ($state:ty) => {{
            let steps = <$state>::ALL
                .iter()
                .flat_map(|from| from.next().iter().map(move |to| (from, to)));
            steps
                .map(|(from, to)| (from.name().to_owned(), to.name().to_owned()))
                .collect::<BTreeSet<_>>()
        }};
    }

    #[test]
    fn the_database_allows_the_same_steps() {
        assert_eq!(steps!(ChangeState), in_sql("bandwidth_change"));
        assert_eq!(steps!(LegState), in_sql("return_leg"));
    }

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
