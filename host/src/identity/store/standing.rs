//! Members and makers of keys, as others ask for them.

use crate::{
    db::{Tx, WriteTx},
    fault::Result,
    ids::{ApiKeyId, MembershipId, UserId},
};

pub(in crate::identity) async fn live_members(
    tx: &mut WriteTx,
    ids: &[MembershipId],
) -> Result<Vec<MembershipId>> {
    let reseller = tx.scope().reseller().uuid();
    let ids: Vec<_> = ids.iter().map(|id| id.uuid()).collect();
    let found = sqlx::query_scalar!(
        "select id
        from membership
        where reseller_id = $1 and tenant_id = $1
            and id = any($2)
            and removed_at is null",
        reseller,
        &ids
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(found.into_iter().map(Into::into).collect())
}

pub(in crate::identity) async fn key_maker(tx: &mut impl Tx, id: ApiKeyId) -> Result<Option<UserId>> {
    let scope = tx.scope();
    let maker = sqlx::query_scalar!(
        "select created_by
        from api_key
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2)
            and id = $3",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(maker.flatten().map(Into::into))
}
