//! A PostgreSQL of its own with many tenants' ports, and both rivals on sockets.

use std::{collections::HashMap, net::SocketAddr, path::PathBuf, sync::Arc};

use axum::Router;
use nexusport::{
    app::SystemClock,
    boot,
    db::{self, ROLES_SQL, Urls},
    notify::{Post, Transport},
    vault::MasterKey,
};
use nexusport_postgres::{Options, Server};
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection, postgres::PgPoolOptions};
use tokio::net::TcpListener;
use uuid::Uuid;

const FILL: &str = include_str!("../../../tests/scale/fill.sql");
/// Parts of it that a port's answer is made of.
const PARTS: [&str; 2] = [" tenants", " ports"];
const CONNECTIONS: u32 = 8;

pub struct Ground {
    pub bare: SocketAddr,
    pub ours: SocketAddr,
    superuser: String,
    http: reqwest::Client,
    rows: i64,
    _server: Server,
    _folder: tempfile::TempDir,
}

/// A port, and the keys of those who may see it.
pub struct Known {
    reseller: Uuid,
    port: Uuid,
    token: String,
    reseller_token: String,
}

impl Known {
    pub fn bare(&self) -> String {
        format!("/ports/{}/{}", self.reseller, self.port)
    }

    pub fn keyed(&self) -> String {
        format!("/keyed/{}/{}", self.reseller, self.port)
    }

    pub fn whole(&self) -> String {
        format!("/whole/{}/{}", self.reseller, self.port)
    }

    pub fn ours(&self) -> String {
        format!("/v1/ports/{}", self.port)
    }

    pub fn token(&self) -> &str {
        &self.token
    }

    pub fn reseller_token(&self) -> &str {
        &self.reseller_token
    }
}

impl Ground {
    pub async fn lay(rows: i64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        open_to_all(folder.path());
        let server = Server::start(&Options::new(folder.path().join("data"))).unwrap();
        let url = |user: &str, database: &str| server.url(user, database);
        let mut conn = PgConnection::connect(&url("postgres", "postgres")).await.unwrap();
        conn.execute(ROLES_SQL).await.unwrap();
        conn.execute("create database ports owner nexusport_owner")
            .await
            .unwrap();
        db::migrate(&url("nexusport_owner", "ports")).await.unwrap();
        let superuser = url("postgres", "ports");
        fill(&superuser, rows).await;
        let urls = Urls {
            owner: url("nexusport_owner", "ports"),
            host: url("nexusport_host", "ports"),
            operator: url("nexusport_operator", "ports"),
        };
        let parts = boot::Parts {
            clock: Arc::new(SystemClock),
            connections: CONNECTIONS,
            master_key: MasterKey::new([7; 32]),
            allow_loopback_carriers: true,
            dns_resolver: None,
            post: Post::new(
                Transport::folder(&folder.path().join("mail")).unwrap(),
                "http://{host}",
            )
            .unwrap(),
            trusted_proxies: Vec::new(),
            cache: folder.path().join("cache"),
            program: PathBuf::from("nexusport"),
        };
        let app = boot::app(&urls, parts).await.unwrap();
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .test_before_acquire(false);
        let pool = pool.connect(&superuser).await.unwrap();
        rustls::crypto::ring::default_provider().install_default().ok();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Self {
            bare: serve(super::bare::router(pool)).await,
            ours: serve(nexusport::api::router(app, "localhost")).await,
            superuser,
            http,
            rows,
            _server: server,
            _folder: folder,
        }
    }

    /// Ports spread over all tenants, each with a key of its customer and one of its reseller.
    pub async fn questions(&self, many: i64) -> Vec<Known> {
        let mut conn = PgConnection::connect(&self.superuser).await.unwrap();
        let tenants: Vec<(Uuid, Uuid)> =
            sqlx::query_as("select reseller_id, tenant_id from tenant where slug like 'scale-%'")
                .fetch_all(&mut conn)
                .await
                .unwrap();
        let mut keys = HashMap::new();
        let maker = self.maker().await;
        for (reseller, tenant) in tenants {
            keys.insert(tenant, self.key(&mut conn, &maker, reseller, tenant).await);
        }
        let step = (self.rows / many).max(1);
        let found: Vec<(Uuid, Uuid, Uuid)> = sqlx::query_as(
            "select reseller_id, tenant_id, scale.id(2, n) from scale.row where n % $1 = 0 order by random()",
        )
        .bind(step)
        .fetch_all(&mut conn)
        .await
        .unwrap();
        conn.execute("analyze").await.unwrap();
        let known = |(reseller, tenant, port)| Known {
            reseller,
            port,
            token: keys[&tenant].clone(),
            reseller_token: keys[&reseller].clone(),
        };
        found.into_iter().map(known).collect()
    }

    /// The session of a reseller whose keys are given away.
    async fn maker(&self) -> String {
        let sign_up = json!({
            "slug": "maker", "name": "Maker", "currency": "EUR", "time_zone": "UTC",
            "owner": { "email": "owner@maker.example", "name": "Owner", "password": "correct horse battery staple" },
        });
        text(&self.post("/v1/signup", None, sign_up).await["token"])
    }

    /// A key that the product made, given to a tenant.
    async fn key(&self, conn: &mut PgConnection, maker: &str, reseller: Uuid, tenant: Uuid) -> String {
        let new = json!({ "name": "bench", "permissions": ["ports.read"] });
        let key = self.post("/v1/api-keys", Some(maker), new).await;
        sqlx::query(
            "update api_key set reseller_id = $1, tenant_id = $2, created_by = null where id::text = $3",
        )
        .bind(reseller)
        .bind(tenant)
        .bind(text(&key["id"]))
        .execute(conn)
        .await
        .unwrap();
        text(&key["secret"])
    }

    async fn post(&self, path: &str, token: Option<&str>, body: Value) -> Value {
        let mut request = self.http.post(format!("http://{}{path}", self.ours)).json(&body);
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        let answer = request.send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        answer.json().await.unwrap()
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

async fn fill(superuser: &str, rows: i64) {
    let mut conn = PgConnection::connect(superuser).await.unwrap();
    let parts = FILL
        .split("\n---")
        .filter(|part| PARTS.iter().any(|name| part.starts_with(name)));
    for part in parts {
        let sql = part
            .split_once('\n')
            .unwrap()
            .1
            .replace("$rows", &rows.to_string());
        conn.execute(AssertSqlSafe(sql)).await.unwrap();
    }
    conn.execute("vacuum analyze").await.unwrap();
}

async fn serve(router: Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

/// The server runs as another user when this is root.
fn open_to_all(folder: &std::path::Path) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o755)).unwrap();
}
