//! The job table's dead letters, as their tenants see them.

use crate::{
    db::{ReadTx, Tx as _},
    fault::Result,
    jobs::Dead,
    page::Page,
};

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
