//! What carriers say by themselves: the inboxes where it arrives, and what arrived.

use axum::{
    body::Bytes,
    extract::{
        DefaultBodyLimit, Path, State,
        rejection::{BytesRejection, PathRejection},
    },
    http::{HeaderMap, StatusCode},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    Api,
    problem::Problem,
    request::{Id, Items, Json, PageQuery, Params},
};
use crate::{
    app::App,
    carriers::notifications::{self, MAX_BODY_BYTES},
    fault::Fault,
    identity::{
        Caller,
        inboxes::{self, Encoding, NewSignature},
    },
    ids::CarrierId,
};

pub(super) fn routes() -> OpenApiRouter<Api> {
    let receive = OpenApiRouter::new()
        .routes(routes!(receive))
        // One byte more is read than is taken in, so that the refusal is ours.
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES + 1));
    OpenApiRouter::new()
        .routes(routes!(get, open, close))
        .routes(routes!(list))
        .merge(receive)
}

/// Where a carrier's notifications arrive.
#[derive(Serialize, ToSchema)]
struct Inbox {
    /// None where the address is all that the carrier shows.
    signature: Option<Signature>,
    /// When its address was made.
    changed_at: DateTime<Utc>,
    /// The path of its address at any of the reseller's hosts and at the platform's own. Shown once.
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
}

/// How a carrier signs its notifications: the HMAC-SHA256 of the body, in a header.
#[derive(Serialize, ToSchema)]
struct Signature {
    header: String,
    /// `hex` or `base64`.
    encoding: String,
    /// What stands before it.
    prefix: String,
}

/// An inbox to open.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewInbox {
    /// What is not signed so is turned away. Leave it out for a carrier that signs nothing.
    signature: Option<NewInboxSignature>,
}

/// How a carrier signs.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewInboxSignature {
    #[schema(example = "x-signature")]
    header: String,
    encoding: DigestEncoding,
    /// What stands before it.
    #[serde(default)]
    #[schema(example = "sha256=")]
    prefix: String,
    /// 16 to 256 visible characters; never shown again.
    key: String,
}

/// How a digest is written.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum DigestEncoding {
    Hex,
    Base64,
}

/// Something a carrier said by itself.
#[derive(Serialize, ToSchema)]
struct Notification {
    id: Uuid,
    /// `received`, `handled`, or `failed`: the adapter could not say what it is about.
    state: String,
    /// What the adapter says that it is about.
    keys: Vec<String>,
    /// The operations that it woke, or that it had started.
    operation_ids: Vec<Uuid>,
    /// Why it failed.
    reason: Option<String>,
    received_at: DateTime<Utc>,
    /// How often the same one came within a minute of the time before.
    times: u32,
    last_at: DateTime<Utc>,
    headers: Vec<NotificationHeader>,
    /// As text; what is none is replaced.
    body: String,
}

/// A header as it came.
#[derive(Serialize, ToSchema)]
struct NotificationHeader {
    name: String,
    value: String,
}

impl From<inboxes::Inbox> for Inbox {
    fn from(inbox: inboxes::Inbox) -> Self {
        let inboxes::Inbox {
            signature,
            changed_at,
        } = inbox;
        Self {
            signature: signature.map(|signature| {
                let inboxes::Signature {
                    header,
                    encoding,
                    prefix,
                } = signature;
                Signature {
                    header,
                    encoding: encoding.name().to_owned(),
                    prefix,
                }
            }),
            changed_at,
            path: None,
        }
    }
}

impl From<NewInboxSignature> for NewSignature {
    fn from(new: NewInboxSignature) -> Self {
        let NewInboxSignature {
            header,
            encoding,
            prefix,
            key,
        } = new;
        Self {
            signature: inboxes::Signature {
                header: header.to_ascii_lowercase(),
                encoding: match encoding {
                    DigestEncoding::Hex => Encoding::Hex,
                    DigestEncoding::Base64 => Encoding::Base64,
                },
                prefix,
            },
            key,
        }
    }
}

impl From<notifications::Notification> for Notification {
    fn from(notification: notifications::Notification) -> Self {
        let notifications::Notification {
            id,
            carrier: _,
            state,
            keys,
            operations,
            reason,
            received_at,
            times,
            last_at,
            content,
        } = notification;
        let headers = content.headers.into_iter();
        Self {
            id: id.uuid(),
            state,
            keys,
            operation_ids: operations.into_iter().map(|id| id.uuid()).collect(),
            reason,
            received_at,
            times,
            last_at,
            headers: headers
                .map(|(name, value)| NotificationHeader { name, value })
                .collect(),
            body: String::from_utf8_lossy(&content.body).into_owned(),
        }
    }
}

/// A carrier's inbox, without its address
#[utoipa::path(get, path = "/v1/carriers/{id}/inbox", tag = "carriers", params(("id" = Uuid, Path)),
    responses((status = 200, body = Inbox), (status = 404, body = Problem)))]
async fn get(State(app): State<App>, caller: Caller, Id(id): Id<CarrierId>) -> Result<Json<Inbox>, Problem> {
    Ok(Json(inboxes::find(&app, &caller, id).await?.into()))
}

/// Open an inbox for what a carrier says by itself, at a new address
#[utoipa::path(put, path = "/v1/carriers/{id}/inbox", tag = "carriers", params(("id" = Uuid, Path)),
    request_body = NewInbox,
    responses((status = 200, body = Inbox), (status = 404, body = Problem), (status = 422, body = Problem)))]
async fn open(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<CarrierId>,
    Json(body): Json<NewInbox>,
) -> Result<Json<Inbox>, Problem> {
    let new = body.signature.map(NewSignature::from);
    let (inbox, token) = inboxes::open(&app, &caller, id, new).await?;
    Ok(Json(Inbox {
        path: Some(format!("/v1/notifications/{}", token.reveal())),
        ..inbox.into()
    }))
}

/// Close a carrier's inbox
#[utoipa::path(delete, path = "/v1/carriers/{id}/inbox", tag = "carriers", params(("id" = Uuid, Path)),
    responses((status = 204), (status = 404, body = Problem)))]
async fn close(State(app): State<App>, caller: Caller, Id(id): Id<CarrierId>) -> Result<StatusCode, Problem> {
    inboxes::close(&app, &caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What a carrier said by itself in the last thirty days
#[utoipa::path(get, path = "/v1/carriers/{id}/notifications", tag = "carriers",
    params(("id" = Uuid, Path), PageQuery),
    responses((status = 200, body = Items<Notification>), (status = 404, body = Problem)))]
async fn list(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<CarrierId>,
    Params(query): Params<PageQuery>,
) -> Result<Json<Items<Notification>>, Problem> {
    let page = query.page(caller.scope(), &notifications::listed(id))?;
    let notifications = notifications::list(&app, &caller, id, page).await?;
    Ok(Json(Items::from_page(notifications)))
}

/// Bring what a carrier says to its inbox
#[utoipa::path(post, path = "/v1/notifications/{address}", tag = "carriers",
    params(("address" = String, Path, description = "Of an inbox")),
    request_body(content = Vec<u8>, description = "At most 64 KiB, of any type", content_type = "*/*"),
    responses((status = 202), (status = 401, body = Problem), (status = 404, body = Problem),
        (status = 413, body = Problem), (status = 429, body = Problem)),
    security(()))]
async fn receive(
    State(app): State<App>,
    address: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<StatusCode, Problem> {
    let Path(address) = address.map_err(|_| Fault::Missing)?;
    let body = body.map_err(|_| notifications::too_large())?;
    notifications::receive(&app, &address, &headers, &body).await?;
    Ok(StatusCode::ACCEPTED)
}
