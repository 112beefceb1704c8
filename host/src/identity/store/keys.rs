//! API keys as their tenant sees them.

use sqlx::PgConnection;

use super::credentials::known;
use crate::{
    app::Timestamp,
    db::{ReadTx, Tx, WriteTx},
    fault::{Fault, OnConstraint as _, Result, exactly_one},
    identity::keys::ApiKey,
    ids::ApiKeyId,
    page::Page,
};

/// Why a key stands for nobody any more.
pub(in crate::identity) enum KeyEnd {
    Revoked,
    Expired,
}

struct Row {
    id: uuid::Uuid,
    tenant_id: uuid::Uuid,
    name: String,
    prefix: String,
    permissions: Vec<String>,
    created_by: Option<uuid::Uuid>,
    made_by: Option<uuid::Uuid>,
    succeeds: Option<uuid::Uuid>,
    created_at: Timestamp,
    expires_at: Option<Timestamp>,
    revoked_at: Option<Timestamp>,
    last_used_at: Option<Timestamp>,
}

impl From<Row> for ApiKey {
    fn from(row: Row) -> Self {
        Self {
            id: row.id.into(),
            tenant: row.tenant_id.into(),
            name: row.name,
            prefix: row.prefix,
            permissions: known(&row.permissions),
            created_by: row.created_by.map(Into::into),
            made_by: row.made_by.map(Into::into),
            succeeds: row.succeeds.map(Into::into),
            created_at: row.created_at,
            expires_at: row.expires_at,
            revoked_at: row.revoked_at,
            last_used_at: row.last_used_at,
        }
    }
}

/// How the key of this secret ended; none where it did not, or there is none.
pub(in crate::identity) async fn key_end(
    conn: &mut PgConnection,
    secret_hash: &[u8],
    now: Timestamp,
) -> Result<Option<KeyEnd>> {
    let row = sqlx::query!(
        r#"select revoked_at is not null as "revoked!", coalesce(expires_at <= $2, false) as "expired!"
        from api_key
        where secret_hash = $1"#,
        secret_hash,
        now
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.and_then(|row| match (row.revoked, row.expired) {
        (true, _) => Some(KeyEnd::Revoked),
        (false, true) => Some(KeyEnd::Expired),
        (false, false) => None,
    }))
}

pub(in crate::identity) async fn insert_api_key(
    tx: &mut WriteTx,
    key: &ApiKey,
    secret_hash: &[u8],
) -> Result<()> {
    let scope = tx.scope();
    let names: Vec<String> = key
        .permissions
        .iter()
        .map(|permission| permission.name().to_owned())
        .collect();
    let done = sqlx::query!(
        "insert into api_key (reseller_id, tenant_id, id, name, prefix, secret_hash, permissions, created_by, made_by,
            succeeds, created_at, expires_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        scope.reseller().uuid(),
        scope.tenant().uuid(),
        key.id.uuid(),
        key.name,
        key.prefix,
        secret_hash,
        &names,
        key.created_by.map(|id| id.uuid()),
        key.made_by.map(|id| id.uuid()),
        key.succeeds.map(|id| id.uuid()),
        key.created_at,
        key.expires_at
    )
    .execute(tx.conn())
    .await
    .on_constraint("api_key_one_successor", || {
        Fault::conflict(
            "rotation_under_way",
            "the key has a successor already: two keys live at once, never three",
        )
    })?;
    exactly_one(done.rows_affected())
}

pub(in crate::identity) async fn api_keys(tx: &mut ReadTx, page: Page) -> Result<Vec<ApiKey>> {
    let scope = tx.scope();
    let rows = sqlx::query_as!(
        Row,
        "select id, tenant_id, name, prefix, permissions, created_by, made_by, succeeds, created_at, expires_at,
            revoked_at, last_used_at
        from api_key
        where reseller_id = $1
            and ($2::uuid is null or tenant_id = $2)
            and id > $3
        order by id
        limit $4",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        page.after,
        page.fetch()
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(Into::into).collect())
}

pub(in crate::identity) async fn find_api_key(tx: &mut impl Tx, id: ApiKeyId) -> Result<ApiKey> {
    let scope = tx.scope();
    let row = sqlx::query_as!(
        Row,
        "select id, tenant_id, name, prefix, permissions, created_by, made_by, succeeds, created_at, expires_at,
            revoked_at, last_used_at
        from api_key
        where reseller_id = $1
            and ($2::uuid is null or tenant_id = $2)
            and id = $3",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(Into::into).ok_or(Fault::Missing)
}

/// The key ends at this moment, if it would have lived longer.
pub(in crate::identity) async fn end_api_key_by(tx: &mut WriteTx, id: ApiKeyId, at: Timestamp) -> Result<()> {
    let scope = tx.scope();
    let done = sqlx::query!(
        "update api_key
        set expires_at = least(coalesce(expires_at, $4), $4)
        where reseller_id = $1
            and tenant_id = $2
            and id = $3",
        scope.reseller().uuid(),
        scope.tenant().uuid(),
        id.uuid(),
        at
    )
    .execute(tx.conn())
    .await?;
    exactly_one(done.rows_affected())
}

/// Revokes a key that lives together with every key that was made with it, however far down. Gives how many that is.
pub(in crate::identity) async fn revoke_api_key(
    tx: &mut WriteTx,
    id: ApiKeyId,
    now: Timestamp,
) -> Result<u64> {
    let scope = tx.scope();
    let done = sqlx::query!(
        "with recursive ending as (
            select k.id
            from api_key k
            where k.reseller_id = $1
                and ($2::uuid is null or k.tenant_id = $2)
                and k.id = $3
                and k.revoked_at is null
            union
            select made.id
            from ending
            join api_key made on made.made_by = ending.id
            where made.reseller_id = $1
                and ($2::uuid is null or made.tenant_id = $2))
        update api_key
        set revoked_at = $4
        where reseller_id = $1
            and ($2::uuid is null or tenant_id = $2)
            and id in (select id from ending)
            and revoked_at is null",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        id.uuid(),
        now
    )
    .execute(tx.conn())
    .await?;
    match done.rows_affected() {
        0 => Err(Fault::Missing),
        revoked => Ok(revoked),
    }
}
