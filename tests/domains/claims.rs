//! What the DNS may say, and what can be claimed at all.

use serde_json::json;

use super::{RECORD, SHOP, claim, path, proof, prove};
use crate::harness::{Customer, Host, Says};

#[tokio::test]
async fn whatever_the_dns_says_proves_a_host_or_is_refused_clearly() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let domain = claim(&reseller, SHOP).await;
    let proof = proof(&domain);
    let (half, rest) = proof.split_at(9);
    let long = vec!["x".repeat(255); 100];
    let refused = [
        (Says::Nothing, "proof_missing"),
        (Says::Texts(vec![vec![String::new()]]), "proof_missing"),
        (
            Says::Texts(vec![vec![half.into()], vec![rest.into()]]),
            "proof_missing",
        ),
        (Says::Texts(vec![vec![format!("{proof}0")]]), "proof_missing"),
        (Says::Alias("elsewhere.example.net".into()), "proof_missing"),
        (Says::Failed, "dns_unanswered"),
        (Says::Noise, "dns_unanswered"),
        (Says::Silence, "dns_unanswered"),
    ];
    for (says, code) in refused {
        host.dns.set(RECORD, says);
        prove(&reseller, &domain).await.problem(409, code);
    }
    host.dns.texts("elsewhere.example.net", &[&proof]);
    let proving = [
        (
            "several records",
            Says::Texts(vec![vec!["a".into()], vec![proof.clone()]]),
        ),
        ("a split text", Says::Texts(vec![vec![half.into(), rest.into()]])),
        (
            "an answer for TCP",
            Says::Texts(vec![long.clone(), vec![proof.clone()], long]),
        ),
        ("an alias", Says::Alias("elsewhere.example.net".into())),
    ];
    for (what, says) in proving {
        host.dns.set(RECORD, says);
        let answer = prove(&reseller, &domain).await;
        assert_eq!(
            answer.status,
            200,
            "{what}: {}",
            String::from_utf8_lossy(&answer.bytes)
        );
    }
}

#[tokio::test]
async fn the_address_of_sign_up_cannot_be_given_up_claimed_or_reserved() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let own = reseller.client.get("/v1/domains").await.expect(200)["items"][0].clone();
    assert_eq!(own["host"], "northlight.localhost");
    assert!(own["record"].is_null());
    reseller
        .client
        .delete(&path(&own))
        .await
        .problem(409, "domain_given");
    prove(&reseller, &own).await.problem(409, "domain_given");
    let cases = [
        ("localhost", "host_single_label"),
        ("harbour.localhost", "host_of_the_platform"),
        ("*.example.com", "host_wildcard"),
        ("192.0.2.7", "host_is_address"),
        ("shop.example.com:443", "host_has_port"),
        ("p\u{430}ypal.example", "host_mixed_scripts"),
        ("a b.example", "host_invalid"),
    ];
    for (given, code) in cases {
        let claim = json!({ "host": given });
        reseller
            .client
            .post("/v1/domains", claim)
            .await
            .problem(422, code);
    }
    for slug in ["www", "api", "admin", "mail", "ns1", "xn--a"] {
        let answer = host
            .client
            .post("/v1/signup", crate::harness::sign_up(slug))
            .await;
        answer.problem(422, "slug_reserved");
    }
    let unicode = claim(&reseller, "BÜCHER.example").await;
    assert_eq!(unicode["host"], "xn--bcher-kva.example");
    assert_eq!(unicode["host_unicode"], "bücher.example");
}

#[tokio::test]
async fn a_reseller_claims_fifty_hosts_and_its_customers_none() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    for n in 0..50 {
        claim(&reseller, &format!("h{n}.example.com")).await;
    }
    let one_more = json!({ "host": SHOP });
    let answer = reseller.client.post("/v1/domains", one_more.clone()).await;
    assert!(answer.problem(409, "too_many_domains").contains("50"));
    let Customer { client, .. } = host.customer(&reseller, "quay").await;
    client
        .post("/v1/domains", one_more)
        .await
        .problem(403, "permission_missing");
    client.get("/v1/domains").await.problem(403, "permission_missing");
}
