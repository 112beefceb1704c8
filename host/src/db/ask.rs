//! A single question, at the price of one round trip: what is looked up before a tenant is known, and what one tenant asks.
//! Each is one statement outside a transaction.

use sqlx::PgConnection;

use super::{Db, Scope, pools::on_any};
use crate::{
    fault::Result,
    identity::{AtTheEntrance, Caller, Permission},
};

/// Something that is looked up in the role of the entrance and changes nothing.
pub(crate) trait Look: Sync {
    /// What there is to be found.
    type Found;

    /// Asks; may be called again when the connection turns out to be lost.
    fn look(&self, conn: &mut PgConnection) -> impl Future<Output = Result<Self::Found>> + Send;
}

/// Something that one tenant asks and that changes nothing. Its statement enters the tenant itself, by `tenancy.enter` in
/// what it reads first; one that does not sees no row.
pub(crate) trait Ask: Sync {
    /// What there is to be known.
    type Answer;

    /// Asks; may be called again when the connection turns out to be lost.
    fn ask(&self, conn: &mut PgConnection, scope: Scope)
    -> impl Future<Output = Result<Self::Answer>> + Send;
}

impl Db {
    /// What is found.
    pub(crate) async fn look<L: Look>(&self, _: AtTheEntrance, look: L) -> Result<L::Found> {
        on_any(&self.pools.looks, &look).await
    }

    /// The answer for a caller that has the permission.
    pub(crate) async fn ask<A: Ask>(
        &self,
        caller: &Caller,
        permission: Permission,
        ask: A,
    ) -> Result<A::Answer> {
        self.permit(caller, permission).await?;
        let scope = caller.scope();
        on_any(self.pools.of(scope), &Asked { ask, scope }).await
    }
}

/// What a tenant asks, with the tenant.
struct Asked<A> {
    ask: A,
    scope: Scope,
}

impl<A: Ask> Look for Asked<A> {
    type Found = A::Answer;

    async fn look(&self, conn: &mut PgConnection) -> Result<A::Answer> {
        self.ask.ask(conn, self.scope).await
    }
}
