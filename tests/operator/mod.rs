//! The platform's operators: named people who see the structure of tenants and none of their content (C14, C17), enter
//! one only as a visit, and suspend and resume.

mod accounts;
mod standing;
mod structure;
mod visits;

use nexusport::identity::operator::{self, structure as seen};

use crate::harness::Host;

#[tokio::test]
async fn the_operator_sees_who_is_there_and_each_look_is_in_its_audit_trail() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let customer = host.customer(&reseller, "alpine").await;
    let tenants = seen::all(&host.app).await.unwrap();
    let ids: Vec<_> = tenants
        .iter()
        .map(|tenant| tenant.scope.tenant().to_string())
        .collect();
    assert_eq!(ids, [reseller.id, customer.id]);
    let mut superuser = host.database.superuser().await;
    let looks: i64 = sqlx::query_scalar(
        "select count(*) from audit_event a join tenant t using (reseller_id, tenant_id)
        where t.kind = 'operator' and a.action = 'tenant.list' and a.actor_kind = 'operator'",
    )
    .fetch_one(&mut superuser)
    .await
    .unwrap();
    assert_eq!(looks, 1);
}

#[tokio::test]
async fn the_operators_login_reaches_no_content() {
    let host = Host::start().await;
    let mut login = host.database.login("nexusport_operator").await;
    for table in [
        "port",
        "invoice",
        "credential",
        "user_account",
        "audit_event",
        "exchange",
        "session",
    ] {
        sqlx::raw_sql("begin; set local role app_operator")
            .execute(&mut login)
            .await
            .unwrap();
        let sql = sqlx::AssertSqlSafe(format!("select count(*) from {table}"));
        let refused = sqlx::query(sql).execute(&mut login).await.unwrap_err();
        assert_eq!(
            refused.as_database_error().unwrap().code().unwrap(),
            "42501",
            "{table}"
        );
        sqlx::raw_sql("rollback").execute(&mut login).await.unwrap();
    }
}

#[tokio::test]
async fn hosts_that_start_at_once_make_one_operator() {
    let host = Host::start().await;
    for _ in 0..3 {
        operator::ensure(&host.app.db, host.app.now()).await.unwrap();
    }
    let mut superuser = host.database.superuser().await;
    let operators: i64 = sqlx::query_scalar("select count(*) from tenant where kind = 'operator'")
        .fetch_one(&mut superuser)
        .await
        .unwrap();
    assert_eq!(operators, 1);
}
