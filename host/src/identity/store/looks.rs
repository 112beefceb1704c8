//! What is looked up of every request before a tenant is known.

use sqlx::PgConnection;

use super::{KeyEnd, Standing, Visitor, api_key, inbox_at, key_end, reseller_at, session, visitor};
use crate::{
    app::Timestamp,
    db::Look,
    fault::Result,
    identity::token::Sort,
    ids::{CarrierId, TenantId},
};

/// The reseller at a host name.
pub(in crate::identity) struct Host<'a>(pub &'a str);

impl Look for Host<'_> {
    type Found = Option<TenantId>;

    async fn look(&self, conn: &mut PgConnection) -> Result<Self::Found> {
        reseller_at(conn, self.0).await
    }
}

/// The carrier whose inbox has the address of this hash, and its reseller.
pub(in crate::identity) struct Inbox<'a>(pub &'a [u8]);

impl Look for Inbox<'_> {
    type Found = Option<(TenantId, CarrierId)>;

    async fn look(&self, conn: &mut PgConnection) -> Result<Self::Found> {
        inbox_at(conn, self.0).await
    }
}

/// Whoever holds a token, by its hash.
pub(in crate::identity) struct Token {
    pub sort: Sort,
    pub hash: Vec<u8>,
    pub now: Timestamp,
}

/// Whom a token stands for.
pub(in crate::identity) enum Holder {
    /// A person in a tenant, or a program of it.
    Member(Standing),
    /// An operator inside a tenant.
    Visit(Visitor),
    /// A key that was revoked or has expired.
    Ended(KeyEnd),
    Nobody,
}

impl Look for &Token {
    type Found = Holder;

    async fn look(&self, conn: &mut PgConnection) -> Result<Holder> {
        let Token { sort, hash, now } = self;
        let member = match sort {
            Sort::Session => session(conn, hash, *now).await?,
            Sort::ApiKey => api_key(conn, hash, *now).await?,
            _ => None,
        };
        if let Some(member) = member {
            return Ok(Holder::Member(member));
        }
        Ok(match sort {
            Sort::ApiKey => {
                let end = key_end(conn, hash, *now).await?;
                end.map_or(Holder::Nobody, Holder::Ended)
            }
            Sort::Visit => {
                let visitor = visitor(conn, hash, *now).await?;
                visitor.map_or(Holder::Nobody, Holder::Visit)
            }
            Sort::Session
            | Sort::Invitation
            | Sort::Operator
            | Sort::PasswordReset
            | Sort::AddressProof
            | Sort::Inbox => Holder::Nobody,
        })
    }
}
