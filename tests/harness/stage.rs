//! A shop with one customer, for tests of ports and their speeds. Work is done when a test says so.

use nexusport::worker;
use nexusport_simulator::{Control, NewPort, Simulator};
use serde_json::{Value, json};

use super::{Adapter, Customer, Host, Pricing, Reseller, Shop, text};

/// A shop that prices bursts, with one customer in Vienna. The clock shows noon on 2 March 2026, UTC.
pub struct Stage {
    pub host: Host,
    pub simulator: Simulator,
    pub carrier: Control,
    pub reseller: Reseller,
    pub customer: Customer,
    pub carrier_id: String,
}

const MAX_MBPS: u32 = 10_000;

impl Stage {
    /// Orders take the carrier 20 seconds.
    pub async fn set() -> Self {
        let host = Host::start().await;
        let simulator = host.carrier().await;
        Self::set_at(host, simulator, &Adapter::simulator()).await
    }

    /// The same with a carrier and the adapter that speaks its words.
    pub async fn set_at(host: Host, simulator: Simulator, adapter: &Adapter) -> Self {
        let carrier = simulator.control();
        carrier.set_clock(host.app.now());
        carrier.set_provision_seconds(20);
        let shop = host
            .shop_at("northlight", Pricing::Burst, &simulator, adapter)
            .await;
        let Shop { reseller, carrier_id } = shop;
        let customer = host.customer(&reseller, "quay").await;
        Self {
            host,
            simulator,
            carrier,
            reseller,
            customer,
            carrier_id,
        }
    }

    /// A port at the carrier that nobody sells yet.
    pub fn build_port(&self, reference: &str, mbps: u32) {
        let port = NewPort::new(&self.reseller.slug, reference, mbps, MAX_MBPS);
        self.carrier.add_port(port).unwrap();
    }

    /// What adds the customer's port of this reference, believed to have `mbps`.
    pub fn new_port(&self, reference: &str, mbps: u32) -> Value {
        json!({
            "customer_id": self.customer.id, "name": reference, "carrier_id": self.carrier_id,
            "reference": reference, "base_mbps": mbps,
        })
    }

    /// A port of the customer that was read back.
    pub async fn port(&self, reference: &str, mbps: u32) -> String {
        self.build_port(reference, mbps);
        let new = self.new_port(reference, mbps);
        let id = text(&self.reseller.client.post("/v1/ports", new).await.expect(201)["id"]);
        self.work().await;
        id
    }

    /// Books a window of the port as its customer.
    pub async fn book(&self, port: &str, mbps: u32, from: &str, to: &str) -> Value {
        self.customer.book(port, mbps, from, to).await
    }

    /// Has a change quoted and books it as the customer.
    pub async fn book_wish(&self, wish: Value) -> Value {
        let client = &self.customer.client;
        let quote = client.post("/v1/quotes", wish).await.expect(201);
        let booking = json!({ "quote_id": quote["id"] });
        client.post("/v1/bandwidth-changes", booking).await.expect(201)
    }

    /// Does what is due now.
    pub async fn work(&self) {
        worker::drain(&self.host.app).await.unwrap();
    }

    /// Goes on to `until`, doing what falls due on the way when it does.
    pub async fn go_to(&self, until: &str) {
        self.host.pass(&self.simulator, until.parse().unwrap()).await;
    }

    /// Goes on to `until` with nobody there to do anything.
    pub fn skip_to(&self, until: &str) {
        self.host.clock.set(until.parse().unwrap());
        self.carrier.set_clock(self.host.app.now());
    }

    /// A change as its customer sees it.
    pub async fn change(&self, change: &Value) -> Value {
        let path = format!("/v1/bandwidth-changes/{}", text(&change["id"]));
        self.customer.client.get(&path).await.expect(200)
    }

    /// A port as its customer sees it.
    pub async fn shown(&self, port: &str) -> Value {
        self.customer
            .client
            .get(&format!("/v1/ports/{port}"))
            .await
            .expect(200)
    }

    /// (mbps, start, end) of a port's verified stretches.
    pub async fn intervals(&self, port: &str) -> Vec<(u64, String, Option<String>)> {
        let path = format!("/v1/ports/{port}/intervals");
        let items = self.customer.client.get(&path).await.expect(200)["items"].clone();
        let show = |interval: &Value| {
            let end = interval["ends_at"].as_str().map(str::to_owned);
            (
                interval["mbps"].as_u64().unwrap(),
                text(&interval["starts_at"]),
                end,
            )
        };
        items.as_array().unwrap().iter().map(show).collect()
    }
}
