//! The tables tenant_key and master_key.

use sqlx::PgConnection;

use crate::{
    app::Timestamp,
    db::{OperatorTx, Scope, Tx},
    fault::{Fault, Result, exactly_one},
    ids::TenantId,
};

/// Serialises hosts that start at once; any number that nothing else uses.
const START_LOCK: i64 = 0x6e70_6d6b;

pub(super) struct SealedKey {
    pub(super) sealed: Vec<u8>,
    pub(super) master_key_id: String,
}

pub(super) struct KnownKey {
    pub(super) id: String,
    pub(super) check_value: Vec<u8>,
}

pub(super) async fn insert_tenant_key(
    conn: &mut PgConnection,
    scope: Scope,
    sealed: &[u8],
    master_key_id: &str,
    now: Timestamp,
) -> Result<()> {
    let done = sqlx::query!(
        "insert into tenant_key (reseller_id, tenant_id, sealed, master_key_id, created_at)
        values ($1, $2, $3, $4, $5)",
        scope.reseller().uuid(),
        scope.tenant().uuid(),
        sealed,
        master_key_id,
        now
    )
    .execute(conn)
    .await?;
    exactly_one(done.rows_affected())
}

pub(super) async fn tenant_key(tx: &mut impl Tx, tenant: TenantId) -> Result<SealedKey> {
    let reseller = tx.scope().reseller();
    sqlx::query_as!(
        SealedKey,
        "select sealed, master_key_id
        from tenant_key
        where reseller_id = $1
            and tenant_id = $2",
        reseller.uuid(),
        tenant.uuid()
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or(Fault::Missing)
}

pub(super) async fn tenants_with_keys(tx: &mut impl Tx) -> Result<Vec<TenantId>> {
    let scope = tx.scope();
    let ids = sqlx::query_scalar!(
        "select tenant_id
        from tenant_key
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2)",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid())
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(ids.into_iter().map(Into::into).collect())
}

/// The master keys that the database knows; until the transaction ends no other host can add one.
pub(super) async fn lock_master_keys(tx: &mut OperatorTx) -> Result<Vec<KnownKey>> {
    sqlx::query!("select pg_advisory_xact_lock($1)", START_LOCK)
        .execute(tx.conn())
        .await?;
    Ok(sqlx::query_as!(
        KnownKey,
        "select id, check_value
        from master_key
        order by created_at, id"
    )
    .fetch_all(tx.conn())
    .await?)
}

pub(super) async fn insert_master_key(
    tx: &mut OperatorTx,
    id: &str,
    check_value: &[u8],
    now: Timestamp,
) -> Result<()> {
    let done = sqlx::query!(
        "insert into master_key (id, check_value, created_at)
        values ($1, $2, $3)",
        id,
        check_value,
        now
    )
    .execute(tx.conn())
    .await?;
    exactly_one(done.rows_affected())
}
