//! What is sent, and what is said of the other side afterwards.

use super::{
    server::{Reply, Server, reply},
    *,
};

fn pair(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

#[tokio::test]
async fn a_request_arrives_as_it_was_asked_with_the_secret_put_in_last() {
    let server = Server::start(vec![reply("201 Created", "x-id: 7\r\n", "done")]).await;
    let sent = client()
        .send(Outgoing {
            method: "POST",
            headers: vec![pair("x-api-key", "the guest's"), pair("Idempotency-Key", "op-1")],
            body: b"{\"mbps\":5000}".to_vec(),
            secret: Injection::header("X-Api-Key", "s3cr3t-key"),
            ..get(&format!("{}/v1/", server.url), "/orders?dry=no")
        })
        .await;
    let answer = answered(sent);
    assert_eq!((answer.status, &answer.body[..]), (201, &b"done"[..]));
    assert!(answer.headers.contains(&pair("x-id", "7")));
    let request = &server.requests()[0];
    assert!(
        request.starts_with("POST /v1/orders?dry=no HTTP/1.1\r\n"),
        "{request}"
    );
    assert!(request.ends_with("\r\n\r\n{\"mbps\":5000}"), "{request}");
    assert!(request.contains("idempotency-key: op-1\r\n") && request.contains("x-api-key: s3cr3t-key\r\n"));
    assert!(request.contains("accept-encoding: identity\r\n") && !request.contains("the guest's"));
}

#[tokio::test]
async fn a_secret_that_the_carrier_repeats_does_not_come_back() {
    let echo = "{\"got\":\"Bearer t0ken-value\",\"hex\":\"74306b656e2d76616c7565\",\"other\":\"els3where\"}";
    let server = Server::start(vec![reply("401 Unauthorized", "x-echo: t0ken-value\r\n", echo)]).await;
    let answer = answered(
        client()
            .send(Outgoing {
                secret: Injection::bearer("t0ken-value"),
                hidden: vec![secret("els3where")],
                ..get(&server.url, "/")
            })
            .await,
    );
    let body = String::from_utf8(answer.body).unwrap();
    assert_eq!(
        body,
        "{\"got\":\"Bearer [secret]\",\"hex\":\"[secret]\",\"other\":\"[secret]\"}"
    );
    assert!(answer.headers.contains(&pair("x-echo", "[secret]")));
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_is_not_followed() {
    let elsewhere = Server::start(vec![reply("200 OK", "", "")]).await;
    let location = format!("location: {}/stolen\r\nset-cookie: a=b\r\n", elsewhere.url);
    let server = Server::start(vec![reply("302 Found", &location, "")]).await;
    let answer = answered(client().send(get(&server.url, "/")).await);
    assert_eq!(answer.status, 302);
    assert!(answer.headers.iter().any(|(name, _)| name == "location"));
    assert!(!answer.headers.iter().any(|(name, _)| name == "set-cookie"));
    assert!(elsewhere.requests().is_empty());
}

#[tokio::test]
async fn a_connection_that_closes_without_an_answer_is_lost_and_not_tried_again() {
    let server = Server::start(vec![Reply::Close, reply("200 OK", "", "")]).await;
    lost(client().send(get(&server.url, "/once")).await);
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn no_connection_is_used_twice() {
    let server = Server::start(vec![reply("200 OK", "", "a"), reply("200 OK", "", "b")]).await;
    let client = client();
    assert_eq!(answered(client.send(get(&server.url, "/")).await).body, b"a");
    assert_eq!(answered(client.send(get(&server.url, "/")).await).body, b"b");
}

#[tokio::test]
async fn silence_is_lost_when_its_time_is_up() {
    let server = Server::start(vec![Reply::Silence]).await;
    let mut outgoing = get(&server.url, "/");
    outgoing.limits.timeout = Duration::from_millis(300);
    assert_eq!(lost(client().send(outgoing).await), "no answer: it took too long");
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_lost() {
    let half = b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf".to_vec();
    let server = Server::start(vec![Reply::Bytes(half)]).await;
    assert!(lost(client().send(get(&server.url, "/")).await).starts_with("the answer broke off"));
}

#[tokio::test]
async fn an_answer_over_its_limit_is_lost_by_the_figure() {
    let endless = format!("HTTP/1.1 200 OK\r\n\r\n{}", "x".repeat(2_000_000)).into_bytes();
    let server = Server::start(vec![Reply::Bytes(endless), reply("200 OK", "", &"x".repeat(900))]).await;
    let client = client();
    assert_eq!(
        lost(client.send(get(&server.url, "/")).await),
        "the answer is larger than 1000 bytes"
    );
    assert_eq!(answered(client.send(get(&server.url, "/")).await).body.len(), 900);
}

#[tokio::test]
async fn a_compressed_answer_is_lost_because_it_cannot_be_scrubbed() {
    let server = Server::start(vec![reply("200 OK", "content-encoding: gzip\r\n", "...")]).await;
    assert!(lost(client().send(get(&server.url, "/")).await).contains("compressed"));
}

#[tokio::test]
async fn nobody_listening_is_not_sent_and_may_be_tried_later() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let (temporary, detail) = not_sent(client().send(get(&url, "/")).await);
    assert!(temporary && detail.starts_with("no connection: "), "{detail}");
    assert!(!detail.contains("127.0.0.1"), "{detail}");
}

#[tokio::test]
async fn a_peer_that_does_not_speak_tls_is_not_sent() {
    let server = Server::start(vec![Reply::HangUp]).await;
    let url = server.url.replace("http://", "https://");
    assert!(not_sent(client().send(get(&url, "/")).await).0);
}

#[tokio::test]
async fn a_name_that_leads_inside_is_refused_for_good() {
    let client = Client::new(Rules::default());
    let (temporary, detail) = not_sent(client.send(get("https://localhost", "/")).await);
    assert!(!temporary && detail.contains("not public"), "{detail}");
    assert!(!not_sent(client.send(get("http://127.0.0.1:1", "/")).await).0);
    assert!(!not_sent(client.send(get("https://169.254.169.254", "/")).await).0);
}

#[tokio::test]
async fn a_request_against_the_rules_never_leaves() {
    let server = Server::start(vec![reply("200 OK", "", "")]).await;
    let client = client();
    let bad = [
        get(&server.url, "/../x"),
        get(&server.url, "//evil.example/"),
        Outgoing {
            method: "CONNECT",
            ..get(&server.url, "/")
        },
        Outgoing {
            headers: vec![pair("host", "evil.example")],
            ..get(&server.url, "/")
        },
        Outgoing {
            headers: vec![pair("x-a", "b\r\nauthorization: c")],
            ..get(&server.url, "/")
        },
        Outgoing {
            body: vec![0; 1000],
            ..get(&server.url, "/")
        },
    ];
    for outgoing in bad {
        assert!(!not_sent(client.send(outgoing).await).0);
    }
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn an_open_breaker_refuses_without_connecting() {
    let server = Server::start(vec![Reply::Close, Reply::Close, reply("200 OK", "", "")]).await;
    let client = Client::new(Rules {
        allow_loopback: true,
        pace: Pace {
            failures: 2,
            ..Pace::default()
        },
        ..Rules::default()
    });
    lost(client.send(get(&server.url, "/")).await);
    lost(client.send(get(&server.url, "/")).await);
    let held = client.send(get(&server.url, "/")).await;
    assert!(
        matches!(&held, Sent::Held(why) if why.contains("breaker")),
        "{held:?}"
    );
    assert_eq!(server.requests().len(), 2);
    let another = Lane {
        id: Uuid::from_u128(3),
        ..lane()
    };
    let elsewhere = Outgoing {
        lane: another,
        ..get(&server.url, "/")
    };
    assert_eq!(answered(client.send(elsewhere).await).status, 200);
}
