//! Answers kept for idempotency keys.

use uuid::Uuid;

use crate::{
    db::{Tx as _, WriteTx},
    fault::{Result, exactly_one},
    identity::answers::{Asked, Stored},
};

pub(in crate::identity) async fn answer(
    tx: &mut WriteTx,
    principal: Uuid,
    key: &str,
) -> Result<Option<(Vec<u8>, Stored)>> {
    let scope = tx.scope();
    let row = sqlx::query!(
        "select fingerprint, status, content_type, body
        from idempotency_key
        where reseller_id = $1 and tenant_id = $2 and principal_id = $3 and key = $4",
        scope.reseller().uuid(),
        scope.tenant().uuid(),
        principal,
        key
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|row| {
        let status = u16::try_from(row.status).unwrap_or(200);
        (
            row.fingerprint,
            Stored {
                status,
                content_type: row.content_type,
                body: row.body,
            },
        )
    }))
}

pub(in crate::identity) async fn insert_answer(
    tx: &mut WriteTx,
    principal: Uuid,
    asked: &Asked,
    stored: &Stored,
) -> Result<()> {
    let (scope, now) = (tx.scope(), tx.now());
    let done = sqlx::query!(
        "insert into idempotency_key (reseller_id, tenant_id, principal_id, key, fingerprint, status, content_type,
            body, created_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        scope.reseller().uuid(),
        scope.tenant().uuid(),
        principal,
        asked.key,
        asked.fingerprint,
        stored.status as i16,
        stored.content_type,
        stored.body,
        now
    )
    .execute(tx.conn())
    .await?;
    exactly_one(done.rows_affected())
}
