//! What an activation has to be before its settings are looked at.

use nexusport_sandbox::World;

use super::{NewActivation, Whom};
use crate::{
    app::Timestamp,
    fault::{Fault, Result},
    ids::TenantId,
    plugins::releases::State,
};

/// The most customers of one decision.
const CUSTOMERS_MAX: usize = 200;

pub(super) fn check(
    new: &NewActivation,
    state: State,
    world: World,
    reseller: TenantId,
    now: Timestamp,
) -> Result<()> {
    check_approved(state)?;
    match (world, new.carrier) {
        (World::Carrier, None) => return Err(carrier_missing()),
        (World::Pricing | World::Branding, Some(_)) => return Err(carrier_unexpected()),
        _ => {}
    }
    if let Whom::Customers(customers) = &new.whom {
        check_customers(customers, reseller)?;
    }
    if let Some(trip) = &new.trip {
        trip.check()?;
        if trip.price.is_some() && world != World::Pricing {
            let message =
                format!("price of the trip is for releases that price, and this is of the world {world}");
            return Err(Fault::invalid("trip_invalid", message));
        }
    }
    if new.effective_at.is_some_and(|at| at < now) {
        return Err(Fault::invalid(
            "activation_in_the_past",
            "an activation cannot take effect in the past",
        ));
    }
    Ok(())
}

pub(super) fn check_approved(state: State) -> Result<()> {
    match state {
        State::Approved => Ok(()),
        State::Checked | State::Refused => Err(Fault::conflict(
            "release_not_approved",
            "the release is not approved, so it cannot be activated",
        )),
    }
}

fn check_customers(customers: &[TenantId], reseller: TenantId) -> Result<()> {
    let count = customers.len();
    if count == 0 {
        return Err(nobody());
    }
    if count > CUSTOMERS_MAX {
        let message = format!("the activation is for {count} customers, the limit is {CUSTOMERS_MAX}");
        return Err(Fault::invalid("activation_customers_invalid", message));
    }
    if (1..count).any(|n| customers[..n].contains(&customers[n])) {
        return Err(Fault::invalid(
            "activation_customers_invalid",
            "the activation names a customer twice",
        ));
    }
    // The reseller is nobody's customer.
    match customers.contains(&reseller) {
        true => Err(Fault::Missing),
        false => Ok(()),
    }
}

pub(super) fn nobody() -> Fault {
    Fault::invalid(
        "activation_customers_invalid",
        "the activation names no customer; without a list it is for all",
    )
}

pub(super) fn shadow_required() -> Fault {
    Fault::conflict(
        "shadow_required",
        "the setting shadow demands that a finished shadow of this release with these settings comes first",
    )
}

pub(super) fn carrier_missing() -> Fault {
    Fault::invalid(
        "activation_carrier_missing",
        "a carrier adapter serves one carrier, and none is named",
    )
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
    use crate::plugins::activations::{PriceTrip, Trip};

    const RESELLER: Uuid = Uuid::from_u128(1);

    fn new() -> NewActivation {
        NewActivation {
            release: Uuid::nil().into(),
            carrier: None,
            whom: Whom::All { replacing_own: false },
            settings: Value::Null,
            effective_at: None,
            trip: None,
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
    fn an_activation_is_for_some_customers_each_once_and_never_for_the_reseller() {
        let of = |ids: &[u128]| NewActivation {
            whom: Whom::Customers(ids.iter().map(|id| Uuid::from_u128(*id).into()).collect()),
            ..new()
        };
        let many: Vec<u128> = (2..).take(CUSTOMERS_MAX + 1).collect();
        let refused = |ids: &[u128]| refusal(&of(ids), State::Approved, World::Pricing);
        assert_eq!((refused(&[2, 3]), refused(&many[1..])), (None, None));
        for bad in [&[][..], &[2, 3, 2], &many] {
            assert_eq!(refused(bad), Some("activation_customers_invalid"));
        }
        assert_eq!(refused(&[2, 1]), Some("missing"));
    }

    #[test]
    fn only_a_price_trips_by_its_totals() {
        let trip = |price| NewActivation {
            trip: Some(Trip {
                failures: None,
                price,
            }),
            ..new()
        };
        let price = Some(PriceTrip {
            change_percent: Some(10),
            least: None,
            most: None,
        });
        assert_eq!(refusal(&trip(price), State::Approved, World::Pricing), None);
        for (trip, world) in [(trip(price), World::Branding), (trip(None), World::Pricing)] {
            assert_eq!(refusal(&trip, State::Approved, world), Some("trip_invalid"));
        }
    }
}
