//! What became of what was booked, by the carrier's ledger.

use nexusport::app::Timestamp;
use nexusport_simulator::{Ledger, Status};

use super::world::{Carrier, Port, World};

/// A port's speed at the carrier, from when to when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stretch {
    pub mbps: u64,
    pub from: Timestamp,
    /// None while it lasts.
    pub to: Option<Timestamp>,
}

/// Fails unless as many requests to order something of the port arrived as there are orders: a second one that the carrier knows
/// by its key places no second order, and is no less sent without proof.
pub fn check_sent_once(ledger: &Ledger, port: &Port, orders: usize, what: &str) {
    let path = format!("/v1/ports/{}/orders", port.reference);
    let sent = ledger
        .requests
        .iter()
        .filter(|request| request.method == "POST" && request.path == path);
    assert_eq!(sent.count(), orders, "{what}: {}", port.reference);
}

/// Fails unless the carrier was asked for exactly these speeds of the port, once each and in this order.
pub fn check_orders(ledger: &Ledger, port: &Port, expected: &[u32], what: &str) {
    let orders = ledger.orders.iter().map(|entry| &entry.order);
    let orders: Vec<_> = orders.filter(|order| order.port == port.reference).collect();
    let speeds: Vec<_> = orders.iter().map(|order| order.mbps).collect();
    assert_eq!(speeds, expected, "{what}: {}", port.reference);
    assert!(
        orders.iter().all(|order| order.status == Status::Completed),
        "{what}: {orders:#?}"
    );
}

/// Nothing waits for anybody, and nothing was given up or set aside.
pub async fn check_over(world: &mut World, what: &str) {
    assert_eq!(
        world.simulator().control().ledger().totals.duplicates,
        0,
        "{what}"
    );
    for (left, query) in [
        ("jobs set aside", "select count(*) from job where state = 'dead'"),
        (
            "operations without an end",
            "select count(*) from operation where state <> 'done'",
        ),
        (
            "requests under way",
            "select count(*) from exchange where state = 'sending'",
        ),
        (
            "changes that are not verified",
            "select count(*) from bandwidth_change where state <> 'verified'",
        ),
        (
            "return legs that are not verified",
            "select count(*) from return_leg where state <> 'verified'",
        ),
    ] {
        assert_eq!(world.count(query).await, 0, "{what}: {left}");
    }
}

/// Fails unless what is billed for the port is what the carrier delivered: to the millisecond where it tells since when, and
/// no longer where it does not.
pub async fn check_delivered(world: &World, ledger: &Ledger, port: &Port, (carrier, what): (Carrier, &str)) {
    let delivered = delivered(ledger, port);
    let verified = verified(world, port).await;
    let what = format!("{what}: {}: {verified:#?} of {delivered:#?}", port.reference);
    match carrier {
        Carrier::TellsSince => {
            // What was there before the port was is nobody's to bill.
            let same = verified[0].to == delivered[0].to && verified[0].mbps == delivered[0].mbps;
            assert!(same && verified[1..] == delivered[1..], "{what}");
        }
        Carrier::Silent => {
            let speeds = |stretches: &[Stretch]| stretches.iter().map(|it| it.mbps).collect::<Vec<_>>();
            assert_eq!(speeds(&verified), speeds(&delivered), "{what}");
            let pairs = verified.iter().zip(&delivered);
            assert!(
                pairs
                    .clone()
                    .all(|(verified, delivered)| verified.is_within(delivered)),
                "{what}"
            );
        }
    }
}

impl Stretch {
    fn is_within(&self, of: &Self) -> bool {
        let ends = match (self.to, of.to) {
            (Some(ours), Some(theirs)) => ours <= theirs,
            (_, None) => true,
            (None, Some(_)) => false,
        };
        self.from >= of.from && ends
    }
}

fn delivered(ledger: &Ledger, port: &Port) -> Vec<Stretch> {
    let first = Stretch {
        mbps: 1_000,
        from: Timestamp::UNIX_EPOCH,
        to: None,
    };
    let mut stretches = vec![first];
    for order in ledger.orders.iter().map(|entry| &entry.order) {
        if order.port == port.reference {
            let at = order.completed_at.expect("every order was completed");
            stretches.last_mut().expect("there is the first").to = Some(at);
            stretches.push(Stretch {
                mbps: order.mbps.into(),
                from: at,
                to: None,
            });
        }
    }
    stretches
}

async fn verified(world: &World, port: &Port) -> Vec<Stretch> {
    let items = world.all(&format!("/v1/ports/{}/intervals?", port.id)).await;
    let at = |value: &serde_json::Value| value.as_str().map(|at| at.parse().unwrap());
    let stretch = |item: &serde_json::Value| Stretch {
        mbps: item["mbps"].as_u64().unwrap(),
        from: at(&item["starts_at"]).unwrap(),
        to: at(&item["ends_at"]),
    };
    let mut stretches: Vec<_> = items.iter().map(stretch).collect();
    // Lists are in the order of ids, which is that of time within one process alone where time is driven.
    stretches.sort_by_key(|stretch| stretch.from);
    stretches
}
