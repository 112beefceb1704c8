//! Brings the schema up to date as its owner, one host at a time, and refuses logins that would make row-level
//! security an ornament.

use sqlx::{Connection as _, PgConnection};

use crate::identity::Permission;

/// Creates the cluster's roles; run by a superuser, safe to run again.
pub const ROLES_SQL: &str = include_str!("roles.sql");

/// Why the host does not start on this database.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// The login could see every tenant's rows.
    #[error(
        "the database login {0} is a superuser, can bypass row-level security or owns tables; \
             `nexusport roles` prints the SQL that makes proper logins"
    )]
    LoginTooStrong(String),
    /// The schema could not be brought up to date.
    #[error("the schema cannot be brought up to date: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// The database cannot be reached or used.
    #[error("the database cannot be used: {0}")]
    Database(#[from] sqlx::Error),
}

/// Runs the migrations that are missing, under a lock, as the owner.
pub async fn migrate(owner_url: &str) -> Result<(), Refused> {
    let mut conn = PgConnection::connect(owner_url).await?;
    sqlx::migrate!("../migrations").run(&mut conn).await?;
    for permission in Permission::ALL {
        sqlx::query!(
            "insert into permission (name, for_customers, summary)
            values ($1, $2, $3)
            on conflict (name) do update set for_customers = excluded.for_customers, summary = excluded.summary",
            permission.name(),
            permission.for_customers(),
            permission.summary()
        )
        .execute(&mut conn)
        .await?;
    }
    conn.close().await?;
    Ok(())
}

/// The number of the last migration: what a database's tables look like.
pub fn schema_version() -> i64 {
    let migrations = sqlx::migrate!("../migrations");
    migrations
        .iter()
        .map(|migration| migration.version)
        .max()
        .unwrap_or(0)
}

/// Refuses a database URL whose login could get around row-level security.
pub async fn check_url(url: &str) -> Result<(), Refused> {
    let mut conn = PgConnection::connect(url).await?;
    let allowed = check_login(&mut conn).await;
    conn.close().await?;
    allowed
}

/// Refuses a login that is a superuser, bypasses row-level security or owns a table.
async fn check_login(conn: &mut PgConnection) -> Result<(), Refused> {
    let login = sqlx::query!(
        r#"select rolname::text as "name!", rolsuper or rolbypassrls or rolinherit or exists (
            select from pg_class where relowner = pg_roles.oid and relkind = 'r') as "too_strong!"
        from pg_roles
        where rolname = current_user"#
    )
    .fetch_one(conn)
    .await?;
    if login.too_strong {
        return Err(Refused::LoginTooStrong(login.name));
    }
    Ok(())
}
