//! A provider that lies, breaks the rules or is somebody else. Nobody comes in, the asker learns nothing, and the
//! reseller's trail says why.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{
    Stage, begin, call_back, come_back,
    provider::{Plan, Reply, Secret, Signing, query},
};

fn claims(claims: Value) -> Plan {
    Plan {
        claims,
        ..Plan::default()
    }
}

fn signing(signing: Signing) -> Plan {
    Plan {
        signing,
        ..Plan::default()
    }
}

fn token(token: Reply) -> Plan {
    Plan {
        token,
        ..Plan::default()
    }
}

#[tokio::test]
async fn no_token_that_breaks_a_rule_is_believed() {
    let stage = Stage::set().await;
    let now = stage.host.app.now().timestamp();
    let hostile = [
        (
            "another issuer",
            claims(json!({ "iss": "https://login.example.com" })),
            "issuer",
        ),
        (
            "another audience",
            claims(json!({ "aud": "another-client" })),
            "audience",
        ),
        (
            "one more audience",
            claims(json!({ "aud": ["the-client", "another"] })),
            "audience",
        ),
        ("no audience", claims(json!({ "aud": null })), "aud"),
        (
            "for another party",
            claims(json!({ "azp": "another-client" })),
            "another party",
        ),
        ("expired", claims(json!({ "exp": now - 1 })), "expired"),
        ("no expiry", claims(json!({ "exp": null })), "exp"),
        (
            "issued in the future",
            claims(json!({ "iat": now + 3600, "exp": now + 7200 })),
            "future",
        ),
        (
            "issued long ago",
            claims(json!({ "iat": now - 3600 })),
            "long ago",
        ),
        ("another's nonce", claims(json!({ "nonce": "made-up" })), "nonce"),
        ("no nonce", claims(json!({ "nonce": null })), "nonce"),
        ("no subject", claims(json!({ "sub": "" })), "subject"),
        (
            "an endless subject",
            claims(json!({ "sub": "x".repeat(256) })),
            "subject",
        ),
        ("no address", claims(json!({ "email": null })), "address"),
        ("no signature", signing(Signing::None), "signature"),
        ("another's key", signing(Signing::Other), "signature"),
        (
            "the public key as a secret",
            signing(Signing::Hmac(Secret::PublicKey)),
            "algorithm",
        ),
        (
            "the client's secret",
            signing(Signing::Hmac(Secret::Client)),
            "algorithm",
        ),
        (
            "no id token",
            token(Reply::With(json!({ "id_token": null }))),
            "id token",
        ),
        (
            "a token that is none",
            token(Reply::With(json!({ "id_token": "x.y.z" }))),
            "token endpoint",
        ),
        ("a redirect", token(Reply::Redirect), "token endpoint"),
        ("megabytes", token(Reply::Huge), "larger"),
    ];
    for (what, plan, why) in hostile {
        stage.provider.plan(plan);
        let answer = stage
            .come_as(json!({ "sub": "ann", "email": "ann@quay.example" }))
            .await;
        assert_eq!(
            answer.status,
            401,
            "{what}: {}",
            String::from_utf8_lossy(&answer.bytes)
        );
        let detail = answer.problem(401, "provider_disbelieved");
        assert_eq!(
            detail, "the identity provider did not vouch for anybody",
            "{what}"
        );
        assert!(!answer.headers.contains_key("set-cookie"), "{what}");
        let told = stage.last_refusal().await.to_lowercase();
        assert!(told.contains(why), "{what}: {told}");
    }
    assert_eq!(stage.sessions_begun().await, 0);
    let members = stage.customer.client.get("/v1/memberships").await.expect(200);
    assert_eq!(members["items"].as_array().unwrap().len(), 1, "nobody was made");
    // And as it should be, it comes in: nothing above failed for another reason.
    stage.provider.plan(Plan::default());
    stage
        .come_as(json!({ "sub": "ann", "email": "ann@quay.example" }))
        .await
        .expect(200);
}

#[tokio::test]
async fn no_description_that_breaks_a_rule_is_followed() {
    let stage = Stage::set().await;
    let described = |fields: Value| Plan {
        discovery: Reply::With(fields),
        ..Plan::default()
    };
    let hostile = [
        (
            "another issuer",
            described(json!({ "issuer": "https://login.example.com" })),
            "issuer",
        ),
        (
            "a front that is a script",
            described(json!({ "authorization_endpoint": "javascript:alert(1)" })),
            "authorization endpoint",
        ),
        (
            "a front inside",
            described(json!({ "authorization_endpoint": "https://10.0.0.1/a" })),
            "authorization endpoint",
        ),
        (
            "keys inside",
            described(json!({ "jwks_uri": "http://169.254.169.254/keys" })),
            "begins neither",
        ),
        (
            "keys at a private address",
            described(json!({ "jwks_uri": "https://10.0.0.1/keys" })),
            "not public",
        ),
        (
            "a redirect",
            Plan {
                discovery: Reply::Redirect,
                ..Plan::default()
            },
            "302",
        ),
        (
            "keys behind a redirect",
            Plan {
                keys: Reply::Redirect,
                ..Plan::default()
            },
            "302",
        ),
        (
            "a description of megabytes",
            Plan {
                discovery: Reply::Huge,
                ..Plan::default()
            },
            "larger",
        ),
        (
            "keys of megabytes",
            Plan {
                keys: Reply::Huge,
                ..Plan::default()
            },
            "larger",
        ),
        (
            "no description",
            described(json!({ "issuer": null })),
            "description",
        ),
        (
            "silence",
            Plan {
                discovery: Reply::Silence,
                ..Plan::default()
            },
            "too long",
        ),
    ];
    for (what, plan, why) in hostile {
        // What was kept of the provider has gone bad, and so has the memory of its failures.
        stage.host.clock.set(stage.host.app.now() + TimeDelta::minutes(6));
        stage.provider.plan(plan);
        let begin = json!({ "provider_id": stage.provider_id });
        let answer = stage.at().post("/v1/federated-sign-ins", begin).await;
        assert_eq!(
            answer.status,
            409,
            "{what}: {}",
            String::from_utf8_lossy(&answer.bytes)
        );
        let detail = answer.problem(409, "provider_unusable");
        assert_eq!(
            detail, "the identity provider cannot be used at present",
            "{what}"
        );
        let told = stage.last_refusal().await;
        assert!(told.contains(why), "{what}: {told}");
    }
    assert_eq!(stage.sessions_begun().await, 0);
}

#[tokio::test]
async fn a_code_and_the_clients_secret_go_to_no_private_address() {
    let stage = Stage::set().await;
    for endpoint in [
        "https://10.0.0.1/token",
        "http://192.168.0.1/token",
        "https://169.254.169.254/token",
    ] {
        stage.host.clock.set(stage.host.app.now() + TimeDelta::minutes(6));
        stage.provider.plan(Plan {
            discovery: Reply::With(json!({ "token_endpoint": endpoint })),
            ..Plan::default()
        });
        let answer = stage
            .come_as(json!({ "sub": "ann", "email": "ann@quay.example" }))
            .await;
        answer.problem(401, "provider_disbelieved");
        let told = stage.last_refusal().await;
        assert!(
            told.contains("not public") || told.contains("begins neither"),
            "{endpoint}: {told}"
        );
    }
    assert_eq!(stage.provider.asked("token"), 0);
}

#[tokio::test]
async fn a_provider_that_refuses_or_is_another_than_was_asked_lets_nobody_in() {
    let stage = Stage::set().await;
    let refused = begin(&stage.at(), &stage.provider_id).await;
    let state = query(&refused.url)["state"].clone();
    let back = format!("state={state}&error=access_denied&error_description=%3Cscript%3E");
    let answer = call_back(&stage.at(), &stage.provider_id, &back, Some(&refused.cookie)).await;
    answer.problem(401, "provider_disbelieved");
    assert!(!String::from_utf8_lossy(&answer.bytes).contains("script"));
    let mixed_up = begin(&stage.at(), &stage.provider_id).await;
    let ann = json!({ "sub": "ann", "email": "ann@quay.example" });
    let code = stage.provider.sign_in(&mixed_up.url, ann, stage.host.app.now());
    let state = query(&mixed_up.url)["state"].clone();
    let back = format!("state={state}&code={code}&iss=https%3A%2F%2Flogin.example.com");
    let answer = call_back(&stage.at(), &stage.provider_id, &back, Some(&mixed_up.cookie)).await;
    answer.problem(401, "provider_disbelieved");
    assert!(stage.last_refusal().await.contains("another issuer"));
    assert_eq!(stage.provider.asked("token"), 0);
    come_back(&stage.at(), &mixed_up, &code)
        .await
        .problem(401, "sign_in_expired");
}
