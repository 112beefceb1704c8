//! Two hosts of one database, one of which dies amid everything that came due together.

use std::os::unix::process::ExitStatusExt as _;

use chrono::TimeDelta;
use futures::{StreamExt as _, stream};
use nexusport::app::Timestamp;
use rustix::process::Signal;
use serde_json::json;
use uuid::Uuid;

use super::{
    count, judge, patience,
    world::{Carrier, World},
};

#[tokio::test]
async fn what_came_due_together_is_done_once_though_one_of_two_hosts_dies_half_way() {
    let changes = count("NEXUSPORT_DUE_AT_ONCE", 40);
    let mut world = World::set(changes, Carrier::Silent).await;
    let starts_at = world.now() + TimeDelta::minutes(10);
    book(&world, starts_at).await;
    // Dies with an answer that nobody wrote down, once it has had as many as there are changes: each needs two of it.
    let half_way = format!("heard_answer:{changes}");
    let dying = world.start(Some(&half_way)).await;
    let (mut dying, mut living) = (dying.expect("it is early"), world.start(None).await.unwrap());
    world.show(starts_at);
    let death = async {
        tokio::select! {
            () = world.settle(patience(changes)) => panic!("nobody died"),
            ended = dying.end() => ended,
        }
    };
    assert_eq!(death.await.signal(), Some(Signal::KILL.as_raw()));
    let (his, others) = (dying.claims().await, living.claims().await);
    assert!(!his.is_empty() && !others.is_empty(), "both of them work");
    let left = world.held(&his).await;
    assert!(left > 0, "he had something in hand");
    // Whoever has the patience lets them end by themselves.
    if changes < 1_000 {
        world.end_leases(&his).await;
    }
    world.settle(patience(changes)).await;
    judge::check_over(&mut world, "two hosts").await;
    let ledger = world.simulator().control().ledger();
    for (n, port) in world.ports.iter().enumerate() {
        let expected: &[u32] = if n % 2 == 0 { &[5_000, 1_000] } else { &[2_000] };
        judge::check_orders(&ledger, port, expected, "two hosts");
        judge::check_sent_once(&ledger, port, expected.len(), "two hosts");
        judge::check_delivered(&world, &ledger, port, (Carrier::Silent, "two hosts")).await;
    }
    living.kill().await;
    world.leave().await;
}

/// A window for every other port and a new base for the others, all beginning at one instant.
async fn book(world: &World, starts_at: Timestamp) {
    let wishes = world.ports.iter().enumerate().map(|(n, port)| {
        let ends_at = (n % 2 == 0).then(|| starts_at + TimeDelta::hours(1));
        let (kind, mbps) = if ends_at.is_some() { ("window", 5_000) } else { ("base", 2_000) };
        let wish = json!({ "port_id": port.id, "kind": kind, "mbps": mbps, "starts_at": starts_at, "ends_at": ends_at });
        world.stage.book_wish(wish)
    });
    stream::iter(wishes).buffer_unordered(4).collect::<Vec<_>>().await;
}

impl World {
    /// How many jobs are held by these leases.
    async fn held(&mut self, leases: &[Uuid]) -> i64 {
        let query = "select count(*) from job where state = 'running' and lease_id = any($1)";
        let held = sqlx::query_scalar(query).bind(leases);
        held.fetch_one(self.superuser()).await.unwrap()
    }

    /// Ends leases of a host that is dead.
    async fn end_leases(&mut self, leases: &[Uuid]) {
        let end = "update job set leased_until = clock_timestamp() - interval '1 s' where lease_id = any($1)";
        sqlx::query(end)
            .bind(leases)
            .execute(self.superuser())
            .await
            .unwrap();
    }
}
