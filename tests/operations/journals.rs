//! What operations come to while the host lives.

use nexusport::carriers::operations::Kind;
use nexusport_simulator::{Fault, Kind as Trouble};
use serde_json::{Value, json};

use super::{Line, SECRET, has};

/// Method, state, status and repeats of every exchange.
fn exchanges(operation: &Value) -> Vec<(String, String, Option<u64>, u64)> {
    let journal = operation["journal"].as_array().unwrap();
    let exchange = |exchange: &Value| {
        let word = |name: &str| exchange[name].as_str().unwrap().to_owned();
        (
            word("method"),
            word("state"),
            exchange["status"].as_u64(),
            exchange["repeats"].as_u64().unwrap(),
        )
    };
    journal.iter().map(exchange).collect()
}

fn exchange(
    method: &str,
    state: &str,
    status: Option<u64>,
    repeats: u64,
) -> (String, String, Option<u64>, u64) {
    (method.to_owned(), state.to_owned(), status, repeats)
}

#[tokio::test]
async fn an_order_is_placed_once_polled_and_done() {
    let line = Line::start().await;
    let operation = line.order(5_000).await;
    line.play().await;
    let shown = line.shown(operation).await;
    assert_eq!(
        (&shown["state"], &shown["attention"]),
        (&json!("done"), &Value::Null),
        "{shown}"
    );
    assert_eq!(shown["outcome"]["kind"], "applied");
    assert_eq!(shown["outcome"]["port"]["mbps"], 5_000);
    let polls = 2;
    let expected = [
        exchange("POST", "answered", Some(202), 0),
        exchange("GET", "answered", Some(200), polls),
    ];
    assert_eq!(exchanges(&shown), expected);
    // Three polls, and a status each: accepted, provisioning, completed.
    let answers = shown["journal"][1]["answers"].as_array().unwrap();
    assert_eq!(answers.len(), 3, "{answers:?}");
    let totals = line.simulator.control().ledger().totals;
    assert_eq!((totals.orders, totals.duplicates), (1, 0));
}

#[tokio::test]
async fn identical_polls_are_kept_once_and_counted() {
    let line = Line::start().await;
    line.simulator.control().set_provision_seconds(100);
    let operation = line.order(5_000).await;
    line.play().await;
    let shown = line.shown(operation).await;
    let answers = shown["journal"][1]["answers"].as_array().unwrap();
    let counts: Vec<_> = answers
        .iter()
        .map(|answer| answer["count"].as_u64().unwrap())
        .collect();
    assert_eq!(answers.len(), 3, "{answers:?}");
    assert_eq!(
        counts.iter().sum::<u64>(),
        1 + shown["journal"][1]["repeats"].as_u64().unwrap()
    );
    assert!(counts[0] > 5 && answers[0]["first_at"].as_str() < answers[0]["last_at"].as_str());
}

#[tokio::test]
async fn bodies_are_for_the_reseller_and_secrets_for_nobody() {
    let line = Line::start().await;
    let operation = line.order(5_000).await;
    line.play().await;
    let path = format!("/v1/operations/{operation}");
    let reseller = line.reseller.client.get(&path).await.expect(200);
    assert!(has(&reseller["journal"][0]["request"], "5000"), "{reseller}");
    assert!(
        has(&reseller["journal"][1]["response"], "COMPLETED"),
        "{reseller}"
    );
    let customer = line.customer.client.get(&path).await.expect(200);
    assert_eq!(customer["journal"][0]["target"], reseller["journal"][0]["target"]);
    for exchange in customer["journal"].as_array().unwrap() {
        for hidden in ["request", "response", "reason"] {
            assert_eq!(exchange[hidden], Value::Null);
        }
    }
    for answer in [&reseller, &customer] {
        assert!(!has(answer, SECRET) && !has(answer, "Bearer"), "{answer}");
    }
    let mut superuser = line.host.database.superuser().await;
    let open: i64 = sqlx::query_scalar(
        "select count(*) from exchange where position('5000'::bytea in request) > 0 or position('port-1'::bytea in answer) > 0",
    )
    .fetch_one(&mut superuser)
    .await
    .unwrap();
    assert_eq!(open, 0, "requests and answers are sealed at rest");
}

#[tokio::test]
async fn an_operation_of_a_stranger_is_not_there() {
    let line = Line::start().await;
    let stranger = line.host.reseller("stranger").await;
    // Whoever is invited reads mail, and the worker that sends it would do the order too.
    let sibling = line.host.customer(&line.reseller, "sibling").await;
    let operation = line.order(5_000).await;
    let path = format!("/v1/operations/{operation}");
    for client in [&stranger.client, &sibling.client] {
        client.get(&path).await.problem(404, "not_found");
        assert_eq!(client.get("/v1/operations").await.expect(200)["items"], json!([]));
    }
    let listed = line
        .customer
        .client
        .get("/v1/operations?state=running")
        .await
        .expect(200);
    assert_eq!(listed["items"][0]["id"], operation.to_string());
    line.customer
        .client
        .get("/v1/operations?state=asleep")
        .await
        .problem(422, "state_unknown");
}

#[tokio::test]
async fn a_lost_reply_is_looked_up_and_the_order_found() {
    let line = Line::start().await;
    line.fault(Fault::new(Trouble::LostReply).on("POST", "/v1/ports/port-1/orders"));
    let operation = line.order(5_000).await;
    line.pass(0).await;
    let waiting = line.shown(operation).await;
    assert_eq!(waiting["state"], "waiting");
    assert_eq!(exchanges(&waiting), [exchange("POST", "lost", None, 0)]);
    // Nothing is asked before what was lost has settled: 30 s for the request, 5 for the carrier.
    line.pass(34).await;
    assert_eq!(exchanges(&line.shown(operation).await).len(), 1);
    line.pass(1).await;
    assert_eq!(exchanges(&line.shown(operation).await).len(), 3);
    line.play().await;
    let shown = line.shown(operation).await;
    assert_eq!(shown["outcome"]["kind"], "applied", "{shown}");
    let totals = line.simulator.control().ledger().totals;
    assert_eq!((totals.lost_replies, totals.orders, totals.duplicates), (1, 1, 0));
    assert_eq!(line.asked("POST", "/v1/ports/port-1/orders"), 1);
}

#[tokio::test]
async fn a_lost_request_is_looked_up_and_sent_again_once_it_is_known_not_to_be_there() {
    let line = Line::start().await;
    line.fault(Fault::new(Trouble::LostRequest).on("POST", "/v1/ports/port-1/orders"));
    let operation = line.order(5_000).await;
    line.play().await;
    let shown = line.shown(operation).await;
    assert_eq!(shown["outcome"]["kind"], "applied", "{shown}");
    let totals = line.simulator.control().ledger().totals;
    assert_eq!((totals.orders, totals.duplicates), (1, 0));
    let methods: Vec<_> = exchanges(&shown).into_iter().map(|(method, ..)| method).collect();
    assert_eq!(methods, ["POST", "GET", "POST", "GET"]);
}

#[tokio::test]
async fn a_busy_carrier_is_asked_again_in_the_same_place_when_it_says() {
    let line = Line::start().await;
    let busy = Trouble::Throttle {
        retry_after_seconds: 20,
    };
    line.fault(Fault::new(busy).on("POST", "/v1/ports/port-1/orders"));
    let operation = line.order(5_000).await;
    line.pass(0).await;
    line.pass(19).await;
    assert_eq!(
        exchanges(&line.shown(operation).await),
        [exchange("POST", "answered", Some(429), 0)]
    );
    line.play().await;
    let shown = line.shown(operation).await;
    assert_eq!(exchanges(&shown)[0], exchange("POST", "answered", Some(202), 1));
    let statuses: Vec<_> = shown["journal"][0]["answers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|a| a["status"].clone())
        .collect();
    assert_eq!(statuses, [json!(429), json!(202)]);
    assert_eq!(line.simulator.control().ledger().totals.orders, 1);
}

#[tokio::test]
async fn a_carrier_that_breaks_down_over_an_order_is_asked_what_it_has() {
    let line = Line::start().await;
    line.fault(Fault::new(Trouble::Error { status: 500 }).on("POST", "/v1/ports/port-1/orders"));
    let operation = line.order(5_000).await;
    line.play().await;
    let shown = line.shown(operation).await;
    assert_eq!(shown["outcome"]["kind"], "applied", "{shown}");
    assert_eq!(exchanges(&shown)[0], exchange("POST", "answered", Some(500), 0));
    assert_eq!(line.simulator.control().ledger().totals.orders, 1);
}

#[tokio::test]
async fn a_rejected_order_ends_in_the_carriers_own_words() {
    let line = Line::start().await;
    line.fault(Fault::new(Trouble::Reject {
        code: "NO_CAPACITY".into(),
        message: "the card is full".into(),
    }));
    let operation = line.order(5_000).await;
    line.play().await;
    let shown = line.shown(operation).await;
    assert_eq!(shown["state"], "done");
    assert_eq!(shown["outcome"]["kind"], "rejected");
    assert_eq!(shown["outcome"]["code"], "NO_CAPACITY");
}

#[tokio::test]
async fn a_carrier_that_is_down_is_tried_again_later() {
    let mut line = Line::start().await;
    let gone = nexusport_simulator::Simulator::start(([127, 0, 0, 1], 0).into())
        .await
        .unwrap();
    std::mem::replace(&mut line.simulator, gone).stop().await;
    let operation = line.ask(Kind::ReadPort, None).await;
    line.pass(0).await;
    let shown = line.shown(operation).await;
    assert_eq!(shown["state"], "waiting");
    assert_eq!(exchanges(&shown), [exchange("GET", "not_sent", None, 0)]);
}

#[tokio::test]
async fn an_end_is_audited_as_the_tenants_work_accepted_from_its_person() {
    let line = Line::start().await;
    let operation = line.order(5_000).await;
    line.play().await;
    let path = format!("/v1/audit-events?target_id={operation}");
    let events = line.customer.client.get(&path).await.expect(200);
    let event = &events["items"][0];
    assert_eq!(
        (&event["action"], &event["actor_kind"]),
        (&json!("operation.finish"), &json!("system"))
    );
    assert_eq!(event["tenant_id"], json!(line.customer.id));
    assert_ne!(event["initiated_by"], Value::Null);
}
