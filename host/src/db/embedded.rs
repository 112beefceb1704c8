//! The database when none is given: a private PostgreSQL in the data folder, with the same roles and the same
//! row-level security as any other.

use std::path::{Path, PathBuf};

use nexusport_postgres::{Options, Server};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};

use super::{ROLES_SQL, Urls};

/// A share in the data folder's server, with one database ready to migrate.
pub struct Embedded {
    server: Server,
    urls: Urls,
}

impl Embedded {
    /// Starts or shares the server and makes roles and database where they are missing.
    pub async fn start(data: &Path, binaries: Option<PathBuf>, database: &str) -> anyhow::Result<Self> {
        let options = Options {
            binaries,
            ..Options::new(data.join("postgres"))
        };
        let server = tokio::task::spawn_blocking(move || Server::start(&options)).await??;
        let mut superuser = PgConnection::connect(&server.url("postgres", "postgres")).await?;
        superuser.execute(ROLES_SQL).await?;
        create_database(&mut superuser, database).await?;
        superuser.close().await?;
        let url = |user| server.url(user, database);
        let urls = Urls {
            owner: url("nexusport_owner"),
            host: url("nexusport_host"),
            operator: url("nexusport_operator"),
        };
        Ok(Self { server, urls })
    }

    /// Where each login connects.
    pub fn urls(&self) -> &Urls {
        &self.urls
    }

    /// The server, for backup.
    pub fn server(&self) -> &Server {
        &self.server
    }
}

/// Makes the database unless it is there; another starter may make it at the same moment.
async fn create_database(superuser: &mut PgConnection, name: &str) -> anyhow::Result<()> {
    let known: bool = sqlx::query_scalar("select exists (select from pg_database where datname = $1)")
        .bind(name)
        .fetch_one(&mut *superuser)
        .await?;
    if known {
        return Ok(());
    }
    anyhow::ensure!(
        name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'),
        "database name {name:?}"
    );
    let created = superuser
        .execute(AssertSqlSafe(format!(
            "create database {name} owner nexusport_owner"
        )))
        .await;
    match created {
        Err(error)
            if error
                .as_database_error()
                .is_some_and(|e| matches!(e.code().as_deref(), Some("42P04" | "23505"))) =>
        {
            Ok(())
        }
        other => Ok(other.map(drop)?),
    }
}
