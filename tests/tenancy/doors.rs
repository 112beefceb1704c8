//! Transactions know for whom they are and leave nothing behind (C7).

use std::{sync::Arc, time::Duration};

use futures::{StreamExt as _, stream};
use nexusport::{
    db::{Db, Tx as _},
    identity::{Caller, Permission, entrance},
};

use crate::harness::Host;

const TRANSACTIONS: usize = 10_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_interleaved_transactions_on_two_connections_never_meet_anothers_scope() {
    let host = Host::start().await;
    let mut callers = Vec::new();
    for slug in ["northlight", "harbour"] {
        let reseller = host.reseller(slug).await;
        let customer = host.customer(&reseller, "customer").await;
        for key in [reseller.key, customer.key] {
            callers.push(entrance::authenticate(&host.app, &key).await.unwrap());
        }
    }
    let db = Db::connect(&host.database.urls, Arc::new(host.clock.clone()), 2)
        .await
        .unwrap();
    let wrong = stream::iter(0..TRANSACTIONS)
        .map(|n| one(db.clone(), callers[n * 7 % callers.len()].clone(), n))
        .buffer_unordered(64)
        .filter(|right| std::future::ready(!right))
        .count()
        .await;
    assert_eq!(wrong, 0);
}

/// One transaction that checks its own scope; every tenth is cancelled on the way, every hundredth panics in it.
async fn one(db: Db, caller: Caller, n: usize) -> bool {
    let work = tokio::spawn(async move {
        let mut tx = db.read(&caller, Permission::TenantRead).await.unwrap();
        let (role, tenant): (String, String) =
            sqlx::query_as("select current_user::text, current_setting('app.tenant_id')")
                .fetch_one(tx.conn())
                .await
                .unwrap();
        let expected = if caller.scope().customer().is_some() {
            "app_customer"
        } else {
            "app_reseller"
        };
        assert!(n % 100 != 50, "a panic with a transaction open");
        role == expected && tenant == caller.scope().tenant().to_string()
    });
    if n % 10 == 3 {
        tokio::time::timeout(Duration::from_micros((n % 700) as u64), async {
            std::future::pending::<()>().await
        })
        .await
        .ok();
        work.abort();
    }
    match work.await {
        Ok(right) => right,
        Err(ended) => ended.is_cancelled() || (ended.is_panic() && n % 100 == 50),
    }
}

#[tokio::test]
async fn a_read_only_door_changes_nothing() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let caller = entrance::authenticate(&host.app, &reseller.key).await.unwrap();
    let mut tx = host.app.db.read(&caller, Permission::TenantRead).await.unwrap();
    let refused = sqlx::query("update tenant set name = 'x'")
        .execute(tx.conn())
        .await
        .unwrap_err();
    assert_eq!(refused.as_database_error().unwrap().code().unwrap(), "25006");
}

#[tokio::test]
async fn a_login_without_a_role_sees_no_table() {
    let host = Host::start().await;
    let mut conn = host.database.login("nexusport_host").await;
    let refused = sqlx::query("select count(*) from tenant")
        .execute(&mut conn)
        .await
        .unwrap_err();
    assert_eq!(refused.as_database_error().unwrap().code().unwrap(), "42501");
}
