//! What of tenants is in the database, counted and read past every fence.

use sqlx::{AssertSqlSafe, PgConnection, Row as _};

use super::archive::{contains, spellings};
use crate::{harness::Database, tenancy::catalog};

/// Rows by table, of one tenant or of everybody else.
pub async fn rows(database: &Database, whose: &str, tenant: &str) -> Vec<(String, i64)> {
    let mut conn = database.superuser().await;
    let mut counts = Vec::new();
    for table in catalog::tables(&mut conn)
        .await
        .iter()
        .filter(|table| !table.is_platform())
    {
        let sql = format!(
            "select count(*) from {} where tenant_id {whose} '{tenant}'",
            table.quoted()
        );
        let rows: i64 = sqlx::query_scalar(AssertSqlSafe(sql))
            .fetch_one(&mut conn)
            .await
            .unwrap();
        counts.push((table.name.clone(), rows));
    }
    counts
}

/// Everything in the database as text.
pub async fn dump(database: &Database) -> Vec<u8> {
    let mut conn = database.superuser().await;
    let mut dump = Vec::new();
    for table in catalog::tables(&mut conn).await {
        let rows = sqlx::query(AssertSqlSafe(format!("select t::text from {} t", table.quoted())))
            .fetch_all(&mut conn)
            .await
            .unwrap();
        for row in rows {
            dump.extend_from_slice(row.get::<String, _>(0).as_bytes());
            dump.push(b'\n');
        }
    }
    dump
}

/// Sees that nothing of the texts is anywhere in the database, however it is spelled.
pub async fn assert_nowhere(database: &Database, texts: &[&str]) {
    let dumped = dump(database).await;
    for text in texts {
        for spelling in spellings(text) {
            assert!(!contains(&dumped, spelling.as_bytes()), "{text} as {spelling}");
        }
    }
}

pub async fn count(conn: &mut PgConnection, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(conn).await.unwrap()
}

pub const CARRIED_OUT: &str =
    "select count(*) from audit_event where action = 'departure.carry_out' and outcome = 'done'";
