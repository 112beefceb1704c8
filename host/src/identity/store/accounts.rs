//! Operators' names and keys, seen by the operator's login alone.

use crate::{
    app::Timestamp,
    db::OperatorTx,
    fault::{Result, exactly_one},
    identity::operator::accounts::Account,
    ids::OperatorId,
};

/// Whose key this is, unless it is revoked or expired.
pub(in crate::identity) async fn operator_by_key(
    tx: &mut OperatorTx,
    hash: &[u8],
    now: Timestamp,
) -> Result<Option<OperatorId>> {
    let found = sqlx::query_scalar!(
        "select id
        from operator_account
        where secret_hash = $1 and revoked_at is null and expires_at > $2",
        hash,
        now
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(found.map(Into::into))
}

pub(in crate::identity) async fn insert_account(
    tx: &mut OperatorTx,
    account: &Account,
    secret_hash: &[u8],
) -> Result<()> {
    let done = sqlx::query!(
        "insert into operator_account (id, name, prefix, secret_hash, created_at, expires_at)
        values ($1, $2, $3, $4, $5, $6)",
        account.id.uuid(),
        account.name,
        account.prefix,
        secret_hash,
        account.created_at,
        account.expires_at
    )
    .execute(tx.conn())
    .await?;
    exactly_one(done.rows_affected())
}

pub(in crate::identity) async fn accounts(tx: &mut OperatorTx) -> Result<Vec<Account>> {
    Ok(sqlx::query_as!(
        Account,
        "select id, name, prefix, created_at, expires_at, revoked_at
        from operator_account
        order by id"
    )
    .fetch_all(tx.conn())
    .await?)
}

/// Who it was; none where nobody of this name was an operator.
pub(in crate::identity) async fn revoke_account(
    tx: &mut OperatorTx,
    name: &str,
    now: Timestamp,
) -> Result<Option<OperatorId>> {
    let found = sqlx::query_scalar!(
        "update operator_account set revoked_at = $2 where name = $1 and revoked_at is null returning id",
        name,
        now
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(found.map(Into::into))
}
