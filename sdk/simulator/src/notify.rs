//! Notifications to a webhook: that an order is in another status than the one last told. They follow the clock;
//! they never move it, and an order's status does not depend on whether anybody could be told.

use std::{sync::Arc, time::Duration};

use reqwest::Client;
use serde::Serialize;
use tokio::time::{MissedTickBehavior, interval};

use crate::{order::Order, refusal::Refusal, state::App};

/// How long a webhook may take to answer.
const TIMEOUT: Duration = Duration::from_secs(5);

/// How often orders are looked at while the clock is the system's. A driven clock rings the bell itself.
const LOOK: Duration = Duration::from_millis(250);

/// An order to tell the webhook about.
#[derive(Debug)]
pub(crate) struct Notification {
    url: String,
    body: Body,
    copies: u32,
}

#[derive(Debug, Serialize)]
struct Body {
    event: &'static str,
    order: Order,
}

impl Notification {
    /// Tells `url` about the order, this many times.
    pub(crate) fn new(url: String, order: Order, copies: u32) -> Self {
        Self {
            url,
            body: Body {
                event: "order.updated",
                order,
            },
            copies,
        }
    }
}

/// Refuses a webhook that could never be told anything: no TLS is spoken here.
pub(crate) fn check_url(url: &str) -> Result<(), Refusal> {
    match reqwest::Url::parse(url) {
        Ok(parsed) if parsed.scheme() == "http" => Ok(()),
        Ok(_) => Err(Refusal::BadRequest(format!(
            "the webhook {url} is not a plain http URL"
        ))),
        Err(error) => Err(Refusal::BadRequest(format!(
            "the webhook {url:?} is not a URL: {error}"
        ))),
    }
}

/// Tells the webhook about orders as their status changes, one after another, for ever.
pub(crate) async fn run(app: &App) {
    let client = client();
    let mut look = interval(LOOK);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let ticks = app.lock().clock.ticks();
        tokio::select! {
            () = app.changed.notified() => {}
            _ = look.tick(), if ticks => {}
        }
        let due = {
            let mut state = app.lock();
            let now = state.now();
            state.take_notifications(now)
        };
        for notification in due {
            tell(&client, &notification).await;
        }
    }
}

async fn tell(client: &Client, notification: &Notification) {
    for _ in 0..notification.copies {
        if let Err(first) = send(client, notification).await {
            tracing::info!(error = %first, url = notification.url, "a notification is sent once more");
            if let Err(error) = send(client, notification).await {
                tracing::warn!(%error, url = notification.url, "a notification is given up");
            }
        }
    }
}

async fn send(client: &Client, notification: &Notification) -> reqwest::Result<()> {
    let request = client.post(&notification.url).json(&notification.body);
    request.send().await?.error_for_status().map(drop)
}

/// A client without a TLS backend worth the name: the roots are empty, since only `http` URLs are taken. Given
/// explicitly so that no process-wide crypto provider need be installed.
fn client() -> Client {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("ring serves the default protocol versions")
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    let client = Client::builder()
        .tls_backend_preconfigured(tls)
        .no_proxy()
        .timeout(TIMEOUT);
    client
        .build()
        .expect("a client with a given TLS backend has nothing left to fail on")
}
