//! Quotes for bandwidth changes.

use axum::{extract::State, http::StatusCode};
use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    Api,
    problem::Problem,
    request::{Id, Json},
};
use crate::{
    app::App,
    fault::{Fault, Result as Checked},
    identity::Caller,
    ids::QuoteId,
    ports::{self, quote},
};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(make)).routes(routes!(get))
}

/// A change to price.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewQuote {
    port_id: Uuid,
    kind: Kind,
    /// The speed to have.
    #[schema(example = 5000)]
    mbps: u32,
    /// None for when it is booked.
    starts_at: Option<DateTime<Utc>>,
    /// For a window, and for nothing else.
    ends_at: Option<DateTime<Utc>>,
    /// A window of the port that has not begun, in whose place the change would come.
    replaces_id: Option<Uuid>,
}

/// Permanent or for a while.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Kind {
    /// Permanent, from its start on.
    Base,
    /// From its start to its end.
    Window,
}

/// A price that was offered.
#[derive(Serialize, ToSchema)]
struct Quote {
    id: Uuid,
    port_id: Uuid,
    /// `base` or `window`.
    kind: String,
    mbps: u32,
    starts_at: DateTime<Utc>,
    ends_at: Option<DateTime<Utc>>,
    /// ISO 4217.
    currency: String,
    /// What the change adds to the billing periods it touches; for a base change, to the period in which it begins.
    #[schema(value_type = String, example = "80.00")]
    amount: Decimal,
    /// For a base change: what it adds to each whole period from then on, as the next one shows it.
    #[schema(value_type = Option<String>)]
    recurring: Option<Decimal>,
    lines: Vec<Line>,
    /// The digest of the pricing release.
    digest: String,
    created_at: DateTime<Utc>,
    /// Until when it can be booked.
    expires_at: DateTime<Utc>,
}

/// A charge that the change adds to a billing period or, with a negative amount, takes out of it.
#[derive(Serialize, ToSchema)]
#[schema(as = QuoteLine)]
struct Line {
    period_start: DateTime<Utc>,
    period_end: DateTime<Utc>,
    starts_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
    /// The pricing rule's own word.
    code: String,
    description: String,
    #[schema(value_type = String)]
    quantity: Decimal,
    unit: String,
    #[schema(value_type = String)]
    unit_price: Decimal,
    /// Not rounded.
    #[schema(value_type = String)]
    amount: Decimal,
    /// How the amount comes about.
    explanation: String,
}

impl NewQuote {
    fn checked(self) -> Checked<quote::NewQuote> {
        let kind = match (self.kind, self.ends_at) {
            (Kind::Base, None) => ports::Kind::Base,
            (Kind::Window, Some(ends_at)) => ports::Kind::Window { ends_at },
            (Kind::Base, Some(_)) => {
                return Err(Fault::invalid("end_unexpected", "a base change has no end"));
            }
            (Kind::Window, None) => return Err(Fault::invalid("end_missing", "a window has an end")),
        };
        Ok(quote::NewQuote {
            port: self.port_id.into(),
            kind,
            mbps: self.mbps,
            starts_at: self.starts_at,
            replaces: self.replaces_id.map(Into::into),
        })
    }
}

impl From<quote::Quote> for Quote {
    fn from(quote: quote::Quote) -> Self {
        let quote::Quote {
            scope: _,
            id,
            port,
            wish,
            currency,
            amount,
            recurring,
            lines,
            digest,
            // Whoever buys is not shown by which settings the price is made.
            settings: _,
            created_at,
            expires_at,
        } = quote;
        Self {
            id: id.uuid(),
            port_id: port.uuid(),
            kind: wish.kind.name().to_owned(),
            mbps: wish.mbps,
            starts_at: wish.starts_at,
            ends_at: wish.kind.ends_at(),
            currency,
            amount,
            recurring,
            lines: lines.into_iter().map(Line::from).collect(),
            digest,
            created_at,
            expires_at,
        }
    }
}

impl From<quote::Line> for Line {
    fn from(quote::Line { period, charge }: quote::Line) -> Self {
        Self {
            period_start: period.start,
            period_end: period.end,
            starts_at: charge.starts_at,
            ends_at: charge.ends_at,
            code: charge.code,
            description: charge.description,
            quantity: charge.quantity,
            unit: charge.unit,
            unit_price: charge.unit_price,
            amount: charge.amount,
            explanation: charge.explanation,
        }
    }
}

/// Price a bandwidth change
#[utoipa::path(post, path = "/v1/quotes", tag = "bandwidth", request_body = NewQuote,
    responses((status = 201, body = Quote), (status = 404, body = Problem), (status = 409, body = Problem),
        (status = 422, body = Problem)))]
async fn make(
    State(app): State<App>,
    caller: Caller,
    Json(body): Json<NewQuote>,
) -> Result<(StatusCode, Json<Quote>), Problem> {
    let quote = quote::quote(&app, &caller, body.checked()?).await?;
    Ok((StatusCode::CREATED, Json(quote.into())))
}

/// One quote
#[utoipa::path(get, path = "/v1/quotes/{id}", tag = "bandwidth", params(("id" = Uuid, Path)),
    responses((status = 200, body = Quote), (status = 404, body = Problem)))]
async fn get(State(app): State<App>, caller: Caller, Id(id): Id<QuoteId>) -> Result<Json<Quote>, Problem> {
    Ok(Json(quote::get(&app, &caller, id).await?.into()))
}
