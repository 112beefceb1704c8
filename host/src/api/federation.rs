//! Signing in with an identity provider: what visitors choose from, and the way there and back.

use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::{
    Api,
    auth::{Addressed, SentTo},
    problem::Problem,
    request::{Id, Json, Params},
    sessions::Session,
};
use crate::{
    app::App,
    fault::Fault,
    identity::{
        entrance::{self, Origin},
        federation::{self, Answer, Start},
    },
    ids::IdentityProviderId,
};

/// What the asker's browser keeps. The prefix makes browsers refuse it from anywhere but this very host, so no
/// neighbouring host can plant one.
const COOKIE: &str = "__Host-sign-in";

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(options))
        .routes(routes!(begin))
        .routes(routes!(finish))
}

/// Ways to sign in at this address.
#[derive(Serialize, ToSchema)]
struct SignInOptions {
    /// Whether people have passwords here.
    password: bool,
    providers: Vec<ProviderName>,
}

#[derive(Serialize, ToSchema)]
struct ProviderName {
    id: Uuid,
    name: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewFederatedSignIn {
    provider_id: Uuid,
    /// Of somebody who was invited; the provider must assert the address that the invitation is for.
    invitation_token: Option<String>,
}

/// A sign-in that began.
#[derive(Serialize, ToSchema)]
struct FederatedSignIn {
    /// Where the person goes now, with the browser that keeps the cookie of this answer.
    authorization_url: String,
}

/// What the provider sends the person back with. Providers add more, which is not looked at.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Callback {
    state: String,
    code: Option<String>,
    /// The issuer, where the provider tells (RFC 9207).
    iss: Option<String>,
}

/// Ways to sign in at this address
#[utoipa::path(get, path = "/v1/sign-in-options", tag = "entrance", security(()),
    responses((status = 200, body = SignInOptions), (status = 421, body = Problem)))]
async fn options(State(app): State<App>, addressed: Addressed) -> Result<Json<SignInOptions>, Problem> {
    let visitor = entrance::visitor(addressed.reseller()?);
    let providers = federation::options(&app, &visitor).await?;
    let providers = providers
        .into_iter()
        .map(|(id, name)| ProviderName { id: id.uuid(), name });
    Ok(Json(SignInOptions {
        password: true,
        providers: providers.collect(),
    }))
}

/// Begin to sign in with an identity provider
///
/// The answer sets a cookie that the browser must still have when it comes back, within ten minutes: who was talked into
/// following somebody else's link has none.
#[utoipa::path(post, path = "/v1/federated-sign-ins", tag = "entrance", security(()), request_body = NewFederatedSignIn,
    responses((status = 201, body = FederatedSignIn), (status = 404, body = Problem), (status = 409, body = Problem),
        (status = 421, body = Problem), (status = 422, body = Problem)))]
async fn begin(
    State(app): State<App>,
    addressed: Addressed,
    from: Origin,
    sent_to: SentTo,
    Json(body): Json<NewFederatedSignIn>,
) -> Result<Response, Problem> {
    let visitor = entrance::visitor(addressed.reseller()?);
    let provider = body.provider_id.into();
    let start = Start {
        provider,
        invitation: body.invitation_token,
        redirect_uri: format!("{}{}", origin(&app, &sent_to), callback_path(provider)),
    };
    let begun = federation::begin(&app, &visitor, from, start).await?;
    let answer = FederatedSignIn {
        authorization_url: begun.authorization_url,
    };
    let cookie = format!("{COOKIE}={}; Max-Age=600", *begun.asker);
    kept_by_nobody((StatusCode::CREATED, Json(answer)).into_response(), &cookie)
}

/// Where this provider sends people back to. Each has its own, so that what one of them answers is never taken to another
/// (RFC 9700, section 4.4.2.2).
pub(super) fn callback_path(provider: IdentityProviderId) -> String {
    format!("/v1/federated-sign-ins/callback/{provider}")
}

/// Come back from an identity provider, once, and be signed in
#[utoipa::path(get, path = "/v1/federated-sign-ins/callback/{id}", tag = "entrance", security(()),
    params(("id" = Uuid, Path, description = "the provider"), Callback),
    responses((status = 200, body = Session), (status = 401, body = Problem), (status = 421, body = Problem),
        (status = 422, body = Problem)))]
async fn finish(
    State(app): State<App>,
    addressed: Addressed,
    from: Origin,
    headers: HeaderMap,
    Id(provider): Id<IdentityProviderId>,
    Params(query): Params<Callback>,
) -> Result<Response, Problem> {
    let visitor = entrance::visitor(addressed.reseller()?);
    let answer = Answer {
        provider,
        state: query.state,
        code: query.code.map(Zeroizing::new),
        issuer: query.iss,
        asker: asker(&headers),
    };
    let signed_in = federation::finish(&app, &visitor, from, answer).await?;
    let response = Json(Session::from(signed_in)).into_response();
    kept_by_nobody(response, &format!("{COOKIE}=; Max-Age=0"))
}

/// Where the person is sent back to: the address that was asked, by https. On this machine, in development, as it is.
fn origin(app: &App, SentTo(address): &SentTo) -> String {
    match app.egress.allows_loopback() {
        true => format!("http://{address}"),
        false => format!("https://{address}"),
    }
}

/// A session's token and a journey's secret are for the one who asked.
fn kept_by_nobody(mut response: Response, cookie: &str) -> Result<Response, Problem> {
    let cookie = format!("{cookie}; Path=/; Secure; HttpOnly; SameSite=Lax");
    let headers = response.headers_mut();
    headers.insert(
        header::SET_COOKIE,
        HeaderValue::try_from(cookie).map_err(Fault::from)?,
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    Ok(response)
}

fn asker(headers: &HeaderMap) -> Option<String> {
    let cookies = headers.get_all(header::COOKIE).iter();
    let mut pairs = cookies
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='));
    pairs
        .find(|(name, _)| *name == COOKIE)
        .map(|(_, value)| value.to_owned())
}
