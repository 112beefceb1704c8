//! Everything that can come between a window's start and its end, in one window: who booked it is removed, their tenant
//! suspended, the base raised, the adapter's release replaced. The port comes down to the raised base all the same, and what is
//! billed is what the carrier delivered.

use chrono::{DateTime, TimeDelta};
use futures::future::join_all;
use nexusport::app::Timestamp;
use nexusport_simulator::Status;
use serde_json::{Value, json};

use super::{at, of, states, window};
use crate::harness::{Client, Shop, Stage, text};

/// What comes between.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Event {
    Removed,
    Suspended,
    Raised,
    Replaced,
}

use Event::{Raised, Removed, Replaced, Suspended};

/// Each of them comes first once, and last once.
const ORDERS: [[Event; 4]; 4] = [
    [Removed, Suspended, Raised, Replaced],
    [Replaced, Raised, Suspended, Removed],
    [Suspended, Removed, Replaced, Raised],
    [Raised, Replaced, Removed, Suspended],
];

/// A window of Ann's, who is a member of the customer.
struct Evening {
    stage: Stage,
    ann: Client,
    port: String,
    window: Value,
}

#[tokio::test]
async fn a_port_comes_down_to_its_raised_base_whatever_comes_between_and_in_whichever_order() {
    join_all(ORDERS.map(play)).await;
}

async fn play(events: [Event; 4]) {
    let mut evening = Evening::begin().await;
    let mut base = None;
    for (n, event) in (0..).zip(events) {
        let when = at("18:30:00").parse::<Timestamp>().unwrap() + TimeDelta::minutes(30 * n);
        evening.stage.go_to(&when.to_rfc3339()).await;
        match event {
            Removed => evening.remove().await,
            Suspended => evening.suspend().await,
            Raised => base = Some(evening.raise().await),
            Replaced => evening.replace().await,
        }
        assert_eq!(evening.speed(), 5000, "{event:?} of {events:?}");
    }
    evening.check(&base.unwrap(), &format!("{events:?}")).await;
}

impl Evening {
    async fn begin() -> Self {
        let stage = Stage::set().await;
        let port = stage.port("studio", 1000).await;
        let owner = &stage.customer.client;
        let invitation = json!({ "email": "ann@quay.example" });
        owner.post("/v1/invitations", invitation).await.expect(201);
        let ann = stage.host.accept("ann@quay.example", "Ann").await;
        let wish = window(&port, 5000, &at("18:00:00"), &at("22:00:00"));
        let quote = ann.post("/v1/quotes", wish).await.expect(201);
        let booking = json!({ "quote_id": quote["id"] });
        let window = ann.post("/v1/bandwidth-changes", booking).await.expect(201);
        Self {
            stage,
            ann,
            port,
            window,
        }
    }

    /// What the carrier delivers now.
    fn speed(&self) -> u32 {
        let ledger = self.stage.carrier.ledger();
        let mut orders = ledger.orders.iter().map(|entry| &entry.order);
        let delivered = orders.rfind(|order| order.status == Status::Completed);
        delivered.map_or(1000, |order| order.mbps)
    }

    async fn remove(&mut self) {
        let reseller = &self.stage.reseller.client;
        let members = reseller.get("/v1/memberships?limit=200").await.expect(200);
        let mut members = members["items"].as_array().unwrap().iter();
        let ann = members.find(|member| member["name"] == "Ann").unwrap();
        let path = format!("/v1/memberships/{}", text(&ann["id"]));
        reseller.delete(&path).await.expect(204);
        self.ann.get("/v1/me").await.problem(401, "credential_invalid");
    }

    async fn suspend(&mut self) {
        let ada = self.stage.host.operator("ada").await;
        let path = format!("/v1/operator/tenants/{}/suspension", self.stage.customer.id);
        let reason = json!({ "reason": "three invoices are unpaid" });
        ada.put(&path, reason).await.expect(200);
        let wish = window(&self.port, 3000, &at("23:00:00"), &at("23:30:00"));
        let refused = self.stage.customer.client.post("/v1/quotes", wish).await;
        refused.problem(403, "tenant_suspended");
    }

    /// By the reseller, who may whatever became of its customer.
    async fn raise(&mut self) -> Value {
        let reseller = &self.stage.reseller.client;
        let now = self.stage.host.app.now() + TimeDelta::minutes(1);
        let wish = json!({ "port_id": self.port, "kind": "base", "mbps": 2000, "starts_at": now });
        let quote = reseller.post("/v1/quotes", wish).await.expect(201);
        let booking = json!({ "quote_id": quote["id"] });
        reseller.post("/v1/bandwidth-changes", booking).await.expect(201)
    }

    async fn replace(&mut self) {
        let shop = Shop {
            reseller: self.stage.reseller.clone(),
            carrier_id: self.stage.carrier_id.clone(),
        };
        let adapter = json!({ "carrier_id": shop.carrier_id, "settings": { "poll_seconds": 5 } });
        shop.activate("second", nexusport_plugins::CARRIER_SIMULATOR, adapter)
            .await;
    }

    async fn check(&self, base: &Value, what: &str) {
        let stage = &self.stage;
        stage.go_to("2026-04-01T09:00:00Z").await;
        let reseller = &stage.reseller.client;
        let change = async |change: &Value| {
            let path = format!("/v1/bandwidth-changes/{}", text(&change["id"]));
            reseller.get(&path).await.expect(200)
        };
        let window = change(&self.window).await;
        assert_eq!(states(&window), of("verified", "verified"), "{what}");
        assert_eq!(window["return_leg"]["target_mbps"], 2000, "{what}");
        assert_eq!(change(base).await["state"], "verified", "{what}");
        let port = reseller
            .get(&format!("/v1/ports/{}", self.port))
            .await
            .expect(200);
        let shown = ["base_mbps", "observed_mbps", "drift_mbps"].map(|field| port[field].as_i64());
        assert_eq!(shown, [Some(2000), Some(2000), Some(0)], "{what}");
        let releases = self.releases().await;
        assert_eq!(releases.len(), 2, "{what}");
        assert_ne!(
            releases[0], releases[1],
            "{what}: the way back takes the new release"
        );
        let delivered = self.delivered();
        let speeds: Vec<_> = delivered.iter().map(|(mbps, _)| *mbps).collect();
        assert_eq!(speeds, [1000, 5000, 2000], "{what}");
        assert_eq!(self.billed().await, delivered, "{what}");
    }

    /// Which release ordered, each time.
    async fn releases(&self) -> Vec<Value> {
        let path = "/v1/operations?limit=200";
        let operations = self.stage.reseller.client.get(path).await.expect(200);
        let operations = operations["items"].as_array().unwrap().iter();
        let orders = operations.filter(|operation| operation["kind"] == "change_bandwidth");
        orders.map(|operation| operation["release_id"].clone()).collect()
    }

    /// The port's speeds by the carrier's ledger, and since when; the first since the port was sold.
    fn delivered(&self) -> Vec<(i64, Timestamp)> {
        let ledger = self.stage.carrier.ledger();
        assert_eq!(ledger.totals.duplicates, 0);
        let orders = ledger.orders.iter().map(|entry| &entry.order);
        let orders = orders.map(|order| (order.mbps.into(), order.completed_at.unwrap()));
        let sold = "2026-03-02T12:00:00Z".parse().unwrap();
        [(1000, sold)].into_iter().chain(orders).collect()
    }

    /// The same by what March was priced from: without a hole, to the month's end.
    async fn billed(&self) -> Vec<(i64, Timestamp)> {
        let reseller = &self.stage.reseller.client;
        let run = json!({ "customer_id": self.stage.customer.id, "period": "2026-03" });
        reseller.post("/v1/billing-runs", run).await.expect(201);
        let charges = reseller.get("/v1/charges").await.expect(200);
        let receipt = format!("/v1/receipts/{}", text(&charges["items"][0]["receipt_id"]));
        let receipt = reseller.get(&receipt).await.expect(200);
        let facts = receipt["input"]["facts"].as_array().unwrap();
        let at = |millis: &Value| DateTime::from_timestamp_millis(millis.as_i64().unwrap()).unwrap();
        let mut billed: Vec<(i64, Timestamp)> = Vec::new();
        let mut end = at(&facts[0]["interval"]["start"]);
        for fact in facts.iter().map(|fact| &fact["interval"]) {
            assert_eq!(at(&fact["start"]), end, "{facts:#?}");
            end = at(&fact["end"]);
            let mbps = fact["mbps"].as_i64().unwrap();
            // A stretch is cut where the base changes under it.
            if billed.last().is_none_or(|(last, _)| *last != mbps) {
                billed.push((mbps, at(&fact["start"])));
            }
        }
        assert_eq!(end, "2026-03-31T22:00:00Z".parse::<Timestamp>().unwrap());
        billed
    }
}
