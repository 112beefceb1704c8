//! The PostgreSQL server that all tests share, and their databases.

use std::sync::LazyLock;

use nexusport::db::{self, ROLES_SQL, Urls};
use nexusport_postgres::{Options, Server};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};

/// Held by this process; other test processes share it. Outside the target folder, because the server's own user
/// must reach it.
static SERVER: LazyLock<Server> = LazyLock::new(|| {
    let user = rustix::process::geteuid().as_raw();
    let data = std::env::temp_dir().join(format!("nexusport-tests-{user}"));
    Server::start(&Options::new(data)).expect("the tests' PostgreSQL starts")
});

/// A database cloned from the migrated template, dropped with this.
pub struct Database {
    name: String,
    pub urls: Urls,
}

impl Database {
    pub async fn new() -> Self {
        let mut superuser = superuser("postgres").await;
        let template = ensure_template(&mut superuser).await;
        let name = format!("test_{}", hex::encode(nexusport::app::random::<8>()));
        run(
            &mut superuser,
            format!("create database {name} template {template} owner nexusport_owner"),
        )
        .await;
        let url = |user| SERVER.url(user, &name);
        let urls = Urls {
            owner: url("nexusport_owner"),
            host: url("nexusport_host"),
            operator: url("nexusport_operator"),
        };
        Self { name, urls }
    }

    /// A connection that row-level security does not bind, to look behind the scenes.
    pub async fn superuser(&self) -> PgConnection {
        superuser(&self.name).await
    }

    /// Where one of the logins connects.
    pub fn url(&self, user: &str) -> String {
        SERVER.url(user, &self.name)
    }

    /// A connection as one of the logins.
    pub async fn login(&self, user: &str) -> PgConnection {
        PgConnection::connect(&self.url(user)).await.unwrap()
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let name = self.name.clone();
        // A test's runtime is busy ending; a thread of its own can still wait for the server.
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async {
                let mut superuser = superuser("postgres").await;
                run(
                    &mut superuser,
                    format!("drop database if exists {name} with (force)"),
                )
                .await;
            });
        });
        dropping.join().ok();
    }
}

async fn superuser(database: &str) -> PgConnection {
    PgConnection::connect(&SERVER.url("postgres", database))
        .await
        .unwrap()
}

async fn run(conn: &mut PgConnection, sql: String) {
    conn.execute(AssertSqlSafe(sql)).await.unwrap();
}

/// The template for this version of the migrations, made by whichever test comes first.
async fn ensure_template(superuser: &mut PgConnection) -> String {
    let version = sqlx::migrate!("../migrations")
        .iter()
        .fold(blake3::Hasher::new(), |mut hasher, migration| {
            hasher.update(&migration.checksum);
            hasher
        })
        .finalize()
        .to_hex();
    let template = format!("template_{}", &version[..16]);
    run(superuser, "select pg_advisory_lock(20931)".to_owned()).await;
    let known: bool =
        sqlx::query_scalar("select exists (select from pg_database where datname = $1 and datistemplate)")
            .bind(&template)
            .fetch_one(&mut *superuser)
            .await
            .unwrap();
    if !known {
        superuser.execute(ROLES_SQL).await.unwrap();
        run(
            superuser,
            format!("drop database if exists {template} with (force)"),
        )
        .await;
        run(
            superuser,
            format!("create database {template} owner nexusport_owner"),
        )
        .await;
        db::migrate(&SERVER.url("nexusport_owner", &template))
            .await
            .unwrap();
        run(superuser, format!("alter database {template} is_template true")).await;
    }
    run(superuser, "select pg_advisory_unlock(20931)".to_owned()).await;
    template
}
