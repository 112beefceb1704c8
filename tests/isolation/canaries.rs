//! What a customer meets carries its reseller's brand and no trace of another's, of the operator or of the product
//! (C25): everything that the API answers at a reseller's address is searched as raw bytes, headers included. What there
//! is to ask comes from the OpenAPI document, so a new operation is searched by itself.

use reqwest::Method;
use serde_json::json;
use sqlx::Executor as _;

use super::{
    entries::entries,
    operations,
    world::{NOBODY, World},
};
use crate::harness::{Answer, Client};

/// What the operator is called in these tests.
const OPERATOR: &str = "Quokka Platform Operations";

/// Words that may never be seen at the first reseller's address: the other's names, hosts, brand and ids, the
/// operator's name, the product's.
fn canaries(world: &World) -> Vec<String> {
    let words = ["harbour", "thames", "Ahoy", "fair winds", "quokka", "nexus"];
    let words = words.into_iter().map(str::to_owned);
    let ids = [
        world.other.reseller.id.clone(),
        world.other.carrier_id.clone(),
        world.other.reseller.key.clone(),
    ];
    words.chain(ids).map(|word| word.to_lowercase()).collect()
}

/// Every canary in an answer, with where it was.
fn seen(what: &str, answer: &Answer, canaries: &[String]) -> Vec<String> {
    let headers = answer.headers.iter();
    let mut text: Vec<u8> = headers
        .flat_map(|(name, value)| [name.as_str().as_bytes(), b": ", value.as_bytes(), b"\n"].concat())
        .collect();
    text.extend(&answer.bytes);
    let text = String::from_utf8_lossy(&text).to_lowercase();
    let found = canaries.iter().filter(|canary| text.contains(*canary));
    found.map(|canary| format!("{what} says {canary}")).collect()
}

/// Everything that can be asked at the first reseller's address: as its customer, as nobody, wrongly.
async fn survey(world: &World) -> Vec<(String, Answer)> {
    let customer = world.customer.client.at("northlight.localhost");
    let mut answers = Vec::new();
    let entries = entries();
    for (operation, _) in operations() {
        let (method, path) = operation.split_once(' ').unwrap();
        let entry = entries.iter().find(|entry| entry.operation == operation);
        let own = entry.map(|entry| entry.path(&(entry.target)(world)));
        let nobodys = entry.map(|entry| entry.path(NOBODY));
        let method: Method = method.parse().unwrap();
        for (who, client) in [("a customer", &customer), ("nobody", &customer.anonymous())] {
            let named = own.clone().unwrap_or_else(|| path.to_owned());
            let nobodys = nobodys.clone().unwrap_or_else(|| path.to_owned());
            let body = json!({ "unknown": "field" });
            if method == Method::GET {
                answers.push((format!("{operation} of {who}"), client.get(&named).await));
            }
            // Nothing is carried out: the thing is nobody's, or the body is none.
            if operation != "DELETE /v1/sessions/current" {
                let request = client.request(method.clone(), &nobodys).json(&body);
                answers.push((
                    format!("{operation} of {who}, wrongly"),
                    client.send(request).await,
                ));
            }
        }
    }
    answers.extend(oddities(world, &customer).await);
    answers
}

/// Every mail that did not go to the other reseller's people, as it lies there and as it is read.
async fn mails(world: &World) -> Vec<(String, String)> {
    let mails = world.host.mails().await.into_iter();
    let ours = mails.filter(|mail| !mail.to.contains("harbour"));
    ours.map(|mail| {
        let read = [
            &mail.raw,
            &mail.from_name,
            &mail.from_address,
            &mail.subject,
            &mail.message_id,
        ];
        let read = read.into_iter().chain([&mail.text, &mail.html]).cloned();
        (
            format!("a mail to {}", mail.to),
            read.collect::<Vec<_>>().join("\n"),
        )
    })
    .collect()
}

/// What no operation answers.
async fn oddities(world: &World, customer: &Client) -> Vec<(String, Answer)> {
    let stranger = customer.with_token(&world.other.reseller.key);
    let raw = |method: Method, path: &'static str, body: Vec<u8>| {
        let request = customer
            .request(method, path)
            .header("content-type", "application/json");
        customer.send(request.body(body))
    };
    let big = vec![b' '; nexusport::api::MAX_BODY_BYTES + 1];
    let mut answers = vec![
        ("the front", customer.get("/").await),
        ("the reference", customer.get("/docs").await),
        ("the description", customer.get("/openapi.json").await),
        ("an unknown path", customer.get("/harbor").await),
        ("a wrong method", customer.delete("/v1/ports").await),
        ("an odd method", raw(Method::TRACE, "/v1/ports", Vec::new()).await),
        (
            "a body that is none",
            raw(Method::POST, "/v1/quotes", b"{".to_vec()).await,
        ),
        ("a body too large", raw(Method::POST, "/v1/quotes", big).await),
        ("an unknown parameter", customer.get("/v1/ports?colour=red").await),
        ("a forged cursor", customer.get("/v1/ports?cursor=forged").await),
        ("a stranger's key", stranger.get("/v1/ports").await),
        (
            "a made-up key",
            customer.with_token("key_x").get("/v1/ports").await,
        ),
        (
            "an unknown host",
            customer.at("nobody.localhost").get("/v1/ports").await,
        ),
        (
            "the platform's address",
            customer.anonymous().at("localhost").get("/v1/brand").await,
        ),
    ];
    let options = customer
        .send(customer.request(Method::OPTIONS, "/v1/ports"))
        .await;
    answers.push(("options", options));
    answers
        .into_iter()
        .map(|(what, answer)| (what.to_owned(), answer))
        .collect()
}

/// The world, with an operator whose name would be noticed.
async fn world() -> World {
    let world = World::build().await;
    let mut superuser = world.host.database.superuser().await;
    let named = format!("update tenant set name = '{OPERATOR}' where kind = 'operator'");
    superuser.execute(sqlx::AssertSqlSafe(named)).await.unwrap();
    world
}

#[tokio::test]
async fn nothing_that_a_customer_meets_names_another_reseller_the_operator_or_the_product() {
    let world = world().await;
    let canaries = canaries(&world);
    let answers = survey(&world).await;
    assert!(
        answers.len() > 200,
        "only {} answers were searched",
        answers.len()
    );
    let good = answers.iter().filter(|(_, answer)| answer.status == 200).count();
    assert!(good > 30, "only {good} of them say anything");
    let seen: Vec<_> = answers
        .iter()
        .flat_map(|(what, answer)| seen(what, answer, &canaries))
        .collect();
    assert_eq!(seen, Vec::<String>::new());
    let mails = mails(&world).await;
    assert!(mails.len() >= 3, "only {} mails were searched", mails.len());
    for (what, text) in mails {
        let found = canaries
            .iter()
            .find(|canary| text.to_lowercase().contains(*canary));
        assert_eq!(found, None, "{what}: {text}");
    }
    // Whose brand it is can be seen, so pages are searched that have one.
    let invoice = format!("/v1/invoices/{}/html", world.invoice);
    let invoice = world
        .customer
        .client
        .at("northlight.localhost")
        .get(&invoice)
        .await;
    assert!(String::from_utf8_lossy(&invoice.bytes).contains("Northlight Networks"));
}

#[tokio::test]
async fn the_search_finds_what_is_planted() {
    let world = world().await;
    let canaries = canaries(&world);
    let mut superuser = world.host.database.superuser().await;
    let customer = &world.customer.id;
    for (sql, where_it_shows) in [
        (
            format!("update tenant set name = 'Harbour Connect' where tenant_id = '{customer}'"),
            "/html of a customer",
        ),
        (
            format!("update port set name = '{OPERATOR}' where tenant_id = '{customer}'"),
            "GET /v1/ports of a customer",
        ),
    ] {
        superuser.execute(sqlx::AssertSqlSafe(sql.clone())).await.unwrap();
        let mut found = Vec::new();
        for (what, answer) in survey(&world).await {
            found.extend(seen(&what, &answer, &canaries));
        }
        let shows = found.iter().any(|found| found.contains(where_it_shows));
        assert!(shows, "after {sql}: {found:?}");
    }
    let mut answer = world.customer.client.get("/livez").await;
    answer.headers.insert("server", "NexusPort".parse().unwrap());
    assert_eq!(seen("a header", &answer, &canaries), ["a header says nexus"]);
}
