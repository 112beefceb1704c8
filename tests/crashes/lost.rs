//! Orders whose answers never came, and orders that never arrived.

use std::collections::HashMap;

use chrono::TimeDelta;
use nexusport_simulator::{Fault, Kind, Ledger, Order, Request};

use super::{
    count, judge,
    world::{Carrier, World},
};

const PORTS: usize = 25;

/// How long nothing is asked or sent after a loss: the timeout of a request, and the time that the carrier takes to settle.
const GRACE: TimeDelta = TimeDelta::seconds(35);

/// Windows on all ports, one after another, until so many orders were struck on their way up or down: each order once.
async fn windows(kind: Kind, struck: usize) -> (World, usize) {
    let mut world = World::set(PORTS, Carrier::Silent).await;
    let mut left = struck;
    let mut rounds = 0;
    while left > 0 {
        rounds += 1;
        let starts_at = world.now() + TimeDelta::minutes(5);
        let ends_at = starts_at + TimeDelta::hours(1);
        for port in &world.ports {
            let (from, to) = (starts_at.to_rfc3339(), ends_at.to_rfc3339());
            world.stage.book(&port.id, 5_000, &from, &to).await;
        }
        for due in [starts_at, ends_at] {
            world
                .stage
                .go_to(&(due - TimeDelta::minutes(1)).to_rfc3339())
                .await;
            let now = left.min(PORTS);
            if now > 0 {
                let fault = Fault::new(kind.clone()).times(now as u32);
                world
                    .simulator()
                    .control()
                    .fault(fault.on("POST", "/v1/ports/"))
                    .unwrap();
            }
            left -= now;
            world
                .stage
                .go_to(&(due + TimeDelta::minutes(30)).to_rfc3339())
                .await;
        }
    }
    judge::check_over(&mut world, kind.name()).await;
    let ledger = world.simulator().control().ledger();
    let orders = [5_000, 1_000].repeat(rounds);
    for port in &world.ports {
        judge::check_orders(&ledger, port, &orders, kind.name());
        judge::check_delivered(&world, &ledger, port, (Carrier::Silent, kind.name())).await;
    }
    let were_struck = ledger.requests.iter().filter(|request| request.fault.is_some());
    assert_eq!(were_struck.count(), struck);
    (world, rounds)
}

/// The requests that order something of each port, in their order, by its name.
fn orders_asked(ledger: &Ledger) -> HashMap<&str, Vec<&Request>> {
    let mut asked: HashMap<_, Vec<_>> = HashMap::new();
    for request in ledger.requests.iter().filter(|request| request.method == "POST") {
        let port = request
            .path
            .strip_prefix("/v1/ports/")
            .and_then(|rest| rest.strip_suffix("/orders"));
        if let Some(port) = port {
            asked.entry(port).or_default().push(request);
        }
    }
    asked
}

#[tokio::test]
async fn an_order_whose_answer_was_lost_is_found_and_never_placed_again() {
    let lost = count("NEXUSPORT_LOST", 50);
    let (world, rounds) = windows(Kind::LostReply, lost).await;
    let ledger = world.simulator().control().ledger();
    assert_eq!(ledger.totals.lost_replies, lost as u64);
    let asked = orders_asked(&ledger);
    assert!(
        asked.values().all(|asked| asked.len() == 2 * rounds),
        "one request an order"
    );
    assert_eq!(asked.len(), PORTS);
    world.leave().await;
}

#[tokio::test]
async fn an_order_that_never_arrived_is_placed_again_once_that_is_proven() {
    let lost = count("NEXUSPORT_LOST", 50);
    let (world, rounds) = windows(Kind::LostRequest, lost).await;
    let ledger = world.simulator().control().ledger();
    let asked = orders_asked(&ledger);
    let all: usize = asked.values().map(Vec::len).sum();
    assert_eq!(
        all,
        2 * rounds * PORTS + lost,
        "each lost request is followed by one more"
    );
    for (port, asked) in asked {
        let orders = ledger.orders.iter().filter(|entry| entry.order.port == port);
        let placed = asked.iter().filter(|request| request.fault.is_none());
        for (order, placed) in orders.zip(placed) {
            check_proof(&ledger, &asked, &order.order, placed);
        }
    }
    world.leave().await;
}

/// Where an order was asked for before, the carrier was asked whether it has it when no lost request could arrive any more,
/// and answered.
fn check_proof(ledger: &Ledger, asked: &[&Request], order: &Order, placed: &Request) {
    let struck = asked.iter().rfind(|request| request.at < placed.at);
    let Some(struck) = struck.filter(|request| request.fault.is_some()) else {
        return;
    };
    let lookup = format!("/v1/orders?reference={}", order.reference);
    let proof = ledger.requests.iter().find(|request| {
        request.path == lookup
            && request.status == Some(200)
            && request.at >= struck.at + GRACE
            && request.at <= placed.at
    });
    assert!(
        proof.is_some(),
        "{order:?} was placed again without proof: {asked:#?}"
    );
}
