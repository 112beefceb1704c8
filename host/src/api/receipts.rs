//! Receipts: what priced the charges of a port, and running it again.

use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    Api,
    problem::Problem,
    request::{Id, Json},
};
use crate::{app::App, billing::receipt, identity::Caller, ids::ReceiptId};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(get)).routes(routes!(verify))
}

/// What priced a port's charges.
#[derive(Serialize, ToSchema)]
struct Receipt {
    id: Uuid,
    billing_run_id: Uuid,
    /// Whose port it is.
    customer_id: Uuid,
    port_id: Uuid,
    /// SHA-256 of the component that priced it.
    digest: String,
    /// The versions of the interface and of the host.
    engine: String,
    /// What the plugin was asked; for those who may read its release.
    input: Option<serde_json::Value>,
    /// SHA-256 of the input as JSON with sorted keys and without white space.
    input_hash: String,
    /// What the plugin answered.
    output: serde_json::Value,
    /// SHA-256 of the output, likewise.
    output_hash: String,
    created_at: DateTime<Utc>,
}

/// What running a receipt again showed.
#[derive(Serialize, ToSchema)]
struct Verification {
    /// Whether the stored input is the one that was priced and gives the same output.
    matches: bool,
    /// SHA-256 of the component that was run.
    digest: String,
}

impl From<receipt::Reading> for Receipt {
    fn from(reading: receipt::Reading) -> Self {
        let receipt::Reading { receipt, input } = reading;
        Self {
            id: receipt.id.uuid(),
            billing_run_id: receipt.run.uuid(),
            customer_id: receipt.customer.uuid(),
            port_id: receipt.port.uuid(),
            digest: receipt.digest,
            engine: receipt.engine,
            input,
            input_hash: hex::encode(receipt.input_hash),
            output: receipt.output,
            output_hash: hex::encode(receipt.output_hash),
            created_at: receipt.created_at,
        }
    }
}

/// One receipt
#[utoipa::path(get, path = "/v1/receipts/{id}", tag = "billing", params(("id" = Uuid, Path)),
    responses((status = 200, body = Receipt), (status = 404, body = Problem)))]
async fn get(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<ReceiptId>,
) -> Result<Json<Receipt>, Problem> {
    Ok(Json(receipt::get(&app, &caller, id).await?.into()))
}

/// Have the release price the stored input again, and compare
///
/// For whoever may read the receipt and the release: customers cannot, since the release is their reseller's.
#[utoipa::path(post, path = "/v1/receipts/{id}/verify", tag = "billing", params(("id" = Uuid, Path)),
    responses((status = 200, body = Verification), (status = 403, body = Problem), (status = 404, body = Problem)))]
async fn verify(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<ReceiptId>,
) -> Result<Json<Verification>, Problem> {
    let receipt::Verified { digest, matches } = receipt::verify(&app, &caller, id).await?;
    Ok(Json(Verification { matches, digest }))
}
