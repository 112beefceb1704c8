//! A person's second factor over HTTP: turning it on and off, and the recovery codes.

use axum::{extract::State, http::StatusCode};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Api, problem::Problem, request::Json};
use crate::{
    app::App,
    identity::{
        Caller,
        entrance::{Origin, second_factor},
    },
};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(find, start))
        .routes(routes!(confirm))
        .routes(routes!(turn_off))
        .routes(routes!(renew))
}

/// How the second factor of the person who asks stands.
#[derive(Serialize, ToSchema)]
struct SecondFactor {
    /// Whether a code is asked for beside the password.
    on: bool,
    since: Option<DateTime<Utc>>,
    /// Recovery codes that can still be used.
    recovery_codes_left: i64,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SecondFactorStart {
    #[schema(format = Password)]
    password: String,
}

/// What the person's device is given.
#[derive(Serialize, ToSchema)]
struct SecondFactorStarted {
    /// Base 32, for typing it in. Shown once.
    secret: String,
    /// The same as `otpauth://totp/…`, for showing it as a picture. Shown once.
    url: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SecondFactorCode {
    /// The six digits that the device shows.
    code: String,
}

/// Both factors once more, before the second one is changed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct BothFactors {
    #[schema(format = Password)]
    password: String,
    /// From the device, or a recovery code.
    code: String,
}

/// Codes for paper.
#[derive(Serialize, ToSchema)]
struct RecoveryCodes {
    /// Each stands for a code of the device once. Shown once.
    recovery_codes: Vec<String>,
}

impl From<BothFactors> for second_factor::Proof {
    fn from(given: BothFactors) -> Self {
        let BothFactors { password, code } = given;
        Self { password, code }
    }
}

/// How one's own second factor stands
#[utoipa::path(get, path = "/v1/me/second-factor", tag = "entrance",
    responses((status = 200, body = SecondFactor), (status = 422, body = Problem)))]
async fn find(State(app): State<App>, caller: Caller) -> Result<Json<SecondFactor>, Problem> {
    let second_factor::Standing {
        since,
        recovery_codes_left,
    } = second_factor::find(&app, &caller).await?;
    Ok(Json(SecondFactor {
        on: since.is_some(),
        since,
        recovery_codes_left,
    }))
}

/// Begin to turn on a second factor
///
/// Gives what an authenticator app is given. Nothing is asked for before it has shown a code, which confirms it.
#[utoipa::path(post, path = "/v1/me/second-factor", tag = "entrance", request_body = SecondFactorStart,
    responses((status = 201, body = SecondFactorStarted), (status = 409, body = Problem), (status = 422, body = Problem),
        (status = 429, body = Problem)))]
async fn start(
    State(app): State<App>,
    caller: Caller,
    from: Origin,
    Json(body): Json<SecondFactorStart>,
) -> Result<(StatusCode, Json<SecondFactorStarted>), Problem> {
    let second_factor::Started { secret, url } =
        second_factor::start(&app, from, &caller, body.password).await?;
    Ok((StatusCode::CREATED, Json(SecondFactorStarted { secret, url })))
}

/// Turn it on by the device's first code
///
/// From here on a code is asked for beside the password, and every other session of the person ends.
#[utoipa::path(post, path = "/v1/me/second-factor/confirm", tag = "entrance", request_body = SecondFactorCode,
    responses((status = 200, body = RecoveryCodes), (status = 409, body = Problem), (status = 422, body = Problem)))]
async fn confirm(
    State(app): State<App>,
    caller: Caller,
    Json(body): Json<SecondFactorCode>,
) -> Result<Json<RecoveryCodes>, Problem> {
    let recovery_codes = second_factor::confirm(&app, &caller, &body.code).await?;
    Ok(Json(RecoveryCodes { recovery_codes }))
}

/// Turn it off
#[utoipa::path(post, path = "/v1/me/second-factor/turn-off", tag = "entrance", request_body = BothFactors,
    responses((status = 204), (status = 409, body = Problem), (status = 422, body = Problem), (status = 429, body = Problem)))]
async fn turn_off(
    State(app): State<App>,
    caller: Caller,
    from: Origin,
    Json(body): Json<BothFactors>,
) -> Result<StatusCode, Problem> {
    second_factor::turn_off(&app, from, &caller, body.into()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Have new recovery codes in the place of the ones before
#[utoipa::path(post, path = "/v1/me/second-factor/recovery-codes", tag = "entrance", request_body = BothFactors,
    responses((status = 200, body = RecoveryCodes), (status = 409, body = Problem), (status = 422, body = Problem),
        (status = 429, body = Problem)))]
async fn renew(
    State(app): State<App>,
    caller: Caller,
    from: Origin,
    Json(body): Json<BothFactors>,
) -> Result<Json<RecoveryCodes>, Problem> {
    let recovery_codes = second_factor::renew(&app, from, &caller, body.into()).await?;
    Ok(Json(RecoveryCodes { recovery_codes }))
}
