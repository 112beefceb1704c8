//! Operations against a real carrier over real HTTP, with a real adapter: what a lost reply, a busy carrier, a dead
//! host and a changed mind come to. The clock is driven; the carrier follows it.

mod breakers;
mod deaths;
mod journals;
mod repair;

use chrono::TimeDelta;
use nexusport::{
    carriers::{
        self,
        operations::{self, Cause, Kind, NewOperation, Pinned},
    },
    db::Housekeeping,
    identity::{Caller, Permission, Purpose, entrance},
    ids::{CarrierId, OperationId, PortId, ReleaseId, TenantId},
    worker,
};
use nexusport_simulator::{Account, Fault, NewPort, Simulator};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::harness::{Customer, Host, Reseller, text};

const SECRET: &str = "simulator-s3cret";

/// A reseller with an adapter, a carrier and a customer's port of 1000 Mbps, already read.
struct Line {
    host: Host,
    simulator: Simulator,
    reseller: Reseller,
    customer: Customer,
    carrier: CarrierId,
    port: PortId,
    release: ReleaseId,
}

impl Line {
    async fn start() -> Self {
        let host = Host::start().await;
        let simulator = Simulator::start(([127, 0, 0, 1], 0).into()).await.unwrap();
        let control = simulator.control();
        control.set_clock(host.app.now());
        control.set_provision_seconds(10);
        control
            .add_account(Account::new("client", SECRET, "acme"))
            .unwrap();
        control
            .add_port(NewPort::new("acme", "port-1", 1_000, 10_000))
            .unwrap();
        let reseller = host.reseller("acme").await;
        let customer = host.customer(&reseller, "studio").await;
        // What a carrier is asked is counted: its ports are not read by the clock.
        let never = json!({ "every_minutes": 0 });
        let rhythm = reseller.client.put("/v1/settings/reconciliation", never).await;
        rhythm.expect(200);
        let carrier = connect(&reseller, &simulator).await;
        let release = adapter(&reseller, carrier).await;
        let new = json!({
            "customer_id": customer.id, "name": "Studio", "carrier_id": carrier, "reference": "port-1", "base_mbps": 1_000,
        });
        let port = id(&reseller.client.post("/v1/ports", new).await.expect(201));
        let line = Self {
            host,
            simulator,
            reseller,
            customer,
            carrier: carrier.into(),
            port: port.into(),
            release: release.into(),
        };
        line.play().await;
        line
    }

    /// Starts an operation on the port as its customer.
    async fn ask(&self, kind: Kind, mbps: Option<u32>) -> OperationId {
        let caller = self.caller().await;
        let mut house = self
            .host
            .app
            .db
            .house(&caller.for_house(Purpose::Carrier))
            .await
            .unwrap();
        let destinations = carriers::pinned(&mut house, self.carrier).await.unwrap();
        drop(house);
        let new = NewOperation {
            tenant: TenantId::from(self.customer.id.parse::<Uuid>().unwrap()),
            kind,
            carrier: self.carrier,
            port: Some(self.port),
            cause: Cause::None,
            from_mbps: Some(1_000),
            mbps,
            base_mbps: None,
            cursor: None,
            pinned: Pinned {
                release: self.release,
                settings: json!({ "poll_seconds": 5 }),
                destinations,
            },
        };
        let mut tx = self
            .host
            .app
            .db
            .write(&caller, Permission::BandwidthChange)
            .await
            .unwrap();
        let operation = operations::start(&mut tx, new).await.unwrap();
        tx.commit_housekeeping(Housekeeping::Journal).await.unwrap();
        operation
    }

    async fn order(&self, mbps: u32) -> OperationId {
        self.ask(Kind::ChangeBandwidth, Some(mbps)).await
    }

    async fn caller(&self) -> Caller {
        entrance::authenticate(&self.host.app, &self.customer.key)
            .await
            .unwrap()
    }

    /// Lets time pass, from one due job to the next, until there is nothing but what is done every day.
    async fn play(&self) {
        let tonight = self.host.app.now() + TimeDelta::hours(12);
        for _ in 0..100 {
            worker::drain(&self.host.app).await.unwrap();
            match worker::next_due(&self.host.app).await.unwrap() {
                Some(next) if next < tonight => self.set_clock(next),
                _ => return,
            }
        }
        panic!("there is no end of jobs");
    }

    async fn pass(&self, seconds: i64) {
        self.set_clock(self.host.app.now() + TimeDelta::seconds(seconds));
        worker::drain(&self.host.app).await.unwrap();
    }

    fn set_clock(&self, now: nexusport::app::Timestamp) {
        self.host.clock.set(now);
        self.simulator.control().set_clock(self.host.app.now());
    }

    fn fault(&self, fault: Fault) {
        self.simulator.control().fault(fault).unwrap();
    }

    /// The operation as the reseller sees it.
    async fn shown(&self, operation: OperationId) -> Value {
        self.reseller
            .client
            .get(&format!("/v1/operations/{operation}"))
            .await
            .expect(200)
    }

    /// How often the carrier was really asked this.
    fn asked(&self, method: &str, path: &str) -> usize {
        let ledger = self.simulator.control().ledger();
        let asked = |request: &&nexusport_simulator::Request| {
            request.method == method && request.path.starts_with(path)
        };
        ledger.requests.iter().filter(asked).count()
    }
}

async fn connect(reseller: &Reseller, simulator: &Simulator) -> Uuid {
    let new = json!({ "name": "Simulated Networks" });
    let carrier = id(&reseller.client.post("/v1/carriers", new).await.expect(201));
    let destination = json!({ "base_url": simulator.url() });
    let path = format!("/v1/carriers/{carrier}/destinations/api");
    reseller.client.put(&path, destination).await.expect(200);
    let credential = json!({
        "destinations": ["api"],
        "secret": {
            "kind": "oauth2", "client_id": "client", "client_secret": SECRET,
            "token_destination": "api", "token_target": "/oauth/token",
        },
    });
    let path = format!("/v1/carriers/{carrier}/credentials/oauth");
    reseller.client.put(&path, credential).await.expect(200);
    carrier
}

async fn adapter(reseller: &Reseller, carrier: Uuid) -> Uuid {
    let client = &reseller.client;
    let component = nexusport_plugins::CARRIER_SIMULATOR;
    let uploaded = client
        .upload("/v1/plugins/adapter/releases", component)
        .await
        .expect(201);
    let release = id(&uploaded);
    let yes = json!({ "digest": uploaded["digest"] });
    client
        .post(&format!("/v1/releases/{release}/approve"), yes)
        .await
        .expect(200);
    let activation =
        json!({ "release_id": release, "carrier_id": carrier, "settings": { "poll_seconds": 5 } });
    client.post("/v1/activations", activation).await.expect(201);
    release
}

fn id(answer: &Value) -> Uuid {
    text(&answer["id"]).parse().unwrap()
}

/// Whether the text is anywhere in the answer.
fn has(answer: &Value, words: &str) -> bool {
    answer.to_string().contains(words)
}
