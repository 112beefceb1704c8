//! Looking something up before a tenant is known, at the price of one round trip.

use sqlx::PgConnection;

use super::{Db, begin::is_lost};
use crate::{
    fault::{Fault, Result},
    identity::AtTheEntrance,
};

/// Something that is looked up in the role of the entrance and changes nothing. Each query is a transaction of its own.
pub(crate) trait Look: Sync {
    /// What there is to be found.
    type Found;

    /// Asks; may be called again when the connection turns out to be lost.
    fn look(&self, conn: &mut PgConnection) -> impl Future<Output = Result<Self::Found>> + Send;
}

impl Db {
    /// What is found. Nothing has happened when a connection is lost meanwhile, so the next is taken, as often as there
    /// can be lost ones.
    pub(crate) async fn look<L: Look>(&self, _: AtTheEntrance, look: L) -> Result<L::Found> {
        let looks = &self.pools.looks;
        for _ in 0..looks.size() {
            match look.look(&mut *looks.acquire().await?).await {
                Err(Fault::Broken(error)) if error.downcast_ref().is_some_and(is_lost) => {}
                found => return found,
            }
        }
        look.look(&mut *looks.acquire().await?).await
    }
}
