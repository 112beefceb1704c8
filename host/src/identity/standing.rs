//! What others ask about people: whether they are still members, and who stands behind a key.

use super::{ActorKind, Initiator, store};
use crate::{
    db::{Tx, WriteTx},
    fault::Result,
    ids::{MembershipId, UserId},
};

/// Those of the given who are members of the transaction's reseller now.
pub async fn members_of_the_reseller(tx: &mut WriteTx, ids: &[MembershipId]) -> Result<Vec<MembershipId>> {
    store::live_members(tx, ids).await
}

/// The person that something was accepted from: a key stands for whoever made it. None where the transaction cannot
/// see that.
pub async fn person(tx: &mut impl Tx, initiator: Initiator) -> Result<Option<UserId>> {
    match initiator.kind {
        ActorKind::User => Ok(Some(initiator.id.into())),
        ActorKind::ApiKey => store::key_maker(tx, initiator.id.into()).await,
        _ => Ok(None),
    }
}
