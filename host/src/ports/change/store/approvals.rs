//! The table of approvals.

use std::collections::HashMap;

use uuid::Uuid;

use super::super::approval::{Approval, Decision};
use crate::{
    app::Timestamp,
    db::{Scope, Tx, WriteTx},
    fault::{Fault, Result, exactly_one},
    ids::ChangeId,
    settings::approval::Approvers,
};

struct Row {
    change_id: Uuid,
    because: Vec<String>,
    four_eyes: bool,
    approvers: String,
    asked_by: Option<Uuid>,
    expires_at: Timestamp,
    decided_at: Option<Timestamp>,
}

impl TryFrom<Row> for Approval {
    type Error = Fault;

    fn try_from(row: Row) -> Result<Self> {
        let unknown = || Fault::broken(format!("the approval of {} is by nobody known", row.change_id));
        Ok(Self {
            because: row.because,
            four_eyes: row.four_eyes,
            approvers: Approvers::parse(&row.approvers).ok_or_else(unknown)?,
            asked_by: row.asked_by.map(Into::into),
            expires_at: row.expires_at,
            decided_at: row.decided_at,
        })
    }
}

pub(in crate::ports) async fn insert_approval(
    tx: &mut WriteTx,
    scope: Scope,
    change: ChangeId,
    approval: &Approval,
) -> Result<()> {
    let done = sqlx::query!(
        "insert into approval
            (reseller_id, tenant_id, change_id, because, four_eyes, approvers, asked_by, expires_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8)",
        scope.reseller().uuid(),
        scope.tenant().uuid(),
        change.uuid(),
        &approval.because,
        approval.four_eyes,
        approval.approvers.name(),
        approval.asked_by.map(|person| person.uuid()),
        approval.expires_at
    )
    .execute(tx.conn())
    .await?;
    exactly_one(done.rows_affected())
}

/// The approvals that these changes wait or waited for.
pub(in crate::ports) async fn approvals(
    tx: &mut impl Tx,
    changes: &[ChangeId],
) -> Result<HashMap<ChangeId, Approval>> {
    let scope = tx.scope();
    let changes: Vec<_> = changes.iter().map(|id| id.uuid()).collect();
    let rows = sqlx::query_as!(
        Row,
        "select change_id, because, four_eyes, approvers, asked_by, expires_at, decided_at
        from approval
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2)
            and change_id = any($3)",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        &changes
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter()
        .map(|row| Ok((row.change_id.into(), row.try_into()?)))
        .collect()
}

pub(in crate::ports) async fn decide(tx: &mut WriteTx, change: ChangeId, decision: Decision) -> Result<()> {
    let scope = tx.scope();
    let done = sqlx::query!(
        "update approval
        set decided_at = $4, decided_by_kind = $5, decided_by = $6
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2)
            and change_id = $3
            and decided_at is null",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        change.uuid(),
        decision.at,
        decision.by.kind.name(),
        decision.by.id
    )
    .execute(tx.conn())
    .await?;
    exactly_one(done.rows_affected())
}
