//! What a failed call means to whoever asked: a refusal that names the limit, or a break of ours. What follows from it
//! (holding an operation, refusing a quote) is for the caller.

use nexusport_sandbox::{Blame, Check, Failure, Usage};

use crate::fault::{Fault, RefusalKind, Result};

/// The refusal of a call that the plugin could not answer; what was not its doing is ours.
pub(super) fn fault(failure: Failure) -> Fault {
    let kind = match failure.blame() {
        Blame::Host if !matches!(failure, Failure::PoolFull { .. }) => {
            return Fault::broken(failure.to_string());
        }
        Blame::Host => RefusalKind::TooMany,
        Blame::Plugin | Blame::Unclear => RefusalKind::Invalid,
    };
    Fault::refused(kind, failure.code(), failure.to_string())
}

/// The failure as a failed check of the report; what was not the plugin's doing is no check.
pub(super) fn check(name: &str, failure: Failure, usage: Usage) -> Result<Check> {
    if failure.blame() == Blame::Host {
        return Err(fault(failure));
    }
    let (figure, limit) = figures(&failure, usage);
    Ok(Check {
        name: name.to_owned(),
        passed: false,
        figure,
        limit,
        message: failure.to_string(),
    })
}

/// How much it was and how much is allowed, where the failure is of that kind.
fn figures(failure: &Failure, usage: Usage) -> (Option<u64>, Option<u64>) {
    match failure {
        Failure::FuelExhausted { limit } => (Some(usage.fuel), Some(*limit)),
        Failure::DeadlineExceeded { limit_ms } => {
            (u64::try_from(usage.wall.as_millis()).ok(), Some(*limit_ms))
        }
        Failure::MemoryExceeded { limit, asked }
        | Failure::TableExceeded { limit, asked }
        | Failure::TooLarge { limit, asked, .. } => (Some(*asked), Some(*limit)),
        Failure::ResultTooLarge { limit }
        | Failure::StackExhausted { limit }
        | Failure::TooManyHandles { limit }
        | Failure::BadText { limit, .. } => (None, Some(*limit)),
        _ => (None, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_becomes_a_refusal_that_names_it() {
        let Fault::Refused(refusal) = fault(Failure::MemoryExceeded {
            limit: 64,
            asked: 128,
        }) else {
            panic!("a limit is a refusal");
        };
        assert_eq!(refusal.code, "plugin_memory_exceeded");
        assert!(refusal.message.contains("128") && refusal.message.contains("64"));
    }

    #[test]
    fn what_the_host_did_is_never_the_plugins_fault() {
        let broken = || Failure::Broken {
            message: "no memory map".to_owned(),
        };
        assert!(matches!(fault(broken()), Fault::Broken(_)));
        assert!(matches!(
            check("describe", broken(), Usage::default()),
            Err(Fault::Broken(_))
        ));
    }

    #[test]
    fn a_failed_check_has_the_figure_and_the_limit() {
        let usage = Usage {
            fuel: 5_000_000,
            ..Usage::default()
        };
        let check = check("describe", Failure::FuelExhausted { limit: 5_000_000 }, usage).unwrap();
        assert_eq!(
            (check.figure, check.limit, check.passed),
            (Some(5_000_000), Some(5_000_000), false)
        );
    }
}
