//! Connections, by whose work is done on them. PostgreSQL plans a prepared query anew each time a connection's role has
//! changed since (row-level security is part of the plan), which costs ten times what running it does: so who asks most
//! has connections of its own, in its role from the start.

use sqlx::{Executor as _, PgPool, postgres::PgPoolOptions};

use super::{Look, Refused, Scope, Urls, begin::is_lost, migrate};
use crate::fault::{Fault, Result};

/// Between transactions a connection is for no tenant. That is said with an id that nobody has: a query that enters its
/// tenant itself is planned before it does, and without any id PostgreSQL believes that it will find nothing.
macro_rules! no_tenant {
    () => {
        "; set app.reseller_id = '00000000-0000-0000-0000-000000000000'
        ; set app.tenant_id = '00000000-0000-0000-0000-000000000000'"
    };
}

/// The pools of one host.
pub(super) struct Pools {
    /// What is done for resellers, and between tenants.
    pub resellers: PgPool,
    pub customers: PgPool,
    /// Single looks before a tenant is known, which change nothing.
    pub looks: PgPool,
    /// Holds locks across whole requests, so it must never compete with the requests' own transactions.
    pub locks: PgPool,
    pub operator: PgPool,
}

impl Pools {
    /// Connects and refuses logins that could get around row-level security.
    pub async fn connect(urls: &Urls, connections: u32) -> std::result::Result<Self, Refused> {
        for url in [&urls.host, &urls.operator] {
            migrate::check_url(url).await?;
        }
        let host = |first| pool(connections, first).connect_lazy(&urls.host);
        Ok(Self {
            resellers: host(concat!("set role app_reseller", no_tenant!()))?,
            customers: host(concat!("set role app_customer", no_tenant!()))?,
            looks: host("set role app_entrance; set default_transaction_read_only = on")?,
            locks: host("set role app_reseller")?,
            operator: pool(2, "set role app_operator").connect_lazy(&urls.operator)?,
        })
    }

    /// The connections of a tenant's side.
    pub fn of(&self, scope: Scope) -> &PgPool {
        match scope.customer() {
            Some(_) => &self.customers,
            None => &self.resellers,
        }
    }
}

/// Connections that begin so. They are in a role until a transaction takes another, which without a tenant reaches nothing.
fn pool(size: u32, first: &'static str) -> PgPoolOptions {
    PgPoolOptions::new()
        .max_connections(size)
        .acquire_timeout(std::time::Duration::from_secs(20))
        // Each door begins with a statement that harms nobody, and tries another connection where one is lost.
        .test_before_acquire(false)
        .after_connect(move |conn, _| {
            Box::pin(async move {
                conn.execute(first).await?;
                Ok(())
            })
        })
}

/// What is found on one of the pool's connections. Nothing has happened when one is lost meanwhile, so the next is taken, as
/// often as there can be lost ones.
pub(super) async fn on_any<L: Look>(pool: &PgPool, look: &L) -> Result<L::Found> {
    for _ in 0..pool.size() {
        match look.look(&mut *pool.acquire().await?).await {
            Err(Fault::Broken(error)) if error.downcast_ref().is_some_and(is_lost) => {}
            found => return found,
        }
    }
    look.look(&mut *pool.acquire().await?).await
}
