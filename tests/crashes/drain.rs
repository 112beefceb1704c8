//! Hosts that are told to stop while they wait for the carrier.

use chrono::TimeDelta;
use nexusport_simulator::{Fault, Kind};
use rustix::process::Signal;

use super::{
    judge, patience,
    world::{Carrier, World},
};
use crate::harness::Program;

const PORTS: usize = 3;

const RUNNING: &str = "select count(*) from job where state = 'running'";
const SENDING: &str = "select count(*) from exchange where state = 'sending'";
const ORDERS_HEARD: &str =
    "select count(*) from exchange join operation on operation.id = exchange.operation_id
    where operation.kind = 'change_bandwidth' and exchange.state = 'answered'";

/// Windows whose orders have left, and the host that waits for the answers, which take so long.
async fn waiting(milliseconds: u64) -> (World, Program) {
    let world = World::set(PORTS, Carrier::Silent).await;
    let (from, to) = (
        world.now() + TimeDelta::minutes(5),
        world.now() + TimeDelta::hours(1),
    );
    for port in &world.ports {
        world
            .stage
            .book(&port.id, 5_000, &from.to_rfc3339(), &to.to_rfc3339())
            .await;
    }
    let slow = Fault::new(Kind::Slow { milliseconds }).times(PORTS as u32);
    let control = world.simulator().control();
    control.fault(slow.on("POST", "/v1/ports/")).unwrap();
    let host = world.start(None).await.unwrap();
    world.show(from);
    let mut world = world;
    let left = async {
        while control.ledger().orders.len() < PORTS {
            world.look_again().await;
        }
    };
    tokio::time::timeout(patience(0), left)
        .await
        .expect("the orders leave");
    (world, host)
}

async fn told_to_stop(mut host: Program) {
    host.signal(Signal::TERM);
    let ended = tokio::time::timeout(patience(0), host.end()).await;
    assert!(ended.expect("it stops").success(), "{}", host.said());
}

/// Another host, started as soon as the first has ended, brings everything to its end.
async fn taken_over(mut world: World) {
    assert_eq!(world.count(RUNNING).await, 0, "nobody waits for a lease");
    let other = world.start(None).await.unwrap();
    world.settle(patience(0)).await;
    judge::check_over(&mut world, "stopped").await;
    let ledger = world.simulator().control().ledger();
    for port in &world.ports {
        judge::check_orders(&ledger, port, &[5_000, 1_000], "stopped");
        judge::check_sent_once(&ledger, port, 2, "stopped");
        judge::check_delivered(&world, &ledger, port, (Carrier::Silent, "stopped")).await;
    }
    other.kill().await;
    world.leave().await;
}

#[tokio::test]
async fn a_host_told_to_stop_hears_what_it_asked_and_asks_no_more() {
    let (mut world, host) = waiting(8_000).await;
    told_to_stop(host).await;
    assert_eq!(world.count(SENDING).await, 0);
    assert_eq!(
        world.count(ORDERS_HEARD).await,
        PORTS as i64,
        "one answer an order, and no poll"
    );
    taken_over(world).await;
}

#[tokio::test]
async fn what_a_host_told_to_stop_cannot_end_is_given_back_as_though_it_had_been_killed() {
    let (mut world, host) = waiting(600_000).await;
    told_to_stop(host).await;
    assert_eq!(world.count(SENDING).await, PORTS as i64);
    taken_over(world).await;
}
