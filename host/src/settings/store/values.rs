//! The tables of settings: the resellers', which their customers read, and the customers'.

use serde_json::Value;
use uuid::Uuid;

use crate::{
    app::Timestamp,
    db::{Scope, Tx, WriteTx},
    fault::Result,
    identity::Actor,
    ids::TenantId,
};

/// A value that somebody set; none of one that was taken away.
pub(in crate::settings) struct Row {
    pub tenant_id: Uuid,
    pub key: String,
    pub value: Option<Value>,
    pub version: i32,
    pub changed_at: Timestamp,
}

/// What a tenant sets.
pub(in crate::settings) struct Write<'a> {
    pub scope: Scope,
    pub key: &'static str,
    pub value: Option<&'a Value>,
    /// The version that it follows.
    pub after: i32,
    pub actor: Actor,
}

/// What these tenants and their reseller set, of these keys.
pub(in crate::settings) async fn in_force(
    tx: &mut impl Tx,
    keys: &[String],
    tenants: &[Uuid],
) -> Result<Vec<Row>> {
    let scope = tx.scope();
    Ok(sqlx::query_as!(
        Row,
        r#"select tenant_id as "tenant_id!", key as "key!", value, version as "version!", changed_at as "changed_at!"
        from customer_setting
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2)
            and tenant_id = any($3)
            and key = any($4)
        union all
        select tenant_id, key, value, version, changed_at
        from setting
        where reseller_id = $1
            and key = any($4)"#,
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        tenants,
        keys
    )
    .fetch_all(tx.conn())
    .await?)
}

/// What anybody in reach set of a key.
pub(in crate::settings) async fn everywhere(tx: &mut impl Tx, key: &str) -> Result<Vec<Row>> {
    let scope = tx.scope();
    Ok(sqlx::query_as!(
        Row,
        r#"select tenant_id as "tenant_id!", key as "key!", value, version as "version!", changed_at as "changed_at!"
        from customer_setting
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2)
            and key = $3
            and value is not null
        union all
        select tenant_id, key, value, version, changed_at
        from setting
        where reseller_id = $1
            and key = $3"#,
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        key
    )
    .fetch_all(tx.conn())
    .await?)
}

/// Version and value of what a tenant itself set, kept from others' changes until the transaction ends.
pub(in crate::settings) async fn own(
    tx: &mut WriteTx,
    tenant: TenantId,
    key: &str,
) -> Result<Option<(i32, Option<Value>)>> {
    let scope = tx.scope();
    if tenant == scope.reseller() {
        let row = sqlx::query!(
            "select version, value from setting where reseller_id = $1 and key = $2 for update",
            scope.reseller().uuid(),
            key
        )
        .fetch_optional(tx.conn())
        .await?;
        return Ok(row.map(|row| (row.version, row.value)));
    }
    let row = sqlx::query!(
        "select version, value
        from customer_setting
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2)
            and tenant_id = $3
            and key = $4
        for update",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        tenant.uuid(),
        key
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|row| (row.version, row.value)))
}

/// Sets or takes away; how many rows that was. None where somebody else was first.
pub(in crate::settings) async fn write(tx: &mut WriteTx, write: &Write<'_>) -> Result<u64> {
    let now = tx.now();
    let (reseller, tenant) = (write.scope.reseller().uuid(), write.scope.tenant().uuid());
    let (kind, id) = (
        write.actor.kind.name(),
        write.actor.id.or(write.actor.initiated_by),
    );
    let done = if write.scope.customer().is_none() {
        sqlx::query!(
            "insert into setting (reseller_id, tenant_id, key, value, version, changed_by_kind, changed_by, changed_at)
            values ($1, $2, $3, $4, $5 + 1, $6, $7, $8)
            on conflict (reseller_id, tenant_id, key) do update
            set value = excluded.value, version = excluded.version, changed_by_kind = excluded.changed_by_kind,
                changed_by = excluded.changed_by, changed_at = excluded.changed_at
            where setting.version = $5",
            reseller,
            tenant,
            write.key,
            write.value,
            write.after,
            kind,
            id,
            now
        )
        .execute(tx.conn())
        .await?
    } else {
        sqlx::query!(
            "insert into customer_setting
                (reseller_id, tenant_id, key, value, version, changed_by_kind, changed_by, changed_at)
            values ($1, $2, $3, $4, $5 + 1, $6, $7, $8)
            on conflict (reseller_id, tenant_id, key) do update
            set value = excluded.value, version = excluded.version, changed_by_kind = excluded.changed_by_kind,
                changed_by = excluded.changed_by, changed_at = excluded.changed_at
            where customer_setting.version = $5",
            reseller,
            tenant,
            write.key,
            write.value,
            write.after,
            kind,
            id,
            now
        )
        .execute(tx.conn())
        .await?
    };
    Ok(done.rows_affected())
}
