//! That activations were taken back.

use uuid::Uuid;

use crate::{
    db::{Tx as _, WriteTx},
    fault::{OnConstraint as _, Result, exactly_one},
    ids::ActivationId,
    plugins::activations::{Withdrawal, withdraw},
};

pub(in crate::plugins::activations) async fn withdraw(
    tx: &mut WriteTx,
    id: Uuid,
    activation: ActivationId,
    withdrawal: &Withdrawal,
) -> Result<()> {
    let reseller = tx.scope().reseller().uuid();
    let done = sqlx::query!(
        "insert into activation_withdrawal (reseller_id, tenant_id, id, activation_id, reason, detail, at, withdrawn_by)
        values ($1, $1, $2, $3, $4, $5, $6, $7)",
        reseller,
        id,
        activation.uuid(),
        withdrawal.reason.name(),
        withdrawal.detail,
        withdrawal.at,
        withdrawal.by
    )
    .execute(tx.conn())
    .await
    .on_constraint("activation_withdrawal_once", withdraw::withdrawn)?;
    exactly_one(done.rows_affected())
}
