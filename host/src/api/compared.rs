//! How a customer's month differs under two prices, and what all of them come to.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::billing::shadow;

/// What the customers of one currency come to, of those whom both releases price.
#[derive(Serialize, ToSchema)]
#[schema(as = ShadowTotal)]
pub(super) struct Total {
    /// ISO 4217.
    currency: String,
    /// To how many something was delivered.
    customers: u64,
    /// For how many of them the release fails.
    failures: u64,
    /// What serves charges.
    #[schema(value_type = String)]
    active_total: Decimal,
    /// What the release charges.
    #[schema(value_type = String)]
    total: Decimal,
    /// The one less the other.
    #[schema(value_type = String)]
    difference: Decimal,
}

/// A customer's month under both.
#[derive(Serialize, ToSchema)]
#[schema(as = ShadowCustomer)]
pub(super) struct Compared {
    customer_id: Uuid,
    /// ISO 4217.
    currency: String,
    /// The digest of what serves; none where nothing does.
    active_digest: Option<String>,
    /// What that charges; none where it fails.
    #[schema(value_type = Option<String>)]
    active_total: Option<Decimal>,
    /// What the release charges; none where it fails.
    #[schema(value_type = Option<String>)]
    total: Option<Decimal>,
    /// The one less the other.
    #[schema(value_type = Option<String>)]
    difference: Option<Decimal>,
    /// Why what serves fails.
    active_failure: Option<String>,
    /// Why the release fails.
    failure: Option<String>,
    /// The lines that differ, the largest differences first.
    lines: Vec<Line>,
    /// How many smaller differences are not told.
    lines_left_out: u32,
}

/// A stretch of a port that is priced differently.
#[derive(Serialize, ToSchema)]
#[schema(as = ShadowLine)]
struct Line {
    port_id: Uuid,
    starts_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
    /// The pricing rule's own word.
    code: String,
    /// What serves charges, rounded; 0 where it has no such line.
    #[schema(value_type = String)]
    active_amount: Decimal,
    /// What the release charges, likewise.
    #[schema(value_type = String)]
    amount: Decimal,
    /// The one less the other.
    #[schema(value_type = String)]
    difference: Decimal,
}

impl From<shadow::Total> for Total {
    fn from(of: shadow::Total) -> Self {
        let shadow::Total {
            currency,
            customers,
            failures,
            active_total,
            total,
        } = of;
        Self {
            currency,
            customers,
            failures,
            active_total: active_total.normalize(),
            total: total.normalize(),
            difference: (total - active_total).normalize(),
        }
    }
}

impl From<shadow::Compared> for Compared {
    fn from(compared: shadow::Compared) -> Self {
        let shadow::Compared {
            customer,
            currency,
            active_digest,
            active_total,
            total,
            difference,
            active_failure,
            failure,
            lines,
            lines_left_out,
        } = compared;
        let amount = |amount: Option<Decimal>| amount.map(|amount| amount.normalize());
        Self {
            customer_id: customer.uuid(),
            currency,
            active_digest,
            active_total: amount(active_total),
            total: amount(total),
            difference: amount(difference),
            active_failure,
            failure,
            lines: lines.into_iter().map(Into::into).collect(),
            lines_left_out,
        }
    }
}

impl From<shadow::Line> for Line {
    fn from(line: shadow::Line) -> Self {
        let difference = line.difference();
        let shadow::Line {
            port,
            starts_at,
            ends_at,
            code,
            active_amount,
            amount,
        } = line;
        Self {
            port_id: port.uuid(),
            starts_at,
            ends_at,
            code,
            active_amount,
            amount,
            difference,
        }
    }
}
