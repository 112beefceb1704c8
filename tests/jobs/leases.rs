//! For how long a job is whose.

use super::*;

#[tokio::test]
async fn a_lease_that_expired_is_somebody_elses() {
    let host = Host::start().await;
    let caller = reseller(&host, "leases").await;
    let mut superuser = host.database.superuser().await;
    enqueue(&host, &caller, poison(), 0).await;
    let mut lost = claim_all(&host).await.remove(0);
    expire_leases(&mut superuser).await;
    let taken = claim_all(&host).await.remove(0);
    assert_eq!((taken.id, taken.attempts), (lost.id, 2));
    // Who lost it can neither extend it, nor write under it, nor end the job.
    lost.lease.last(&host.app, jobs::LEASE * 2).await.unwrap_err();
    let mut tx = host
        .app
        .db
        .write(&caller, Permission::BandwidthChange)
        .await
        .unwrap();
    jobs::hold(&mut tx, &lost.lease).await.unwrap_err();
    jobs::hold(&mut tx, &taken.lease).await.unwrap();
    drop(tx);
    jobs::finish(&host.app, &lost, Outcome::GiveUp("late".into()))
        .await
        .unwrap();
    assert!(dead(&host, &caller).await.is_empty());
    jobs::finish(&host.app, &taken, Outcome::GiveUp("in time".into()))
        .await
        .unwrap();
    assert_eq!(dead(&host, &caller).await[0].error, "in time");
}

#[tokio::test]
async fn a_lease_is_extended_by_the_database_for_who_holds_it() {
    let host = Host::start().await;
    let caller = reseller(&host, "extends").await;
    enqueue(&host, &caller, poison(), 0).await;
    let mut held = claim_all(&host).await.remove(0);
    held.lease
        .last(&host.app, Duration::from_secs(3_600))
        .await
        .unwrap();
    assert!(held.lease.left() > Duration::from_secs(3_500));
    let mut superuser = host.database.superuser().await;
    let lasts: bool = sqlx::query_scalar(
        "select leased_until > clock_timestamp() + interval '3500 s' from job where leased_until is not null",
    )
    .fetch_one(&mut superuser)
    .await
    .unwrap();
    assert!(lasts);
}
