//! The table of locations. All rows are the reseller's own.

use crate::{
    carriers::Location,
    db::{Tx, WriteTx},
    fault::{Result, exactly_one},
    ids::{CarrierId, LocationId},
    page::Page,
};

struct Row {
    id: uuid::Uuid,
    carrier_id: uuid::Uuid,
    name: String,
    capacity_mbps: Option<i32>,
    created_at: crate::app::Timestamp,
    changed_at: crate::app::Timestamp,
}

impl From<Row> for Location {
    fn from(row: Row) -> Self {
        Self {
            id: row.id.into(),
            carrier: row.carrier_id.into(),
            name: row.name,
            capacity_mbps: row.capacity_mbps.map(i32::unsigned_abs),
            created_at: row.created_at,
            changed_at: row.changed_at,
        }
    }
}

pub(in crate::carriers) async fn insert(tx: &mut WriteTx, location: &Location) -> Result<()> {
    let done = sqlx::query!(
        "insert into location (reseller_id, tenant_id, id, carrier_id, name, capacity_mbps, created_at, changed_at)
        values ($1, $1, $2, $3, $4, $5, $6, $7)",
        tx.scope().reseller().uuid(),
        location.id.uuid(),
        location.carrier.uuid(),
        location.name,
        location.capacity_mbps.map(u32::cast_signed),
        location.created_at,
        location.changed_at
    )
    .execute(tx.conn())
    .await?;
    exactly_one(done.rows_affected())
}

/// A carrier's locations.
pub(in crate::carriers) async fn list(
    tx: &mut impl Tx,
    carrier: CarrierId,
    page: Page,
) -> Result<Vec<Location>> {
    let rows = sqlx::query_as!(
        Row,
        "select id, carrier_id, name, capacity_mbps, created_at, changed_at
        from location
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
    Ok(rows.into_iter().map(Location::from).collect())
}

/// Keeps others from booking at the location until the transaction ends. Before its row is locked, as whoever books does.
pub(in crate::carriers) async fn hold(tx: &mut WriteTx, id: LocationId) -> Result<()> {
    sqlx::query!("select tenancy.hold_location($1)", id.uuid())
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// The location under its new name and capacity.
pub(in crate::carriers) async fn update(
    tx: &mut WriteTx,
    id: LocationId,
    name: &str,
    capacity_mbps: Option<u32>,
) -> Result<Option<Location>> {
    let now = tx.now();
    let row = sqlx::query_as!(
        Row,
        "update location
        set name = $3, capacity_mbps = $4, changed_at = $5
        where reseller_id = $1 and tenant_id = $1 and id = $2
        returning id, carrier_id, name, capacity_mbps, created_at, changed_at",
        tx.scope().reseller().uuid(),
        id.uuid(),
        name,
        capacity_mbps.map(u32::cast_signed),
        now
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(Location::from))
}
