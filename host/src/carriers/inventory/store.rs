//! The tables of inventories and of the ports in them. All rows are the reseller's own.

use super::{Entry, Inventory, State};
use crate::{
    app::Timestamp,
    db::{Tx, WriteTx},
    fault::{Fault, Result, exactly_one},
    ids::CarrierId,
    page::Page,
};

struct Row {
    carrier_id: uuid::Uuid,
    state: String,
    operation_id: uuid::Uuid,
    pages: i32,
    reason: Option<String>,
    started_at: Timestamp,
    ended_at: Option<Timestamp>,
}

impl TryFrom<Row> for Inventory {
    type Error = Fault;

    fn try_from(row: Row) -> Result<Self> {
        let unknown = || {
            Fault::broken(format!(
                "the inventory of {} has an unknown state",
                row.carrier_id
            ))
        };
        Ok(Self {
            carrier: row.carrier_id.into(),
            state: State::parse(&row.state).ok_or_else(unknown)?,
            operation: row.operation_id.into(),
            pages: row.pages.unsigned_abs(),
            reason: row.reason,
            started_at: row.started_at,
            ended_at: row.ended_at,
        })
    }
}

pub(super) async fn find(tx: &mut impl Tx, carrier: CarrierId) -> Result<Option<Inventory>> {
    let row = sqlx::query_as!(
        Row,
        "select carrier_id, state, operation_id, pages, reason, started_at, ended_at
        from inventory
        where reseller_id = $1 and tenant_id = $1 and carrier_id = $2",
        tx.scope().reseller().uuid(),
        carrier.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(Inventory::try_from).transpose()
}

/// The inventory, kept from every other change until the transaction ends.
pub(super) async fn lock(tx: &mut WriteTx, carrier: CarrierId) -> Result<Option<Inventory>> {
    let row = sqlx::query_as!(
        Row,
        "select carrier_id, state, operation_id, pages, reason, started_at, ended_at
        from inventory
        where reseller_id = $1 and tenant_id = $1 and carrier_id = $2
        for update",
        tx.scope().reseller().uuid(),
        carrier.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(Inventory::try_from).transpose()
}

pub(super) async fn put(tx: &mut WriteTx, inventory: &Inventory) -> Result<()> {
    let done = sqlx::query!(
        "insert into inventory (reseller_id, tenant_id, carrier_id, state, operation_id, pages, reason, started_at, ended_at)
        values ($1, $1, $2, $3, $4, $5, $6, $7, $8)
        on conflict (reseller_id, carrier_id) do update
        set state = excluded.state, operation_id = excluded.operation_id, pages = excluded.pages, reason = excluded.reason,
            started_at = excluded.started_at, ended_at = excluded.ended_at",
        tx.scope().reseller().uuid(),
        inventory.carrier.uuid(),
        inventory.state.name(),
        inventory.operation.uuid(),
        inventory.pages.cast_signed(),
        inventory.reason,
        inventory.started_at,
        inventory.ended_at
    )
    .execute(tx.conn())
    .await?;
    exactly_one(done.rows_affected())
}

pub(super) async fn forget(tx: &mut WriteTx, carrier: CarrierId) -> Result<()> {
    sqlx::query!(
        "delete from inventory_port where reseller_id = $1 and tenant_id = $1 and carrier_id = $2",
        tx.scope().reseller().uuid(),
        carrier.uuid()
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn keep(tx: &mut WriteTx, carrier: CarrierId, entries: &[Entry]) -> Result<()> {
    let ids: Vec<_> = entries.iter().map(|entry| entry.id).collect();
    let references: Vec<_> = entries.iter().map(|entry| entry.reference.clone()).collect();
    let speeds: Vec<_> = entries
        .iter()
        .map(|entry| i32::try_from(entry.mbps).unwrap_or(i32::MAX))
        .collect();
    let since: Vec<_> = entries.iter().map(|entry| entry.since).collect();
    sqlx::query!(
        "insert into inventory_port (reseller_id, tenant_id, id, carrier_id, reference, mbps, since)
        select $1, $1, entry.id, $2, entry.reference, entry.mbps, entry.since
        from unnest($3::uuid[], $4::text[], $5::integer[], $6::timestamptz[]) entry (id, reference, mbps, since)
        on conflict (reseller_id, carrier_id, reference) do update
        set mbps = excluded.mbps, since = excluded.since",
        tx.scope().reseller().uuid(),
        carrier.uuid(),
        &ids,
        &references,
        &speeds,
        &since as &[Option<Timestamp>]
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn count(tx: &mut impl Tx, carrier: CarrierId) -> Result<i64> {
    Ok(sqlx::query_scalar!(
        r#"select count(*) as "count!"
        from inventory_port
        where reseller_id = $1 and tenant_id = $1 and carrier_id = $2"#,
        tx.scope().reseller().uuid(),
        carrier.uuid()
    )
    .fetch_one(tx.conn())
    .await?)
}

struct EntryRow {
    id: uuid::Uuid,
    reference: String,
    mbps: i32,
    since: Option<Timestamp>,
}

impl From<EntryRow> for Entry {
    fn from(row: EntryRow) -> Self {
        Self {
            id: row.id,
            reference: row.reference,
            mbps: row.mbps.unsigned_abs(),
            since: row.since,
        }
    }
}

pub(super) async fn entries(tx: &mut impl Tx, carrier: CarrierId, page: Page) -> Result<Vec<Entry>> {
    let rows = sqlx::query_as!(
        EntryRow,
        "select id, reference, mbps, since
        from inventory_port
        where reseller_id = $1 and tenant_id = $1
            and carrier_id = $2
            and id > $3
        order by id
        limit $4",
        tx.scope().reseller().uuid(),
        carrier.uuid(),
        page.after,
        page.fetch()
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(Entry::from).collect())
}

pub(super) async fn named(tx: &mut impl Tx, carrier: CarrierId, references: &[String]) -> Result<Vec<Entry>> {
    let rows = sqlx::query_as!(
        EntryRow,
        "select id, reference, mbps, since
        from inventory_port
        where reseller_id = $1 and tenant_id = $1
            and carrier_id = $2
            and reference = any($3)",
        tx.scope().reseller().uuid(),
        carrier.uuid(),
        references
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(Entry::from).collect())
}
