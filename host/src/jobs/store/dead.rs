//! The job table's dead letters, as their tenants see them.

use uuid::Uuid;

use crate::{
    db::{ReadTx, Tx as _, WriteTx},
    fault::{Fault, OnConstraint as _, Result, exactly_one},
    ids::JobId,
    jobs::Dead,
    page::Page,
};

/// What a dead letter is about.
pub(in crate::jobs) struct Letter {
    pub kind: String,
    pub subject_id: Uuid,
}

pub(in crate::jobs) async fn list(tx: &mut ReadTx, page: Page) -> Result<Vec<Dead>> {
    let scope = tx.scope();
    let rows = sqlx::query!(
        "select id, tenant_id, kind, subject_id, due_at, attempts, last_error
        from job
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2) and state = 'dead' and id > $3
        order by id
        limit $4",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        page.after,
        page.fetch()
    )
    .fetch_all(tx.conn())
    .await?;
    let dead = rows.into_iter().map(|row| Dead {
        id: row.id.into(),
        tenant: row.tenant_id.into(),
        kind: row.kind,
        subject: row.subject_id,
        due_at: row.due_at,
        attempts: row.attempts.unsigned_abs(),
        error: row.last_error.unwrap_or_default(),
    });
    Ok(dead.collect())
}

/// A dead letter that the transaction may change, kept from others until it ends.
pub(in crate::jobs) async fn lock(tx: &mut WriteTx, id: JobId) -> Result<Letter> {
    let scope = tx.scope();
    sqlx::query_as!(
        Letter,
        "select kind, subject_id
        from job
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2) and id = $3 and state = 'dead'
        for update",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or(Fault::Missing)
}

/// Has a dead letter wait again, as if it had never been tried.
pub(in crate::jobs) async fn revive(tx: &mut WriteTx, id: JobId) -> Result<()> {
    let (scope, now) = (tx.scope(), tx.now());
    let done = sqlx::query!(
        "update job
        set state = 'waiting', attempts = 0, last_error = null, due_at = $4, virtual_time = null
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2) and id = $3 and state = 'dead'",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        id.uuid(),
        now
    )
    .execute(tx.conn())
    .await
    .on_constraint("job_once", || {
        Fault::conflict("already_waiting", "the same work waits or runs already")
    })?;
    exactly_one(done.rows_affected())
}

/// Lets a dead letter be.
pub(in crate::jobs) async fn discard(tx: &mut WriteTx, id: JobId) -> Result<()> {
    let scope = tx.scope();
    let done = sqlx::query!(
        "update job
        set state = 'done'
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2) and id = $3 and state = 'dead'",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        id.uuid()
    )
    .execute(tx.conn())
    .await?;
    exactly_one(done.rows_affected())
}
