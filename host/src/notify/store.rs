//! The table mail.

use super::Kind;
use crate::{
    app::Timestamp,
    db::{ReadTx, Scope, Tx as _, WriteTx},
    fault::{Result, exactly_one},
    ids::MailId,
};

pub(super) struct Queued {
    pub(super) kind: Kind,
    pub(super) sealed: Vec<u8>,
}

pub(super) async fn insert(
    tx: &mut WriteTx,
    of: Scope,
    id: MailId,
    kind: Kind,
    sealed: &[u8],
    now: Timestamp,
) -> Result<()> {
    let done = sqlx::query!(
        "insert into mail (reseller_id, tenant_id, id, kind, sealed, created_at)
        values ($1, $2, $3, $4, $5, $6)",
        of.reseller().uuid(),
        of.tenant().uuid(),
        id.uuid(),
        kind.name(),
        sealed,
        now
    )
    .execute(tx.conn())
    .await?;
    exactly_one(done.rows_affected())
}

pub(super) async fn queued(tx: &mut ReadTx, id: MailId) -> Result<Option<Queued>> {
    let scope = tx.scope();
    let row = sqlx::query!(
        r#"select kind, sealed as "sealed!"
        from mail
        where reseller_id = $1
            and tenant_id = $2
            and id = $3
            and state = 'queued'"#,
        scope.reseller().uuid(),
        scope.tenant().uuid(),
        id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(|row| {
        let kind = Kind::parse(&row.kind)?;
        Ok(Queued {
            kind,
            sealed: row.sealed,
        })
    })
    .transpose()
}

pub(super) async fn tried(tx: &mut WriteTx, id: MailId, error: &str) -> Result<()> {
    let scope = tx.scope();
    let done = sqlx::query!(
        "update mail
        set attempts = attempts + 1, last_error = $4
        where reseller_id = $1
            and tenant_id = $2
            and id = $3
            and state = 'queued'",
        scope.reseller().uuid(),
        scope.tenant().uuid(),
        id.uuid(),
        error
    )
    .execute(tx.conn())
    .await?;
    exactly_one(done.rows_affected())
}

pub(super) async fn sent(tx: &mut WriteTx, id: MailId, now: Timestamp) -> Result<()> {
    let scope = tx.scope();
    let done = sqlx::query!(
        "update mail
        set state = 'sent', sealed = null, attempts = attempts + 1, last_error = null, settled_at = $4
        where reseller_id = $1
            and tenant_id = $2
            and id = $3
            and state = 'queued'",
        scope.reseller().uuid(),
        scope.tenant().uuid(),
        id.uuid(),
        now
    )
    .execute(tx.conn())
    .await?;
    exactly_one(done.rows_affected())
}

pub(super) async fn failed(tx: &mut WriteTx, id: MailId, error: &str, now: Timestamp) -> Result<()> {
    let scope = tx.scope();
    let done = sqlx::query!(
        "update mail
        set state = 'failed', sealed = null, last_error = $4, settled_at = $5
        where reseller_id = $1
            and tenant_id = $2
            and id = $3
            and state = 'queued'",
        scope.reseller().uuid(),
        scope.tenant().uuid(),
        id.uuid(),
        error,
        now
    )
    .execute(tx.conn())
    .await?;
    exactly_one(done.rows_affected())
}
