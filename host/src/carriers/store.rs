//! The tables carrier, destination, credential and credential_destination. All rows are the reseller's own, so the
//! second fence is `reseller_id = tenant_id = $1`.

pub(super) mod breaker;
pub(super) mod location;

use super::{carrier::Carrier, credential::Credential, destination::Destination};
use crate::{
    app::Timestamp,
    db::{Tx, WriteTx},
    fault::{Fault, Result, exactly_one},
    ids::{CarrierId, CredentialId},
    page::Page,
};

/// A credential as it is stored.
pub(super) struct Row {
    pub(super) id: CredentialId,
    pub(super) handle: String,
    pub(super) kind: String,
    pub(super) sealed: Vec<u8>,
    pub(super) destinations: Vec<String>,
    pub(super) created_at: Timestamp,
}

impl Row {
    pub(super) fn without_secret(self) -> Credential {
        Credential {
            id: self.id,
            handle: self.handle,
            kind: self.kind,
            destinations: self.destinations,
            created_at: self.created_at,
        }
    }
}

pub(super) async fn insert_carrier(tx: &mut WriteTx, carrier: &Carrier) -> Result<()> {
    let done = sqlx::query!(
        "insert into carrier (reseller_id, tenant_id, id, name, created_at)
        values ($1, $1, $2, $3, $4)",
        tx.scope().reseller().uuid(),
        carrier.id.uuid(),
        carrier.name,
        carrier.created_at
    )
    .execute(tx.conn())
    .await?;
    exactly_one(done.rows_affected())
}

pub(super) async fn carriers(tx: &mut impl Tx, page: Page) -> Result<Vec<Carrier>> {
    let reseller = tx.scope().reseller();
    Ok(sqlx::query_as!(
        Carrier,
        "select id, name, created_at
        from carrier
        where reseller_id = $1
            and tenant_id = $1
            and id > $2
        order by id
        limit $3",
        reseller.uuid(),
        page.after,
        page.fetch()
    )
    .fetch_all(tx.conn())
    .await?)
}

pub(super) async fn ids(tx: &mut impl Tx) -> Result<Vec<CarrierId>> {
    let reseller = tx.scope().reseller();
    let ids = sqlx::query_scalar!(
        "select id
        from carrier
        where reseller_id = $1
            and tenant_id = $1
        order by id",
        reseller.uuid()
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(ids.into_iter().map(CarrierId::from).collect())
}

pub(super) async fn carrier(tx: &mut impl Tx, id: CarrierId) -> Result<Carrier> {
    let reseller = tx.scope().reseller();
    sqlx::query_as!(
        Carrier,
        "select id, name, created_at
        from carrier
        where reseller_id = $1
            and tenant_id = $1
            and id = $2",
        reseller.uuid(),
        id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or(Fault::Missing)
}

/// Lets nobody else change the carrier's destinations or credentials until the transaction ends: a credential must
/// not be bound to a base URL that changes meanwhile.
pub(super) async fn lock_carrier(tx: &mut WriteTx, id: CarrierId) -> Result<()> {
    carrier(tx, id).await?;
    sqlx::query!(
        "select pg_advisory_xact_lock(hashtextextended('carrier:' || $1::text, 0))",
        id.to_string()
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn destinations(tx: &mut impl Tx, carrier: CarrierId) -> Result<Vec<Destination>> {
    let reseller = tx.scope().reseller();
    Ok(sqlx::query_as!(
        Destination,
        "select handle, base_url, changed_at
        from destination
        where reseller_id = $1
            and tenant_id = $1
            and carrier_id = $2
        order by handle",
        reseller.uuid(),
        carrier.uuid()
    )
    .fetch_all(tx.conn())
    .await?)
}

pub(super) async fn insert_destination(
    tx: &mut WriteTx,
    carrier: CarrierId,
    new: &Destination,
) -> Result<()> {
    let done = sqlx::query!(
        "insert into destination (reseller_id, tenant_id, carrier_id, handle, base_url, changed_at)
        values ($1, $1, $2, $3, $4, $5)",
        tx.scope().reseller().uuid(),
        carrier.uuid(),
        new.handle,
        new.base_url,
        new.changed_at
    )
    .execute(tx.conn())
    .await?;
    exactly_one(done.rows_affected())
}

pub(super) async fn update_destination(
    tx: &mut WriteTx,
    carrier: CarrierId,
    new: &Destination,
) -> Result<()> {
    let done = sqlx::query!(
        "update destination
        set base_url = $4, changed_at = $5
        where reseller_id = $1
            and tenant_id = $1
            and carrier_id = $2
            and handle = $3",
        tx.scope().reseller().uuid(),
        carrier.uuid(),
        new.handle,
        new.base_url,
        new.changed_at
    )
    .execute(tx.conn())
    .await?;
    exactly_one(done.rows_affected())
}

/// Unbinds every credential from a destination and gives their handles.
pub(super) async fn detach(tx: &mut WriteTx, carrier: CarrierId, handle: &str) -> Result<Vec<String>> {
    Ok(sqlx::query_scalar!(
        "with detached as (
            delete from credential_destination
            where reseller_id = $1
                and tenant_id = $1
                and carrier_id = $2
                and handle = $3
            returning credential_id)
        select credential.handle
        from detached
        join credential on credential.reseller_id = $1 and credential.id = detached.credential_id
        order by credential.handle",
        tx.scope().reseller().uuid(),
        carrier.uuid(),
        handle
    )
    .fetch_all(tx.conn())
    .await?)
}

/// The carrier's credentials that were not removed, with the destinations they are bound to.
pub(super) async fn credentials(tx: &mut impl Tx, carrier: CarrierId) -> Result<Vec<Row>> {
    let reseller = tx.scope().reseller();
    Ok(sqlx::query_as!(
        Row,
        r#"select id, handle, kind, sealed, created_at,
            array(
                select bound.handle
                from credential_destination bound
                where bound.reseller_id = $1 and bound.credential_id = credential.id
                order by bound.handle) as "destinations!"
        from credential
        where reseller_id = $1
            and tenant_id = $1
            and carrier_id = $2
            and removed_at is null
        order by handle"#,
        reseller.uuid(),
        carrier.uuid()
    )
    .fetch_all(tx.conn())
    .await?)
}

pub(super) async fn insert_credential(
    tx: &mut WriteTx,
    carrier: CarrierId,
    new: &Credential,
    sealed: &[u8],
) -> Result<()> {
    let done = sqlx::query!(
        "insert into credential (reseller_id, tenant_id, id, carrier_id, handle, kind, sealed, created_at)
        values ($1, $1, $2, $3, $4, $5, $6, $7)",
        tx.scope().reseller().uuid(),
        new.id.uuid(),
        carrier.uuid(),
        new.handle,
        new.kind,
        sealed,
        new.created_at
    )
    .execute(tx.conn())
    .await?;
    exactly_one(done.rows_affected())?;
    sqlx::query!(
        "insert into credential_destination (reseller_id, tenant_id, credential_id, carrier_id, handle)
        select $1, $1, $2, $3, unnest($4::text[])",
        tx.scope().reseller().uuid(),
        new.id.uuid(),
        carrier.uuid(),
        &new.destinations
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Empties a handle's sealed value and unbinds it. None where the handle has no credential.
pub(super) async fn remove_credential(
    tx: &mut WriteTx,
    carrier: CarrierId,
    handle: &str,
) -> Result<Option<CredentialId>> {
    let removed = sqlx::query_scalar!(
        "update credential
        set removed_at = $4, sealed = ''
        where reseller_id = $1
            and tenant_id = $1
            and carrier_id = $2
            and handle = $3
            and removed_at is null
        returning id",
        tx.scope().reseller().uuid(),
        carrier.uuid(),
        handle,
        tx.now()
    )
    .fetch_optional(tx.conn())
    .await?;
    let Some(id) = removed else { return Ok(None) };
    sqlx::query!(
        "delete from credential_destination
        where reseller_id = $1
            and tenant_id = $1
            and credential_id = $2",
        tx.scope().reseller().uuid(),
        id
    )
    .execute(tx.conn())
    .await?;
    Ok(Some(id.into()))
}
