//! The hosts that a reseller is served at.

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
    identity::{
        Caller,
        domains::{self, Standing},
    },
    ids::DomainId,
};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list, claim))
        .routes(routes!(find, remove))
        .routes(routes!(prove))
}

/// A host name that the reseller is served at, or wants to be.
#[derive(Serialize, ToSchema)]
struct Domain {
    id: Uuid,
    /// As computers write it: ASCII, in lower case.
    #[schema(example = "xn--bcher-kva.example")]
    host: String,
    /// As people read it.
    #[schema(example = "bücher.example")]
    host_unicode: String,
    /// `claimed`, `proven` (requests are served there) or `withdrawn` (its record stayed away).
    state: &'static str,
    /// What the DNS has to have; none for the host given at sign-up.
    record: Option<Record>,
    created_at: DateTime<Utc>,
    proven_at: Option<DateTime<Utc>>,
    /// When the record was last looked for; it is every day.
    checked_at: Option<DateTime<Utc>>,
    /// Looks in a row that did not find it; the third ends the proof.
    misses: i16,
    withdrawn_at: Option<DateTime<Utc>>,
}

/// A record in the DNS.
#[derive(Serialize, ToSchema)]
struct Record {
    #[schema(example = "_domain-proof.shop.example.com")]
    name: String,
    #[serde(rename = "type")]
    #[schema(example = "TXT")]
    kind: &'static str,
    #[schema(example = "proof=0b51f17d5a1a1c9f9a2f9a6d5e1f0a3c")]
    value: String,
}

/// A host to claim.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Claim {
    /// A name in ASCII or Unicode, without port. A label has letters of one script, or of Latin and one of Chinese,
    /// Japanese or Korean.
    #[schema(example = "shop.example.com")]
    host: String,
}

impl From<domains::Domain> for Domain {
    fn from(domain: domains::Domain) -> Self {
        let (host_unicode, name) = (domain.unicode(), domain.record_name());
        let state = match domain.standing() {
            Standing::Claimed => "claimed",
            Standing::Proven => "proven",
            Standing::Withdrawn => "withdrawn",
        };
        let domains::Domain {
            id,
            host,
            proof,
            created_at,
            proven_at,
            checked_at,
            misses,
            withdrawn_at,
        } = domain;
        Self {
            id: id.uuid(),
            host,
            host_unicode,
            state,
            record: proof.map(|value| Record {
                name,
                kind: "TXT",
                value,
            }),
            created_at,
            proven_at,
            checked_at,
            misses,
            withdrawn_at,
        }
    }
}

/// The reseller's hosts
#[utoipa::path(get, path = "/v1/domains", tag = "domains", params(PageQuery),
    responses((status = 200, body = Items<Domain>), (status = 403, body = Problem)))]
async fn list(
    State(app): State<App>,
    caller: Caller,
    Params(query): Params<PageQuery>,
) -> Result<Json<Items<Domain>>, Problem> {
    let page = query.page(caller.scope(), "domains")?;
    Ok(Json(Items::from_page(domains::list(&app, &caller, page).await?)))
}

/// Claim a host
///
/// The answer names a TXT record. Once the DNS has it, the claim can be proven; until then it reserves nothing.
#[utoipa::path(post, path = "/v1/domains", tag = "domains", request_body = Claim,
    responses((status = 201, body = Domain), (status = 403, body = Problem), (status = 409, body = Problem),
        (status = 422, body = Problem)))]
async fn claim(
    State(api): State<Api>,
    caller: Caller,
    Json(body): Json<Claim>,
) -> Result<(StatusCode, Json<Domain>), Problem> {
    let domain = domains::claim(&api.app, &caller, &body.host, &api.domain).await?;
    Ok((StatusCode::CREATED, Json(domain.into())))
}

/// One of the reseller's hosts
#[utoipa::path(get, path = "/v1/domains/{id}", tag = "domains", params(("id" = Uuid, Path)),
    responses((status = 200, body = Domain), (status = 404, body = Problem)))]
async fn find(State(app): State<App>, caller: Caller, Id(id): Id<DomainId>) -> Result<Json<Domain>, Problem> {
    Ok(Json(domains::find(&app, &caller, id).await?.into()))
}

/// Prove a host by its DNS
///
/// Looks for the record now. A host that another has proven changes hands only when that one's record is gone.
#[utoipa::path(post, path = "/v1/domains/{id}/prove", tag = "domains", params(("id" = Uuid, Path)),
    responses((status = 200, body = Domain), (status = 404, body = Problem), (status = 409, body = Problem)))]
async fn prove(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<DomainId>,
) -> Result<Json<Domain>, Problem> {
    Ok(Json(domains::prove(&app, &caller, id).await?.into()))
}

/// Give a host up
#[utoipa::path(delete, path = "/v1/domains/{id}", tag = "domains", params(("id" = Uuid, Path)),
    responses((status = 204), (status = 404, body = Problem), (status = 409, body = Problem)))]
async fn remove(State(app): State<App>, caller: Caller, Id(id): Id<DomainId>) -> Result<StatusCode, Problem> {
    domains::remove(&app, &caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
