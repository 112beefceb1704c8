//! Invoices, as data and as pages for people.

use axum::{
    extract::State,
    http::{HeaderName, header},
    response::{Html, IntoResponse},
};
use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    Api,
    billing::PricedStretch,
    problem::Problem,
    request::{Id, Items, Json, PageQuery, Params},
};
use crate::{
    app::App,
    billing::{
        invoice::{self, Full},
        rate::Month,
    },
    identity::Caller,
    ids::InvoiceId,
};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(get))
        .routes(routes!(html))
}

/// What a buyer is to pay for a month.
#[derive(Serialize, ToSchema)]
struct Invoice {
    id: Uuid,
    seller_id: Uuid,
    buyer_id: Uuid,
    billing_run_id: Uuid,
    /// Unique and without gaps for the seller.
    #[schema(example = "INV-000001")]
    number: String,
    #[schema(example = "2026-03")]
    period: String,
    period_start: DateTime<Utc>,
    /// The first instant after the period.
    period_end: DateTime<Utc>,
    /// IANA name.
    time_zone: String,
    /// ISO 4217.
    currency: String,
    /// The sum of the lines' amounts.
    total: Decimal,
    issued_at: DateTime<Utc>,
    /// `issued`.
    state: String,
    /// The state in the reader's own words, see the setting `status_names`.
    state_name: String,
}

/// An invoice with its lines.
#[derive(Serialize, ToSchema)]
struct FullInvoice {
    #[serde(flatten)]
    invoice: Invoice,
    /// The buyer's name.
    buyer: String,
    lines: Vec<InvoiceLine>,
}

/// One charge on an invoice.
#[derive(Serialize, ToSchema)]
struct InvoiceLine {
    /// Its place, from 1.
    n: i32,
    charge_id: Uuid,
    receipt_id: Uuid,
    port_id: Uuid,
    /// The port's name.
    port: String,
    #[serde(flatten)]
    what: PricedStretch,
    /// Not rounded.
    exact_amount: Decimal,
    /// Rounded once, half away from zero, in the currency's minor units.
    amount: Decimal,
    /// SHA-256 of the component that priced it.
    digest: String,
}

impl From<invoice::Listed> for Invoice {
    fn from(listed: invoice::Listed) -> Self {
        let invoice::Listed { invoice, state_name } = listed;
        Self {
            id: invoice.id.uuid(),
            seller_id: invoice.seller.uuid(),
            buyer_id: invoice.buyer.tenant().uuid(),
            billing_run_id: invoice.run.uuid(),
            number: invoice.number,
            period: Month::of(invoice.period.start, invoice.time_zone).to_string(),
            period_start: invoice.period.start,
            period_end: invoice.period.end,
            time_zone: invoice.time_zone.name().to_owned(),
            currency: invoice.currency,
            total: invoice.total,
            issued_at: invoice.issued_at,
            state: invoice::STATE.to_owned(),
            state_name,
        }
    }
}

impl From<Full> for FullInvoice {
    fn from(full: Full) -> Self {
        let line = |line: &invoice::Line| InvoiceLine {
            n: line.n,
            charge_id: line.charge.uuid(),
            receipt_id: line.receipt.uuid(),
            port_id: line.port.uuid(),
            port: full.port_name(line).to_owned(),
            what: line.what.clone().into(),
            exact_amount: line.what.amount,
            amount: line.amount,
            digest: line.digest.clone(),
        };
        Self {
            lines: full.lines.iter().map(line).collect(),
            invoice: Invoice::from(invoice::Listed {
                invoice: full.invoice,
                state_name: full.state_name,
            }),
            buyer: full.buyer_name,
        }
    }
}

/// Invoices; for a reseller, of its customers too
#[utoipa::path(get, path = "/v1/invoices", tag = "billing", params(PageQuery),
    responses((status = 200, body = Items<Invoice>), (status = 403, body = Problem)))]
async fn list(
    State(app): State<App>,
    caller: Caller,
    Params(query): Params<PageQuery>,
) -> Result<Json<Items<Invoice>>, Problem> {
    let page = query.page(caller.scope(), invoice::LIST)?;
    Ok(Json(Items::from_page(invoice::list(&app, &caller, page).await?)))
}

/// One invoice, each line with what priced it
#[utoipa::path(get, path = "/v1/invoices/{id}", tag = "billing", params(("id" = Uuid, Path)),
    responses((status = 200, body = FullInvoice), (status = 404, body = Problem)))]
async fn get(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<InvoiceId>,
) -> Result<Json<FullInvoice>, Problem> {
    Ok(Json(invoice::get(&app, &caller, id).await?.into()))
}

/// One invoice as a page, under the brand it was issued under
#[utoipa::path(get, path = "/v1/invoices/{id}/html", tag = "billing", params(("id" = Uuid, Path)),
    responses((status = 200, content_type = "text/html", body = String), (status = 404, body = Problem)))]
async fn html(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<InvoiceId>,
) -> Result<impl IntoResponse, Problem> {
    let sheet = invoice::sheet(&app, &caller, id).await?;
    let headers: [(HeaderName, String); 4] = [
        (header::CONTENT_SECURITY_POLICY, sheet.policy),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (header::REFERRER_POLICY, "no-referrer".to_owned()),
        (header::CACHE_CONTROL, "private, no-store".to_owned()),
    ];
    Ok((headers, Html(sheet.html)))
}
