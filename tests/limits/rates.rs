//! Requests a minute: one limit for a tenant over all hosts, told on every answer, and nobody else's business.

use chrono::TimeDelta;
use futures::future::join_all;

use super::set;
use crate::harness::{Answer, Client, Host, Reseller};

/// Lets the next minute begin, so that a limit just set counts.
fn next_minute(host: &Host) {
    host.clock.set(host.app.now() + TimeDelta::minutes(1));
}

async fn limited(host: &Host, slug: &str, limit: u64) -> Reseller {
    let reseller = host.reseller(slug).await;
    set(
        &host.operator(&format!("for-{slug}")).await,
        &reseller.id,
        "requests_per_minute",
        limit,
    )
    .await;
    next_minute(host);
    reseller
}

async fn admitted(client: &Client) -> bool {
    client.get("/v1/me").await.status == 200
}

fn header<'a>(answer: &'a Answer, name: &str) -> &'a str {
    answer
        .headers
        .get(name)
        .map_or("", |value| value.to_str().unwrap())
}

#[tokio::test]
async fn two_hosts_share_one_limit_and_a_neighbour_goes_on() {
    let host = Host::start().await;
    let reseller = limited(&host, "northlight", 40).await;
    let neighbour = host.reseller("harbour").await;
    let hosts = [host.client.clone(), host.another().await];
    let mut admissions = 0;
    for at in 0..100 {
        let client = hosts[at % 2].with_token(&reseller.key);
        admissions += usize::from(admitted(&client).await);
    }
    assert_eq!(admissions, 40);
    for at in &hosts {
        let refused = at.with_token(&reseller.key).get("/v1/me").await;
        let why = refused.problem(429, "rate_limited");
        assert!(why.contains("40"), "{why}");
        assert_eq!(header(&refused, "retry-after"), "60");
        assert_eq!(header(&refused, "ratelimit"), "\"minute\";r=0;t=60");
        assert!(admitted(&at.with_token(&neighbour.key)).await);
    }
    next_minute(&host);
    for at in &hosts {
        assert!(admitted(&at.with_token(&reseller.key)).await);
    }
}

#[tokio::test]
async fn requests_at_once_on_two_hosts_are_never_more_than_the_limit() {
    let host = Host::start().await;
    let reseller = limited(&host, "northlight", 60).await;
    let hosts = [host.client.clone(), host.another().await].map(|at| at.with_token(&reseller.key));
    let all = join_all((0..160).map(|at| admitted(&hosts[at % 2]))).await;
    assert_eq!(all.into_iter().filter(|admitted| *admitted).count(), 60);
}

#[tokio::test]
async fn every_answer_to_a_known_caller_says_what_is_left() {
    let host = Host::start().await;
    let reseller = limited(&host, "northlight", 40).await;
    host.clock.set(host.app.now() + TimeDelta::seconds(45));
    for (path, status, left) in [
        ("/v1/me", 200, 39),
        ("/v1/ports/none", 404, 38),
        ("/v1/me", 200, 37),
    ] {
        let answer = reseller.client.get(path).await;
        assert_eq!(answer.status, status);
        assert_eq!(header(&answer, "ratelimit-policy"), "\"minute\";q=40;w=60");
        assert_eq!(header(&answer, "ratelimit"), format!("\"minute\";r={left};t=15"));
        assert_eq!(header(&answer, "retry-after"), "");
    }
    let stranger = host.client.get("/v1/me").await;
    assert_eq!(header(&stranger, "ratelimit"), "");
}

#[tokio::test]
async fn a_host_asks_the_database_for_a_twentieth_at_a_time() {
    let host = Host::start().await;
    let reseller = limited(&host, "northlight", 100).await;
    let mut superuser = host.database.superuser().await;
    let id: uuid::Uuid = reseller.id.parse().unwrap();
    for (requests, taken) in [(1, 5), (4, 5), (1, 10)] {
        for _ in 0..requests {
            assert!(admitted(&reseller.client).await);
        }
        let now: i64 = sqlx::query_scalar("select taken from rate_window where tenant_id = $1")
            .bind(id)
            .fetch_one(&mut superuser)
            .await
            .unwrap();
        assert_eq!(now, taken);
    }
}

#[tokio::test]
async fn a_customer_at_its_limit_leaves_its_reseller_and_sibling_alone() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let (alpine, danube) = (
        host.customer(&reseller, "alpine").await,
        host.customer(&reseller, "danube").await,
    );
    set(&host.operator("ada").await, &alpine.id, "requests_per_minute", 3).await;
    next_minute(&host);
    for expected in [true, true, true, false] {
        assert_eq!(admitted(&alpine.client).await, expected);
    }
    assert!(admitted(&danube.client).await && admitted(&reseller.client).await);
}

#[tokio::test]
async fn a_changed_limit_counts_without_a_restart() {
    let host = Host::start().await;
    let reseller = limited(&host, "northlight", 2).await;
    assert!(admitted(&reseller.client).await && admitted(&reseller.client).await);
    assert!(!admitted(&reseller.client).await);
    set(
        &host.operator("ada").await,
        &reseller.id,
        "requests_per_minute",
        3,
    )
    .await;
    next_minute(&host);
    for expected in [true, true, true, false] {
        assert_eq!(admitted(&reseller.client).await, expected);
    }
}
