//! A host under test, and the tenants that tests put on it.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
};

use nexusport::{
    app::{App, DrivenClock, Timestamp},
    boot,
    identity::operator::accounts,
    notify::{Post, Transport},
    trial::Trial,
    vault::MasterKey,
    worker,
};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::{Client, Dns, cluster::Database};

/// A running host with its own database and clock.
pub struct Host {
    pub app: App,
    pub clock: DrivenClock,
    pub database: Database,
    pub client: Client,
    /// Where it looks domains' records up.
    pub dns: Dns,
    /// Its compiled plugins and keys.
    pub folder: tempfile::TempDir,
    stop: CancellationToken,
}

/// A reseller that signed up, with a key that may do everything.
#[derive(Clone)]
pub struct Reseller {
    pub id: String,
    pub slug: String,
    pub client: Client,
    pub session: String,
    pub key: String,
}

/// A customer, with its owner's key.
#[derive(Clone)]
pub struct Customer {
    pub id: String,
    pub client: Client,
    pub session: String,
    pub key: String,
}

impl Host {
    /// A host whose clock shows noon on 2 March 2026, UTC.
    pub async fn start() -> Self {
        Self::start_at("2026-03-02T12:00:00Z".parse().unwrap()).await
    }

    pub async fn start_at(now: Timestamp) -> Self {
        let (clock, database) = (DrivenClock::new(now), Database::new().await);
        let (folder, dns) = (tempfile::tempdir().unwrap(), Dns::start().await);
        let stop = CancellationToken::new();
        let parts = parts(&clock, &folder, dns.address);
        let app = boot::app(&database.urls, parts).await.unwrap();
        let client = serve(app.clone(), &stop).await;
        Self {
            app,
            clock,
            database,
            client,
            dns,
            folder,
            stop,
        }
    }

    /// A host for development: whoever signs up begins with a simulated carrier, whose clock shows what the host's does.
    pub async fn with_trial(now: Timestamp) -> Self {
        let mut host = Self::start_at(now).await;
        let trial = Trial::start(&host.app, ([127, 0, 0, 1], 0).into(), &[]);
        let trial = trial.await.unwrap();
        trial.simulator().control().set_clock(now);
        host.app.trial = Some(trial);
        host.client = serve(host.app.clone(), &host.stop).await;
        host
    }

    /// Another process's worth of host, with pools and memory of its own on the same database.
    pub async fn another(&self) -> Client {
        serve(self.another_app().await, &self.stop).await
    }

    /// The same without its API.
    pub async fn another_app(&self) -> App {
        let parts = parts(&self.clock, &self.folder, self.dns.address);
        boot::app(&self.database.urls, parts).await.unwrap()
    }

    /// Takes no further connections; what is under way goes on.
    pub fn stop(&self) {
        self.stop.cancel();
    }

    /// One of the platform's operators, made as on the machine, at the platform's own address.
    pub async fn operator(&self, name: &str) -> Client {
        let (_, key) = accounts::add(&self.app, name, 90).await.unwrap();
        self.client.with_token(key.reveal())
    }

    /// A reseller that signed up by itself.
    pub async fn reseller(&self, slug: &str) -> Reseller {
        let answer = self.client.post("/v1/signup", sign_up(slug)).await.expect(201);
        let session = text(&answer["token"]);
        // The mail that asks to prove the owner's address.
        worker::drain(&self.app).await.unwrap();
        let client = self.client.with_token(&session);
        let key = text(
            &client
                .post("/v1/api-keys", json!({ "name": "all" }))
                .await
                .expect(201)["secret"],
        );
        let id = text(&answer["reseller"]["id"]);
        Reseller {
            id,
            slug: slug.to_owned(),
            client: self.client.with_token(&key),
            session,
            key,
        }
    }

    /// A customer of the reseller, whose owner accepted an invitation.
    pub async fn customer(&self, of: &Reseller, slug: &str) -> Customer {
        let new = json!({ "slug": slug, "name": slug, "currency": "EUR", "time_zone": "Europe/Vienna" });
        let id = text(&of.client.post("/v1/customers", new).await.expect(201)["id"]);
        let email = format!("owner@{slug}.{}.example", of.slug);
        of.client
            .post(
                &format!("/v1/customers/{id}/invitations"),
                json!({ "email": email }),
            )
            .await
            .expect(201);
        let client = self.accept(&email, "Owner").await;
        let session = client.token().to_owned();
        let key = text(
            &client
                .post("/v1/api-keys", json!({ "name": "all" }))
                .await
                .expect(201)["secret"],
        );
        Customer {
            id,
            client: self.client.with_token(&key),
            session,
            key,
        }
    }
}

/// What every host's tenants' keys are sealed by.
pub const MASTER_KEY: [u8; 32] = [7; 32];

fn parts(clock: &DrivenClock, folder: &tempfile::TempDir, dns: SocketAddr) -> boot::Parts {
    boot::Parts {
        clock: Arc::new(clock.clone()),
        connections: 8,
        master_key: MasterKey::new(MASTER_KEY),
        allow_loopback_carriers: true,
        dns_resolver: Some(dns),
        post: post(folder.path()),
        trusted_proxies: Vec::new(),
        cache: folder.path().join("cache"),
        program: PathBuf::from(env!("CARGO_BIN_EXE_nexusport")),
    }
}

/// Only the API: tests work off the queue themselves, when their clock says so.
async fn serve(app: App, stop: &CancellationToken) -> Client {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = Client::new(&format!("http://{}", listener.local_addr().unwrap()));
    let router = nexusport::api::router(app, "localhost");
    let router = router.into_make_service_with_connect_info::<SocketAddr>();
    let stopped = stop.clone().cancelled_owned();
    tokio::spawn(async move {
        axum::serve(listener, router)
            .with_graceful_shutdown(stopped)
            .await
    });
    client
}

impl Drop for Host {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// Mail into a folder below this one.
pub fn post(folder: &Path) -> Post {
    let transport = Transport::folder(&folder.join("mail")).unwrap();
    Post::new(transport, "http://{host}:8080").unwrap()
}

/// Everybody's password.
pub const PASSWORD: &str = "correct horse battery staple";

pub fn sign_up(slug: &str) -> Value {
    json!({
        "slug": slug, "name": slug, "currency": "EUR", "time_zone": "Europe/Vienna",
        "owner": { "email": format!("owner@{slug}.example"), "name": "Owner", "password": PASSWORD },
    })
}

/// A JSON string's text.
pub fn text(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("not a string: {value}"))
        .to_owned()
}
