//! What people do about operations: have those taken up again that were given up, and cancel others.

use super::*;

/// Makes every attempt of the customer's work fail, and returns what makes it succeed again.
async fn lose_the_key(line: &Line) -> Vec<u8> {
    let mut superuser = line.host.database.superuser().await;
    let kept = sqlx::query_scalar("select sealed from tenant_key where tenant_id = $1::text::uuid")
        .bind(&line.customer.id)
        .fetch_one(&mut superuser)
        .await
        .unwrap();
    set_key(line, &[0]).await;
    kept
}

async fn set_key(line: &Line, sealed: &[u8]) {
    sqlx::query("update tenant_key set sealed = $2 where tenant_id = $1::text::uuid")
        .bind(&line.customer.id)
        .bind(sealed)
        .execute(&mut line.host.database.superuser().await)
        .await
        .unwrap();
}

/// A read-back that was given up before anything was asked, and can be carried out again.
async fn given_up(line: &Line) -> OperationId {
    let operation = line.ask(Kind::ReadPort, None).await;
    let key = lose_the_key(line).await;
    line.play().await;
    set_key(line, &key).await;
    let shown = line.shown(operation).await;
    assert_eq!(shown["state"], "given_up", "{shown}");
    operation
}

fn path(operation: OperationId, what: &str) -> String {
    format!("/v1/operations/{operation}/{what}")
}

async fn letters(line: &Line) -> Vec<Value> {
    let letters = line.reseller.client.get("/v1/dead-letters").await.expect(200);
    letters["items"].as_array().unwrap().clone()
}

#[tokio::test]
async fn what_was_given_up_is_taken_up_again_by_whoever_may() {
    let line = Line::start().await;
    let operation = given_up(&line).await;
    let client = &line.reseller.client;
    line.customer
        .client
        .post(&path(operation, "retry"), json!(null))
        .await
        .problem(403, "permission_missing");
    let retried = client
        .post(&path(operation, "retry"), json!(null))
        .await
        .expect(200);
    assert_eq!(
        (&retried["state"], &retried["attention"]),
        (&json!("running"), &Value::Null)
    );
    let alerts = client.get("/v1/alerts").await.expect(200);
    assert_eq!(alerts["items"][0]["state"], "resolved", "{alerts}");
    line.play().await;
    assert_eq!(line.shown(operation).await["state"], "done");
    let totals = line.simulator.control().ledger().totals;
    assert_eq!((totals.orders, totals.duplicates), (0, 0));
    client
        .post(&path(operation, "retry"), json!(null))
        .await
        .problem(409, "state_forbids");
    let events = client.get("/v1/audit-events?limit=200").await.expect(200);
    assert!(has(&events, "operation.retry"));
}

#[tokio::test]
async fn a_dead_letter_about_an_operation_takes_it_up_again() {
    let line = Line::start().await;
    let operation = given_up(&line).await;
    let letters_before = letters(&line).await;
    assert_eq!(letters_before.len(), 1, "{letters_before:?}");
    assert_eq!(
        (&letters_before[0]["kind"], &letters_before[0]["subject_id"]),
        (&json!("run_operation"), &json!(operation.uuid()))
    );
    let replay = format!("/v1/dead-letters/{}/replay", text(&letters_before[0]["id"]));
    line.reseller.client.post(&replay, json!(null)).await.expect(204);
    assert!(letters(&line).await.is_empty());
    line.play().await;
    assert_eq!(line.shown(operation).await["state"], "done");
    assert_eq!(line.simulator.control().ledger().totals.orders, 0);
    line.reseller
        .client
        .post(&replay, json!(null))
        .await
        .problem(404, "not_found");
}

#[tokio::test]
async fn what_is_cancelled_asks_nothing_more_and_says_what_may_have_happened() {
    let line = Line::start().await;
    line.simulator.control().set_provision_seconds(1_000);
    let operation = line.order(5_000).await;
    line.pass(0).await;
    assert_eq!(line.shown(operation).await["state"], "waiting");
    let client = &line.reseller.client;
    let cancelled = client
        .post(&path(operation, "cancel"), json!(null))
        .await
        .expect(200);
    assert_eq!(cancelled["state"], "given_up", "{cancelled}");
    assert!(has(&cancelled["attention"], "cancelled by hand"), "{cancelled}");
    let asked = line.simulator.control().ledger().requests.len();
    line.play().await;
    assert_eq!(line.simulator.control().ledger().requests.len(), asked);
    assert_eq!(letters(&line).await, Vec::<Value>::new());
    let events = client.get("/v1/audit-events?limit=200").await.expect(200);
    let told = events["items"].as_array().unwrap().iter();
    let told: Vec<_> = told
        .filter(|event| event["action"] == "operation.cancel")
        .collect();
    assert_eq!(told[0]["detail"]["may_have_happened"], true, "{told:?}");
    client
        .post(&path(operation, "cancel"), json!(null))
        .await
        .problem(409, "state_forbids");
}

#[tokio::test]
async fn a_run_that_goes_on_sends_nothing_for_what_was_cancelled_meanwhile() {
    let line = Line::start().await;
    let operation = line.order(5_000).await;
    let mut superuser = line.host.database.superuser().await;
    let mut held = sqlx::Connection::begin(&mut superuser).await.unwrap();
    // The run has begun and is about to write its first request.
    sqlx::query("select from operation where id = $1 for update")
        .bind(operation.uuid())
        .execute(&mut *held)
        .await
        .unwrap();
    let app = line.host.app.clone();
    let run = tokio::spawn(async move { worker::drain(&app).await });
    blocked(&line).await;
    sqlx::query("update operation set state = 'given_up', attention = 'cancelled by hand' where id = $1")
        .bind(operation.uuid())
        .execute(&mut *held)
        .await
        .unwrap();
    held.commit().await.unwrap();
    run.await.unwrap().unwrap();
    line.play().await;
    assert_eq!(line.asked("POST", "/v1/ports"), 0);
    let shown = line.shown(operation).await;
    assert_eq!(
        (&shown["state"], &shown["journal"]),
        (&json!("given_up"), &json!([]))
    );
}

/// Until somebody waits for a row that another transaction holds.
async fn blocked(line: &Line) {
    let mut superuser = line.host.database.superuser().await;
    loop {
        let waiting: bool = sqlx::query_scalar(
            "select exists (select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock')",
        )
        .fetch_one(&mut superuser)
        .await
        .unwrap();
        if waiting {
            return;
        }
        tokio::task::yield_now().await;
    }
}
