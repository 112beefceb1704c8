//! Hosts that die between writing a request down and writing its answer.

use std::time::Duration;

use nexusport::{carriers::operations::Kind, ids::OperationId, worker};
use nexusport_simulator::{Fault, Kind as Trouble};
use serde_json::json;

use super::Line;

/// Longer than any test: whoever waits for this answer dies waiting.
const NEVER: Trouble = Trouble::Slow {
    milliseconds: 600_000,
};

/// Runs what is due until the carrier has been asked this, and dies while waiting for the answer.
async fn die_while_asking(line: &Line, method: &str, path: &str) {
    line.fault(Fault::new(NEVER).on(method, path));
    let before = line.asked(method, path);
    let app = line.host.app.clone();
    let host = tokio::spawn(async move { worker::drain(&app).await });
    let asked = async {
        while line.asked(method, path) == before {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), asked)
        .await
        .expect("the carrier was not asked");
    host.abort();
    assert!(host.await.unwrap_err().is_cancelled());
}

/// Lets the dead host's leases have expired.
async fn take_over(line: &Line) {
    let mut superuser = line.host.database.superuser().await;
    let expired = sqlx::query(
        "update job set leased_until = clock_timestamp() - interval '1 s' where state = 'running'",
    );
    assert_eq!(expired.execute(&mut superuser).await.unwrap().rows_affected(), 1);
}

async fn state(line: &Line, operation: OperationId) -> String {
    line.shown(operation).await["journal"][0]["state"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[tokio::test]
async fn an_order_under_way_when_the_host_died_is_looked_up_and_not_placed_again() {
    let line = Line::start().await;
    let operation = line.order(5_000).await;
    die_while_asking(&line, "POST", "/v1/ports/port-1/orders").await;
    assert_eq!(state(&line, operation).await, "sending");
    // Until the lease expires nobody touches it.
    assert_eq!(worker::drain(&line.host.app).await.unwrap(), 0);
    take_over(&line).await;
    line.pass(0).await;
    assert_eq!(state(&line, operation).await, "lost");
    line.play().await;
    let shown = line.shown(operation).await;
    assert_eq!(shown["outcome"]["kind"], "applied", "{shown}");
    let totals = line.simulator.control().ledger().totals;
    assert_eq!((totals.orders, totals.duplicates), (1, 0));
    assert_eq!(line.asked("POST", "/v1/ports/port-1/orders"), 1);
}

#[tokio::test]
async fn a_repeatable_request_under_way_when_the_host_died_is_repeated_by_the_next() {
    let line = Line::start().await;
    let before = line.asked("GET", "/v1/ports/port-1");
    let operation = line.ask(Kind::ReadPort, None).await;
    die_while_asking(&line, "GET", "/v1/ports/port-1").await;
    take_over(&line).await;
    line.pass(0).await;
    let shown = line.shown(operation).await;
    assert_eq!(
        (&shown["state"], &shown["journal"][0]["repeats"]),
        (&json!("done"), &json!(1)),
        "{shown}"
    );
    assert_eq!(line.asked("GET", "/v1/ports/port-1") - before, 2);
}

#[tokio::test]
async fn a_request_that_the_adapter_no_longer_produces_is_never_sent() {
    let line = Line::start().await;
    let operation = line.ask(Kind::ReadPort, None).await;
    die_while_asking(&line, "GET", "/v1/ports/port-1").await;
    take_over(&line).await;
    // Whatever makes an adapter change its mind, such as a host that runs it differently, it is told of another port.
    let mut superuser = line.host.database.superuser().await;
    sqlx::query("update operation set port_reference = 'port-2' where id = $1")
        .bind(operation.uuid())
        .execute(&mut superuser)
        .await
        .unwrap();
    let asked = line.simulator.control().ledger().requests.len();
    line.play().await;
    let shown = line.shown(operation).await;
    assert_eq!(shown["state"], "given_up");
    assert!(
        shown["attention"]
            .as_str()
            .unwrap()
            .contains("no longer produces"),
        "{shown}"
    );
    assert_eq!(line.simulator.control().ledger().requests.len(), asked);
}

#[tokio::test]
async fn an_operation_whose_job_was_set_aside_is_given_up() {
    let line = Line::start().await;
    let operation = line.order(5_000).await;
    let mut superuser = line.host.database.superuser().await;
    // The sealed journal cannot be opened any more: every attempt fails, and it is none of the carrier's doing.
    sqlx::query("update tenant_key set sealed = '\\x00' where tenant_id = $1::text::uuid")
        .bind(&line.customer.id)
        .execute(&mut superuser)
        .await
        .unwrap();
    line.play().await;
    let listed = line
        .customer
        .client
        .get("/v1/operations?state=given_up")
        .await
        .expect(200);
    assert_eq!(listed["items"][0]["id"], operation.to_string());
    assert!(
        listed["items"][0]["attention"].as_str().unwrap().contains("log"),
        "{listed}"
    );
    assert_eq!(line.asked("POST", "/v1/ports"), 0);
}

#[tokio::test]
async fn an_answer_that_is_taken_in_late_does_not_undo_what_was_seen_since() {
    let line = Line::start().await;
    let mut superuser = line.host.database.superuser().await;
    // The answer is written down, and nobody gets as far as drawing a conclusion from it.
    sqlx::raw_sql("alter table observation add constraint dies check (mbps <> 1000) not valid")
        .execute(&mut superuser)
        .await
        .unwrap();
    let late = line.ask(Kind::ReadPort, None).await;
    line.pass(0).await;
    assert_eq!(line.shown(late).await["journal"][0]["state"], "answered");
    line.simulator.control().drift("port-1", 5_000).unwrap();
    line.ask(Kind::ReadPort, None).await;
    line.pass(1).await;
    sqlx::raw_sql("alter table observation drop constraint dies")
        .execute(&mut superuser)
        .await
        .unwrap();
    line.pass(10).await;
    assert_eq!(line.shown(late).await["state"], "done");
    let path = format!("/v1/ports/{}/intervals", line.port);
    let intervals = line.customer.client.get(&path).await.expect(200);
    let speeds: Vec<_> = intervals["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|interval| &interval["mbps"])
        .collect();
    assert_eq!(speeds, [1_000, 5_000]);
}
