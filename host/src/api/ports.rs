//! Ports: what they are, how they stand, and their reseller's edits of them.

use axum::{extract::State, http::StatusCode};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    Api,
    problem::Problem,
    request::{Id, IfMatch, Items, Json, Narrowed, PageQuery, Versioned},
};
use crate::{
    app::App,
    identity::{Asker, Caller},
    ids::PortId,
    ports::port,
};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list, add))
        .routes(routes!(get, edit))
        .routes(routes!(close))
}

/// A customer's port and how it stands.
#[derive(Serialize, ToSchema)]
struct Port {
    id: Uuid,
    customer_id: Uuid,
    name: String,
    carrier_id: Uuid,
    /// Where of its carrier's locations.
    location_id: Option<Uuid>,
    /// The carrier's own name for it.
    reference: String,
    /// `active` or `closed`.
    state: String,
    /// The state in the reader's own words, see the setting `status_names`.
    state_name: String,
    /// The permanent speed; none before the first read-back.
    base_mbps: Option<u32>,
    /// The speed it is meant to have now.
    intended_mbps: Option<u32>,
    /// The speed that was last seen.
    observed_mbps: Option<u32>,
    observed_at: Option<DateTime<Utc>>,
    /// Observed less intended speed.
    drift_mbps: Option<i64>,
    created_at: DateTime<Utc>,
    /// Values of the fields in force, see the setting `custom_fields.port`.
    fields: Map<String, Value>,
    /// Values of fields that are no longer, or were of another type.
    former_fields: Map<String, Value>,
}

/// A port to add.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewPort {
    customer_id: Uuid,
    /// Unique among the customer's ports.
    #[schema(example = "Studio London")]
    name: String,
    carrier_id: Uuid,
    /// Where of its carrier's locations; windows booked at one never add up to more than its capacity.
    location_id: Option<Uuid>,
    /// The carrier's own name for it.
    #[schema(example = "port-1")]
    reference: String,
    /// The permanent speed somebody believes it has. Only compared: the base is what the first read-back shows.
    #[schema(example = 1000)]
    base_mbps: u32,
    /// Values by field.
    #[serde(default)]
    fields: Map<String, Value>,
}

/// What to change of a port; what is not named stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PortEdit {
    name: Option<String>,
    /// Another location of its carrier; null takes it away.
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<Uuid>)]
    location_id: Option<Option<Uuid>>,
    /// Values by field; null takes one away.
    #[serde(default)]
    fields: Map<String, Value>,
}

impl From<port::Standing> for Port {
    fn from(standing: port::Standing) -> Self {
        let drift_mbps = standing.drift_mbps();
        let port::Standing {
            port,
            base_mbps,
            intended_mbps,
            observed,
            state_name,
            values,
            etag: _,
        } = standing;
        Self {
            id: port.id.uuid(),
            customer_id: port.scope.tenant().uuid(),
            name: port.name,
            carrier_id: port.carrier.uuid(),
            location_id: port.location.map(|id| id.uuid()),
            reference: port.reference,
            state: port.state.name().to_owned(),
            state_name,
            base_mbps,
            intended_mbps,
            observed_mbps: observed.map(|seen| seen.mbps),
            observed_at: observed.map(|seen| seen.observed_at),
            drift_mbps,
            created_at: port.created_at,
            fields: values.fields,
            former_fields: values.former,
        }
    }
}

/// The ports one can see, or those with these values of fields
#[utoipa::path(get, path = "/v1/ports", tag = "ports",
    params(PageQuery, ("field.{key}" = Option<String>, Query, description = "Only ports with this value of the field")),
    responses((status = 200, body = Items<Port>), (status = 400, body = Problem), (status = 403, body = Problem)))]
async fn list(
    State(app): State<App>,
    caller: Caller,
    narrowed: Narrowed<PageQuery>,
) -> Result<Json<Items<Port>>, Problem> {
    let list = narrowed.list("ports");
    let page = narrowed.query.page(caller.scope(), &list)?;
    let ports = port::list(&app, &caller, &narrowed.fields, &list, page).await?;
    Ok(Json(Items::from_page(ports)))
}

/// Add a customer's port and have it read from the carrier
#[utoipa::path(post, path = "/v1/ports", tag = "ports", request_body = NewPort,
    responses((status = 201, body = Port), (status = 404, body = Problem), (status = 409, body = Problem),
        (status = 422, body = Problem)))]
async fn add(
    State(app): State<App>,
    caller: Caller,
    Json(body): Json<NewPort>,
) -> Result<(StatusCode, Json<Port>), Problem> {
    let NewPort {
        customer_id,
        name,
        carrier_id,
        location_id,
        reference,
        base_mbps,
        fields,
    } = body;
    let new = port::NewPort {
        customer: customer_id.into(),
        name,
        carrier: carrier_id.into(),
        location: location_id.map(Into::into),
        reference,
        believed_mbps: base_mbps,
        fields,
    };
    let added = port::add(&app, &caller, new).await?;
    Ok((StatusCode::CREATED, Json(added.into())))
}

/// One port
#[utoipa::path(get, path = "/v1/ports/{id}", tag = "ports", params(("id" = Uuid, Path)),
    responses((status = 200, body = Port), (status = 404, body = Problem)))]
async fn get(
    State(app): State<App>,
    asker: Asker,
    id: Result<Id<PortId>, Problem>,
) -> Result<Versioned<Port>, Problem> {
    if id.is_err() {
        asker.check(&app).await?;
    }
    let Id(id) = id?;
    Ok(versioned(port::get(&app, &asker, id).await?))
}

/// Change a port's name and fields
#[utoipa::path(patch, path = "/v1/ports/{id}", tag = "ports", params(("id" = Uuid, Path)), request_body = PortEdit,
    responses((status = 200, body = Port), (status = 404, body = Problem), (status = 409, body = Problem),
        (status = 412, body = Problem), (status = 422, body = Problem)))]
async fn edit(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<PortId>,
    IfMatch(expected): IfMatch,
    Json(body): Json<PortEdit>,
) -> Result<Versioned<Port>, Problem> {
    let PortEdit {
        name,
        location_id,
        fields,
    } = body;
    let edit = port::Edit {
        name,
        location: location_id.map(|location| location.map(Into::into)),
        fields,
    };
    Ok(versioned(port::edit(&app, &caller, id, edit, &expected).await?))
}

/// Tells null, which takes something away, from what is not named.
fn said<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<Uuid>>, D::Error> {
    Deserialize::deserialize(deserializer).map(Some)
}

fn versioned(standing: port::Standing) -> Versioned<Port> {
    Versioned(standing.etag.clone(), standing.into())
}

/// Close a port on which nothing is booked or under way
#[utoipa::path(post, path = "/v1/ports/{id}/close", tag = "ports", params(("id" = Uuid, Path)),
    responses((status = 200, body = Port), (status = 404, body = Problem), (status = 409, body = Problem)))]
async fn close(State(app): State<App>, caller: Caller, Id(id): Id<PortId>) -> Result<Json<Port>, Problem> {
    Ok(Json(port::close(&app, &caller, id).await?.into()))
}
