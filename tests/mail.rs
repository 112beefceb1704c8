//! Mail as it lies in the mailbox: in the reseller's brand, from its own host, and never twice under two ids.

use nexusport::{
    jobs::MAX_ATTEMPTS,
    notify::{Post, Transport},
    worker,
};
use serde_json::json;

use crate::harness::{Host, Mail, Pricing, Reseller, Smtp};

async fn invited(host: &Host, by: &Reseller) -> Mail {
    let new = json!({ "email": "ann@example.com" });
    by.client.post("/v1/invitations", new).await.expect(201);
    host.mail("ann@example.com").await
}

#[tokio::test]
async fn a_mail_is_in_its_resellers_brand_and_names_no_other() {
    let host = Host::start().await;
    let carrier = host.carrier().await;
    for (slug, pricing, brand, other) in [
        ("northlight", Pricing::Committed, "Northlight Networks", "Harbour"),
        ("harbour", Pricing::Burst, "Harbour Connect", "Northlight"),
    ] {
        let shop = host.shop(slug, pricing, &carrier).await;
        let mail = invited(&host, &shop.reseller).await;
        assert_eq!(
            (&*mail.from_name, &*mail.from_address),
            (brand, &*format!("no-reply@{slug}.localhost"))
        );
        assert!(mail.message_id.ends_with(&format!("@{slug}.localhost")));
        let link = format!("http://{slug}.localhost:8080/invitation#inv_");
        for part in [&mail.text, &mail.html] {
            assert!(part.contains(brand) && part.contains(&link), "{part}");
        }
        let raw = mail.raw.to_lowercase();
        for trace in [&*other.to_lowercase(), "nexusport", "x-mailer", "user-agent"] {
            assert!(!raw.contains(trace), "{trace} in {raw}");
        }
    }
}

#[tokio::test]
async fn a_house_without_a_brand_writes_plain_mail_in_its_own_name() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let mail = invited(&host, &reseller).await;
    assert_eq!((&*mail.from_name, &*mail.html), ("northlight", ""));
    assert!(
        mail.text
            .contains("http://northlight.localhost:8080/invitation#inv_")
    );
    assert!(!mail.raw.to_lowercase().contains("nexusport"));
}

#[tokio::test]
async fn a_mail_whose_cause_was_not_kept_is_not_sent() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let nowhere = json!({ "email": "ann@example.com", "role_id": "00000000-0000-7000-8000-000000000000" });
    reseller
        .client
        .post("/v1/invitations", nowhere)
        .await
        .problem(404, "not_found");
    assert!(host.mails().await.iter().all(|mail| mail.to != "ann@example.com"));
}

#[tokio::test]
async fn a_mail_that_cannot_be_written_is_tried_again_and_at_last_given_up() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let folder = host.folder.path().join("mail");
    let new = json!({ "email": "ann@example.com" });
    reseller.client.post("/v1/invitations", new).await.expect(201);
    let mut superuser = host.database.superuser().await;
    let id: uuid::Uuid = sqlx::query_scalar("select id from mail where state = 'queued'")
        .fetch_one(&mut superuser)
        .await
        .unwrap();
    // Where its draft would be written there is something else.
    std::fs::create_dir(folder.join(format!(".{id}"))).unwrap();
    let mut attempts = 0;
    // Until the mail is given up; what is due after that is forgetting the invitation.
    let waiting = "select count(*) from mail where id = $1 and state = 'queued'";
    while sqlx::query_scalar::<_, i64>(waiting)
        .bind(id)
        .fetch_one(&mut superuser)
        .await
        .unwrap()
        > 0
    {
        let due = worker::next_due(&host.app).await.unwrap().unwrap();
        host.clock.set(due.max(host.app.now()));
        attempts += worker::drain(&host.app).await.unwrap();
    }
    assert_eq!(attempts, MAX_ATTEMPTS as usize);
    let (state, sealed): (String, Option<Vec<u8>>) =
        sqlx::query_as("select state, sealed from mail where id = $1")
            .bind(id)
            .fetch_one(&mut superuser)
            .await
            .unwrap();
    assert_eq!((&*state, sealed), ("failed", None));
    let events = reseller
        .client
        .get("/v1/audit-events?action=mail.send")
        .await
        .expect(200);
    let mut events = events["items"].as_array().unwrap().iter();
    let event = events.find(|event| event["target_id"] == json!(id)).unwrap();
    assert_eq!(event["outcome"], "refused");
}

#[tokio::test]
async fn a_mail_sent_twice_is_the_same_mail() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let new = json!({ "email": "ann@example.com" });
    reseller.client.post("/v1/invitations", new).await.expect(201);
    let mut superuser = host.database.superuser().await;
    // As if the host had died between sending and storing that it did.
    sqlx::query("create table kept as select * from mail where state = 'queued'")
        .execute(&mut superuser)
        .await
        .unwrap();
    let first = host.mail("ann@example.com").await;
    for again in [
        "delete from mail where id in (select id from kept)",
        "insert into mail select * from kept",
        "alter table job disable trigger job_transition",
        "update job set state = 'waiting' where subject_id in (select id from kept)",
    ] {
        sqlx::query(again).execute(&mut superuser).await.unwrap();
    }
    let second = host
        .mails()
        .await
        .into_iter()
        .filter(|mail| mail.to == "ann@example.com");
    let second: Vec<_> = second.collect();
    assert_eq!(second.len(), 1);
    assert_eq!(
        (&second[0].message_id, &second[0].text),
        (&first.message_id, &first.text)
    );
}

/// A host whose mail goes to a server that answers every recipient so.
async fn with_server(answers: &'static str) -> (Host, Smtp) {
    let (mut host, server) = (Host::start().await, Smtp::start(answers).await);
    let transport = Transport::smtp(&server.url).unwrap();
    host.app.post = Post::new(transport, "http://{host}:8080").unwrap();
    (host, server)
}

#[tokio::test]
async fn mail_is_delivered_to_the_configured_server() {
    let (host, server) = with_server("250 ok").await;
    host.reseller("northlight").await;
    let delivered = server.delivered();
    assert_eq!(delivered.len(), 1, "{delivered:?}");
    assert_eq!(delivered[0].from, "no-reply@northlight.localhost");
    assert_eq!(delivered[0].to, ["owner@northlight.example"]);
    let message = &delivered[0].message;
    for line in [
        "To: owner@northlight.example\r\n",
        "Subject: Confirm your address for northlight\r\n",
    ] {
        assert!(message.contains(line), "{message}");
    }
    worker::drain(&host.app).await.unwrap();
    assert_eq!(server.delivered(), delivered, "once");
}

#[tokio::test]
async fn what_the_server_refuses_for_good_is_given_up_and_what_it_cannot_take_now_is_tried_again() {
    for (answers, told, tried_again) in [("550 nobody", 1, false), ("450 later", 0, true)] {
        let (host, server) = with_server(answers).await;
        let reseller = host.reseller("northlight").await;
        assert_eq!(server.delivered(), []);
        let path = "/v1/audit-events?action=mail.send";
        let events = reseller.client.get(path).await.expect(200);
        let events = events["items"].as_array().unwrap();
        assert_eq!(events.len(), told, "{answers}: {events:?}");
        assert!(
            events.iter().all(|event| event["outcome"] == "refused"),
            "{events:?}"
        );
        assert_eq!(
            worker::next_due(&host.app).await.unwrap().is_some(),
            tried_again,
            "{answers}"
        );
    }
}
