//! The operation table.

pub(super) mod repair;
mod row;
mod waking;

use row::Row;
pub(super) use waking::*;

use super::{Cause, NewOperation, Operation, State};
use crate::{
    app::Timestamp,
    db::{Scope, Tx, WriteTx},
    fault::{Fault, Result, exactly_one},
    ids::{OperationId, PortId, TenantId},
    page::Page,
    ports::port::AtCarrier,
};

/// Which operations are wanted; none of a field means any.
#[derive(Debug, Clone, Copy, Default)]
pub struct Filter {
    /// Those about this port.
    pub port: Option<PortId>,
    /// Those that stand there.
    pub state: Option<State>,
}

pub(super) async fn insert(
    tx: &mut WriteTx,
    id: OperationId,
    new: &NewOperation,
    port: Option<&AtCarrier>,
    now: Timestamp,
) -> Result<()> {
    let (change, return_leg) = match new.cause {
        Cause::None => (None, None),
        Cause::Change(id) => (Some(id.uuid()), None),
        Cause::Return(id) => (None, Some(id.uuid())),
    };
    let done = sqlx::query!(
        "insert into operation (reseller_id, tenant_id, id, kind, carrier_id, port_id, change_id, return_leg_id,
            release_id, settings, destinations, port_reference, port_data, from_mbps, mbps, base_mbps, cursor,
            state, asked_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, 'running', $18)",
        tx.scope().reseller().uuid(),
        new.tenant.uuid(),
        id.uuid(),
        new.kind.name(),
        new.carrier.uuid(),
        new.port.map(|id| id.uuid()),
        change,
        return_leg,
        new.pinned.release.uuid(),
        new.pinned.settings,
        serde_json::to_value(&new.pinned.destinations)?,
        port.map(|port| port.reference.as_str()),
        port.map(|port| port.carrier_data.as_slice()),
        new.from_mbps.map(mbps).transpose()?,
        new.mbps.map(mbps).transpose()?,
        new.base_mbps.map(mbps).transpose()?,
        new.cursor.as_deref(),
        now
    )
    .execute(tx.conn())
    .await?;
    exactly_one(done.rows_affected())
}

pub(super) async fn find(tx: &mut impl Tx, id: OperationId) -> Result<Operation> {
    let scope = tx.scope();
    sqlx::query_as!(
        Row,
        "select id, tenant_id, kind, carrier_id, port_id, change_id, return_leg_id, release_id, settings,
            destinations, port_reference, port_data, from_mbps, mbps, base_mbps, cursor, state, outcome, attention, asked_at,
            wake_at, woken_at, ended_at, retried_at
        from operation
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2) and id = $3",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or(Fault::Missing)?
    .try_into()
}

pub(super) async fn list(tx: &mut impl Tx, filter: Filter, page: Page) -> Result<Vec<Operation>> {
    let scope = tx.scope();
    let rows = sqlx::query_as!(
        Row,
        "select id, tenant_id, kind, carrier_id, port_id, change_id, return_leg_id, release_id, settings,
            destinations, port_reference, port_data, from_mbps, mbps, base_mbps, cursor, state, outcome, attention, asked_at,
            wake_at, woken_at, ended_at, retried_at
        from operation
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2)
            and id > $3
            and ($4::uuid is null or port_id = $4)
            and ($5::text is null or state = $5)
            and (not $6::boolean or not_over)
        order by id
        limit $7",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        page.after,
        filter.port.map(|id| id.uuid()),
        filter.state.map(|state| state.name()),
        matches!(filter.state, Some(State::Running | State::Waiting)),
        page.fetch()
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter().map(Operation::try_from).collect()
}

/// Keeps that the next step is due later.
pub(super) async fn wait(
    tx: &mut WriteTx,
    id: OperationId,
    until: Timestamp,
    wake_on: &[String],
) -> Result<()> {
    let scope = tx.scope();
    let done = sqlx::query!(
        "update operation
        set state = 'waiting', wake_at = $4, wake_on = $5
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2) and id = $3 and state in ('running', 'waiting')",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        id.uuid(),
        until,
        wake_on
    )
    .execute(tx.conn())
    .await?;
    exactly_one(done.rows_affected())
}

/// Keeps that a step is under way. Fails on an operation that is over: somebody ended it meanwhile.
pub(super) async fn resume(tx: &mut WriteTx, id: OperationId) -> Result<()> {
    let scope = tx.scope();
    let state = sqlx::query_scalar!(
        "with found as materialized (
            select reseller_id, id, state
            from operation
            where reseller_id = $1 and ($2::uuid is null or tenant_id = $2) and id = $3
            for no key update
        ), resumed as (
            update operation
            set state = 'running', wake_at = null
            from found
            where operation.reseller_id = $1 and operation.id = $3 and found.state = 'waiting'
        )
        select state from found",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    match state.as_deref().and_then(State::parse) {
        Some(State::Running | State::Waiting) => Ok(()),
        _ => Err(Fault::broken(format!("operation {id} ended meanwhile"))),
    }
}

/// Keeps how a running operation ended, once.
pub(super) async fn end(tx: &mut WriteTx, operation: &Operation) -> Result<()> {
    let scope = tx.scope();
    let done = sqlx::query!(
        "update operation
        set state = $4, outcome = $5, attention = $6, wake_at = null, ended_at = $7
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2) and id = $3 and state = 'running'",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        operation.id.uuid(),
        operation.state.name(),
        operation.outcome,
        operation.attention,
        operation.ended_at
    )
    .execute(tx.conn())
    .await?;
    exactly_one(done.rows_affected())
}

fn mbps(mbps: u32) -> Result<i32> {
    i32::try_from(mbps).map_err(|_| {
        Fault::invalid(
            "speed_out_of_range",
            format!("{mbps} Mbps is more than {}", i32::MAX),
        )
    })
}

/// Keeps why a person must look.
pub(super) async fn attention(tx: &mut WriteTx, id: OperationId, text: &str) -> Result<()> {
    let scope = tx.scope();
    let done = sqlx::query!(
        "update operation
        set attention = $4
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2) and id = $3",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        id.uuid(),
        text
    )
    .execute(tx.conn())
    .await?;
    exactly_one(done.rows_affected())
}

pub(super) async fn under_way(tx: &mut impl Tx, of: Scope) -> Result<Vec<TenantId>> {
    let tenants = sqlx::query_scalar!(
        "select tenant_id
        from operation
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2)
            and not_over
        limit 1000",
        of.reseller().uuid(),
        of.customer().map(|id| id.uuid())
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(tenants.into_iter().map(Into::into).collect())
}
