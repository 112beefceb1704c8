//! Evenings by chance: a seed draws windows that meet, touch and overlap, bases that change inside them, what goes wrong at the
//! carrier, and which of two hosts does what is due each time. When all is over, every port has the speed that it should by the
//! carrier's ledger, nothing was ordered twice, and what is verified is what was delivered.
//!
//! `NEXUSPORT_EVENINGS=200` plays more of them; `NEXUSPORT_EVENING=17` plays one.

mod drawn;

use chrono::TimeDelta;
use nexusport::{
    app::{App, Timestamp},
    worker,
};
use nexusport_simulator::{Order, Status};
use serde_json::{Value, json};

use crate::harness::Stage;
use drawn::{Chance, Drawn, faults};

/// As many as take less than a minute on a small machine.
const EVENINGS: u64 = 8;
const PORTS: usize = 3;

/// One port, and what its base becomes.
struct Port {
    id: String,
    reference: String,
    /// Since when, by when it was booked to begin.
    bases: Vec<(Timestamp, u32)>,
}

/// One evening at the stage of all.
struct Evening<'a> {
    stage: &'a Stage,
    hosts: &'a [App],
    chance: Chance,
    begins_at: Timestamp,
    ports: Vec<Port>,
    booked: Vec<Value>,
}

#[tokio::test]
async fn every_port_ends_at_its_speed_whoever_does_what_is_due_and_whatever_goes_wrong() {
    let number = |name| {
        std::env::var(name)
            .ok()
            .map(|it| it.parse::<u64>().expect("a number"))
    };
    let seeds = match number("NEXUSPORT_EVENING") {
        Some(seed) => seed..seed + 1,
        None => 0..number("NEXUSPORT_EVENINGS").unwrap_or(EVENINGS),
    };
    let stage = Stage::set().await;
    let hosts = [stage.host.app.clone(), stage.host.another_app().await];
    let (mut booked, mut struck) = (0, 0);
    let all = seeds.end - seeds.start;
    for seed in seeds {
        let mut evening = Evening::begin(&stage, &hosts, seed).await;
        evening.book().await;
        evening.pass().await;
        evening
            .check(&format!("evening {seed}; again: NEXUSPORT_EVENING={seed}"))
            .await;
        booked += evening.booked.len();
        let requests = stage.carrier.ledger().requests;
        struck = requests.iter().filter(|request| request.fault.is_some()).count();
    }
    assert!(booked as u64 >= 5 * all, "only {booked} changes were booked");
    assert!(
        all < EVENINGS || struck > 10,
        "only {struck} requests were struck"
    );
}

impl<'a> Evening<'a> {
    async fn begin(stage: &'a Stage, hosts: &'a [App], seed: u64) -> Self {
        let begins_at = stage.host.app.now() + TimeDelta::hours(1);
        let mut chance = Chance::of(seed);
        let mut ports = Vec::new();
        for n in 0..PORTS {
            let reference = format!("p-{seed}-{n}");
            let id = stage.port(&reference, 1000).await;
            let bases = vec![(begins_at, 1000)];
            ports.push(Port { id, reference, bases });
        }
        let provisioning = chance.pick(&[0, 1, 20, 90]);
        stage.carrier.set_provision_seconds(provisioning);
        for fault in faults(&mut chance) {
            stage.carrier.fault(fault).unwrap();
        }
        Self {
            stage,
            hosts,
            chance,
            begins_at,
            ports,
            booked: Vec::new(),
        }
    }

    /// Books what can be booked of what was drawn.
    async fn book(&mut self) {
        let client = &self.stage.customer.client;
        for n in 0..PORTS {
            for drawn in Drawn::for_a_port(&mut self.chance) {
                let wish = drawn.wish(&self.ports[n].id, self.begins_at);
                let quote = client.post("/v1/quotes", wish).await;
                if !quote.status.is_success() {
                    continue;
                }
                let quote = quote.expect(201);
                let booking = json!({ "quote_id": quote["id"] });
                let change = client.post("/v1/bandwidth-changes", booking).await;
                // Windows that overlap are refused.
                if !change.status.is_success() {
                    continue;
                }
                self.booked.push(change.expect(201));
                if let Drawn::Base { at, mbps } = drawn {
                    let at = self.begins_at + TimeDelta::minutes(at);
                    self.ports[n].bases.push((at, mbps));
                }
            }
        }
    }

    /// Lets a day pass; whatever falls due is done by the one host or the other.
    async fn pass(&mut self) {
        let until = self.begins_at + TimeDelta::days(1);
        while let Some(due) = worker::next_due(&self.hosts[0]).await.unwrap() {
            if due > until {
                break;
            }
            self.stage.skip_to(&due.to_rfc3339());
            let host = self.chance.pick(self.hosts);
            worker::drain(&host).await.unwrap();
        }
        self.stage.skip_to(&until.to_rfc3339());
    }

    async fn check(&self, what: &str) {
        let stage = self.stage;
        let what = &format!("{what}\n{}", self.story());
        for change in &self.booked {
            let change = stage.change(change).await;
            assert_eq!(change["state"], "verified", "{what}: {change:#}");
            let leg = change["return_leg"]["state"].as_str();
            assert!(
                leg.is_none_or(|leg| ["verified", "passed_on"].contains(&leg)),
                "{what}: {change:#}"
            );
        }
        let ledger = stage.carrier.ledger();
        assert_eq!(ledger.totals.duplicates, 0, "{what}");
        for port in &self.ports {
            let orders = ledger.orders.iter().map(|entry| &entry.order);
            let orders: Vec<_> = orders.filter(|order| order.port == port.reference).collect();
            let path = format!("/v1/ports/{}/orders", port.reference);
            let worked = ledger.requests.iter().filter(|request| {
                let not_done = ["lost_request", "throttle", "error", "token_revoked"];
                let fault = request.fault.as_deref();
                request.method == "POST"
                    && request.path == path
                    && !fault.is_some_and(|it| not_done.contains(&it))
            });
            let taken = worked.filter(|request| request.status.is_none_or(|status| status < 300));
            assert_eq!(
                taken.count(),
                orders.len(),
                "{what}: {} was sent twice",
                port.reference
            );
            assert!(
                orders.iter().all(|order| order.status == Status::Completed),
                "{what}"
            );
            self.check_speed(port, &orders, what).await;
        }
    }

    /// What the carrier was asked in this evening, for whoever reads a failure.
    fn story(&self) -> String {
        let requests = self.stage.carrier.ledger().requests.into_iter();
        let asked = requests
            .filter(|request| request.at >= self.begins_at)
            .map(|request| {
                let (status, fault) = (
                    request.status.unwrap_or_default(),
                    request.fault.unwrap_or_default(),
                );
                format!(
                    "{} {} {} {status} {fault}",
                    request.at, request.method, request.path
                )
            });
        asked.collect::<Vec<_>>().join("\n")
    }

    /// Fails unless the port has its base, and what is verified is what was delivered.
    async fn check_speed(&self, port: &Port, orders: &[&Order], what: &str) {
        let (_, base) = port.bases.iter().max_by_key(|(at, _)| *at).unwrap();
        let last = orders.last().map_or(1000, |order| order.mbps);
        let shown = self.stage.shown(&port.id).await;
        let seen = ["base_mbps", "observed_mbps", "intended_mbps"].map(|field| shown[field].as_u64());
        let what = format!("{what}: {}: {orders:#?}", port.reference);
        assert_eq!((last, seen), (*base, [Some(u64::from(*base)); 3]), "{what}");
        let mut delivered = vec![(1000_u64, None)];
        for order in orders {
            if delivered
                .last()
                .is_some_and(|(mbps, _)| *mbps != u64::from(order.mbps))
            {
                delivered.push((order.mbps.into(), order.completed_at));
            }
        }
        let mut verified = Vec::<(u64, Option<Timestamp>)>::new();
        for (mbps, from, _) in self.stage.intervals(&port.id).await {
            if verified.last().is_none_or(|(last, _)| *last != mbps) {
                // What was there before the port was is nobody's to bill.
                let from = (!verified.is_empty()).then(|| from.parse().unwrap());
                verified.push((mbps, from));
            }
        }
        assert_eq!(verified, delivered, "{what}");
    }
}
