//! Conditions under which the host takes an activation back, in JSON.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::plugins;

/// When the host takes an activation back by itself, so that what served before serves again and somebody is called.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Trip {
    /// When too many calls fail.
    failures: Option<FailureTrip>,
    /// When a price is not to be believed. In the pricing world only.
    price: Option<PriceTrip>,
}

/// Too many calls failed soon after the activation took effect.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct FailureTrip {
    /// So many percent of the calls, or more: 1 to 100.
    percent: u32,
    /// Once there were so many calls: 1 to 10000.
    calls: u32,
    /// Within so many hours of taking effect: 1 to 2208.
    hours: u32,
}

/// The total of a customer's first month under the activation is not to be believed: nothing is billed then.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PriceTrip {
    /// It differs by more percent from what the release before would charge: 1 to 10000.
    change_percent: Option<u32>,
    /// It is less than this, in the customer's currency.
    #[schema(value_type = Option<String>, example = "0")]
    least: Option<Decimal>,
    /// It is more than this, in the customer's currency.
    #[schema(value_type = Option<String>, example = "5000")]
    most: Option<Decimal>,
}

impl From<Trip> for plugins::Trip {
    fn from(trip: Trip) -> Self {
        let Trip { failures, price } = trip;
        Self {
            failures: failures.map(
                |FailureTrip {
                     percent,
                     calls,
                     hours,
                 }| plugins::FailureTrip {
                    percent,
                    calls,
                    hours,
                },
            ),
            price: price.map(
                |PriceTrip {
                     change_percent,
                     least,
                     most,
                 }| plugins::PriceTrip {
                    change_percent,
                    least,
                    most,
                },
            ),
        }
    }
}

impl From<plugins::Trip> for Trip {
    fn from(trip: plugins::Trip) -> Self {
        let plugins::Trip { failures, price } = trip;
        Self {
            failures: failures.map(
                |plugins::FailureTrip {
                     percent,
                     calls,
                     hours,
                 }| FailureTrip {
                    percent,
                    calls,
                    hours,
                },
            ),
            price: price.map(
                |plugins::PriceTrip {
                     change_percent,
                     least,
                     most,
                 }| PriceTrip {
                    change_percent,
                    least,
                    most,
                },
            ),
        }
    }
}
