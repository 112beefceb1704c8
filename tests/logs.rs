//! What the host logs (C11, C28): every line about a request or a job says whose it is, also when something breaks, and none
//! has a secret in it. The lines are the real ones, as JSON, of everything that one runtime's threads say.

use std::{
    io,
    panic::AssertUnwindSafe,
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, Ordering},
    },
};

use futures::FutureExt as _;
use nexusport::{
    app::{App, Clock, Timestamp},
    worker,
};
use serde_json::{Value, json};
use sqlx::Executor as _;
use tokio::net::TcpListener;
use tracing::dispatcher::{self, Dispatch};
use tracing_subscriber::EnvFilter;

use crate::harness::{Answer, Client, Host, PASSWORD, Pricing, Shop};

/// Requests that have no caller, and those who are refused before anybody is known.
const BEFORE_A_CALLER: &[&str] = &["/v1/signup", "/v1/invitations/accept", "/v1/sessions"];

/// Lines as they are written.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The host's clock, which panics once when it was asked so often.
struct Fragile {
    clock: Arc<dyn Clock>,
    left: AtomicI64,
}

impl Clock for Fragile {
    fn now(&self) -> Timestamp {
        assert_ne!(self.left.fetch_sub(1, Ordering::SeqCst), 0, "the clock broke");
        self.clock.now()
    }
}

#[test]
fn every_line_about_a_request_or_a_job_says_whose_it_is_and_none_has_a_secret() {
    let written = Lines::default();
    let writer = written.clone();
    let subscriber = tracing_subscriber::fmt()
        .json()
        .with_env_filter(EnvFilter::new("off,nexusport=trace,nexusport_sandbox=trace"))
        .with_writer(move || writer.clone())
        .finish();
    let dispatch = Dispatch::new(subscriber);
    // With a single dispatcher, what is worth logging would be asked of whichever test's thread comes by first.
    let _another = Dispatch::new(tracing_subscriber::fmt().with_writer(io::sink).finish());
    let _here = dispatcher::set_default(&dispatch);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        // Threads for blocking work die with the runtime, and what they were given with them.
        .on_thread_start(move || std::mem::forget(dispatcher::set_default(&dispatch)))
        .build()
        .unwrap();
    let (shops, secrets) = runtime.block_on(live());
    let text = String::from_utf8(written.0.lock().unwrap().clone()).unwrap();
    for secret in secrets {
        assert!(!text.contains(&secret), "the log has {secret}");
    }
    let lines: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let anonymous: Vec<_> = lines.iter().filter(|line| !says_whose(line)).collect();
    assert!(
        anonymous.is_empty(),
        "nobody knows whose these are: {anonymous:#?}"
    );
    let count = |what: &str, of: &str| {
        let of_them = lines
            .iter()
            .map(Value::to_string)
            .filter(|line| line.contains(what) && line.contains(of));
        of_them.count()
    };
    for shop in &shops {
        assert!(
            count("\"request\"", shop) > 10 && count("\"job\"", shop) > 0,
            "{shop} is told of"
        );
    }
    for failure in ["broken", "a handler panicked", "job panicked", "job failed"] {
        assert!(count(failure, &shops[0]) > 0, "no line tells that {failure}");
    }
}

/// Whether a line names its reseller and tenant, or is about nobody.
fn says_whose(line: &Value) -> bool {
    let mut spans = line["spans"].as_array().into_iter().flatten();
    let Some(span) =
        spans.rfind(|span| ["request", "job"].contains(&span["name"].as_str().unwrap_or_default()))
    else {
        // Not within a request or a job: then the line itself says whose it is, or speaks of nobody's things.
        let fields = &line["fields"];
        return fields["tenant"].is_string() == fields["reseller"].is_string();
    };
    let named = span["reseller"].is_string() && span["tenant"].is_string();
    let path = span["path"].as_str().unwrap_or_default();
    let unknown = [401, 421].contains(&line["fields"]["status"].as_u64().unwrap_or_default());
    named || unknown || BEFORE_A_CALLER.contains(&path)
}

/// Two tenants' ordinary days, and days on which things break. Gives their ids and every secret that was about.
async fn live() -> ([String; 2], Vec<String>) {
    let host = Host::start().await;
    let carrier = host.carrier().await;
    let (ours, theirs) = (
        host.shop("northlight", Pricing::Committed, &carrier).await,
        host.shop("harbour", Pricing::Burst, &carrier).await,
    );
    let mut secrets = vec![PASSWORD.to_owned(), "carrier-secret".to_owned()];
    for shop in [&ours, &theirs] {
        let customer = host.customer(&shop.reseller, "quay").await;
        let port = shop
            .port(
                &host,
                &carrier,
                &customer,
                &format!("{}-1", shop.reseller.slug),
                1000,
            )
            .await;
        customer
            .book(&port, 5000, "2026-03-03T18:00:00Z", "2026-03-03T22:00:00Z")
            .await;
        customer
            .client
            .get("/v1/customers")
            .await
            .problem(403, "permission_missing");
        customer.client.get("/v1/ports/7").await.problem(404, "not_found");
        customer
            .client
            .anonymous()
            .get("/v1/ports")
            .await
            .problem(401, "credential_missing");
        secrets.extend([
            shop.reseller.key.clone(),
            shop.reseller.session.clone(),
            customer.key,
            customer.session,
        ]);
    }
    host.pass(&carrier, "2026-03-04T09:00:00Z".parse().unwrap()).await;
    broken(&host, &ours).await;
    (([ours.reseller.id.clone(), theirs.reseller.id.clone()]), secrets)
}

/// Requests and jobs that fail and panic.
async fn broken(host: &Host, shop: &Shop) {
    let customer = host.customer(&shop.reseller, "bay").await;
    // Work for a job each time: adding a port has it read.
    let add = async |name: &str| {
        let new = json!({ "customer_id": customer.id, "name": name, "carrier_id": shop.carrier_id, "reference": name,
            "base_mbps": 1000 });
        shop.reseller.client.post("/v1/ports", new).await.expect(201);
    };
    // The clock breaks at each moment in turn, and at one of them a job is being done.
    for left in 0..8 {
        add(&format!("b-{left}")).await;
        // Before a job is claimed, or as it ends, it is the worker itself that breaks.
        AssertUnwindSafe(worker::drain(&fragile(host, left).0))
            .catch_unwind()
            .await
            .ok();
    }
    add("b").await;
    // The last moment of a request is in the middle of what it asks; those before it are for recognising its caller.
    let counted = fragile(host, i64::MAX);
    ask(&counted.0, &customer.client).await.expect(200);
    let asked = i64::MAX - counted.1.left.load(Ordering::SeqCst);
    ask(&fragile(host, asked - 1).0, &customer.client)
        .await
        .problem(500, "broken");
    let mut superuser = host.database.superuser().await;
    superuser
        .execute("alter table operation rename to gone")
        .await
        .unwrap();
    worker::drain(&host.app).await.unwrap();
    superuser
        .execute("alter table port rename to gone_too")
        .await
        .unwrap();
    customer.client.get("/v1/ports").await.problem(500, "broken");
}

/// Asks a host of its own for ports.
async fn ask(app: &App, client: &Client) -> Answer {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = nexusport::api::router(app.clone(), "localhost");
    tokio::spawn(async move { axum::serve(listener, router).await });
    let client = Client::new(&format!("http://{address}")).with_token(client.token());
    client.get("/v1/ports").await
}

/// The same app with a clock that breaks when it was asked so often.
fn fragile(host: &Host, left: i64) -> (App, Arc<Fragile>) {
    let clock = Arc::new(Fragile {
        clock: host.app.clock.clone(),
        left: AtomicI64::new(left),
    });
    let app = App {
        clock: clock.clone(),
        ..host.app.clone()
    };
    (app, clock)
}
