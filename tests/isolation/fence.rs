//! The demo's own probe: it finds nothing while the policies stand, and reports a leak as soon as one is gone.

use nexusport::identity::entrance;
use sqlx::Executor as _;

use super::world::World;

#[tokio::test]
async fn the_unfiltered_look_finds_nothing_until_a_policy_is_opened() {
    let world = World::build().await;
    let callers = [
        &world.customer.key,
        &world.sibling.key,
        &world.shop.reseller.key,
        &world.other.reseller.key,
    ];
    let mut superuser = world.host.database.superuser().await;
    let leaks = async || {
        let mut leaks = Vec::new();
        for key in callers {
            let caller = entrance::authenticate(&world.host.app, key).await.unwrap();
            let fence = world.host.app.db.fence(&caller).await.unwrap();
            assert!(fence.tables > 25, "only {} tables were looked at", fence.tables);
            leaks.extend(fence.leaks.into_iter().map(|(table, _)| table));
        }
        leaks
    };
    assert_eq!(leaks().await, Vec::<String>::new());
    superuser
        .execute("alter policy port_app_customer on port using (true)")
        .await
        .unwrap();
    assert_eq!(
        leaks().await,
        ["port", "port"],
        "each customer sees the other's port"
    );
}

#[tokio::test]
async fn a_dropped_policy_with_the_fence_down_is_a_leak_for_every_caller() {
    let world = World::build().await;
    let mut superuser = world.host.database.superuser().await;
    superuser
        .execute("drop policy invoice_app_reseller on invoice")
        .await
        .unwrap();
    superuser
        .execute("alter table invoice disable row level security")
        .await
        .unwrap();
    let caller = entrance::authenticate(&world.host.app, &world.other.reseller.key)
        .await
        .unwrap();
    let fence = world.host.app.db.fence(&caller).await.unwrap();
    assert_eq!(fence.leaks, [("invoice".to_owned(), 1)]);
    // The second fence: the queries' own tenant condition still holds.
    let answer = world
        .other
        .reseller
        .client
        .get(&format!("/v1/invoices/{}", world.invoice))
        .await;
    answer.problem(404, "not_found");
}
