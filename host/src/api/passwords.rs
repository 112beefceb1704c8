//! Mailboxes and passwords over HTTP: proving an address, resetting a forgotten password, changing a known one.

use axum::{extract::State, http::StatusCode};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Api, auth::Addressed, problem::Problem, request::Json};
use crate::{
    app::App,
    identity::{
        Caller,
        entrance::{self, Change, Origin},
    },
};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(prove))
        .routes(routes!(ask))
        .routes(routes!(reset))
        .routes(routes!(change))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AddressProof {
    /// The token of the mail.
    token: String,
    /// The password that the account was made with.
    #[schema(format = Password)]
    password: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ResetWish {
    email: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PasswordReset {
    /// The token of the mail.
    token: String,
    /// At least 12 characters.
    #[schema(format = Password)]
    password: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PasswordChange {
    #[schema(format = Password)]
    old_password: String,
    /// At least 12 characters.
    #[schema(format = Password)]
    new_password: String,
    /// The second factor's code, where the person turned one on.
    code: Option<String>,
}

/// Show that an address is one's own, by the mail that came there
#[utoipa::path(post, path = "/v1/address-proofs", tag = "entrance", security(()), request_body = AddressProof,
    responses((status = 204), (status = 422, body = Problem), (status = 429, body = Problem)))]
async fn prove(
    State(app): State<App>,
    from: Origin,
    Json(body): Json<AddressProof>,
) -> Result<StatusCode, Problem> {
    entrance::prove_address(&app, from, &body.token, body.password).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ask for a new password at a reseller's address
///
/// The answer is the same whether anybody has this address or not; a mail comes to members of this reseller alone.
#[utoipa::path(post, path = "/v1/password-resets", tag = "entrance", security(()), request_body = ResetWish,
    responses((status = 202), (status = 421, body = Problem), (status = 429, body = Problem)))]
async fn ask(
    State(app): State<App>,
    addressed: Addressed,
    from: Origin,
    Json(body): Json<ResetWish>,
) -> Result<StatusCode, Problem> {
    entrance::ask_reset(&app, from, addressed.reseller()?, &body.email).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Choose a new password by the mail that came; every session of the person ends
#[utoipa::path(post, path = "/v1/password-resets/complete", tag = "entrance", security(()), request_body = PasswordReset,
    responses((status = 204), (status = 422, body = Problem), (status = 429, body = Problem)))]
async fn reset(
    State(app): State<App>,
    from: Origin,
    Json(body): Json<PasswordReset>,
) -> Result<StatusCode, Problem> {
    entrance::reset_password(&app, from, &body.token, body.password).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Choose a new password, knowing the old one; every other session of the person ends
#[utoipa::path(put, path = "/v1/me/password", tag = "entrance", request_body = PasswordChange,
    responses((status = 204), (status = 422, body = Problem), (status = 429, body = Problem)))]
async fn change(
    State(app): State<App>,
    caller: Caller,
    from: Origin,
    Json(body): Json<PasswordChange>,
) -> Result<StatusCode, Problem> {
    let change = Change {
        old: body.old_password,
        new: body.new_password,
        code: body.code,
    };
    entrance::change_password(&app, from, &caller, change).await?;
    Ok(StatusCode::NO_CONTENT)
}
