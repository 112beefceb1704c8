//! The times at which schedules have windows, as they are shown.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::ports::schedule::{self, Comes, LeftOut};

/// A time at which a schedule has a window.
#[derive(Serialize, ToSchema)]
pub(super) struct Occurrence {
    id: Uuid,
    starts_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
    /// The window that was booked, like any other one; none where it was left out.
    bandwidth_change_id: Option<Uuid>,
    /// Where that window stands, see bandwidth changes; otherwise `left_out`.
    state: String,
    /// What the window costs by its quote.
    #[schema(value_type = Option<String>)]
    amount: Option<Decimal>,
    left_out: Option<WhyLeftOut>,
}

/// Why a window is not booked.
#[derive(Serialize, ToSchema)]
#[schema(as = LeftOut)]
struct WhyLeftOut {
    /// Stable, for programs: the code of the rule that refuses it, `holiday` or `amount_above_max`.
    code: String,
    /// For people.
    because: String,
}

/// What would come in the weeks ahead.
#[derive(Serialize, ToSchema)]
pub(super) struct Preview {
    /// ISO 4217.
    currency: String,
    /// What all of the windows would cost.
    #[schema(value_type = String)]
    amount: Decimal,
    /// Up to when it shows what would come.
    until: DateTime<Utc>,
    times: Vec<PreviewedTime>,
}

/// A time at which there would be a window.
#[derive(Serialize, ToSchema)]
struct PreviewedTime {
    starts_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
    /// What the window would cost.
    #[schema(value_type = Option<String>)]
    amount: Option<Decimal>,
    left_out: Option<WhyLeftOut>,
}

impl From<LeftOut> for WhyLeftOut {
    fn from(LeftOut { code, because }: LeftOut) -> Self {
        Self { code, because }
    }
}

impl From<schedule::Occurrence> for Occurrence {
    fn from(occurrence: schedule::Occurrence) -> Self {
        let schedule::Occurrence {
            id,
            starts_at,
            ends_at,
            comes,
        } = occurrence;
        let (change, state, amount, left_out) = match comes {
            Comes::Booked {
                change,
                state,
                amount,
            } => (Some(change), state.name(), Some(amount), None),
            Comes::LeftOut(left_out) => (None, "left_out", None, Some(left_out)),
        };
        Self {
            id: id.uuid(),
            starts_at,
            ends_at,
            bandwidth_change_id: change.map(|id| id.uuid()),
            state: state.to_owned(),
            amount,
            left_out: left_out.map(WhyLeftOut::from),
        }
    }
}

impl From<schedule::Preview> for Preview {
    fn from(preview: schedule::Preview) -> Self {
        let schedule::Preview {
            currency,
            until,
            times,
        } = preview;
        let times: Vec<_> = times
            .into_iter()
            .map(|(starts_at, ends_at, comes)| {
                let (amount, left_out) = match comes {
                    Ok(amount) => (Some(amount), None),
                    Err(left_out) => (None, Some(left_out.into())),
                };
                PreviewedTime {
                    starts_at,
                    ends_at,
                    amount,
                    left_out,
                }
            })
            .collect();
        Self {
            currency,
            amount: times.iter().filter_map(|time| time.amount).sum(),
            until,
            times,
        }
    }
}
