//! Whose rows and whose accounts the leaving role reaches, and whose it does not (C45).

use serde_json::json;
use sqlx::{AssertSqlSafe, PgConnection, Row as _};
use uuid::Uuid;

use super::{days_later, wish};
use crate::{
    harness::{Database, Host, PASSWORD},
    tenancy::{catalog, seed},
};

#[tokio::test]
async fn who_is_a_member_elsewhere_keeps_the_account() {
    let host = Host::start().await;
    let (north, south) = (
        host.reseller("northlight").await,
        host.reseller("southlight").await,
    );
    let leaving = host.customer(&north, "alpine").await;
    let mut conn = host.database.superuser().await;
    sqlx::query(
        "update membership set user_id = (select id from user_account where email = 'owner@southlight.example')
        where tenant_id = $1::uuid",
    )
    .bind(&leaving.id)
    .execute(&mut conn)
    .await
    .unwrap();
    let sent = json!({ "customer_id": leaving.id, "slug": "alpine", "reason": "bills were not paid", "without_export": true });
    north.client.post("/v1/departures", sent).await.expect(201);
    days_later(&host, 30).await;
    let sign_in = json!({ "email": "owner@southlight.example", "password": PASSWORD });
    south
        .client
        .anonymous()
        .at("southlight.localhost")
        .post("/v1/sessions", sign_in)
        .await
        .expect(201);
    north
        .client
        .post("/v1/departures", wish("northlight"))
        .await
        .expect(201);
    days_later(&host, 30).await;
    let left: Vec<String> = sqlx::query_scalar("select email from user_account order by email")
        .fetch_all(&mut conn)
        .await
        .unwrap();
    assert!(
        left.contains(&"owner@southlight.example".to_owned())
            && !left.contains(&"owner@northlight.example".to_owned()),
        "{left:?}"
    );
    host.reseller("northlight").await;
}

#[tokio::test]
async fn the_leaving_role_deletes_nothing_of_a_tenant_that_stays_and_can_empty_every_table() {
    let database = Database::new().await;
    let mut conn = database.superuser().await;
    let world = seed::fill(&mut conn).await;
    let kept = ["tenant", "audit_event", "departure"];
    for (state, reached) in [("active", false), ("suspended", false), ("leaving", true)] {
        let (reseller, tenant) = world.a1();
        sqlx::query("update tenant set state = $2 where tenant_id = $1")
            .bind(tenant)
            .bind(state)
            .execute(&mut conn)
            .await
            .unwrap();
        for table in catalog::tables(&mut conn)
            .await
            .iter()
            .filter(|table| table.class == "own" && !kept.contains(&&*table.name))
        {
            let sql = format!(
                "begin; set local session_replication_role = replica; set local role app_leaver;
                set local app.reseller_id = '{reseller}'; set local app.tenant_id = '{tenant}'; delete from {};
                reset role", table.quoted()
            );
            let before = rows(&mut conn, table, tenant).await;
            sqlx::raw_sql(AssertSqlSafe(sql))
                .execute(&mut conn)
                .await
                .unwrap();
            let after = rows(&mut conn, table, tenant).await;
            let own = if reached { 0 } else { before.0 };
            assert_eq!(after, (own, before.1), "{} while {state}", table.name);
            sqlx::raw_sql("rollback").execute(&mut conn).await.unwrap();
        }
    }
}

/// How many rows of a table are this tenant's, and how many are not.
async fn rows(conn: &mut PgConnection, table: &catalog::Table, tenant: Uuid) -> (i64, i64) {
    let count = format!(
        "select count(*) filter (where tenant_id = '{tenant}'), count(*) filter (where tenant_id <> '{tenant}') from {}",
        table.quoted()
    );
    let row = sqlx::query(AssertSqlSafe(count)).fetch_one(conn).await.unwrap();
    (row.get(0), row.get(1))
}
