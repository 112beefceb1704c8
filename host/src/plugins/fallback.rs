//! What takes the place of a release that fails: what served before its activation, where the house wants that. Whoever asks a
//! release decides when that is; here is only what comes next.

use super::{Serves, Serving, serving, serving_before};
use crate::{
    app::Timestamp,
    db::{HouseTx, Tx},
    fault::{Fault, RefusalKind, Result},
    ids::TenantId,
    settings::{
        self,
        plugin_failures::{Branding, Pricing},
    },
};

/// Whether a release failed at what it was asked, and would again: not that it refuses to price, and not that time or turns
/// were short, which may be the host's doing.
pub fn is_a_plugins(fault: &Fault) -> bool {
    let Fault::Refused(refusal) = fault else {
        return false;
    };
    let of_a_plugin = refusal.code.starts_with("plugin_") || refusal.code == "pricing_answer_invalid";
    of_a_plugin && refusal.kind == RefusalKind::Invalid && refusal.code != "plugin_deadline_exceeded"
}

/// The brands to try for a tenant, in order; none where none is active.
pub async fn brands_to_try(tx: &mut HouseTx, tenant: TenantId, at: Timestamp) -> Result<Vec<Serving>> {
    let what = Serves::Branding(tenant);
    let Some(first) = if_any(serving(tx, what, at).await)? else {
        return Ok(Vec::new());
    };
    let before = match settings::plugin_failures(tx).await?.branding {
        Branding::LastGood => before(tx, what, &first, (at, at)).await?,
        Branding::Plain => None,
    };
    Ok([Some(first), before].into_iter().flatten().collect())
}

/// What prices the stretch instead of what failed; none where the house wants nothing else to, or nothing served before.
pub async fn pricing_instead(
    tx: &mut impl Tx,
    customer: TenantId,
    failed: &Serving,
    stretch: (Timestamp, Timestamp),
) -> Result<Option<Serving>> {
    match settings::plugin_failures(tx).await?.pricing {
        Pricing::LastGood => before(tx, Serves::Pricing(customer), failed, stretch).await,
        Pricing::Refuse | Pricing::Hold => Ok(None),
    }
}

async fn before(
    tx: &mut impl Tx,
    what: Serves,
    failed: &Serving,
    (from, until): (Timestamp, Timestamp),
) -> Result<Option<Serving>> {
    if_any(serving_before(tx, what, failed.activation, from, until).await)
}

fn if_any(found: Result<Serving>) -> Result<Option<Serving>> {
    match found {
        Ok(serving) => Ok(Some(serving)),
        Err(Fault::Refused(_)) => Ok(None),
        Err(fault) => Err(fault),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_what_would_happen_again_and_was_not_meant() {
        let invalid = |code| Fault::invalid(code, "");
        for code in [
            "plugin_panicked",
            "plugin_fuel_exhausted",
            "pricing_answer_invalid",
        ] {
            assert!(is_a_plugins(&invalid(code)), "{code}");
        }
        for code in ["pricing_refused", "plugin_deadline_exceeded", "settings_invalid"] {
            assert!(!is_a_plugins(&invalid(code)), "{code}");
        }
        let busy = Fault::refused(RefusalKind::TooMany, "plugin_calls_waiting", "");
        assert!(!is_a_plugins(&busy));
        assert!(!is_a_plugins(&Fault::Missing));
    }
}
