//! What a failed call means to whoever asked: a refusal that names the limit, or a break of ours. What follows from it
//! (holding an operation, refusing a quote) is for the caller.

use nexusport_sandbox::{Blame, Failure};

use crate::fault::{Fault, RefusalKind};

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
        let broken = Failure::Broken {
            message: "no memory map".to_owned(),
        };
        assert!(matches!(fault(broken), Fault::Broken(_)));
    }
}
