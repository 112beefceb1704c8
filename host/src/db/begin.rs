//! How transactions begin: on whose connections, in which role, for which tenant. The only SQL text put together at run
//! time: words of this file and ids, which are hexadecimal.

use sqlx::{AssertSqlSafe, PgConnection, PgPool, Postgres, Transaction};

use super::{Db, Scope};
use crate::fault::Result;

/// A read-only transaction without a permission check, for looking at the fence itself.
pub(super) async fn begin_read(db: &Db, scope: Scope) -> Result<Transaction<'static, Postgres>> {
    begin_tenant(db, "begin read only", scope).await
}

/// A read-only transaction that sees one state of the database from its first query to its last.
pub(super) async fn begin_snapshot(db: &Db, scope: Scope) -> Result<Transaction<'static, Postgres>> {
    begin_tenant(db, "begin isolation level repeatable read read only", scope).await
}

/// A transaction that deletes a leaving tenant's rows.
pub(super) async fn begin_leave(db: &Db, scope: Scope) -> Result<Transaction<'static, Postgres>> {
    begin(db.pools.of(scope), "begin", "app_leaver", Some(scope)).await
}

/// The role in which a tenant's own work is done.
pub(super) fn tenant_role(scope: Scope) -> &'static str {
    if scope.customer().is_some() {
        "app_customer"
    } else {
        "app_reseller"
    }
}

fn becoming(role: &str, scope: Option<Scope>) -> String {
    let of = scope.map(|scope| format!("; {}", for_tenant(scope)));
    format!("set local role {role}{}", of.unwrap_or_default())
}

fn for_tenant(scope: Scope) -> String {
    let (reseller, tenant) = (scope.reseller(), scope.tenant());
    format!("set local app.reseller_id = '{reseller}'; set local app.tenant_id = '{tenant}'")
}

/// What began at the entrance is the tenant's from here on.
pub(super) async fn become_tenant(conn: &mut PgConnection, scope: Scope) -> Result<()> {
    let sql = becoming(tenant_role(scope), Some(scope));
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(conn).await?;
    Ok(())
}

/// A transaction that says nothing but that the database answers.
pub(super) async fn begin_any(pool: &PgPool) -> Result<Transaction<'static, Postgres>> {
    begin_on(pool, "begin read only").await
}

/// A tenant's own transaction, on the connections that are in its role from the start.
pub(super) async fn begin_tenant(
    db: &Db,
    begin: &'static str,
    scope: Scope,
) -> Result<Transaction<'static, Postgres>> {
    begin_on(db.pools.of(scope), &format!("{begin}; {}", for_tenant(scope))).await
}

/// A transaction in this role, and of this tenant where there is one.
pub(super) async fn begin(
    pool: &PgPool,
    begin: &'static str,
    role: &'static str,
    scope: Option<Scope>,
) -> Result<Transaction<'static, Postgres>> {
    begin_on(pool, &format!("{begin}; {}", becoming(role, scope))).await
}

/// Connections are not tried before they are used, which would cost a round trip each time. Nothing has happened when
/// this statement finds one lost, so the next is taken, as often as there can be lost ones.
async fn begin_on(pool: &PgPool, sql: &str) -> Result<Transaction<'static, Postgres>> {
    for _ in 0..pool.size() {
        match pool.begin_with(AssertSqlSafe(sql.to_owned())).await {
            Err(error) if is_lost(&error) => {}
            begun => return Ok(begun?),
        }
    }
    Ok(pool.begin_with(AssertSqlSafe(sql.to_owned())).await?)
}

/// Whether the error is the connection's: it broke, or the server ended it (SQLSTATE classes 08 and 57P).
pub(super) fn is_lost(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::Protocol(_) => true,
        sqlx::Error::Database(error) => {
            let code = error.code().unwrap_or_default();
            code.starts_with("08") || code.starts_with("57P")
        }
        _ => false,
    }
}
