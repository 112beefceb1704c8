//! The tables of ports and of their permanent speeds.

mod checks;
mod references;
mod standing;

use std::collections::HashMap;

use super::{AtCarrier, Port, State};
use crate::{
    app::Timestamp,
    db::{Scope, Tx, WriteTx},
    fault::{Fault, Result, exactly_one},
    ids::{ChangeId, PortId, TenantId},
    page::Page,
    ports::{mbps, speed::Base, to_db},
};

pub(in crate::ports) use checks::{checked, oldest_check, to_check};
pub(in crate::ports) use references::by_reference;
pub(super) use standing::{OnePort, Stands, stands};

struct Row {
    reseller_id: uuid::Uuid,
    tenant_id: uuid::Uuid,
    id: uuid::Uuid,
    name: String,
    carrier_id: uuid::Uuid,
    location_id: Option<uuid::Uuid>,
    reference: String,
    state: String,
    version: i32,
    created_at: Timestamp,
}

impl From<Row> for Port {
    fn from(row: Row) -> Self {
        Self {
            scope: Scope::new(row.reseller_id.into(), row.tenant_id.into()),
            id: row.id.into(),
            name: row.name,
            carrier: row.carrier_id.into(),
            location: row.location_id.map(Into::into),
            reference: row.reference,
            state: match &*row.state {
                "closed" => State::Closed,
                _ => State::Active,
            },
            version: row.version,
            created_at: row.created_at,
        }
    }
}

/// How many ports are in use.
pub(in crate::ports) async fn count_active(tx: &mut WriteTx) -> Result<u64> {
    let scope = tx.scope();
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!"
        from port
        where reseller_id = $1
            and ($2::uuid is null or tenant_id = $2)
            and state = 'active'"#,
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid())
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(count.unsigned_abs())
}

pub(in crate::ports) async fn insert(tx: &mut WriteTx, port: &Port) -> Result<()> {
    let done = sqlx::query!(
        "insert into port (reseller_id, tenant_id, id, name, carrier_id, location_id, reference, state, created_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        port.scope.reseller().uuid(),
        port.scope.tenant().uuid(),
        port.id.uuid(),
        port.name,
        port.carrier.uuid(),
        port.location.map(|id| id.uuid()),
        port.reference,
        port.state.name(),
        port.created_at
    )
    .execute(tx.conn())
    .await?;
    exactly_one(done.rows_affected())
}

pub(in crate::ports) async fn list(tx: &mut impl Tx, page: Page) -> Result<Vec<uuid::Uuid>> {
    let scope = tx.scope();
    Ok(sqlx::query_scalar!(
        "select id
        from port
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2)
            and id > $3
        order by id
        limit $4",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        page.after,
        page.fetch()
    )
    .fetch_all(tx.conn())
    .await?)
}

/// Keeps what can be edited of a port.
pub(in crate::ports) async fn update(tx: &mut WriteTx, port: &Port) -> Result<()> {
    let scope = tx.scope();
    let done = sqlx::query!(
        "update port
        set name = $4, version = $5, location_id = $6
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2)
            and id = $3",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        port.id.uuid(),
        port.name,
        port.version,
        port.location.map(|id| id.uuid())
    )
    .execute(tx.conn())
    .await?;
    exactly_one(done.rows_affected())
}

pub(in crate::ports) async fn of_customer(tx: &mut impl Tx, customer: TenantId) -> Result<Vec<Port>> {
    let scope = tx.scope();
    let rows = sqlx::query_as!(
        Row,
        "select reseller_id, tenant_id, id, name, carrier_id, location_id, reference, state, version, created_at
        from port
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2)
            and tenant_id = $3
        order by id",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        customer.uuid()
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(Port::from).collect())
}

pub(in crate::ports) async fn names(tx: &mut impl Tx, ids: &[PortId]) -> Result<HashMap<PortId, String>> {
    let scope = tx.scope();
    let ids: Vec<_> = ids.iter().map(|id| id.uuid()).collect();
    let rows = sqlx::query!(
        "select id, name
        from port
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2)
            and id = any($3)",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        &ids
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|row| (row.id.into(), row.name)).collect())
}

pub(in crate::ports) async fn find(tx: &mut impl Tx, id: PortId) -> Result<Port> {
    let scope = tx.scope();
    let row = sqlx::query_as!(
        Row,
        "select reseller_id, tenant_id, id, name, carrier_id, location_id, reference, state, version, created_at
        from port
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2)
            and id = $3",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(Port::from).ok_or(Fault::Missing)
}

/// The port, kept from every other change until the transaction ends: what is decided about a port is decided by
/// one at a time.
pub(in crate::ports) async fn lock(tx: &mut WriteTx, id: PortId) -> Result<Port> {
    let scope = tx.scope();
    let row = sqlx::query_as!(
        Row,
        "select reseller_id, tenant_id, id, name, carrier_id, location_id, reference, state, version, created_at
        from port
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2)
            and id = $3
        for update",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(Port::from).ok_or(Fault::Missing)
}

pub(in crate::ports) async fn close(tx: &mut WriteTx, id: PortId) -> Result<()> {
    let scope = tx.scope();
    let done = sqlx::query!(
        "update port
        set state = 'closed'
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2)
            and id = $3",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        id.uuid()
    )
    .execute(tx.conn())
    .await?;
    exactly_one(done.rows_affected())
}

pub(in crate::ports) async fn at_carrier(tx: &mut impl Tx, id: PortId) -> Result<AtCarrier> {
    let scope = tx.scope();
    let row = sqlx::query_as!(
        AtCarrier,
        "select reference, carrier_data
        from port
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2)
            and id = $3",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    row.ok_or(Fault::Missing)
}

pub(in crate::ports) async fn keep_carrier_data(tx: &mut WriteTx, id: PortId, data: &[u8]) -> Result<()> {
    let scope = tx.scope();
    let done = sqlx::query!(
        "update port
        set carrier_data = $4
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2)
            and id = $3",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        id.uuid(),
        data
    )
    .execute(tx.conn())
    .await?;
    exactly_one(done.rows_affected())
}

pub(in crate::ports) async fn bases(tx: &mut impl Tx, port: PortId) -> Result<Vec<Base>> {
    let scope = tx.scope();
    let rows = sqlx::query!(
        "select mbps, effective_at
        from port_base
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2)
            and port_id = $3
        order by effective_at",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        port.uuid()
    )
    .fetch_all(tx.conn())
    .await?;
    let bases = rows.into_iter().map(|row| Base {
        mbps: mbps(row.mbps),
        effective_at: row.effective_at,
    });
    Ok(bases.collect())
}

pub(in crate::ports) async fn insert_base(
    tx: &mut WriteTx,
    port: &Port,
    base: Base,
    change: Option<ChangeId>,
) -> Result<()> {
    let id: uuid::Uuid = crate::app::new_id(tx.now());
    let done = sqlx::query!(
        "insert into port_base (reseller_id, tenant_id, id, port_id, mbps, effective_at, change_id)
        values ($1, $2, $3, $4, $5, $6, $7)",
        port.scope.reseller().uuid(),
        port.scope.tenant().uuid(),
        id,
        port.id.uuid(),
        to_db(base.mbps),
        base.effective_at,
        change.map(|change| change.uuid())
    )
    .execute(tx.conn())
    .await?;
    exactly_one(done.rows_affected())
}
