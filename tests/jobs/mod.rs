//! The queue: who is served when, what becomes of jobs whose worker died, and where poison goes.

mod caps;
mod dead_letters;
mod leases;
mod shares;
mod stale;

use std::{collections::HashMap, time::Duration};

use nexusport::{
    db::Housekeeping,
    identity::{Caller, Permission, entrance},
    ids::ChangeId,
    jobs::{self, Claimed, Kind, Outcome},
    page::Page,
    worker,
};
use sqlx::PgConnection;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::harness::Host;

/// A reseller (or a customer of `of`) without people, as the queue sees tenants.
async fn tenant(superuser: &mut PgConnection, of: Option<Uuid>) -> Uuid {
    let id: Uuid = nexusport::app::new_id("2026-03-02T12:00:00Z".parse().unwrap());
    let (reseller, kind) = of.map_or((id, "reseller"), |of| (of, "customer"));
    sqlx::query(
        "insert into tenant (reseller_id, tenant_id, kind, slug, name, currency, time_zone, created_at)
        values ($1, $2, $3, replace($2::text, '-', ''), 'Tenant', 'EUR', 'UTC', '2026-03-02T12:00:00Z')",
    )
    .bind(reseller)
    .bind(id)
    .bind(kind)
    .execute(superuser)
    .await
    .unwrap();
    id
}

/// Jobs that are due since the given time.
async fn due(superuser: &mut PgConnection, (reseller, tenant): (Uuid, Uuid), count: i32, since: &str) {
    sqlx::query(
        "insert into job (reseller_id, tenant_id, id, kind, subject_id, initiated_by_kind, initiated_by, due_at)
        select $1, $2, gen_random_uuid(), 'start_change', gen_random_uuid(), 'system', $2, $4::timestamptz
        from generate_series(1, $3)",
    )
    .bind(reseller)
    .bind(tenant)
    .bind(count)
    .bind(since)
    .execute(superuser)
    .await
    .unwrap();
}

/// Everything due, in the order in which it is claimed.
async fn claim_all(host: &Host) -> Vec<Claimed> {
    let mut all = Vec::new();
    loop {
        let claimed = jobs::claim(&host.app, 16).await.unwrap();
        if claimed.is_empty() {
            return all;
        }
        all.extend(claimed);
    }
}

/// Everything due, in the order in which it is claimed, each done before the next are claimed.
async fn serve_all(host: &Host) -> Vec<Claimed> {
    let mut all = Vec::new();
    loop {
        let claimed = jobs::claim(&host.app, 16).await.unwrap();
        if claimed.is_empty() {
            return all;
        }
        end(host, &claimed).await;
        all.extend(claimed);
    }
}

async fn end(host: &Host, claimed: &[Claimed]) {
    for job in claimed {
        jobs::finish(&host.app, job, Outcome::Done).await.unwrap();
    }
}

fn count_by<K: std::hash::Hash + Eq>(claimed: &[Claimed], key: impl Fn(&Claimed) -> K) -> HashMap<K, usize> {
    let mut counts = HashMap::new();
    for job in claimed {
        *counts.entry(key(job)).or_default() += 1;
    }
    counts
}

/// A signed-up reseller's caller.
async fn reseller(host: &Host, slug: &str) -> Caller {
    let reseller = host.reseller(slug).await;
    entrance::authenticate(&host.app, &reseller.key).await.unwrap()
}

async fn enqueue(host: &Host, caller: &Caller, kind: Kind, seconds_from_now: i64) {
    let mut tx = host
        .app
        .db
        .write(caller, Permission::BandwidthChange)
        .await
        .unwrap();
    let due_at = host.app.now() + chrono::TimeDelta::seconds(seconds_from_now);
    jobs::enqueue(&mut tx, kind, due_at, caller.initiator())
        .await
        .unwrap();
    tx.commit_housekeeping(Housekeeping::Lease).await.unwrap();
}

/// A job about a change that is nobody's.
fn poison() -> Kind {
    Kind::StartChange(ChangeId::from(Uuid::from_bytes(nexusport::app::random())))
}

async fn dead(host: &Host, caller: &Caller) -> Vec<jobs::Dead> {
    let page = Page::parse(caller.scope(), "jobs/dead", None, None).unwrap();
    jobs::dead(&host.app, caller, page).await.unwrap().items
}

/// Lets every lease have expired.
async fn expire_leases(superuser: &mut PgConnection) {
    sqlx::query(
        "update job set leased_until = clock_timestamp() - interval '1 second' where state = 'running'",
    )
    .execute(superuser)
    .await
    .unwrap();
}

#[tokio::test]
async fn what_is_not_due_is_not_claimed() {
    let host = Host::start().await;
    let caller = reseller(&host, "later").await;
    enqueue(&host, &caller, poison(), 60).await;
    assert!(jobs::claim(&host.app, 16).await.unwrap().is_empty());
    assert_eq!(
        worker::next_due(&host.app).await.unwrap(),
        Some(host.app.now() + chrono::TimeDelta::seconds(60))
    );
    host.clock.set(host.app.now() + chrono::TimeDelta::seconds(60));
    assert_eq!(jobs::claim(&host.app, 16).await.unwrap().len(), 1);
    assert_eq!(worker::next_due(&host.app).await.unwrap(), None);
}

#[tokio::test]
async fn a_second_wish_keeps_the_earlier_time() {
    let host = Host::start().await;
    let caller = reseller(&host, "twice").await;
    let kind = poison();
    for seconds in [60, 30, 90] {
        enqueue(&host, &caller, kind, seconds).await;
    }
    assert_eq!(
        worker::next_due(&host.app).await.unwrap(),
        Some(host.app.now() + chrono::TimeDelta::seconds(30))
    );
    host.clock.set(host.app.now() + chrono::TimeDelta::seconds(100));
    assert_eq!(claim_all(&host).await.len(), 1);
}

#[tokio::test]
async fn a_wish_during_a_run_has_the_job_run_again() {
    let host = Host::start().await;
    let caller = reseller(&host, "during").await;
    let kind = poison();
    enqueue(&host, &caller, kind, 0).await;
    let claimed = claim_all(&host).await;
    enqueue(&host, &caller, kind, 45).await;
    assert_eq!(worker::next_due(&host.app).await.unwrap(), None);
    jobs::finish(&host.app, &claimed[0], Outcome::Done).await.unwrap();
    assert_eq!(
        worker::next_due(&host.app).await.unwrap(),
        Some(host.app.now() + chrono::TimeDelta::seconds(45))
    );
    host.clock.set(host.app.now() + chrono::TimeDelta::seconds(45));
    let again = claim_all(&host).await;
    assert_eq!(
        (again.len(), again[0].id, again[0].attempts),
        (1, claimed[0].id, 1)
    );
    jobs::finish(&host.app, &again[0], Outcome::Done).await.unwrap();
    assert_eq!(worker::next_due(&host.app).await.unwrap(), None);
}

#[tokio::test]
async fn poison_is_set_aside_in_its_own_tenant_and_the_rest_goes_on() {
    let host = Host::start().await;
    let (poisoned, healthy) = (
        reseller(&host, "poisoned").await,
        reseller(&host, "healthy").await,
    );
    enqueue(&host, &poisoned, poison(), 0).await;
    enqueue(&host, &poisoned, poison(), 0).await;
    assert_eq!(worker::drain(&host.app).await.unwrap(), 2);
    let letters = dead(&host, &poisoned).await;
    assert_eq!(letters.len(), 2);
    assert_eq!(
        (letters[0].kind.as_str(), letters[0].error.as_str()),
        ("start_change", "there is no such thing")
    );
    assert!(dead(&host, &healthy).await.is_empty());
    assert_eq!(worker::drain(&host.app).await.unwrap(), 0);
}

#[tokio::test]
async fn a_job_that_kills_its_worker_every_time_is_set_aside() {
    let host = Host::start().await;
    let caller = reseller(&host, "killer").await;
    let mut superuser = host.database.superuser().await;
    enqueue(&host, &caller, poison(), 0).await;
    for attempt in 1..=jobs::MAX_ATTEMPTS {
        assert_eq!(claim_all(&host).await[0].attempts, attempt);
        expire_leases(&mut superuser).await;
    }
    assert_eq!(worker::drain(&host.app).await.unwrap(), 1);
    assert!(dead(&host, &caller).await[0].error.contains("20 attempts"));
}

#[tokio::test]
async fn a_failed_attempt_waits_before_the_next() {
    let host = Host::start().await;
    let caller = reseller(&host, "fails").await;
    enqueue(&host, &caller, poison(), 0).await;
    let claimed = claim_all(&host).await.remove(0);
    jobs::finish(&host.app, &claimed, Outcome::Retry("busy".into()))
        .await
        .unwrap();
    assert!(claim_all(&host).await.is_empty());
    assert_eq!(
        worker::next_due(&host.app).await.unwrap(),
        Some(host.app.now() + chrono::TimeDelta::seconds(5))
    );
    host.clock.set(host.app.now() + chrono::TimeDelta::seconds(5));
    assert_eq!(claim_all(&host).await[0].attempts, 2);
}

#[tokio::test]
async fn the_worker_does_what_is_enqueued_and_stops_when_told() {
    let host = Host::start().await;
    let caller = reseller(&host, "worker").await;
    let stop = CancellationToken::new();
    let working = tokio::spawn(worker::run(host.app.clone(), stop.clone()));
    enqueue(&host, &caller, poison(), 0).await;
    let seen = async { while dead(&host, &caller).await.is_empty() {} };
    tokio::time::timeout(Duration::from_secs(20), seen)
        .await
        .expect("the worker did nothing");
    stop.cancel();
    tokio::time::timeout(Duration::from_secs(20), working)
        .await
        .expect("the worker did not stop")
        .unwrap();
}
