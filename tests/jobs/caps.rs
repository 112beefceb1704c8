//! How much is under way at once, of whom, and what that leaves to everybody else.

use futures::future::join_all;

use super::*;

/// Operations at a carrier that are due.
async fn at_carrier(superuser: &mut PgConnection, (reseller, tenant): (Uuid, Uuid), lane: Uuid, count: i32) {
    sqlx::query(
        "insert into job (reseller_id, tenant_id, id, kind, subject_id, initiated_by_kind, initiated_by, due_at, lane)
        select $1, $2, gen_random_uuid(), 'run_operation', gen_random_uuid(), 'system', $2, '2026-03-02T11:00:00Z', $3
        from generate_series(1, $4)",
    )
    .bind(reseller)
    .bind(tenant)
    .bind(lane)
    .bind(count)
    .execute(superuser)
    .await
    .unwrap();
}

fn lane() -> Uuid {
    Uuid::from_bytes(nexusport::app::random())
}

fn of(claimed: &[Claimed], tenant: Uuid) -> usize {
    claimed
        .iter()
        .filter(|job| job.scope.tenant().uuid() == tenant)
        .count()
}

#[tokio::test]
async fn a_carrier_that_hangs_holds_its_cap_and_everybody_else_goes_on() {
    let host = Host::start().await;
    let mut superuser = host.database.superuser().await;
    let (house, other) = (
        tenant(&mut superuser, None).await,
        tenant(&mut superuser, None).await,
    );
    let customer = tenant(&mut superuser, Some(house)).await;
    let neighbour = tenant(&mut superuser, Some(other)).await;
    let (hangs, works) = (lane(), lane());
    at_carrier(&mut superuser, (house, customer), hangs, 1_000).await;
    // Nothing that was claimed ends.
    let held = claim_all(&host).await;
    assert_eq!(held.len(), 8);
    at_carrier(&mut superuser, (other, neighbour), works, 5).await;
    assert_eq!(of(&claim_all(&host).await, neighbour), 5);
    // Nor does it hold its own tenant's work elsewhere.
    at_carrier(&mut superuser, (house, customer), works, 5).await;
    assert_eq!(of(&claim_all(&host).await, customer), 5);
    end(&host, &held[..3]).await;
    assert_eq!(of(&claim_all(&host).await, customer), 3);
}

#[tokio::test]
async fn a_house_is_under_its_cap_with_all_its_customers_and_each_of_them_under_its_own() {
    let host = Host::start().await;
    let mut superuser = host.database.superuser().await;
    let house = tenant(&mut superuser, None).await;
    let mut customers = Vec::new();
    for _ in 0..3 {
        let customer = tenant(&mut superuser, Some(house)).await;
        due(&mut superuser, (house, customer), 100, "2026-03-02T11:00:00Z").await;
        customers.push(customer);
    }
    let claimed = claim_all(&host).await;
    assert_eq!(claimed.len(), 32);
    assert!(customers.iter().all(|id| (8..=16).contains(&of(&claimed, *id))));
    end(&host, &claimed).await;
    sqlx::query("update job set state = 'done' where state = 'waiting' and tenant_id <> $1")
        .bind(customers[0])
        .execute(&mut superuser)
        .await
        .unwrap();
    assert_eq!(claim_all(&host).await.len(), 16);
}

#[tokio::test]
async fn hosts_that_claim_at_once_keep_to_one_cap() {
    let host = Host::start().await;
    let mut superuser = host.database.superuser().await;
    let house = tenant(&mut superuser, None).await;
    let customer = tenant(&mut superuser, Some(house)).await;
    at_carrier(&mut superuser, (house, customer), lane(), 100).await;
    let claims = join_all((0..6).map(|_| jobs::claim(&host.app, 4))).await;
    let claimed: usize = claims.into_iter().map(|claimed| claimed.unwrap().len()).sum();
    assert_eq!(claimed, 8);
}

#[tokio::test]
async fn the_operator_and_the_reseller_change_caps_and_see_them() {
    let host = Host::start().await;
    let mut superuser = host.database.superuser().await;
    let reseller = host.reseller("northlight").await;
    let customer = host.customer(&reseller, "studio").await;
    let ids = (reseller.id.parse().unwrap(), customer.id.parse().unwrap());
    let operator = host.operator("Mara").await;
    let path = format!(
        "/v1/operator/tenants/{}/limits/carrier_operations_at_once",
        reseller.id
    );
    operator
        .put(&path, serde_json::json!({ "value": 3 }))
        .await
        .expect(200);
    at_carrier(&mut superuser, ids, lane(), 20).await;
    assert_eq!(claim_all(&host).await.len(), 3);
    // What is in force for the customer itself is lower still: two of those three are more than it may have now.
    let path = format!("/v1/customers/{}/limits/jobs_at_once", customer.id);
    let lowered = reseller
        .client
        .put(&path, serde_json::json!({ "value": 4 }))
        .await
        .expect(200);
    let shown = lowered["limits"].as_array().unwrap();
    let shown = shown
        .iter()
        .find(|limit| limit["name"] == "jobs_at_once")
        .unwrap();
    assert_eq!(
        (&shown["value"], &shown["source"]),
        (&serde_json::json!(4), &serde_json::json!("reseller"))
    );
    at_carrier(&mut superuser, ids, lane(), 20).await;
    assert_eq!(claim_all(&host).await.len(), 1);
}

#[tokio::test]
async fn what_waits_for_a_carrier_that_is_held_back_is_not_claimed_and_one_sees_whether_it_is_back() {
    let host = Host::start().await;
    let mut superuser = host.database.superuser().await;
    let (house, other) = (
        tenant(&mut superuser, None).await,
        tenant(&mut superuser, None).await,
    );
    let lane = lane();
    for reseller in [house, other] {
        sqlx::query(
            "insert into carrier (reseller_id, tenant_id, id, name, created_at) values ($1, $1, $2, 'x', now())",
        )
        .bind(reseller)
        .bind(lane)
        .execute(&mut superuser)
        .await
        .unwrap();
    }
    sqlx::query(
        "insert into breaker (reseller_id, tenant_id, carrier_id, failures, opened_at, probe_at, changed_at)
        values ($1, $1, $2, 5, '2026-03-02T12:00:00Z', '2026-03-02T12:00:15Z', '2026-03-02T12:00:00Z')",
    )
    .bind(house)
    .bind(lane)
    .execute(&mut superuser)
    .await
    .unwrap();
    at_carrier(&mut superuser, (house, house), lane, 100).await;
    assert!(claim_all(&host).await.is_empty());
    let probe_at = host.app.now() + chrono::TimeDelta::seconds(15);
    assert_eq!(worker::next_due(&host.app).await.unwrap(), Some(probe_at));
    // Another reseller's carrier of the same id is another carrier.
    at_carrier(&mut superuser, (other, other), lane, 3).await;
    assert_eq!(of(&claim_all(&host).await, other), 3);
    host.clock.set(probe_at);
    let probing = claim_all(&host).await;
    assert_eq!(probing.len(), 1);
    assert!(claim_all(&host).await.is_empty());
    // It told nothing, so the next one may try.
    end(&host, &probing).await;
    assert_eq!(claim_all(&host).await.len(), 1);
    sqlx::query("update breaker set opened_at = null, probe_at = null, failures = 0")
        .execute(&mut superuser)
        .await
        .unwrap();
    assert_eq!(claim_all(&host).await.len(), 7);
}

#[tokio::test]
async fn a_host_told_to_stop_gives_a_long_queue_no_more_places() {
    let host = Host::start().await;
    let mut superuser = host.database.superuser().await;
    let house = tenant(&mut superuser, None).await;
    let customer = tenant(&mut superuser, Some(house)).await;
    at_carrier(&mut superuser, (house, customer), lane(), 1_000).await;
    assert_eq!(jobs::claim(&host.app, 16).await.unwrap().len(), 8);
    host.app.stop.cancel();
    assert!(jobs::claim(&host.app, 16).await.unwrap().is_empty());
    let without: i64 =
        sqlx::query_scalar("select count(*) from job where state = 'waiting' and virtual_time is null")
            .fetch_one(&mut superuser)
            .await
            .unwrap();
    assert_eq!(without, 800, "two claims gave a hundred each");
}
