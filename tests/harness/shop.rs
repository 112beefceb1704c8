//! A reseller that is ready to sell: its plugins serve, its carrier is the simulator over real HTTP, its customers have
//! ports. Built through the API alone, as a reseller would.

use chrono::TimeDelta;
use nexusport::{app::Timestamp, worker};
use nexusport_simulator::{Account, NewPort, Simulator};
use serde_json::{Value, json};

use super::{Customer, Host, Reseller, text};

/// How a shop prices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pricing {
    /// A monthly price by time-weighted bandwidth: 0.40 a Mbps.
    Committed,
    /// 0.30 a Mbps of base, 0.004 a Mbps above it and hour.
    Burst,
}

impl Pricing {
    pub fn component(self) -> &'static [u8] {
        match self {
            Self::Committed => nexusport_plugins::PRICING_COMMITTED,
            Self::Burst => nexusport_plugins::PRICING_BURST,
        }
    }

    pub fn settings(self) -> Value {
        match self {
            Self::Committed => json!({ "price_per_mbps": "0.40" }),
            Self::Burst => json!({ "base_per_mbps": "0.30", "burst_per_mbps_hour": "0.004" }),
        }
    }

    fn brand(self) -> &'static [u8] {
        match self {
            Self::Committed => nexusport_plugins::BRAND_NORTHLIGHT,
            Self::Burst => nexusport_plugins::BRAND_HARBOUR,
        }
    }
}

/// An adapter, and what its carrier and its activation need.
pub struct Adapter {
    pub component: &'static [u8],
    /// Handles of destinations, and the path below the carrier's address where each begins.
    pub destinations: &'static [(&'static str, &'static str)],
    /// Handle of the credential for all of them, and a client's secret.
    pub credential: (&'static str, fn(&str) -> Value),
    pub settings: Value,
}

impl Adapter {
    /// The one for the simulated carrier.
    pub fn simulator() -> Self {
        Self {
            component: nexusport_plugins::CARRIER_SIMULATOR,
            destinations: &[("api", "")],
            credential: ("oauth", |client| oauth2(client, "api", "/oauth/token")),
            settings: json!({ "poll_seconds": 10 }),
        }
    }
}

/// What every client's secret is at its carrier.
pub const CARRIER_SECRET: &str = "carrier-secret";

/// The secret of a client that fetches tokens at this destination and path.
pub fn oauth2(client: &str, destination: &str, path: &str) -> Value {
    json!({
        "kind": "oauth2", "client_id": client, "client_secret": CARRIER_SECRET,
        "token_destination": destination, "token_target": path,
    })
}

/// A reseller that is ready to sell, with its own account at the carrier.
pub struct Shop {
    pub reseller: Reseller,
    pub carrier_id: String,
}

impl Host {
    /// A carrier whose clock shows what the host's does.
    pub async fn carrier(&self) -> Simulator {
        let simulator = Simulator::start(([127, 0, 0, 1], 0).into()).await.unwrap();
        simulator.control().set_clock(self.app.now());
        simulator
    }

    /// A reseller with everything it needs.
    pub async fn shop(&self, slug: &str, pricing: Pricing, carrier: &Simulator) -> Shop {
        self.shop_at(slug, pricing, carrier, &Adapter::simulator()).await
    }

    /// The same with an adapter that speaks the carrier's words.
    pub async fn shop_at(
        &self,
        slug: &str,
        pricing: Pricing,
        carrier: &Simulator,
        adapter: &Adapter,
    ) -> Shop {
        let reseller = self.reseller(slug).await;
        carrier
            .control()
            .add_account(Account::new(slug, CARRIER_SECRET, slug))
            .unwrap();
        // Most tests count what a carrier was asked: those that are about the schedule turn it on.
        let never = json!({ "every_minutes": 0 });
        reseller
            .client
            .put("/v1/settings/reconciliation", never)
            .await
            .expect(200);
        let carrier_id = text(
            &reseller
                .client
                .post("/v1/carriers", json!({ "name": "metro-net" }))
                .await
                .expect(201)["id"],
        );
        let path = format!("/v1/carriers/{carrier_id}");
        for (destination, base) in adapter.destinations {
            let path = format!("{path}/destinations/{destination}");
            let url = json!({ "base_url": format!("{}{base}", carrier.url()) });
            reseller.client.put(&path, url).await.expect(200);
        }
        let (handle, secret) = adapter.credential;
        let destinations: Vec<_> = adapter.destinations.iter().map(|(handle, _)| handle).collect();
        let credential = json!({ "secret": secret(slug), "destinations": destinations });
        let path = format!("{path}/credentials/{handle}");
        reseller.client.put(&path, credential).await.expect(200);
        let shop = Shop { reseller, carrier_id };
        let activation = json!({ "carrier_id": shop.carrier_id, "settings": adapter.settings });
        shop.activate("adapter", adapter.component, activation).await;
        shop.activate(
            "pricing",
            pricing.component(),
            json!({ "settings": pricing.settings() }),
        )
        .await;
        shop.activate("brand", pricing.brand(), json!({ "settings": {} }))
            .await;
        shop
    }

    /// Lets time pass up to `to` for the host and the carrier: whatever falls due is done at its own time.
    pub async fn pass(&self, carrier: &Simulator, to: Timestamp) {
        worker::drain(&self.app).await.unwrap();
        while let Some(due) = worker::next_due(&self.app)
            .await
            .unwrap()
            .filter(|due| *due <= to)
        {
            self.show(carrier, due);
            worker::drain(&self.app).await.unwrap();
        }
        self.show(carrier, to);
        worker::drain(&self.app).await.unwrap();
    }

    /// Lets this much time pass.
    pub async fn wait(&self, carrier: &Simulator, time: TimeDelta) {
        self.pass(carrier, self.app.now() + time).await;
    }

    fn show(&self, carrier: &Simulator, now: Timestamp) {
        self.clock.set(now);
        carrier.control().set_clock(self.app.now());
    }
}

impl Shop {
    /// Uploads a component, approves what it asks for, and lets it serve with the given activation; gives its digest.
    pub async fn activate(&self, plugin: &str, component: &[u8], mut activation: Value) -> String {
        let client = &self.reseller.client;
        let release = client
            .upload(&format!("/v1/plugins/{plugin}/releases"), component)
            .await
            .expect(201);
        let id = text(&release["id"]);
        client
            .post(
                &format!("/v1/releases/{id}/approve"),
                json!({ "digest": release["digest"] }),
            )
            .await
            .expect(200);
        activation["release_id"] = json!(id);
        client.post("/v1/activations", activation).await.expect(201);
        text(&release["digest"])
    }

    /// A port of the customer's at the carrier, seen once: its first interval is open. Gives its id.
    pub async fn port(
        &self,
        host: &Host,
        carrier: &Simulator,
        customer: &Customer,
        reference: &str,
        mbps: u32,
    ) -> String {
        carrier
            .control()
            .add_port(NewPort::new(&self.reseller.slug, reference, mbps, 10_000))
            .unwrap();
        let port = json!({
            "customer_id": customer.id, "name": reference, "carrier_id": self.carrier_id, "reference": reference, "base_mbps": mbps,
        });
        let port = self.reseller.client.post("/v1/ports", port).await.expect(201);
        host.wait(carrier, TimeDelta::minutes(5)).await;
        text(&port["id"])
    }
}

impl Customer {
    /// Quotes a window and books it; gives the bandwidth change.
    pub async fn book(&self, port_id: &str, mbps: u32, starts_at: &str, ends_at: &str) -> Value {
        let quote = json!({ "port_id": port_id, "kind": "window", "mbps": mbps, "starts_at": starts_at, "ends_at": ends_at });
        let quote = self.client.post("/v1/quotes", quote).await.expect(201);
        self.client
            .post("/v1/bandwidth-changes", json!({ "quote_id": quote["id"] }))
            .await
            .expect(201)
    }
}
