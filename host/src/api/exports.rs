//! Archives of all of a tenant's data.

use axum::{
    body::Body,
    extract::State,
    http::{StatusCode, header},
    response::IntoResponse,
};
use chrono::{DateTime, Utc};
use futures::TryStreamExt as _;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    Api,
    auth::Bearer,
    problem::Problem,
    request::{Id, Items, Json, PageQuery, Params},
};
use crate::{app::App, identity::Caller, ids::ExportId, leaving};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list, request))
        .routes(routes!(get))
        .routes(routes!(archive))
}

/// An archive that was asked for.
#[derive(Serialize, ToSchema)]
struct Export {
    id: Uuid,
    /// Whose data it is.
    tenant_id: Uuid,
    /// `waiting`, `ready`, `failed` or `expired`.
    state: String,
    requested_at: DateTime<Utc>,
    /// When it was made, or given up.
    finished_at: Option<DateTime<Utc>>,
    /// Until when it can be fetched.
    expires_at: Option<DateTime<Utc>>,
    size_bytes: Option<u64>,
    /// Of the archive, in hexadecimal.
    sha256: Option<String>,
}

impl From<leaving::Export> for Export {
    fn from(export: leaving::Export) -> Self {
        let leaving::Export {
            scope,
            id,
            state,
            requested_at,
            finished_at,
            expires_at,
            size_bytes,
            sha256,
        } = export;
        Self {
            id: id.uuid(),
            tenant_id: scope.tenant().uuid(),
            state,
            requested_at,
            finished_at,
            expires_at,
            size_bytes,
            sha256: sha256.map(hex::encode),
        }
    }
}

/// Exports; for a reseller, of its customers too
#[utoipa::path(get, path = "/v1/exports", tag = "leaving", params(PageQuery),
    responses((status = 200, body = Items<Export>), (status = 403, body = Problem)))]
async fn list(
    State(app): State<App>,
    caller: Caller,
    Params(query): Params<PageQuery>,
) -> Result<Json<Items<Export>>, Problem> {
    let page = query.page(caller.scope(), leaving::LIST)?;
    Ok(Json(Items::from_page(leaving::list(&app, &caller, page).await?)))
}

/// Have an archive made of everything that is the tenant's
#[utoipa::path(post, path = "/v1/exports", tag = "leaving",
    responses((status = 202, body = Export), (status = 409, body = Problem)))]
async fn request(State(app): State<App>, caller: Caller) -> Result<(StatusCode, Json<Export>), Problem> {
    let export = leaving::request(&app, &caller).await?;
    Ok((StatusCode::ACCEPTED, Json(export.into())))
}

/// One export
#[utoipa::path(get, path = "/v1/exports/{id}", tag = "leaving", params(("id" = Uuid, Path)),
    responses((status = 200, body = Export), (status = 404, body = Problem)))]
async fn get(State(app): State<App>, caller: Caller, Id(id): Id<ExportId>) -> Result<Json<Export>, Problem> {
    Ok(Json(leaving::find(&app, &caller, id).await?.into()))
}

/// The archive: a tar file with a manifest and a file of JSON lines for each table
#[utoipa::path(get, path = "/v1/exports/{id}/archive", tag = "leaving", params(("id" = Uuid, Path)),
    responses((status = 200, content_type = "application/x-tar", body = Vec<u8>),
        (status = 404, body = Problem), (status = 409, body = Problem)))]
async fn archive(
    State(app): State<App>,
    caller: Caller,
    Bearer(token): Bearer,
    Id(id): Id<ExportId>,
) -> Result<impl IntoResponse, Problem> {
    let archive = leaving::archive(&app, &caller, id).await?;
    let headers = [
        (header::CONTENT_TYPE, "application/x-tar".to_owned()),
        (header::CONTENT_LENGTH, archive.size_bytes.to_string()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{}\"", archive.name),
        ),
        (header::CACHE_CONTROL, "private, no-store".to_owned()),
    ];
    // The status is out by then: whoever fetches it sees a body that ends too early, and the log says why.
    let bytes = archive.bytes(token).map_err(|fault| {
        tracing::warn!(%fault, "an archive was not read to its end");
        std::io::Error::other("the archive cannot be read")
    });
    Ok((headers, Body::from_stream(bytes)))
}
