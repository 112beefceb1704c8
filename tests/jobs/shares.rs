//! Who is served when.

use super::*;

#[tokio::test]
async fn a_long_queue_of_one_tenant_does_not_hold_up_short_ones() {
    let host = Host::start().await;
    let mut superuser = host.database.superuser().await;
    let house = tenant(&mut superuser, None).await;
    let large = tenant(&mut superuser, Some(house)).await;
    due(&mut superuser, (house, large), 1_000, "2026-03-02T11:00:00Z").await;
    for _ in 0..9 {
        let small = tenant(&mut superuser, Some(house)).await;
        due(&mut superuser, (house, small), 10, "2026-03-02T11:59:00Z").await;
    }
    let claimed = serve_all(&host).await;
    assert_eq!(claimed.len(), 1_090);
    let last_small = claimed.iter().rposition(|job| job.scope.tenant().uuid() != large);
    // The large one's jobs were spaced while it was alone, so it has ten turns where each of the others has one.
    assert!(
        last_small.unwrap() < 200,
        "the last small job left at {last_small:?}"
    );
}

#[tokio::test]
async fn resellers_share_equally_and_customers_share_their_resellers_part() {
    let host = Host::start().await;
    let mut superuser = host.database.superuser().await;
    let many = tenant(&mut superuser, None).await;
    for _ in 0..10 {
        let customer = tenant(&mut superuser, Some(many)).await;
        due(&mut superuser, (many, customer), 20, "2026-03-02T11:00:00Z").await;
    }
    let one = tenant(&mut superuser, None).await;
    let only = tenant(&mut superuser, Some(one)).await;
    due(&mut superuser, (one, only), 200, "2026-03-02T11:59:00Z").await;
    let claimed = serve_all(&host).await;
    let first = count_by(&claimed[..200], |job| job.scope.reseller().uuid());
    assert_eq!((first[&many], first[&one]), (100, 100));
    let customers = count_by(&claimed[..200], |job| job.scope.tenant().uuid());
    assert!(
        customers.iter().all(|(id, count)| *id == only || *count == 10),
        "{customers:?}"
    );
}

#[tokio::test]
async fn a_reseller_whose_plan_has_twice_the_weight_has_twice_the_share() {
    let host = Host::start().await;
    let mut superuser = host.database.superuser().await;
    let (heavy, light) = (
        tenant(&mut superuser, None).await,
        tenant(&mut superuser, None).await,
    );
    sqlx::query("insert into plan values ('heavy', '{\"queue_weight\": 2}', now())")
        .execute(&mut superuser)
        .await
        .unwrap();
    sqlx::query("insert into reseller_plan values ($1, $1, 'heavy', now())")
        .bind(heavy)
        .execute(&mut superuser)
        .await
        .unwrap();
    for (house, customers) in [(heavy, 4), (light, 1)] {
        for _ in 0..customers {
            let customer = tenant(&mut superuser, Some(house)).await;
            due(
                &mut superuser,
                (house, customer),
                400 / customers,
                "2026-03-02T11:00:00Z",
            )
            .await;
        }
    }
    let claimed = serve_all(&host).await;
    let first = count_by(&claimed[..300], |job| job.scope.reseller().uuid());
    assert_eq!((first[&heavy], first[&light]), (200, 100));
}

#[tokio::test]
async fn who_comes_late_starts_at_the_front_and_gets_no_credit_for_waiting() {
    let host = Host::start().await;
    let mut superuser = host.database.superuser().await;
    let house = tenant(&mut superuser, None).await;
    let (early, late) = (
        tenant(&mut superuser, Some(house)).await,
        tenant(&mut superuser, Some(house)).await,
    );
    due(&mut superuser, (house, early), 100, "2026-03-02T11:00:00Z").await;
    for _ in 0..3 {
        let claimed = jobs::claim(&host.app, 16).await.unwrap();
        assert_eq!(claimed.len(), 16);
        end(&host, &claimed).await;
    }
    due(&mut superuser, (house, late), 50, "2026-03-02T11:30:00Z").await;
    let next = jobs::claim(&host.app, 20).await.unwrap();
    let shares = count_by(&next, |job| job.scope.tenant().uuid());
    // The early one's jobs are spaced for a tenant that was alone, the late one's for two.
    assert!((6..=10).contains(&shares[&late]), "{shares:?}");
}
