//! A question that enters its tenant itself: it sees what a transaction of that tenant would, on connections that all of
//! them share, and leaves nobody behind (C7).

use std::sync::Arc;

use futures::{StreamExt as _, stream};
use nexusport::{app::App, db::Db, fault::Fault, identity::Asker, ids::PortId, ports::port};
use sqlx::Executor as _;
use uuid::Uuid;

use crate::harness::{Host, Pricing, Stage};

const QUESTIONS: usize = 4_000;

/// Somebody with a port of their own.
struct Asking {
    asker: Asker,
    port: PortId,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn four_thousand_interleaved_questions_on_two_connections_see_their_own_alone() {
    let host = Host::start().await;
    let carrier = host.carrier().await;
    let mut asking = Vec::new();
    for slug in ["northlight", "harbour"] {
        let shop = host.shop(slug, Pricing::Burst, &carrier).await;
        let customer = host.customer(&shop.reseller, "customer").await;
        let port = shop.port(&host, &carrier, &customer, slug, 1000).await;
        // Each key asks as a caller who was looked up, and as one that is known.
        let keys = [&shop.reseller.key, &customer.key];
        for key in [keys, keys].concat() {
            asking.push(Asking {
                asker: Asker::recognise(&host.app, key).await.unwrap(),
                port: port.parse::<Uuid>().unwrap().into(),
            });
        }
    }
    let db = Db::connect(&host.database.urls, Arc::new(host.clock.clone()), 2)
        .await
        .unwrap();
    let app = App {
        db,
        ..host.app.clone()
    };
    let wrong = stream::iter(0..QUESTIONS)
        .map(|n| {
            let (one, other) = (
                &asking[n % asking.len()],
                &asking[n / asking.len() % asking.len()],
            );
            sees_its_own_alone(&app, one, other.port)
        })
        .buffer_unordered(64)
        .filter(|right| std::future::ready(!right))
        .count()
        .await;
    assert_eq!(wrong, 0);
}

async fn sees_its_own_alone(app: &App, one: &Asking, asked: PortId) -> bool {
    match port::get(app, &one.asker, asked).await {
        Ok(standing) => asked == one.port && standing.port.scope.reseller() == one.asker.scope().reseller(),
        Err(Fault::Missing) => asked != one.port,
        Err(_) => false,
    }
}

#[tokio::test]
async fn a_tenant_is_entered_for_one_statement() {
    let stage = Stage::set().await;
    stage.port("studio", 1000).await;
    let mut conn = stage.host.database.login("nexusport_host").await;
    conn.execute("set role app_customer").await.unwrap();
    let [reseller, customer] = [&stage.reseller.id, &stage.customer.id].map(|id| id.parse::<Uuid>().unwrap());
    let mut seen = Vec::new();
    for question in [
        "select count(*) from (select $1::uuid, $2::uuid) forgotten cross join lateral (select from port) ports",
        "select count(*) from (select tenancy.enter($1, $2)) entered cross join lateral (select from port) ports",
        "select count(*) from (select $1::uuid, $2::uuid) forgotten cross join lateral (select from port) ports",
    ] {
        let asked = sqlx::query_scalar::<_, i64>(question)
            .bind(reseller)
            .bind(customer);
        seen.push(asked.fetch_one(&mut conn).await.unwrap());
    }
    assert_eq!(seen, [0, 1, 0]);
}
