//! The table of notifications. All rows are the reseller's own.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Content, Notification};
use crate::{
    app::Timestamp,
    db::{Tx, WriteTx},
    fault::{Fault, Result, exactly_one},
    ids::{CarrierId, NotificationId, OperationId},
    page::Page,
    vault::TenantKey,
};

/// A notification, sealed.
pub(super) struct Row {
    id: Uuid,
    carrier_id: Uuid,
    sealed: Vec<u8>,
    state: String,
    keys: Vec<String>,
    operations: Vec<Uuid>,
    reason: Option<String>,
    received_at: Timestamp,
    times: i32,
    last_at: Timestamp,
}

/// What is sealed.
#[derive(Serialize, Deserialize)]
struct Stored {
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Row {
    pub(super) fn open(self, key: &TenantKey) -> Result<Notification> {
        let id = self.id.into();
        let plain = key.open(&context(id), &self.sealed)?;
        let Stored { headers, body } = serde_json::from_slice(&plain)?;
        Ok(Notification {
            id,
            carrier: self.carrier_id.into(),
            state: self.state,
            keys: self.keys,
            operations: self.operations.into_iter().map(OperationId::from).collect(),
            reason: self.reason,
            received_at: self.received_at,
            times: self.times.unsigned_abs(),
            last_at: self.last_at,
            content: Content { headers, body },
        })
    }
}

pub(super) fn seal(key: &TenantKey, id: NotificationId, content: Content) -> Result<Vec<u8>> {
    let Content { headers, body } = content;
    Ok(key.seal(&context(id), &serde_json::to_vec(&Stored { headers, body })?))
}

fn context(id: NotificationId) -> String {
    format!("notification:{id}")
}

pub(super) async fn insert(
    tx: &mut WriteTx,
    id: NotificationId,
    carrier: CarrierId,
    sealed: Vec<u8>,
    hash: Vec<u8>,
) -> Result<()> {
    let done = sqlx::query!(
        "insert into notification (reseller_id, tenant_id, id, carrier_id, sealed, hash, state, received_at, last_at)
        values ($1, $1, $2, $3, $4, $5, 'received', $6, $6)",
        tx.scope().reseller().uuid(),
        id.uuid(),
        carrier.uuid(),
        sealed,
        hash,
        tx.now()
    )
    .execute(tx.conn())
    .await?;
    exactly_one(done.rows_affected())
}

/// Counts one that first came since; false where none did.
pub(super) async fn count_again(
    tx: &mut WriteTx,
    carrier: CarrierId,
    hash: &[u8],
    since: Timestamp,
) -> Result<bool> {
    let done = sqlx::query!(
        "update notification
        set times = times + 1, last_at = $5
        where reseller_id = $1 and tenant_id = $1
            and id = (
                select id
                from notification
                where reseller_id = $1 and tenant_id = $1
                    and carrier_id = $2 and hash = $3 and received_at > $4
                order by received_at desc
                limit 1)",
        tx.scope().reseller().uuid(),
        carrier.uuid(),
        hash,
        since,
        tx.now()
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// How many different ones of the carrier came since.
pub(super) async fn lately(tx: &mut WriteTx, carrier: CarrierId, since: Timestamp) -> Result<i64> {
    Ok(sqlx::query_scalar!(
        r#"select count(*) as "count!"
        from notification
        where reseller_id = $1 and tenant_id = $1 and carrier_id = $2 and last_at > $3"#,
        tx.scope().reseller().uuid(),
        carrier.uuid(),
        since
    )
    .fetch_one(tx.conn())
    .await?)
}

/// Deletes a few of those that last came before an instant.
pub(super) async fn forget(tx: &mut WriteTx, carrier: CarrierId, before: Timestamp) -> Result<()> {
    sqlx::query!(
        "delete from notification
        where reseller_id = $1 and tenant_id = $1
            and id in (
                select id
                from notification
                where reseller_id = $1 and tenant_id = $1 and carrier_id = $2 and last_at < $3 and state <> 'received'
                order by last_at
                limit 10)",
        tx.scope().reseller().uuid(),
        carrier.uuid(),
        before
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn find(tx: &mut impl Tx, id: NotificationId) -> Result<Row> {
    let reseller = tx.scope().reseller();
    sqlx::query_as!(
        Row,
        "select id, carrier_id, sealed, state, keys, operations, reason, received_at, times, last_at
        from notification
        where reseller_id = $1 and tenant_id = $1 and id = $2",
        reseller.uuid(),
        id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or(Fault::Missing)
}

/// Whether nobody has looked at it yet.
pub(super) async fn is_new(tx: &mut WriteTx, id: NotificationId) -> Result<bool> {
    Ok(sqlx::query_scalar!(
        r#"select exists (
            select from notification
            where reseller_id = $1 and tenant_id = $1 and id = $2 and state = 'received') as "is_new!""#,
        tx.scope().reseller().uuid(),
        id.uuid()
    )
    .fetch_one(tx.conn())
    .await?)
}

pub(super) async fn list(tx: &mut impl Tx, carrier: CarrierId, page: Page) -> Result<Vec<Row>> {
    let reseller = tx.scope().reseller();
    Ok(sqlx::query_as!(
        Row,
        "select id, carrier_id, sealed, state, keys, operations, reason, received_at, times, last_at
        from notification
        where reseller_id = $1 and tenant_id = $1
            and carrier_id = $2
            and id > $3
        order by id
        limit $4",
        reseller.uuid(),
        carrier.uuid(),
        page.after,
        page.fetch()
    )
    .fetch_all(tx.conn())
    .await?)
}

pub(super) async fn handled(
    tx: &mut WriteTx,
    id: NotificationId,
    keys: &[String],
    operations: &[OperationId],
) -> Result<()> {
    let operations: Vec<_> = operations.iter().map(|id| id.uuid()).collect();
    let done = sqlx::query!(
        "update notification
        set state = 'handled', keys = $3, operations = $4
        where reseller_id = $1 and tenant_id = $1 and id = $2",
        tx.scope().reseller().uuid(),
        id.uuid(),
        keys,
        &operations
    )
    .execute(tx.conn())
    .await?;
    exactly_one(done.rows_affected())
}

pub(super) async fn failed(tx: &mut WriteTx, id: NotificationId, reason: &str) -> Result<()> {
    let done = sqlx::query!(
        "update notification
        set state = 'failed', reason = $3
        where reseller_id = $1 and tenant_id = $1 and id = $2",
        tx.scope().reseller().uuid(),
        id.uuid(),
        reason
    )
    .execute(tx.conn())
    .await?;
    exactly_one(done.rows_affected())
}
