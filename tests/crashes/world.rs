//! A shop whose work programs do, and the time they live in.

use chrono::TimeDelta;
use nexusport::app::Timestamp;
use nexusport_simulator::Simulator;
use serde_json::{Value, json};
use sqlx::{Connection as _, PgConnection};
use tokio::time::{Duration, Interval, interval};

use crate::harness::{Adapter, ClockFile, Host, Program, Stage, text};

/// What is not due within this is nothing that a booking left: some work comes every day.
const HORIZON: TimeDelta = TimeDelta::hours(3);

/// A shop with ports, without anybody who works; time stands still unless it is moved.
pub struct World {
    pub stage: Stage,
    pub clock: ClockFile,
    pub ports: Vec<Port>,
    superuser: PgConnection,
    /// How often one looks whether something happened.
    looks: Interval,
}

/// A port, at 1000 Mbps at first.
pub struct Port {
    pub id: String,
    /// What the carrier calls it.
    pub reference: String,
}

/// What the queue says.
pub enum Queue {
    /// There is something to do now.
    Busy,
    /// Nothing before then.
    Until(Timestamp),
    /// Nothing that a booking left.
    Quiet,
}

impl World {
    /// Customers' ports at a carrier; changes to more than 6000 Mbps need approval.
    pub async fn set(ports: usize, carrier: Carrier) -> Self {
        let host = Host::start().await;
        let simulator = match carrier {
            Carrier::TellsSince => host.carrier().await,
            Carrier::Silent => super::silent::carrier().await,
        };
        let stage = Stage::set_at(host, simulator, &Adapter::simulator()).await;
        let rules = json!({ "mbps_above": 6_000, "four_eyes": false });
        let seller = &stage.reseller.client;
        seller.put("/v1/settings/approval", rules).await.expect(200);
        let clock = stage.host.folder.path().join("clock");
        let mut world = Self {
            clock: ClockFile::new(clock, stage.host.app.now()),
            superuser: stage.host.database.superuser().await,
            ports: Vec::new(),
            stage,
            looks: interval(Duration::from_millis(5)),
        };
        for n in 0..ports {
            let reference = format!("port-{n}");
            world.stage.build_port(&reference, 1_000);
            let new = world.stage.new_port(&reference, 1_000);
            let added = world
                .stage
                .reseller
                .client
                .post("/v1/ports", new)
                .await
                .expect(201);
            world.ports.push(Port {
                id: text(&added["id"]),
                reference,
            });
        }
        world.stage.work().await;
        world
    }

    pub fn now(&self) -> Timestamp {
        self.stage.host.app.now()
    }

    pub fn simulator(&self) -> &Simulator {
        &self.stage.simulator
    }

    /// Shows everybody the time.
    pub fn show(&self, now: Timestamp) {
        self.stage.carrier.set_clock(now);
        self.stage.host.clock.set(now);
        self.clock.show(now);
    }

    pub async fn start(&self, dies_at: Option<&str>) -> Option<Program> {
        Program::start(&self.stage.host, &self.clock, dies_at).await.ok()
    }

    /// Ends the leases of hosts that are dead. Only while none is alive.
    pub async fn take_over(&mut self) {
        sqlx::query(
            "update job set leased_until = clock_timestamp() - interval '1 s' where state = 'running'",
        )
        .execute(&mut self.superuser)
        .await
        .unwrap();
    }

    pub async fn queue(&mut self) -> Queue {
        let now = self.now();
        let (busy, next): (i64, Option<Timestamp>) = sqlx::query_as(
            "select count(*) filter (where state = 'running' or due_at <= $1), min(due_at) filter (where due_at > $1)
            from job
            where state in ('waiting', 'running')",
        )
        .bind(now)
        .fetch_one(&mut self.superuser)
        .await
        .unwrap();
        match next {
            _ if busy > 0 => Queue::Busy,
            Some(next) if next < now + HORIZON => Queue::Until(next),
            _ => Queue::Quiet,
        }
    }

    /// A moment later.
    pub async fn look_again(&mut self) {
        self.looks.tick().await;
    }

    /// Lets whoever works get to where nothing is due that a booking left. Fails where nobody gets on.
    pub async fn settle(&mut self, patience: Duration) {
        let settled = async {
            loop {
                match self.queue().await {
                    Queue::Busy => self.look_again().await,
                    Queue::Until(next) => self.show(next),
                    Queue::Quiet => return,
                }
            }
        };
        tokio::time::timeout(patience, settled)
            .await
            .expect("the work comes to an end");
    }

    pub fn superuser(&mut self) -> &mut PgConnection {
        &mut self.superuser
    }

    /// What a superuser counts.
    pub async fn count(&mut self, query: &'static str) -> i64 {
        sqlx::query_scalar(query)
            .fetch_one(&mut self.superuser)
            .await
            .unwrap()
    }

    /// Everything of a list.
    pub async fn all(&self, path: &str) -> Vec<Value> {
        let (mut items, mut next) = (Vec::new(), Value::Null);
        loop {
            let cursor = next
                .as_str()
                .map_or(String::new(), |cursor| format!("&cursor={cursor}"));
            let page = format!("{path}limit=200{cursor}");
            let page = self.stage.customer.client.get(&page).await.expect(200);
            items.extend(page["items"].as_array().unwrap().iter().cloned());
            next = page["next"].clone();
            if next.is_null() {
                return items;
            }
        }
    }

    pub async fn leave(self) {
        self.superuser.close().await.unwrap();
    }
}

/// What kind of carrier it is.
#[derive(Debug, Clone, Copy)]
pub enum Carrier {
    /// It tells since when a port has its speed.
    TellsSince,
    /// It tells the speed alone.
    Silent,
}
