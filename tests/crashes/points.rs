//! Killed before and after everything that lasts.

use chrono::TimeDelta;
use futures::future::join_all;
use nexusport::{app::Timestamp, crash::Point};
use nexusport_simulator::{Fault, Kind};
use reqwest::Method;
use rustix::process::Signal;
use serde_json::{Value, json};
use std::os::unix::process::ExitStatusExt as _;

use super::{
    count, judge, patience,
    world::{Carrier, Queue, World},
};
use crate::harness::{Answer, Program, text};

/// Ports that take turns, so that windows come to overlap with what a dead host left.
const PORTS: usize = 7;

/// After so many bookings a host that should be dead never will be.
const BOOKINGS_A_LIFE: usize = 40;

/// Something to book, and how far that came.
struct Booking {
    port: usize,
    mbps: u32,
    /// None for a base change.
    until: Option<Timestamp>,
    quote: String,
    change: Option<Value>,
    over: bool,
}

/// A world whose hosts die one after another.
struct Lives {
    world: World,
    carrier: Carrier,
    bookings: Vec<Booking>,
    /// What the ports' bases are when everything is over.
    bases: [u32; PORTS],
    deaths: Vec<String>,
    /// How many answers are still to be slow, and how many were.
    slow: usize,
    met: usize,
}

#[tokio::test]
async fn no_order_is_lost_or_doubled_wherever_the_host_dies() {
    let deaths = count("NEXUSPORT_CRASHES", PLACES);
    let carriers = [Carrier::TellsSince, Carrier::TellsSince, Carrier::Silent];
    let lives = carriers.into_iter().enumerate().map(|(n, carrier)| {
        // Each carrier meets every place, a round of all places later than the one before it.
        let mine = (0..deaths).filter(|place| (place + place / PLACES) % 3 == n);
        play(carrier, mine.map(place).collect())
    });
    let died: usize = join_all(lives).await.into_iter().sum();
    assert_eq!(died, deaths);
}

/// The points, and one more.
const PLACES: usize = Point::ALL.len() + 1;

/// Where the host waits for an order's answer: it is killed from outside.
const UNDER_WAY: &str = "under_way";

/// The nth place to die: every one once, then every point at its second passage, at its third, and at its first again.
fn place(n: usize) -> String {
    match Point::ALL.get(n % PLACES) {
        Some(point) => format!("{}:{}", point.name(), n / PLACES % 3),
        None => UNDER_WAY.to_owned(),
    }
}

/// Lets a host die at each of the points, and a last one live; gives how many died.
async fn play(carrier: Carrier, points: Vec<String>) -> usize {
    let mut lives = Lives {
        world: World::set(PORTS, carrier).await,
        carrier,
        bookings: Vec::new(),
        bases: [1_000; PORTS],
        deaths: Vec::new(),
        slow: 0,
        met: 0,
    };
    for point in points {
        tokio::time::timeout(patience(0), lives.die(&point))
            .await
            .unwrap_or_else(|_| panic!("at {point} nobody got on"));
        lives.deaths.push(point);
    }
    lives.live().await;
    let died = lives.deaths.len();
    lives.judge().await;
    died
}

impl Lives {
    /// A host goes on with what the last one left, and books more when there is nothing left to do, until it dies.
    async fn die(&mut self, point: &str) {
        let under_way = point == UNDER_WAY;
        if under_way {
            let never = Kind::Slow {
                milliseconds: 600_000,
            };
            let fault = Fault::new(never).on("POST", "/v1/ports/");
            self.world.simulator().control().fault(fault).unwrap();
            self.slow += 1;
        }
        let dies_at = (!under_way).then_some(point);
        if let Some(mut host) = self.world.start(dies_at).await {
            for booked in 0.. {
                assert!(booked < BOOKINGS_A_LIFE, "{point} is never passed");
                if self.work(&mut host).await.is_none() {
                    break;
                }
                self.wish(2).await;
            }
            let ended = host.end().await;
            assert_eq!(
                ended.signal(),
                Some(Signal::KILL.as_raw()),
                "{point}: {}",
                host.said()
            );
        }
        self.world.take_over().await;
    }

    /// The last host, which nobody kills.
    async fn live(&mut self) {
        let mut host = self.world.start(None).await.expect("nobody kills it");
        let worked = tokio::time::timeout(patience(0), self.work(&mut host)).await;
        worked.expect("it gets on").expect("it lives");
        host.kill().await;
    }

    /// Books what is still to be booked and lets the host do what is due, until there is nothing; none if it died.
    async fn work(&mut self, host: &mut Program) -> Option<()> {
        for n in 0..self.bookings.len() {
            if !self.bookings[n].over {
                self.book(host, n).await?;
            }
        }
        loop {
            if self.is_waited_for() {
                host.signal(Signal::KILL);
                host.end().await;
            }
            if host.ended().is_some() {
                return None;
            }
            match self.world.queue().await {
                Queue::Busy => self.world.look_again().await,
                Queue::Until(next) => self.world.show(next),
                Queue::Quiet => return Some(()),
            }
        }
    }

    /// Whether an order's answer is waited for that never comes, and somebody is still to die of it.
    fn is_waited_for(&mut self) -> bool {
        if self.slow == 0 {
            return false;
        }
        let ledger = self.world.simulator().control().ledger();
        let slow = ledger
            .requests
            .iter()
            .filter(|request| request.fault.as_deref() == Some("slow"));
        let met = slow.count() > self.met;
        if met {
            self.met += 1;
            self.slow -= 1;
        }
        met
    }

    /// Thinks of so many more changes, beginning together.
    async fn wish(&mut self, changes: usize) {
        let starts_at = self.world.now() + TimeDelta::minutes(2);
        for _ in 0..changes {
            let n = self.bookings.len();
            let port = n % PORTS;
            let until = (n % 4 != 3).then(|| starts_at + TimeDelta::minutes(20));
            let mbps = match n % 4 {
                1 => 7_000,
                3 => 3_000 - self.bases[port],
                _ => 5_000,
            };
            if until.is_none() {
                self.bases[port] = mbps;
            }
            let wish = json!({
                "port_id": self.world.ports[port].id, "kind": if until.is_some() { "window" } else { "base" },
                "mbps": mbps, "starts_at": starts_at, "ends_at": until,
            });
            let quote = self.world.stage.customer.client.post("/v1/quotes", wish).await;
            self.bookings.push(Booking {
                port,
                mbps,
                until,
                quote: text(&quote.expect(201)["id"]),
                change: None,
                over: false,
            });
        }
    }

    /// Books over HTTP, approves where that is needed, and does either again where no answer came.
    async fn book(&mut self, host: &Program, n: usize) -> Option<()> {
        let quote = self.bookings[n].quote.clone();
        if self.bookings[n].change.is_none() {
            let booked = self
                .post(host, "/v1/bandwidth-changes", json!({ "quote_id": quote }))
                .await?;
            let change = match booked.status.as_u16() {
                409 => {
                    let said = booked.problem(409, "quote_used");
                    let changes = self.world.all("/v1/bandwidth-changes?").await;
                    let mut of_quote = changes.into_iter().filter(|change| change["quote_id"] == quote);
                    let change = of_quote.next().expect("who used the quote");
                    assert!(said.contains(text(&change["id"]).as_str()), "{said}");
                    assert!(of_quote.next().is_none(), "two changes of one quote");
                    change
                }
                _ => booked.expect(201),
            };
            self.bookings[n].change = Some(change);
        }
        let change = self.bookings[n].change.as_ref().expect("just booked");
        if change["state"] == "awaiting_approval" {
            let path = format!("/v1/bandwidth-changes/{}/approve", text(&change["id"]));
            let approved = self.post(host, &path, json!({})).await?;
            if approved.status.as_u16() != 200 {
                approved.problem(409, "state_forbids");
            }
        }
        self.bookings[n].over = true;
        Some(())
    }

    /// None where the host died before it answered.
    async fn post(&self, host: &Program, path: &str, body: Value) -> Option<Answer> {
        let client = host.client.with_token(self.world.stage.customer.client.token());
        let response = client.request(Method::POST, path).json(&body).send().await.ok()?;
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = response.bytes().await.ok()?.to_vec();
        Some(Answer {
            status,
            headers,
            bytes,
        })
    }

    async fn judge(mut self) {
        let what = format!("{:?} after {:?}", self.carrier, self.deaths);
        judge::check_over(&mut self.world, &what).await;
        let ledger = self.world.simulator().control().ledger();
        for (n, port) in self.world.ports.iter().enumerate() {
            let mut base = 1_000;
            let mut expected = Vec::new();
            for booking in self.bookings.iter().filter(|booking| booking.port == n) {
                expected.push(booking.mbps);
                match booking.until {
                    Some(_) => expected.push(base),
                    None => base = booking.mbps,
                }
            }
            assert_eq!(base, self.bases[n]);
            judge::check_orders(&ledger, port, &expected, &what);
            judge::check_sent_once(&ledger, port, expected.len(), &what);
            judge::check_delivered(&self.world, &ledger, port, (self.carrier, &what)).await;
            let shown = self.world.stage.shown(&port.id).await;
            assert_eq!(
                (&shown["observed_mbps"], &shown["drift_mbps"]),
                (&json!(base), &json!(0)),
                "{what}"
            );
        }
        self.world.leave().await;
    }
}
