//! The entrance over HTTP: a reseller signs up, people sign in, accept invitations, switch tenants and sign out.

use axum::{extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    Api,
    auth::{Addressed, Leaver},
    customers::Tenant,
    problem::Problem,
    request::Json,
};
use crate::{
    app::App,
    fault::Fault,
    identity::{
        Caller,
        entrance::{self, NewUser, Origin, SignedIn},
        keys,
        tenants::NewTenant,
    },
    trial,
};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(sign_up))
        .routes(routes!(sign_in))
        .routes(routes!(accept_invitation))
        .routes(routes!(switch))
        .routes(routes!(sign_out))
}

/// A reseller to make, with the person who owns it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SignUp {
    /// Short name in the reseller's address: 1 to 40 of a-z, 0-9 and hyphen.
    #[schema(example = "example")]
    slug: String,
    #[schema(example = "Example Networks")]
    name: String,
    /// ISO 4217.
    #[schema(example = "EUR")]
    currency: String,
    /// IANA name.
    #[schema(example = "Europe/Vienna")]
    time_zone: String,
    owner: Person,
}

/// A person, with the password that person will sign in with.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Person {
    email: String,
    name: String,
    /// At least 12 characters.
    #[schema(format = Password)]
    password: String,
    /// The second factor's code, of a person who has been here before and turned one on.
    code: Option<String>,
}

/// A new reseller and the session of its owner.
#[derive(Serialize, ToSchema)]
struct SignedUp {
    reseller: Tenant,
    /// Where the reseller is served from now on.
    address: String,
    session: Uuid,
    /// The bearer token of the session, shown once.
    token: String,
    /// A carrier to try everything on, on hosts for development that have one.
    simulated_carrier: Option<SimulatedCarrier>,
}

/// The reseller's own account at a simulated carrier, connected and ready.
#[derive(Serialize, ToSchema)]
struct SimulatedCarrier {
    carrier_id: Uuid,
    /// The carrier's own names for the ports that it has there.
    #[schema(example = json!(["example-1", "example-2", "example-3"]))]
    ports: Vec<String>,
}

impl From<trial::Connected> for SimulatedCarrier {
    fn from(connected: trial::Connected) -> Self {
        let trial::Connected { carrier, ports } = connected;
        Self {
            carrier_id: carrier.uuid(),
            ports,
        }
    }
}

/// A session.
#[derive(Serialize, ToSchema)]
pub(super) struct Session {
    session: Uuid,
    user: Uuid,
    /// The tenant the session acts for.
    tenant_id: Uuid,
    reseller_id: Uuid,
    /// The bearer token, shown once.
    token: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SignIn {
    email: String,
    #[schema(format = Password)]
    password: String,
    /// One of the person's tenants at this address; otherwise the one joined first.
    tenant_id: Option<Uuid>,
    /// The second factor's code, from the device or a recovery code, where the person turned one on.
    code: Option<String>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Acceptance {
    /// The token of the invitation's mail.
    token: String,
    name: String,
    /// A new password of at least 12 characters, or the known person's own.
    #[schema(format = Password)]
    password: String,
    /// The second factor's code, where the known person turned one on.
    code: Option<String>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Switch {
    tenant_id: Uuid,
}

impl From<SignedIn> for Session {
    fn from(signed_in: SignedIn) -> Self {
        let SignedIn {
            scope,
            user,
            session,
            token,
        } = signed_in;
        Self {
            session: session.uuid(),
            user: user.uuid(),
            tenant_id: scope.tenant().uuid(),
            reseller_id: scope.reseller().uuid(),
            token: token.reveal().to_owned(),
        }
    }
}

/// Sign up as a reseller
///
/// Makes the tenant, its owner with every permission, its address and a session. Nobody else has to do anything.
#[utoipa::path(post, path = "/v1/signup", tag = "entrance", security(()), request_body = SignUp,
    responses((status = 201, body = SignedUp), (status = 409, body = Problem), (status = 422, body = Problem)))]
async fn sign_up(
    State(api): State<Api>,
    from: Origin,
    Json(body): Json<SignUp>,
) -> Result<(StatusCode, Json<SignedUp>), Problem> {
    let SignUp {
        slug,
        name,
        currency,
        time_zone,
        owner,
    } = body;
    let tenant = NewTenant {
        slug,
        name,
        currency,
        time_zone,
    };
    let Person {
        email,
        name,
        password,
        code,
    } = owner;
    let owner = NewUser {
        email,
        name,
        password,
    };
    let new = entrance::SignUp { tenant, owner, code };
    let (tenant, signed_in) = entrance::sign_up(&api.app, from, new, &api.domain).await?;
    let owner = entrance::authenticate(&api.app, signed_in.token.reveal()).await?;
    let simulated_carrier = trial::welcome(&api.app, &owner, &tenant).await;
    let answer = SignedUp {
        address: format!("{}.{}", tenant.slug, api.domain),
        reseller: tenant.into(),
        session: signed_in.session.uuid(),
        token: signed_in.token.reveal().to_owned(),
        simulated_carrier: simulated_carrier.map(Into::into),
    };
    Ok((StatusCode::CREATED, Json(answer)))
}

/// Sign in at a reseller's address
#[utoipa::path(post, path = "/v1/sessions", tag = "entrance", security(()), request_body = SignIn,
    responses((status = 201, body = Session), (status = 401, body = Problem), (status = 421, body = Problem)))]
async fn sign_in(
    State(app): State<App>,
    addressed: Addressed,
    from: Origin,
    Json(body): Json<SignIn>,
) -> Result<(StatusCode, Json<Session>), Problem> {
    let given = entrance::SignIn {
        email: body.email,
        password: body.password,
        tenant: body.tenant_id.map(Into::into),
        code: body.code,
    };
    let signed_in = entrance::sign_in(&app, from, addressed.reseller()?, given).await?;
    Ok((StatusCode::CREATED, Json(signed_in.into())))
}

/// Accept an invitation, once, and be signed in
#[utoipa::path(post, path = "/v1/invitations/accept", tag = "entrance", security(()), request_body = Acceptance,
    responses((status = 201, body = Session), (status = 422, body = Problem)))]
async fn accept_invitation(
    State(app): State<App>,
    from: Origin,
    Json(body): Json<Acceptance>,
) -> Result<(StatusCode, Json<Session>), Problem> {
    let Acceptance {
        token,
        name,
        password,
        code,
    } = body;
    let given = entrance::Acceptance {
        token,
        name,
        password,
        code,
    };
    let signed_in = entrance::accept_invitation(&app, from, given).await?;
    Ok((StatusCode::CREATED, Json(signed_in.into())))
}

/// Go on in another tenant of the same reseller
///
/// Also out of a tenant that was suspended, or that one was removed from.
#[utoipa::path(post, path = "/v1/sessions/current/tenant", tag = "entrance", request_body = Switch,
    responses((status = 204), (status = 404, body = Problem)))]
async fn switch(
    State(app): State<App>,
    Leaver(caller, refused): Leaver,
    Json(body): Json<Switch>,
) -> Result<StatusCode, Problem> {
    match (
        entrance::switch_tenant(&app, &caller, body.tenant_id.into()).await,
        refused,
    ) {
        (Err(Fault::Missing), Some(refused)) => Err(refused),
        (switched, _) => Ok(switched.map(|_| StatusCode::NO_CONTENT)?),
    }
}

/// Sign out
#[utoipa::path(delete, path = "/v1/sessions/current", tag = "entrance", responses((status = 204), (status = 422, body = Problem)))]
async fn sign_out(State(app): State<App>, caller: Caller) -> Result<StatusCode, Problem> {
    keys::end_session(&app, &caller).await?;
    Ok(StatusCode::NO_CONTENT)
}
