//! What a suspension means to its tenant: it signs in, reads and sees why, and begins nothing new until it is resumed.
//! Who suspends and resumes is the operators' business.

use super::{
    Caller, Permission, TenantState,
    store::{self, States},
};
use crate::{
    app::{App, Timestamp},
    fault::{Fault, RefusalKind, Result},
    ids::{SuspensionId, TenantId},
    page::{Items, Page},
};

/// A stretch in which a tenant begins nothing new.
#[derive(Debug, Clone)]
pub struct Suspension {
    /// Which one.
    pub id: SuspensionId,
    /// Whose. A reseller's suspension is its customers' too, though its reason is not theirs to see.
    pub tenant: TenantId,
    /// Why, in the operator's words.
    pub reason: String,
    /// Since when.
    pub suspended_at: Timestamp,
    /// Until when; none while it lasts.
    pub resumed_at: Option<Timestamp>,
}

/// The suspensions of the caller's tenant; for a reseller, of its customers too.
pub async fn list(app: &App, caller: &Caller, page: Page) -> Result<Items<Suspension>> {
    let mut tx = app.db.read(caller, Permission::TenantRead).await?;
    let rows = store::suspensions(&mut tx, page).await?;
    Ok(page.cut(caller.scope(), "suspensions", rows, |suspension| {
        suspension.id.uuid()
    }))
}

/// The refusal of new work.
pub fn suspended() -> Fault {
    Fault::refused(
        RefusalKind::Forbidden,
        "tenant_suspended",
        "the tenant is suspended: it can read, and nothing new is accepted from it",
    )
}

/// The refusal of new work by who is leaving.
pub fn leaving() -> Fault {
    Fault::refused(
        RefusalKind::Forbidden,
        "tenant_leaving",
        "the tenant is leaving: it can read, export and stay, and nothing new is accepted from it",
    )
}

/// What a tenant's state and its house's leave it: the stricter of the two.
pub(super) fn state(states: &States) -> Result<TenantState> {
    Ok(known(&states.tenant)?.max(known(&states.house)?))
}

fn known(stored: &str) -> Result<TenantState> {
    match stored {
        "active" => Ok(TenantState::Active),
        "suspended" => Ok(TenantState::Suspended),
        "leaving" => Ok(TenantState::Leaving),
        _ => Err(Fault::refused(
            RefusalKind::Forbidden,
            "tenant_gone",
            "the tenant is gone",
        )),
    }
}

/// Refuses reasons that tell nothing: 10 to 500 visible characters.
pub fn check_reason(reason: &str) -> Result<()> {
    let chars = reason.chars().count();
    if reason.trim() != reason || !(10..=500).contains(&chars) || reason.chars().any(char::is_control) {
        let rule = "a reason has 10 to 500 visible characters and no space at its ends";
        return Err(Fault::invalid("reason_invalid", rule));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_works_for_a_house_that_does_not() {
        let state = |tenant: &str, house: &str| {
            let (tenant, house) = (tenant.to_owned(), house.to_owned());
            state(&States { tenant, house }).ok()
        };
        for (tenant, house, left) in [
            ("active", "active", Some(TenantState::Active)),
            ("leaving", "active", Some(TenantState::Leaving)),
            ("active", "leaving", Some(TenantState::Leaving)),
            ("leaving", "suspended", Some(TenantState::Suspended)),
            ("suspended", "leaving", Some(TenantState::Suspended)),
            ("suspended", "gone", None),
            ("gone", "active", None),
            ("active", "unheard of", None),
        ] {
            assert_eq!(state(tenant, house), left, "{tenant} in a house that is {house}");
        }
    }

    #[test]
    fn a_reason_tells_something() {
        for reason in [
            "too short",
            " with a space before",
            "with\na line's end",
            &"x".repeat(501),
        ] {
            assert!(check_reason(reason).is_err(), "{reason}");
        }
        for reason in ["ten chars!", &"ä".repeat(500)] {
            assert!(check_reason(reason).is_ok(), "{reason}");
        }
    }
}
