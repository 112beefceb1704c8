//! Invitations into a tenant. Their tokens go by mail and are in no answer.

use axum::{extract::State, http::StatusCode};
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
    identity::{Caller, invitations},
    ids::InvitationId,
};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list, invite))
        .routes(routes!(withdraw))
        .routes(routes!(resend))
}

/// Whom to invite.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewInvitation {
    /// Where the mail with the way in goes.
    email: String,
    /// A role of the tenant; its role `owner` when absent.
    role_id: Option<Uuid>,
    /// 1 to 30; 7 when absent.
    expires_in_days: Option<u32>,
}

/// An invitation. What accepts it is in the invited mailbox alone.
#[derive(Serialize, ToSchema)]
pub(super) struct Invitation {
    id: Uuid,
    tenant_id: Uuid,
    /// Null once it was accepted or withdrawn, or is 30 days old: whom it was for is forgotten then.
    email: Option<String>,
    role_id: Uuid,
    created_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    accepted_at: Option<DateTime<Utc>>,
    withdrawn_at: Option<DateTime<Utc>>,
    /// How often its mail was sent, at most 5 times.
    sent: i32,
}

impl From<NewInvitation> for invitations::NewInvitation {
    fn from(new: NewInvitation) -> Self {
        let NewInvitation {
            email,
            role_id,
            expires_in_days,
        } = new;
        Self {
            email,
            role: role_id.map(Into::into),
            expires_in_days,
        }
    }
}

impl From<invitations::Invitation> for Invitation {
    fn from(invitation: invitations::Invitation) -> Self {
        let invitations::Invitation {
            id,
            tenant,
            email,
            role,
            created_at,
            expires_at,
            accepted_at,
            withdrawn_at,
            sent,
        } = invitation;
        Self {
            id: id.uuid(),
            tenant_id: tenant.uuid(),
            email,
            role_id: role.uuid(),
            created_at,
            expires_at,
            accepted_at,
            withdrawn_at,
            sent,
        }
    }
}

/// The invitations into the tenant; for a reseller, into its customers too
#[utoipa::path(get, path = "/v1/invitations", tag = "members", params(PageQuery),
    responses((status = 200, body = Items<Invitation>), (status = 403, body = Problem)))]
async fn list(
    State(app): State<App>,
    caller: Caller,
    Params(query): Params<PageQuery>,
) -> Result<Json<Items<Invitation>>, Problem> {
    let page = query.page(caller.scope(), "invitations")?;
    let items = invitations::list(&app, &caller, page).await?;
    Ok(Json(Items::from_page(items)))
}

/// Invite a person into the tenant
#[utoipa::path(post, path = "/v1/invitations", tag = "members", request_body = NewInvitation,
    responses((status = 201, body = Invitation), (status = 404, body = Problem), (status = 422, body = Problem)))]
async fn invite(
    State(app): State<App>,
    caller: Caller,
    Json(body): Json<NewInvitation>,
) -> Result<(StatusCode, Json<Invitation>), Problem> {
    let invitation = invitations::invite(&app, &caller, body.into()).await?;
    Ok((StatusCode::CREATED, Json(invitation.into())))
}

/// Withdraw an invitation, from now on
#[utoipa::path(delete, path = "/v1/invitations/{id}", tag = "members", params(("id" = Uuid, Path)),
    responses((status = 204), (status = 404, body = Problem), (status = 409, body = Problem)))]
async fn withdraw(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<InvitationId>,
) -> Result<StatusCode, Problem> {
    invitations::withdraw(&app, &caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Send an invitation's mail again; what the mail before had works no more
#[utoipa::path(post, path = "/v1/invitations/{id}/resend", tag = "members", params(("id" = Uuid, Path)),
    responses((status = 200, body = Invitation), (status = 404, body = Problem), (status = 409, body = Problem)))]
async fn resend(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<InvitationId>,
) -> Result<Json<Invitation>, Problem> {
    Ok(Json(invitations::resend(&app, &caller, id).await?.into()))
}
