//! Two resellers with everything the API can make, billed and all, and the ids of one customer's things.

use nexusport::{identity::Permission, worker};
use nexusport_simulator::Simulator;
use serde_json::{Value, json};

use super::{
    dead::{self, Dead},
    entries::Entry,
    made::{alert, dead_letter, domains, drift, first, kept_run, location, providers, session, upload},
};
use crate::harness::{Client, Customer, Host, Pricing, Shop, text};

/// An id that nobody has.
pub const NOBODY: &str = "00000000-0000-7000-8000-000000000000";

pub struct World {
    pub host: Host,
    _carrier: Simulator,
    pub shop: Shop,
    pub customer: Customer,
    pub sibling: Customer,
    pub other: Shop,
    /// Credentials of the reseller and of its customer that are good for nothing.
    pub dead: [Vec<Dead>; 2],
    pub port: String,
    pub location: String,
    pub open_quote: String,
    pub change: String,
    pub scheduled_change: String,
    pub schedule: String,
    pub operation: String,
    pub invoice: String,
    pub receipt: String,
    pub pricing_release: String,
    pub plugin_run: String,
    pub unapproved_release: String,
    pub unapproved_digest: String,
    pub activation: String,
    pub shadow: String,
    pub alert: String,
    pub drift: String,
    pub dead_letter: String,
    pub another_letter: String,
    pub api_key: String,
    pub membership: String,
    pub role: String,
    /// Of the customer's owner.
    pub session: String,
    /// A host that the first reseller claims; both resellers have several.
    pub domain: String,
    pub identity_provider: String,
    /// An operator's visit to the customer, and the operator.
    pub visit: String,
    pub operator: Client,
    pub invitation: String,
    pub export: String,
    pub departure: String,
    /// Ids that no stranger may ever see.
    pub secrets: Vec<String>,
}

impl World {
    pub async fn build() -> Self {
        let host = Host::start_at("2026-02-27T09:00:00Z".parse().unwrap()).await;
        let carrier = host.carrier().await;
        let shop = host.shop("northlight", Pricing::Committed, &carrier).await;
        let other = host.shop("harbour", Pricing::Burst, &carrier).await;
        let all = json!({ "sample_percent": 100 });
        let kept = shop.reseller.client.put("/v1/settings/plugin_runs", all).await;
        assert!(kept.status.is_success());
        let customer = host.customer(&shop.reseller, "alpine").await;
        let sibling = host.customer(&shop.reseller, "danube").await;
        let theirs = host.customer(&other.reseller, "thames").await;
        other.port(&host, &carrier, &theirs, "t-1", 1000).await;
        other.port(&host, &carrier, &theirs, "t-2", 1000).await;
        let dead = [
            dead::credentials(&host, &shop.reseller.client, &shop.reseller.session).await,
            dead::credentials(&host, &customer.client, &customer.session).await,
        ];
        let wish = json!({ "slug": "alpine", "reason": "only for a moment", "without_export": true });
        let departure = customer.client.post("/v1/departures", wish).await.expect(201);
        let path = format!("/v1/departures/{}", text(&departure["id"]));
        assert_eq!(customer.client.delete(&path).await.status, 204);
        let port = shop.port(&host, &carrier, &customer, "a-1", 1000).await;
        let change = customer
            .book(&port, 5000, "2026-03-10T18:00:00Z", "2026-03-10T22:00:00Z")
            .await;
        host.pass(&carrier, "2026-04-01T09:00:00Z".parse().unwrap()).await;
        let run = json!({ "customer_id": customer.id, "period": "2026-03" });
        let status = shop.reseller.client.post("/v1/billing-runs", run).await.status;
        assert!(status.is_success());
        let scheduled = customer
            .book(&port, 5000, "2026-04-10T18:00:00Z", "2026-04-10T22:00:00Z")
            .await;
        let schedule = json!({ "port_id": port, "terms": { "mbps": 5000, "days": ["sunday"],
            "from": "02:00", "to": "04:00", "time_zone": "UTC", "ends_on": "2026-04-12" } });
        let schedule = customer.client.post("/v1/schedules", schedule).await.expect(201);
        let quote = json!({ "port_id": port, "kind": "window", "mbps": 2000,
            "starts_at": "2026-04-15T18:00:00Z", "ends_at": "2026-04-15T22:00:00Z" });
        let quote = customer.client.post("/v1/quotes", quote).await.expect(201);
        domains(&other, "harbour").await;
        providers(&other).await;
        let (unapproved, unapproved_digest) =
            upload(&shop, "only-ours", nexusport_plugins::PRICING_BURST).await;
        let pricing = first(&shop.reseller.client, "/v1/plugins/pricing/releases").await;
        let shadow = json!({ "release_id": pricing["id"], "settings": Pricing::Committed.settings(), "period": "2026-02" });
        let shadow = shop.reseller.client.post("/v1/shadows", shadow).await.expect(201);
        let invoice = first(&customer.client, "/v1/invoices").await;
        let full = customer
            .client
            .get(&format!("/v1/invoices/{}", text(&invoice["id"])))
            .await
            .expect(200);
        let operator = host.operator("ada").await;
        let visit = json!({ "tenant_id": customer.id, "reason": "to be told apart", "minutes": 60 });
        let visit = operator.post("/v1/operator/visits", visit).await.expect(201);
        let invitation = json!({ "email": "guest@example.com" });
        let invitation = customer
            .client
            .post("/v1/invitations", invitation)
            .await
            .expect(201);
        let export = customer.client.post("/v1/exports", Value::Null).await.expect(202);
        let inventory = format!("/v1/carriers/{}/inventory", shop.carrier_id);
        shop.reseller
            .client
            .post(&inventory, Value::Null)
            .await
            .expect(202);
        worker::drain(&host.app).await.unwrap();
        let inbox = format!("/v1/carriers/{}/inbox", shop.carrier_id);
        shop.reseller.client.put(&inbox, json!({})).await.expect(200);
        let mut world = Self {
            dead,
            export: text(&export["id"]),
            departure: text(&departure["id"]),
            open_quote: text(&quote["id"]),
            change: text(&change["id"]),
            scheduled_change: text(&scheduled["id"]),
            schedule: text(&schedule["id"]),
            operation: text(&first(&customer.client, "/v1/operations").await["id"]),
            invoice: text(&invoice["id"]),
            receipt: text(&full["lines"][0]["receipt_id"]),
            pricing_release: text(&pricing["id"]),
            plugin_run: kept_run(&shop).await,
            unapproved_release: unapproved,
            unapproved_digest,
            shadow: text(&shadow["id"]),
            activation: text(&first(&shop.reseller.client, "/v1/activations").await["id"]),
            alert: alert(&host, &shop.reseller.id, &customer.id).await,
            drift: drift(&host, &shop.reseller.id, &customer.id, &port).await,
            dead_letter: dead_letter(&host, &shop.reseller.id, &customer.id).await,
            another_letter: dead_letter(&host, &shop.reseller.id, &customer.id).await,
            api_key: text(&first(&customer.client, "/v1/api-keys").await["id"]),
            domain: domains(&shop, "northlight").await,
            identity_provider: providers(&shop).await,
            membership: text(&first(&customer.client, "/v1/memberships").await["id"]),
            role: text(&first(&customer.client, "/v1/roles").await["id"]),
            session: session(&host).await,
            visit: text(&visit["id"]),
            operator,
            invitation: text(&invitation["id"]),
            port,
            location: location(&shop).await,
            secrets: Vec::new(),
            host,
            _carrier: carrier,
            shop,
            customer,
            sibling,
            other,
        };
        world.secrets = [
            &world.port,
            &world.location,
            &world.open_quote,
            &world.change,
            &world.schedule,
            &world.operation,
            &world.invoice,
            &world.receipt,
            &world.alert,
            &world.drift,
            &world.dead_letter,
            &world.another_letter,
            &world.api_key,
            &world.domain,
            &world.identity_provider,
            &world.membership,
            &world.session,
            &world.invitation,
            &world.customer.id,
            &world.visit,
        ]
        .map(Clone::clone)
        .to_vec();
        world
    }

    /// Who would be answered: the customer where customers can have the permission, else its reseller.
    pub fn owner(&self, entry: &Entry) -> Client {
        if entry.for_customers() {
            self.customer.client.clone()
        } else {
            self.shop.reseller.client.clone()
        }
    }

    /// Dead credentials of the owner's tenant.
    pub fn dead(&self, entry: &Entry) -> &[Dead] {
        &self.dead[usize::from(entry.for_customers())]
    }

    /// The owner's tenant with every permission but the one that the operation needs.
    pub async fn lacking(&self, entry: &Entry) -> Client {
        let owner = self.owner(entry);
        let others = Permission::ALL.iter().filter(|p| **p != entry.permission);
        let others = others.filter(|p| !entry.for_customers() || p.for_customers());
        let names: Vec<_> = others.map(|permission| permission.name()).collect();
        let key = owner
            .post("/v1/api-keys", json!({ "name": "lacking", "permissions": names }))
            .await
            .expect(201);
        owner.with_token(&text(&key["secret"]))
    }
}
