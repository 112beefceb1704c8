//! Whose rows can be seen, changed and added (C1, C2), and that the probes go red when a policy is opened or dropped.

use sqlx::{AssertSqlSafe, Executor as _, PgConnection, Row as _};

use super::{
    catalog::{Table, tables},
    probe::{Role, leaks},
    seed,
};
use crate::harness::Database;

#[tokio::test]
async fn every_role_reaches_exactly_the_rows_that_a_tables_class_allows() {
    let database = Database::new().await;
    let mut conn = database.superuser().await;
    let world = seed::fill(&mut conn).await;
    for table in tables(&mut conn)
        .await
        .iter()
        .filter(|table| !table.is_platform())
    {
        let rows: i64 = count(&mut conn, table).await;
        assert!(
            rows >= 2,
            "{} has no row for every tenant: add it to seed.sql",
            table.name
        );
        for role in Role::ALL {
            assert_eq!(leaks(&mut conn, &world, table, role).await, Vec::<String>::new());
        }
    }
}

#[tokio::test]
async fn opening_or_dropping_any_one_policy_turns_the_probes_red() {
    let database = Database::new().await;
    let mut conn = database.superuser().await;
    let world = seed::fill(&mut conn).await;
    let tables: Vec<_> = tables(&mut conn)
        .await
        .into_iter()
        .filter(|table| !table.is_platform())
        .collect();
    let mut tried = 0;
    for policy in policies(&mut conn).await {
        let Some(role) = Role::ALL.into_iter().find(|role| role.name() == policy.role) else {
            continue;
        };
        let Some(table) = tables.iter().find(|table| table.name == policy.table) else {
            continue;
        };
        // Where a role only adds rows, dropping its policy leaves it nothing, which is no leak.
        let dropped = (!policy.only_inserts).then(|| policy.dropped());
        for mutation in [Some(policy.opened()), dropped].into_iter().flatten() {
            conn.execute(AssertSqlSafe(format!("begin; {mutation}")))
                .await
                .unwrap();
            let found = leaks(&mut conn, &world, table, role).await;
            conn.execute("rollback").await.unwrap();
            assert!(!found.is_empty(), "nothing noticed `{mutation}`");
            tried += 1;
        }
    }
    assert!(tried > 100, "only {tried} mutations were tried");
}

async fn count(conn: &mut PgConnection, table: &Table) -> i64 {
    let sql = format!("select count(distinct tenant_id) from {}", table.quoted());
    sqlx::query_scalar(AssertSqlSafe(sql))
        .fetch_one(conn)
        .await
        .unwrap()
}

struct Policy {
    name: String,
    table: String,
    role: String,
    /// The role can add rows and not see them, so only opening the check can show.
    only_inserts: bool,
}

impl Policy {
    fn opened(&self) -> String {
        format!(
            "alter policy {} on \"{}\" using (true) with check (true)",
            self.name, self.table
        )
    }

    fn dropped(&self) -> String {
        format!("drop policy {} on \"{}\"", self.name, self.table)
    }
}

async fn policies(conn: &mut PgConnection) -> Vec<Policy> {
    let rows = sqlx::query(
        "select policyname::text, tablename::text, roles[1]::text,
            not has_any_column_privilege(roles[1], quote_ident(tablename::text)::regclass, 'select')
        from pg_policies where schemaname = 'public' order by 1",
    );
    let policy = |row: sqlx::postgres::PgRow| Policy {
        name: row.get(0),
        table: row.get(1),
        role: row.get(2),
        only_inserts: row.get(3),
    };
    rows.fetch_all(conn)
        .await
        .unwrap()
        .into_iter()
        .map(policy)
        .collect()
}
