//! What goes wrong with an order and with reading what became of it, on the way up and on the way back. That it really went
//! wrong, the carrier's ledger says.

use std::time::Duration;

use nexusport::egress;
use nexusport_simulator::{Fault, Kind, Request};
use serde_json::{Value, json};

use super::{
    Real,
    exchanges::{journals, keep},
    path::{booked, check_returned, go_past, moment, states},
};
use crate::harness::Stage;

const BUSY: Kind = Kind::Throttle {
    retry_after_seconds: 30,
};
const MIDDLE: &str = "2026-03-04T20:00:00Z";

/// The order at one end of a window.
struct Leg {
    /// Method and path of the call that orders it.
    call: (&'static str, &'static str),
    /// A moment before it is due.
    before: String,
    /// A moment when it is long over.
    after: String,
    /// What the change and its return leg are then.
    states: (&'static str, &'static str),
}

fn legs(real: &Real) -> [Leg; 2] {
    let [before, after] = [-1, 12 * 3600].map(|seconds| {
        let at = moment(real.until) + chrono::TimeDelta::seconds(seconds);
        at.to_rfc3339()
    });
    let up = Leg {
        call: real.order,
        before: "2026-03-04T17:59:59Z".to_owned(),
        after: MIDDLE.to_owned(),
        states: ("verified", "reserved"),
    };
    let back = Leg {
        call: real.back,
        before,
        after,
        states: ("verified", "verified"),
    };
    [up, back]
}

impl Leg {
    fn fault(&self, kind: Kind, count: u32) -> Fault {
        let (method, path) = self.call;
        Fault::new(kind).times(count).on(method, path)
    }
}

/// The faults that struck these calls since the ledger had so many requests.
fn struck(stage: &Stage, since: usize, fits: impl Fn(&Request) -> bool) -> Vec<String> {
    let requests = stage.carrier.ledger().requests;
    let later = requests.into_iter().skip(since).filter(fits);
    later.filter_map(|request| request.fault).collect()
}

/// Lets this go wrong with both orders of a window, so many times each.
async fn check_orders(real: &Real, stage: &Stage, (what, kind, count): (&str, Kind, u32)) {
    let (port, booked) = booked(real, stage).await;
    for leg in legs(real) {
        stage.go_to(&leg.before).await;
        let since = stage.carrier.ledger().requests.len();
        stage.carrier.fault(leg.fault(kind.clone(), count)).unwrap();
        stage.go_to(&leg.after).await;
        let (method, path) = leg.call;
        let of_the_leg = |it: &Request| it.method == method && it.path.starts_with(path);
        let expected = vec![kind.name(); count as usize];
        assert_eq!(
            struck(stage, since, of_the_leg),
            expected,
            "{what}: {method} {path}"
        );
        let change = stage.change(&booked).await;
        assert_eq!(states(&change), leg.states, "{what}: {change}");
    }
    check_returned(stage, &port, &booked, what).await;
}

pub async fn one_order_whatever_goes_wrong(real: &Real) {
    for trouble in [
        ("the answer is lost", Kind::LostReply, 1),
        ("the request is lost", Kind::LostRequest, 1),
        ("the request is lost twice", Kind::LostRequest, 2),
        ("busy", BUSY, 2),
        ("broken", Kind::Error { status: 500 }, 1),
        ("a gateway is broken", Kind::Error { status: 502 }, 1),
        ("the token is worthless", Kind::TokenRevoked, 1),
    ] {
        check_orders(real, &real.stage().await, trouble).await;
    }
}

/// The work is done at once and the answer comes after 31 seconds, which is later than hosts wait. Here a host waits a second, so
/// that nobody has to sit through the half minute: what it does when its time is over is the same.
pub async fn one_order_although_the_answer_is_late(real: &Real) {
    let mut stage = real.stage().await;
    stage.host.app.egress = egress::Client::new(egress::Rules {
        allow_loopback: true,
        patience: Some(Duration::from_secs(1)),
        ..egress::Rules::default()
    });
    let late = Kind::Slow { milliseconds: 31_000 };
    check_orders(real, &stage, ("the answer is late", late, 1)).await;
    let exchanges = journals(&stage).await;
    let too_late = |it: &&Value| {
        it["reason"]
            .as_str()
            .is_some_and(|it| it.contains("took too long"))
    };
    let orders = exchanges
        .iter()
        .filter(too_late)
        .filter(|it| it["method"] != "GET");
    let given_up: Vec<_> = orders.map(|it| &it["method"]).collect();
    assert_eq!(given_up, [real.order.0, real.back.0]);
}

pub async fn one_order_whatever_cannot_be_read(real: &Real) {
    let stage = real.stage().await;
    let (port, booked) = booked(real, &stage).await;
    for leg in legs(real) {
        stage.go_to(&leg.before).await;
        let since = stage.carrier.ledger().requests.len();
        for kind in [
            BUSY,
            Kind::LostReply,
            Kind::LostRequest,
            Kind::Error { status: 503 },
            Kind::Error { status: 502 },
        ] {
            let unreadable = Fault::new(kind).on("GET", real.read);
            stage.carrier.fault(unreadable).unwrap();
        }
        stage.carrier.fault(leg.fault(Kind::LostReply, 1)).unwrap();
        stage.go_to(&leg.after).await;
        let failed = struck(&stage, since, |it| it.method == "GET");
        let expected = ["throttle", "lost_reply", "lost_request", "error", "error"];
        assert_eq!(failed, expected);
        let lost = struck(&stage, since, |it| it.method == leg.call.0);
        assert_eq!(lost, ["lost_reply"]);
        let change = stage.change(&booked).await;
        assert_eq!(states(&change), leg.states, "{change}");
    }
    check_returned(&stage, &port, &booked, "what reads fails five times").await;
    keep(real, &stage).await;
}

/// The port comes back with the next order.
pub async fn rejected_return(real: &Real) {
    let stage = real.stage().await;
    let (port, booked) = booked(real, &stage).await;
    let [_, back] = legs(real);
    stage.go_to(&back.before).await;
    let reject = Kind::Reject {
        code: "maintenance".to_owned(),
        message: "not before the morning".to_owned(),
    };
    stage.carrier.fault(back.fault(reject, 1)).unwrap();
    go_past(real, &stage).await;
    let change = stage.change(&booked).await;
    assert_eq!(states(&change), back.states, "{change}");
    let ledger = stage.carrier.ledger();
    let asked: Vec<_> = ledger.orders.iter().map(|entry| entry.order.mbps).collect();
    assert_eq!((&*asked, ledger.totals.rejected), (&[5000, 1000, 1000][..], 1));
    assert_eq!(stage.shown(&port).await["observed_mbps"], json!(1000));
    keep(real, &stage).await;
}

/// Somebody else changed the port while its window was delivered, to neither of its speeds, or back already.
pub async fn drifted_before_its_return(real: &Real) {
    for (mbps, orders) in [(3000, &[5000, 1000][..]), (1000, &[5000][..])] {
        let stage = real.stage().await;
        let (port, booked) = booked(real, &stage).await;
        stage.go_to(MIDDLE).await;
        stage.carrier.drift(real.port, mbps).unwrap();
        go_past(real, &stage).await;
        let change = stage.change(&booked).await;
        assert_eq!(states(&change), ("verified", "verified"), "{mbps}: {change}");
        let ledger = stage.carrier.ledger().orders;
        let asked: Vec<_> = ledger.iter().map(|entry| entry.order.mbps).collect();
        assert_eq!(asked, orders, "{mbps}");
        assert_eq!(stage.shown(&port).await["observed_mbps"], json!(1000), "{mbps}");
        keep(real, &stage).await;
    }
}

/// Somebody else changed the port before its window began, to another speed, or to the window's.
pub async fn drifted_before_its_start(real: &Real) {
    for (mbps, orders) in [(3000, &[5000, 1000][..]), (5000, &[1000][..])] {
        let stage = real.stage().await;
        let (port, booked) = booked(real, &stage).await;
        stage.go_to("2026-03-04T17:59:59Z").await;
        stage.carrier.drift(real.port, mbps).unwrap();
        go_past(real, &stage).await;
        let change = stage.change(&booked).await;
        assert_eq!(states(&change), ("verified", "verified"), "{mbps}: {change}");
        let ledger = stage.carrier.ledger().orders;
        let asked: Vec<_> = ledger.iter().map(|entry| entry.order.mbps).collect();
        assert_eq!(asked, orders, "{mbps}");
        assert_eq!(stage.shown(&port).await["observed_mbps"], json!(1000), "{mbps}");
    }
}
