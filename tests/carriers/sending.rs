//! Which secret leaves for where, and what comes back.

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE},
};
use sqlx::AssertSqlSafe;

use super::*;

#[tokio::test]
async fn a_secret_leaves_for_its_destination_alone_and_a_refused_pairing_is_audited() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let carrier = Carrier::add(&host, &reseller).await;
    let (api, other) = (ok().await, ok().await);
    carrier.destination("api", &api.url).await;
    carrier.destination("other", &other.url).await;
    carrier.credential("key", &["api"], bearer()).await;
    let pinned = carrier.pinned().await;
    answered(carrier.send(&pinned, &request("api", Some("key"))).await);
    let expected = format!("authorization: Bearer {SECRET}\r\n");
    assert!(api.requests()[0].contains(&expected));
    let detail = refused(carrier.send(&pinned, &request("other", Some("key"))).await);
    assert_eq!(detail, "the credential key is not bound to the destination other");
    assert!(other.requests().is_empty());
    let told = reseller
        .client
        .get("/v1/audit-events?action=carrier.send")
        .await
        .expect(200);
    assert_eq!(told["items"][0]["outcome"], "refused");
    assert_eq!(told["items"][0]["detail"]["destination"], "other");
    answered(carrier.send(&pinned, &request("other", None)).await);
    assert!(!other.requests()[0].contains("authorization"));
}

#[tokio::test]
async fn another_base_url_detaches_the_credentials_of_its_destination() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let carrier = Carrier::add(&host, &reseller).await;
    let (former, latter) = (ok().await, ok().await);
    carrier.destination("api", &former.url).await;
    carrier.credential("key", &["api"], bearer()).await;
    let begun = carrier.pinned().await;
    assert_eq!(
        carrier.destination("api", &former.url).await["detached"],
        json!([])
    );
    assert_eq!(
        carrier.destination("api", &latter.url).await["detached"],
        json!(["key"])
    );
    refused(
        carrier
            .send(&carrier.pinned().await, &request("api", Some("key")))
            .await,
    );
    carrier.credential("key", &["api"], bearer()).await;
    answered(
        carrier
            .send(&carrier.pinned().await, &request("api", Some("key")))
            .await,
    );
    let detail = refused(carrier.send(&begun, &request("api", Some("key"))).await);
    assert!(detail.contains("led elsewhere"), "{detail}");
    assert_eq!((former.requests().len(), latter.requests().len()), (0, 1));
}

#[tokio::test]
async fn a_secret_that_a_carrier_repeats_reaches_no_guest() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let carrier = Carrier::add(&host, &reseller).await;
    let echo = format!("{{\"you sent\":\"{}\"}}", SECRET.replace('/', "\\/"));
    let header = format!("x-echo: {}\r\n", hex::encode(SECRET));
    let api = Server::start(vec![reply("200 OK", &header, &echo), reply("200 OK", "", &echo)]).await;
    carrier.destination("api", &api.url).await;
    carrier.credential("key", &["api"], bearer()).await;
    let pinned = carrier.pinned().await;
    for credential in [Some("key"), None] {
        let response = answered(carrier.send(&pinned, &request("api", credential)).await);
        assert_eq!(response.body, b"{\"you sent\":\"[secret]\"}");
        assert!(
            response
                .headers
                .iter()
                .all(|header| header.value != hex::encode(SECRET))
        );
    }
}

#[tokio::test]
async fn a_removed_credential_is_gone_and_another_resellers_still_works() {
    let host = Host::start().await;
    let (north, harbour) = (host.reseller("northlight").await, host.reseller("harbour").await);
    let (first, second) = (
        Carrier::add(&host, &north).await,
        Carrier::add(&host, &harbour).await,
    );
    let api = ok().await;
    for carrier in [&first, &second] {
        carrier.destination("api", &api.url).await;
        carrier.credential("key", &["api"], bearer()).await;
    }
    let path = format!("{}/credentials/key", first.path);
    north.client.delete(&path).await.expect(204);
    north.client.delete(&path).await.problem(404, "not_found");
    assert_eq!(first.shown().await["credentials"], json!([]));
    let detail = refused(
        first
            .send(&first.pinned().await, &request("api", Some("key")))
            .await,
    );
    assert_eq!(detail, "the carrier has no credential key");
    answered(
        second
            .send(&second.pinned().await, &request("api", Some("key")))
            .await,
    );
    let mut superuser = host.database.superuser().await;
    let left: Vec<i32> =
        sqlx::query_scalar("select length(sealed) from credential where removed_at is not null")
            .fetch_all(&mut superuser)
            .await
            .unwrap();
    assert_eq!(left, [0]);
}

#[tokio::test]
async fn two_tenants_sealed_credentials_swapped_open_for_neither() {
    let host = Host::start().await;
    let (north, harbour) = (host.reseller("northlight").await, host.reseller("harbour").await);
    let (first, second) = (
        Carrier::add(&host, &north).await,
        Carrier::add(&host, &harbour).await,
    );
    let api = ok().await;
    for carrier in [&first, &second] {
        carrier.destination("api", &api.url).await;
        carrier.credential("key", &["api"], bearer()).await;
    }
    let mut superuser = host.database.superuser().await;
    let swapped = sqlx::query(
        "update credential set sealed = other.sealed from credential other where other.id <> credential.id",
    )
    .execute(&mut superuser)
    .await
    .unwrap();
    assert_eq!(swapped.rows_affected(), 2);
    for carrier in [&first, &second] {
        let sent = carrier
            .send(&carrier.pinned().await, &request("api", Some("key")))
            .await;
        assert!(matches!(sent, Err(Fault::Broken(_))), "{sent:?}");
    }
    assert!(api.requests().is_empty());
}

#[tokio::test]
async fn a_customers_work_uses_the_house_and_leaves_its_refusals_there() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let customer = host.customer(&reseller, "baker").await;
    let carrier = Carrier::add(&host, &reseller).await;
    let api = ok().await;
    carrier.destination("api", &api.url).await;
    carrier.credential("key", &["api"], bearer()).await;
    let (pinned, caller) = (carrier.pinned().await, caller(&host, &customer.key).await);
    let send = async |credential| {
        carriers::send(
            &host.app,
            &caller,
            carrier.id,
            &pinned,
            &request("api", Some(credential)),
        )
        .await
    };
    answered(send("key").await);
    refused(send("none").await);
    let path = "/v1/audit-events?action=carrier.send";
    let told = |answer: Value| answer["items"].as_array().unwrap().len();
    assert_eq!(told(customer.client.get(path).await.expect(200)), 0);
    assert_eq!(told(reseller.client.get(path).await.expect(200)), 1);
}

#[tokio::test]
async fn a_carrier_that_hangs_up_leaves_it_unknown_whether_it_was_asked() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let carrier = Carrier::add(&host, &reseller).await;
    let api = Server::start(vec![server::Reply::Close]).await;
    carrier.destination("api", &api.url).await;
    let sent = carrier.send(&carrier.pinned().await, &request("api", None)).await;
    assert!(matches!(sent, Ok(Answer::Lost(_))), "{sent:?}");
}

#[tokio::test]
async fn a_secret_is_in_no_row_of_the_database_in_any_spelling() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let carrier = Carrier::add(&host, &reseller).await;
    let api = Server::start(vec![reply("200 OK", "", SECRET)]).await;
    carrier.destination("api", &api.url).await;
    carrier.credential("key", &["api"], bearer()).await;
    carrier.credential("client", &["api"], oauth2("api")).await;
    let pinned = carrier.pinned().await;
    answered(carrier.send(&pinned, &request("api", Some("key"))).await);
    refused(carrier.send(&pinned, &request("api", Some("none"))).await);
    let everything = dump(&host).await.to_lowercase();
    assert!(everything.contains("northlight") && everything.contains("carrier.send"));
    let spellings = [
        SECRET.to_owned(),
        hex::encode(SECRET),
        STANDARD.encode(SECRET),
        URL_SAFE.encode(SECRET),
        SECRET.replace('/', "%2f").replace('+', "%2b"),
        SECRET.replace('/', "\\/"),
    ];
    for spelling in spellings {
        assert!(!everything.contains(&spelling.to_lowercase()), "{spelling}");
    }
}

/// Every row of every table as text; bytes in hexadecimal.
async fn dump(host: &Host) -> String {
    let mut superuser = host.database.superuser().await;
    let tables: Vec<String> = sqlx::query_scalar(
        "select format('%I', relname) from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace",
    )
    .fetch_all(&mut superuser)
    .await
    .unwrap();
    let mut everything = String::new();
    for table in tables {
        let rows: Vec<String> = sqlx::query_scalar(AssertSqlSafe(format!("select t::text from {table} t")))
            .fetch_all(&mut superuser)
            .await
            .unwrap();
        everything.extend(rows);
    }
    everything
}
