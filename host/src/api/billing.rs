//! Billing runs and charges.

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
    request::{Items, Json, PageQuery, Params},
};
use crate::{
    app::App,
    billing::{
        charge, price,
        rate::Month,
        run::{self, NewRun, Outcome},
    },
    identity::Caller,
};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(runs, run_now))
        .routes(routes!(charges))
}

/// A month to bill.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewBillingRun {
    customer_id: Uuid,
    /// A calendar month that is over on the customer's own clock.
    #[schema(example = "2026-03")]
    period: String,
}

/// One buyer's month, priced once.
#[derive(Serialize, ToSchema)]
struct BillingRun {
    id: Uuid,
    /// The customer at retail, otherwise the reseller.
    buyer_id: Uuid,
    /// `cost`, `wholesale` or `retail`.
    level: &'static str,
    #[schema(example = "2026-03")]
    period: String,
    period_start: DateTime<Utc>,
    /// The first instant after the period.
    period_end: DateTime<Utc>,
    /// IANA name.
    time_zone: String,
    /// ISO 4217.
    currency: String,
    /// SHA-256 of the component that priced it.
    digest: String,
    created_at: DateTime<Utc>,
    /// None where nothing was to be charged.
    invoice_id: Option<Uuid>,
}

/// What somebody is to pay for a stretch of a port.
#[derive(Serialize, ToSchema)]
struct Charge {
    id: Uuid,
    billing_run_id: Uuid,
    receipt_id: Uuid,
    /// `cost`, `wholesale` or `retail`.
    level: &'static str,
    seller_id: Option<Uuid>,
    buyer_id: Uuid,
    /// Whose port it is.
    customer_id: Uuid,
    port_id: Uuid,
    /// SHA-256 of the component that priced it.
    digest: String,
    #[serde(flatten)]
    what: PricedStretch,
    /// Not rounded.
    amount: Decimal,
}

/// What was priced, and how.
#[derive(Serialize, ToSchema)]
pub(super) struct PricedStretch {
    from: DateTime<Utc>,
    /// The first instant after it.
    to: DateTime<Utc>,
    /// A stable word of the pricing plugin's own.
    code: String,
    description: String,
    explanation: String,
    quantity: Decimal,
    unit: String,
    unit_price: Decimal,
}

#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ChargeQuery {
    /// Only this port's.
    port_id: Option<Uuid>,
    /// `next` of the page before.
    cursor: Option<String>,
    /// Items of a page: 1 to 200, otherwise 50.
    limit: Option<u32>,
}

impl From<run::Run> for BillingRun {
    fn from(run: run::Run) -> Self {
        Self {
            id: run.id.uuid(),
            buyer_id: run.buyer.tenant().uuid(),
            level: run.level.name(),
            period: Month::of(run.period.start, run.time_zone).to_string(),
            period_start: run.period.start,
            period_end: run.period.end,
            time_zone: run.time_zone.name().to_owned(),
            currency: run.currency,
            digest: run.digest,
            created_at: run.created_at,
            invoice_id: run.invoice.map(|id| id.uuid()),
        }
    }
}

impl From<price::Charge> for PricedStretch {
    fn from(charge: price::Charge) -> Self {
        let price::Charge {
            starts_at,
            ends_at,
            code,
            description,
            quantity,
            unit,
            unit_price,
            amount: _,
            explanation,
        } = charge;
        Self {
            from: starts_at,
            to: ends_at,
            code,
            description,
            explanation,
            quantity,
            unit,
            unit_price,
        }
    }
}

impl From<charge::Charge> for Charge {
    fn from(charge: charge::Charge) -> Self {
        Self {
            id: charge.id.uuid(),
            billing_run_id: charge.run.uuid(),
            receipt_id: charge.receipt.uuid(),
            level: charge.level.name(),
            seller_id: charge.seller.map(|id| id.uuid()),
            buyer_id: charge.buyer.tenant().uuid(),
            customer_id: charge.customer.uuid(),
            port_id: charge.port.uuid(),
            digest: charge.digest,
            amount: charge.what.amount,
            what: charge.what.into(),
        }
    }
}

/// Bill a customer for a month that is over
///
/// Prices every port's verified bandwidth and issues the invoice. The same customer and month again answer the run that
/// is there, with status 200.
#[utoipa::path(post, path = "/v1/billing-runs", tag = "billing", request_body = NewBillingRun,
    responses((status = 200, body = BillingRun), (status = 201, body = BillingRun), (status = 404, body = Problem),
        (status = 409, body = Problem), (status = 422, body = Problem)))]
async fn run_now(
    State(app): State<App>,
    caller: Caller,
    Json(body): Json<NewBillingRun>,
) -> Result<(StatusCode, Json<BillingRun>), Problem> {
    let new = NewRun {
        customer: body.customer_id.into(),
        month: Month::parse(&body.period)?,
    };
    Ok(match run::run(&app, &caller, new).await? {
        Outcome::Made(run) => (StatusCode::CREATED, Json(run.into())),
        Outcome::Known(run) => (StatusCode::OK, Json(run.into())),
    })
}

/// Billing runs; for a reseller, of its customers too
#[utoipa::path(get, path = "/v1/billing-runs", tag = "billing", params(PageQuery),
    responses((status = 200, body = Items<BillingRun>), (status = 403, body = Problem)))]
async fn runs(
    State(app): State<App>,
    caller: Caller,
    Params(query): Params<PageQuery>,
) -> Result<Json<Items<BillingRun>>, Problem> {
    let page = query.page(caller.scope(), run::LIST)?;
    Ok(Json(Items::from_page(run::list(&app, &caller, page).await?)))
}

/// Charges; for a reseller, of its customers too
#[utoipa::path(get, path = "/v1/charges", tag = "billing", params(ChargeQuery),
    responses((status = 200, body = Items<Charge>), (status = 403, body = Problem)))]
async fn charges(
    State(app): State<App>,
    caller: Caller,
    Params(query): Params<ChargeQuery>,
) -> Result<Json<Items<Charge>>, Problem> {
    let ChargeQuery {
        port_id,
        cursor,
        limit,
    } = query;
    let page = PageQuery { cursor, limit }.page(caller.scope(), charge::LIST)?;
    let charges = charge::list(&app, &caller, port_id.map(Into::into), page).await?;
    Ok(Json(Items::from_page(charges)))
}
