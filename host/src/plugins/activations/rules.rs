//! What an activation has to be before its settings are looked at.

use nexusport_sandbox::World;

use super::NewActivation;
use crate::{
    app::Timestamp,
    fault::{Fault, Result},
    ids::TenantId,
    plugins::releases::State,
};

pub(super) fn check(
    new: &NewActivation,
    state: State,
    world: World,
    reseller: TenantId,
    now: Timestamp,
) -> Result<()> {
    if state != State::Approved {
        return Err(Fault::conflict(
            "release_not_approved",
            "the release is not approved, so it cannot be activated",
        ));
    }
    match (world, new.carrier) {
        (World::Carrier, None) => {
            return Err(Fault::invalid(
                "activation_carrier_missing",
                "a carrier adapter serves one carrier, and none is named",
            ));
        }
        (World::Pricing | World::Branding, Some(_)) => return Err(carrier_unexpected()),
        _ => {}
    }
    if new.customer == Some(reseller) {
        // The reseller is nobody's customer.
        return Err(Fault::Missing);
    }
    if new.effective_at.is_some_and(|at| at < now) {
        return Err(Fault::invalid(
            "activation_in_the_past",
            "an activation cannot take effect in the past",
        ));
    }
    Ok(())
}

pub(super) fn carrier_unexpected() -> Fault {
    Fault::invalid(
        "activation_carrier_unexpected",
        "only a carrier adapter serves a carrier",
    )
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use serde_json::Value;
    use uuid::Uuid;

    use super::*;

    const RESELLER: Uuid = Uuid::from_u128(1);

    fn new() -> NewActivation {
        NewActivation {
            release: Uuid::nil().into(),
            carrier: None,
            customer: None,
            settings: Value::Null,
            effective_at: None,
        }
    }

    fn refusal(new: &NewActivation, state: State, world: World) -> Option<&'static str> {
        match check(new, state, world, RESELLER.into(), now()) {
            Ok(()) => None,
            Err(Fault::Refused(refusal)) => Some(refusal.code),
            Err(Fault::Missing) => Some("missing"),
            Err(other) => panic!("{other}"),
        }
    }

    fn now() -> Timestamp {
        Timestamp::from_timestamp_millis(1_700_000_000_000).unwrap()
    }

    #[test]
    fn only_what_was_approved_serves() {
        assert_eq!(refusal(&new(), State::Approved, World::Pricing), None);
        assert_eq!(
            refusal(&new(), State::Checked, World::Pricing),
            Some("release_not_approved")
        );
        assert_eq!(
            refusal(&new(), State::Refused, World::Pricing),
            Some("release_not_approved")
        );
    }

    #[test]
    fn an_adapter_serves_a_carrier_and_nothing_else_does() {
        let with = NewActivation {
            carrier: Some(Uuid::nil().into()),
            ..new()
        };
        assert_eq!(refusal(&with, State::Approved, World::Carrier), None);
        assert_eq!(
            refusal(&new(), State::Approved, World::Carrier),
            Some("activation_carrier_missing")
        );
        assert_eq!(
            refusal(&with, State::Approved, World::Branding),
            Some("activation_carrier_unexpected")
        );
    }

    #[test]
    fn the_past_stays_as_it_was() {
        let at = |at| NewActivation {
            effective_at: Some(at),
            ..new()
        };
        let tick = TimeDelta::milliseconds(1);
        assert_eq!(refusal(&at(now()), State::Approved, World::Pricing), None);
        assert_eq!(refusal(&at(now() + tick), State::Approved, World::Pricing), None);
        assert_eq!(
            refusal(&at(now() - tick), State::Approved, World::Pricing),
            Some("activation_in_the_past")
        );
    }

    #[test]
    fn the_reseller_is_not_its_own_customer() {
        let own = NewActivation {
            customer: Some(RESELLER.into()),
            ..new()
        };
        assert_eq!(refusal(&own, State::Approved, World::Pricing), Some("missing"));
    }
}
