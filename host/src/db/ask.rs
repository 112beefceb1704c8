//! A single question, at the price of one round trip: what is looked up before a tenant is known, and what one tenant asks.
//! Each is one statement outside a transaction.

use sqlx::PgConnection;

use super::{Db, Scope, pools::on_any};
use crate::{
    app::Timestamp,
    fault::Result,
    identity::{AtTheEntrance, Caller, Permission},
    ids::ApiKeyId,
};

/// Something that is looked up in the role of the entrance and changes nothing.
pub(crate) trait Look: Sync {
    /// What there is to be found.
    type Found;

    /// Asks; may be called again when the connection turns out to be lost.
    fn look(&self, conn: &mut PgConnection) -> impl Future<Output = Result<Self::Found>> + Send;
}

/// Something that one tenant asks and that changes nothing. Its statement enters the tenant itself, by `tenancy.enter` in
/// what it reads first; one that does not sees no row. Where it is asked by a key, the statement finds nothing unless
/// `tenancy.key_for` finds the key.
pub(crate) trait Ask: Sync {
    /// What there is to be known.
    type Answer;

    /// Asks; may be called again when the connection turns out to be lost.
    fn ask(
        &self,
        conn: &mut PgConnection,
        scope: Scope,
        by: Option<ByKey>,
    ) -> impl Future<Output = Result<Option<Self::Answer>>> + Send;
}

/// A key of the tenant that asks, the permission that it needs, and when.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ByKey {
    pub id: ApiKeyId,
    pub permission: Permission,
    pub now: Timestamp,
}

impl Db {
    /// What is found.
    pub(crate) async fn look<L: Look>(&self, _: AtTheEntrance, look: L) -> Result<L::Found> {
        on_any(&self.pools.looks, &look).await
    }

    /// The answer for a caller that has the permission; none where there is nothing to be known.
    pub(crate) async fn ask<A: Ask>(
        &self,
        caller: &Caller,
        permission: Permission,
        question: &A,
    ) -> Result<Option<A::Answer>> {
        self.permit(caller, permission).await?;
        self.asked(caller.scope(), None, question).await
    }

    /// The answer for a key that is good for it; none where it is not, or there is nothing to be known.
    pub(crate) async fn ask_by_key<A: Ask>(
        &self,
        scope: Scope,
        by: ByKey,
        question: &A,
    ) -> Result<Option<A::Answer>> {
        match by.permission.is_read() {
            true => self.asked(scope, Some(by), question).await,
            false => Ok(None),
        }
    }

    async fn asked<A: Ask>(
        &self,
        scope: Scope,
        by: Option<ByKey>,
        question: &A,
    ) -> Result<Option<A::Answer>> {
        on_any(self.pools.of(scope), &Asked { question, scope, by }).await
    }
}

/// What a tenant asks, with the tenant.
struct Asked<'a, A> {
    question: &'a A,
    scope: Scope,
    by: Option<ByKey>,
}

impl<A: Ask> Look for Asked<'_, A> {
    type Found = Option<A::Answer>;

    async fn look(&self, conn: &mut PgConnection) -> Result<Self::Found> {
        self.question.ask(conn, self.scope, self.by).await
    }
}
