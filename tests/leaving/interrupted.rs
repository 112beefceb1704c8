//! An end that comes late (C45): neither work under way nor a crash spoils it.

use chrono::TimeDelta;
use nexusport::worker;
use serde_json::json;
use sqlx::{AssertSqlSafe, PgConnection};

use super::{
    busy_stage, days_later,
    rows::{CARRIED_OUT, count, rows},
    wish,
};
use crate::harness::Host;

#[tokio::test]
async fn an_end_is_put_off_while_a_return_leg_is_pending() {
    let (stage, _) = busy_stage().await;
    let client = &stage.customer.client;
    client.post("/v1/departures", wish("quay")).await.expect(201);
    let mut conn = stage.host.database.superuser().await;
    let leg = async |conn: &mut PgConnection, state: &str| {
        let sql = format!(
            "set session_replication_role = replica; update return_leg set state = '{state}';
            reset session_replication_role"
        );
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(conn).await.unwrap();
    };
    leg(&mut conn, "failed").await;
    days_later(&stage.host, 30).await;
    client.get("/v1/ports").await.expect(200);
    let trail = client.get("/v1/audit-events?limit=200").await.expect(200);
    let put_off = trail["items"].as_array().unwrap().iter();
    let put_off: Vec<_> = put_off
        .filter(|event| event["action"] == "departure.carry_out")
        .collect();
    assert_eq!(put_off.len(), 1);
    assert_eq!(put_off[0]["outcome"], "refused");
    assert_eq!(
        put_off[0]["detail"]["of"],
        json!([{ "tenant": stage.customer.id, "bandwidth_changes": 0, "return_legs": 1, "operations": 0 }])
    );
    leg(&mut conn, "verified").await;
    stage
        .host
        .clock
        .set(stage.host.app.now() + TimeDelta::minutes(59));
    stage.work().await;
    client.get("/v1/ports").await.expect(200);
    stage.host.clock.set(stage.host.app.now() + TimeDelta::minutes(1));
    stage.work().await;
    client.get("/v1/ports").await.problem(401, "credential_invalid");
    assert_eq!(count(&mut conn, CARRIED_OUT).await, 1);
}

/// Ends the host's connections that wait for a lock, as a crash would, once there is one.
async fn kill_whoever_waits(conn: &mut PgConnection) {
    loop {
        let killed: i64 = sqlx::query_scalar(
            "select count(pg_terminate_backend(pid)) from pg_stat_activity
            where datname = current_database() and wait_event_type = 'Lock' and pid <> pg_backend_pid()",
        )
        .fetch_one(&mut *conn)
        .await
        .unwrap();
        if killed > 0 {
            return;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn an_end_that_breaks_off_leaves_the_tenant_whole_and_is_carried_out_once_by_the_next() {
    let (stage, _) = busy_stage().await;
    let (host, client) = (&stage.host, &stage.customer.client);
    client.post("/v1/departures", wish("quay")).await.expect(201);
    // The mail that tells of it is painted, and counted as the plugins' use of today.
    worker::drain(&host.app).await.unwrap();
    let before = rows(&host.database, "=", &stage.customer.id).await;
    let mut conn = host.database.superuser().await;
    // Tenants' rows are the last that an end touches: by then everything is deleted.
    sqlx::raw_sql("begin; lock table tenant in share mode")
        .execute(&mut conn)
        .await
        .unwrap();
    host.clock.set(host.app.now() + TimeDelta::days(30));
    let mut other = host.database.superuser().await;
    let (drained, ()) = tokio::join!(worker::drain(&host.app), kill_whoever_waits(&mut other));
    drained.unwrap();
    sqlx::raw_sql("rollback").execute(&mut conn).await.unwrap();
    let told = ["audit_event", "job"];
    let but = |rows: Vec<(String, i64)>| -> Vec<_> {
        rows.into_iter()
            .filter(|(table, _)| !told.contains(&&**table))
            .collect()
    };
    assert_eq!(
        but(rows(&host.database, "=", &stage.customer.id).await),
        but(before),
        "half an end"
    );
    client.get("/v1/ports").await.expect(200);
    assert_eq!(count(&mut conn, CARRIED_OUT).await, 0);
    host.clock.set(host.app.now() + TimeDelta::minutes(10));
    let two = tokio::join!(worker::drain(&host.app), worker::drain(&host.app));
    two.0.and(two.1).unwrap();
    client.get("/v1/ports").await.problem(401, "credential_invalid");
    assert_eq!(count(&mut conn, CARRIED_OUT).await, 1);
}

#[tokio::test]
async fn an_end_that_fails_time_and_again_is_tried_for_as_long_as_the_departure_waits() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let customer = host.customer(&reseller, "alpine").await;
    customer
        .client
        .post("/v1/departures", wish("alpine"))
        .await
        .expect(201);
    let mut conn = host.database.superuser().await;
    sqlx::query("revoke update on departure from app_leaver")
        .execute(&mut conn)
        .await
        .unwrap();
    for _ in 0..40 {
        days_later(&host, 1).await;
    }
    customer.client.get("/v1/me").await.expect(200);
    sqlx::query("grant update (state, ended_at, documents_until, reason) on departure to app_leaver")
        .execute(&mut conn)
        .await
        .unwrap();
    days_later(&host, 1).await;
    customer
        .client
        .get("/v1/me")
        .await
        .problem(401, "credential_invalid");
}
