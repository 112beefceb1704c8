//! The rival: axum and sqlx, a superuser's connection, no tenant anywhere.

use axum::{
    Json, Router,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    routing::get,
};
use chrono::{DateTime, Utc};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use sqlx::{PgPool, Row as _};
use uuid::Uuid;

/// The same query as the product's, of whichever port. Its tables have the product's indexes, which begin with a
/// reseller's id, so that is given too.
const PORT: &str = "select p.id, p.tenant_id, p.name, p.carrier_id, p.reference, p.state, p.created_at,
        base.mbps, base.effective_at, booked.mbps, booked.starts_at, booked.ends_at, seen.mbps, seen.observed_at
    from port p
    cross join lateral (
        select coalesce(array_agg(mbps), '{}') as mbps, coalesce(array_agg(effective_at), '{}') as effective_at
        from (
            select b.mbps, b.effective_at from port_base b where b.reseller_id = $3 and b.port_id = p.id
            union all
            select c.mbps, c.starts_at
            from bandwidth_change c
            where c.reseller_id = $3 and c.port_id = p.id and c.kind = 'base'
                and c.state in ('scheduled', 'applying', 'applied')
                and not exists (select from port_base b where b.reseller_id = $3 and b.port_id = p.id and b.change_id = c.id)) bases) base
    cross join lateral (
        select coalesce(array_agg(c.mbps), '{}') as mbps, coalesce(array_agg(c.starts_at), '{}') as starts_at,
            coalesce(array_agg(c.ends_at), '{}') as ends_at
        from bandwidth_change c
        where c.reseller_id = $3 and c.port_id = p.id and c.kind = 'window'
            and c.state not in ('awaiting_approval', 'rejected', 'cancelled', 'expired', 'failed', 'reverted')
            and c.ends_at > $2) booked
    left join lateral (
        select o.mbps, o.observed_at
        from observation o
        where o.reseller_id = $3 and o.port_id = p.id
        order by o.observed_at desc, o.id desc
        limit 1) seen on true
    where p.reseller_id = $3 and p.id = $1";
/// What its state is called, and whether there are fields, which the product answers too. Nobody here made any.
const WORDS: &str =
    "select key, value from setting where reseller_id = $1 and key in ('status_names', 'custom_fields.port')";

#[derive(Serialize)]
struct Port {
    id: Uuid,
    customer_id: Uuid,
    name: String,
    carrier_id: Uuid,
    reference: String,
    state: String,
    state_name: String,
    base_mbps: Option<i32>,
    intended_mbps: Option<i32>,
    observed_mbps: Option<i32>,
    observed_at: Option<DateTime<Utc>>,
    drift_mbps: Option<i32>,
    created_at: DateTime<Utc>,
    fields: serde_json::Map<String, serde_json::Value>,
}

pub fn router(pool: PgPool) -> Router {
    Router::new()
        .route("/ports/{reseller}/{id}", get(port))
        .route("/keyed/{reseller}/{id}", get(keyed))
        .route("/whole/{reseller}/{id}", get(whole))
        .with_state(pool)
}

async fn port(State(pool): State<PgPool>, Path(of): Path<(Uuid, Uuid)>) -> Result<Json<Port>, StatusCode> {
    find(&pool, of).await
}

/// The same for whoever has a key, found by its hash as the product does.
async fn keyed(
    State(pool): State<PgPool>,
    Path(of): Path<(Uuid, Uuid)>,
    headers: HeaderMap,
) -> Result<Json<Port>, StatusCode> {
    check_key(&pool, &headers).await?;
    find(&pool, of).await
}

/// The product's whole answer for whoever has a key: its state's name and its fields too.
async fn whole(
    State(pool): State<PgPool>,
    Path(of): Path<(Uuid, Uuid)>,
    headers: HeaderMap,
) -> Result<Json<Port>, StatusCode> {
    check_key(&pool, &headers).await?;
    let Json(mut port) = find(&pool, of).await?;
    let broken = |_| StatusCode::INTERNAL_SERVER_ERROR;
    let words: Vec<(String, serde_json::Value)> = sqlx::query_as(WORDS)
        .bind(of.0)
        .fetch_all(&pool)
        .await
        .map_err(broken)?;
    let words = words.iter().find(|(key, _)| key == "status_names");
    if let Some(word) = words.and_then(|(_, words)| words[&port.state].as_str()) {
        port.state_name = word.to_owned();
    }
    Ok(Json(port))
}

async fn check_key(pool: &PgPool, headers: &HeaderMap) -> Result<(), StatusCode> {
    let token = headers
        .get("authorization")
        .and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    let hash = Sha256::digest(token.ok_or(StatusCode::UNAUTHORIZED)?.as_bytes()).to_vec();
    let key: Option<(Uuid, Vec<String>)> =
        sqlx::query_as("select id, permissions from api_key where secret_hash = $1 and revoked_at is null")
            .bind(hash)
            .fetch_optional(pool)
            .await
            .map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    let (_, permissions) = key.ok_or(StatusCode::UNAUTHORIZED)?;
    match permissions.iter().any(|permission| permission == "ports.read") {
        true => Ok(()),
        false => Err(StatusCode::FORBIDDEN),
    }
}

async fn find(pool: &PgPool, (reseller, id): (Uuid, Uuid)) -> Result<Json<Port>, StatusCode> {
    let now: DateTime<Utc> = Utc::now();
    let row = sqlx::query(PORT)
        .bind(id)
        .bind(now - chrono::TimeDelta::days(31))
        .bind(reseller)
        .fetch_optional(pool)
        .await
        .map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?
        .ok_or(StatusCode::NOT_FOUND)?;
    let bases: Vec<i32> = row.get(7);
    let (windows, starts, ends): (Vec<i32>, Vec<DateTime<Utc>>, Vec<DateTime<Utc>>) =
        (row.get(9), row.get(10), row.get(11));
    let window = (0..windows.len())
        .find(|n| starts[*n] <= now && now < ends[*n])
        .map(|n| windows[n]);
    let intended = window.or(bases.last().copied());
    let observed: Option<i32> = row.get(12);
    let state: String = row.get(5);
    Ok(Json(Port {
        id: row.get(0),
        customer_id: row.get(1),
        name: row.get(2),
        carrier_id: row.get(3),
        reference: row.get(4),
        state_name: state.clone(),
        state,
        fields: serde_json::Map::new(),
        base_mbps: bases.last().copied(),
        intended_mbps: intended,
        observed_mbps: observed,
        observed_at: row.get(13),
        drift_mbps: observed
            .zip(intended)
            .map(|(observed, intended)| observed - intended),
        created_at: row.get(6),
    }))
}
