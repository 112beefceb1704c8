//! What every adapter goes through.

use chrono::TimeDelta;
use nexusport::app::Timestamp;
use nexusport_simulator::{Kind, Status};
use serde_json::{Value, json};

use super::{Real, exchanges::keep};
use crate::harness::{Stage, text};

const FROM: &str = "2026-03-04T18:00:00Z";

/// The carrier's port, and a window booked on it.
pub async fn booked(real: &Real, stage: &Stage) -> (String, Value) {
    let port = stage.port(real.port, 1000).await;
    let booked = stage.book(&port, 5000, FROM, real.until).await;
    (port, booked)
}

/// Half a day after the window.
pub async fn go_past(real: &Real, stage: &Stage) {
    let until = moment(real.until) + TimeDelta::hours(12);
    stage.go_to(&until.to_rfc3339()).await;
}

pub fn moment(time: &str) -> Timestamp {
    time.parse().unwrap()
}

pub fn states(change: &Value) -> (&str, &str) {
    (
        change["state"].as_str().unwrap(),
        change["return_leg"]["state"].as_str().unwrap(),
    )
}

/// The port went up once and came back down once, by the carrier's own ledger.
pub async fn check_returned(stage: &Stage, port: &str, booked: &Value, what: &str) {
    let change = stage.change(booked).await;
    assert_eq!(states(&change), ("verified", "verified"), "{what}: {change}");
    let shown = stage.shown(port).await;
    assert_eq!(
        (&shown["observed_mbps"], &shown["drift_mbps"]),
        (&json!(1000), &json!(0)),
        "{what}"
    );
    let ledger = stage.carrier.ledger();
    let orders: Vec<_> = ledger
        .orders
        .iter()
        .map(|entry| (entry.order.mbps, entry.order.status))
        .collect();
    assert_eq!(
        orders,
        [(5000, Status::Completed), (1000, Status::Completed)],
        "{what}"
    );
    assert_eq!(ledger.totals.duplicates, 0, "{what}");
}

pub async fn delivered_and_billed(real: &Real) {
    let stage = real.stage().await;
    let (port, booked) = booked(real, &stage).await;
    assert_eq!(stage.shown(&port).await["base_mbps"], 1000);
    stage.go_to("2026-03-04T20:00:00Z").await;
    assert_eq!(states(&stage.change(&booked).await), ("verified", "reserved"));
    stage.go_to("2026-04-02T00:00:00Z").await;
    check_returned(&stage, &port, &booked, "quiet").await;
    let intervals = stage.intervals(&port).await;
    check_delivered(real, &stage, &intervals);

    let seller = &stage.reseller.client;
    let run = json!({ "customer_id": stage.customer.id, "period": "2026-03" });
    let run = seller.post("/v1/billing-runs", run).await.expect(201);
    let invoice = format!("/v1/invoices/{}", text(&run["invoice_id"]));
    let invoice = seller.get(&invoice).await.expect(200);
    let lines = invoice["lines"].as_array().unwrap();
    let burst = lines.iter().find(|line| line["code"] == "burst");
    let (_, from, to) = &intervals[1];
    let billed = burst.map(|line| (text(&line["from"]), Some(text(&line["to"]))));
    assert_eq!(billed, Some((from.clone(), to.clone())), "{invoice}");
    keep(real, &stage).await;
}

/// No stretch is longer than what the carrier's ledger says was delivered at its speed, and each was seen until the next
/// change came due.
fn check_delivered(real: &Real, stage: &Stage, intervals: &[(u64, String, Option<String>)]) {
    let orders = stage.carrier.ledger().orders;
    let [up, down] = [0, 1].map(|n| orders[n].order.completed_at.unwrap());
    let [
        (1000, _, Some(before)),
        (5000, from, Some(to)),
        (1000, after, None),
    ] = intervals
    else {
        panic!("{intervals:?}")
    };
    let (before, from, to, after) = (moment(before), moment(from), moment(to), moment(after));
    assert!(moment(FROM) <= before && before <= up, "{intervals:?}");
    assert!(moment(real.until) <= to && to <= down, "{intervals:?}");
    assert!(up <= from && down <= after, "{intervals:?}");
}

pub async fn rejected(real: &Real) {
    let stage = real.stage().await;
    let (port, booked) = booked(real, &stage).await;
    let reject = Kind::Reject {
        code: "no_capacity".to_owned(),
        message: "no capacity today".to_owned(),
    };
    stage.carrier.fault(real.on_orders(reject, 1)).unwrap();
    go_past(real, &stage).await;
    let change = stage.change(&booked).await;
    assert_eq!(states(&change), ("rejected", "released"), "{change}");
    assert!(text(&change["reason"]).contains("no capacity today"), "{change}");
    assert_eq!(stage.carrier.ledger().totals.orders, 1);
    assert_eq!(stage.shown(&port).await["drift_mbps"], 0);
    keep(real, &stage).await;
}

pub async fn drift(real: &Real) {
    let stage = real.stage().await;
    let port = stage.port(real.port, 1000).await;
    stage.carrier.drift(real.port, 3000).unwrap();
    let path = format!("/v1/ports/{port}/observations");
    stage.reseller.client.post(&path, json!({})).await.expect(202);
    stage.work().await;
    assert_eq!(stage.shown(&port).await["drift_mbps"], 2000);
}
