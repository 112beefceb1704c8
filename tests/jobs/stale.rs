//! What is read of a queue that became long since PostgreSQL looked at it: of the jobs and operations that wait, only those
//! that are asked for.

use serde_json::Value;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};
use uuid::Uuid;

use super::tenant;
use crate::{harness::Database, tidy};

const WAITING: i64 = 20_000;
/// More than one claim looks at.
const READ_AT_MOST: f64 = 500.0;
/// Pages of 8 KiB, fewer than an index of all of them has, and what a row costs that is changed in all of its indexes.
const PAGES_AT_MOST: f64 = 90.0;
const PAGES_A_ROW: f64 = 35.0;

const CLAIMER: &str = "app_worker";
const TENANT: &str = "app_customer";

/// A statement by its place, who asks, and its values.
type Asked = (&'static str, &'static str, &'static str);

/// The path from a job that is due to one that is over.
const STATEMENTS: &[Asked] = &[
    ("jobs/store/claims.rs: reclaim", CLAIMER, ""),
    ("jobs/store/claims.rs: assign", CLAIMER, "(now(), 50)"),
    ("jobs/store/line.rs: front", CLAIMER, "(now(), 32, 16, 8, 64)"),
    ("jobs/store/line.rs: under_way", CLAIMER, ""),
    (
        "jobs/store/line.rs: heads",
        CLAIMER,
        "(now(), 32, 16, 8, 64, '{}', '{}', '{}', '{}')",
    ),
    (
        "jobs/store/claims.rs: take",
        CLAIMER,
        "($lease, '1 s', array[$reseller], array[$waits])",
    ),
    ("jobs/store/claims.rs: next_unassigned", CLAIMER, ""),
    ("jobs/store.rs: find", TENANT, "($reseller, $tenant, $runs)"),
    (
        "jobs/store.rs: held",
        TENANT,
        "($reseller, $tenant, $runs, $lease)",
    ),
    (
        "jobs/store.rs: extend",
        CLAIMER,
        "($reseller, $runs, $lease, '1 s')",
    ),
    (
        "jobs/store.rs: finish",
        CLAIMER,
        "($reseller, $runs, $lease, 'done', null, null)",
    ),
    (
        "jobs/store/back.rs: give_back",
        CLAIMER,
        "($reseller, $runs, $lease)",
    ),
    (
        "carriers/operations/store.rs: find",
        TENANT,
        "($reseller, $tenant, $runs)",
    ),
    (
        "carriers/operations/store.rs: resume",
        TENANT,
        "($reseller, $tenant, $runs)",
    ),
    (
        "carriers/operations/store.rs: wait",
        TENANT,
        "($reseller, $tenant, $runs, now(), '{}')",
    ),
    (
        "carriers/operations/store/waking.rs: waiting_for",
        TENANT,
        "($reseller, null, $tenant, array['key'])",
    ),
    (
        "carriers/operations/store.rs: end",
        TENANT,
        "($reseller, $tenant, $runs, 'done', null, null, now())",
    ),
];

/// A customer's jobs and operations as they wait, with one of each that runs. `$n` is replaced by how many.
const FILL: &str = "set session_replication_role = replica;
    insert into job (reseller_id, tenant_id, id, kind, subject_id, initiated_by_kind, initiated_by, due_at, lane, state, virtual_time,
            leased_until, lease_id)
        select $reseller, $tenant, case n when 0 then $runs when 1 then $waits else gen_random_uuid() end, 'run_operation',
            gen_random_uuid(), 'system', $tenant, now(), $tenant, case n when 0 then 'running' else 'waiting' end,
            case when n <= $n / 2 then n end, case n when 0 then now() + interval '1 hour' end, case n when 0 then $lease end
        from generate_series(0, $n) n;
    insert into operation (reseller_id, tenant_id, id, kind, carrier_id, port_id, port_reference, port_data, release_id, settings,
            destinations, state, asked_at)
        select $reseller, $tenant, case n when 0 then $runs else gen_random_uuid() end, 'read_port', $tenant, $tenant, 'r', '', $tenant,
            '{}', '{}', 'running', now()
        from generate_series(0, $n) n;
    set session_replication_role = origin";
/// Lets all of them be over, as though nobody had been in a hurry.
const EMPTY: &str = "set session_replication_role = replica;
    update job set id = gen_random_uuid(), state = 'done', virtual_time = null, leased_until = null, lease_id = null;
    update operation set id = gen_random_uuid(), state = 'done', ended_at = now();
    set session_replication_role = origin";

/// One customer's queue, and who asks.
struct Queue {
    /// On which statements are asked again and again.
    conn: PgConnection,
    /// On which all else happens: plans are kept by the other only as long as it does nothing else.
    aside: PgConnection,
    /// What stands for what in statements.
    named: Vec<(&'static str, String)>,
    statements: Vec<tidy::Prepared>,
}

impl Queue {
    async fn new(database: &Database) -> Self {
        let mut conn = database.superuser().await;
        let reseller = tenant(&mut conn, None).await;
        let customer = tenant(&mut conn, Some(reseller)).await;
        let named = [
            ("$reseller", reseller),
            ("$tenant", customer),
            ("$runs", Uuid::from_u128(1)),
            ("$waits", Uuid::from_u128(2)),
            ("$lease", Uuid::from_u128(3)),
        ];
        Self {
            conn,
            aside: database.superuser().await,
            named: named.map(|(name, id)| (name, format!("'{id}'::uuid"))).into(),
            statements: tidy::prepared(),
        }
    }

    fn named(&self, sql: &str) -> String {
        let sql = sql.replace("$n", &WAITING.to_string());
        let replaced = |sql: String, (name, value): &(&str, String)| sql.replace(name, value);
        self.named.iter().fold(sql, replaced)
    }

    fn sql_of(&self, place: &str) -> &str {
        let place = format!("host/src/{place}");
        let found = self.statements.iter().find(|query| query.place == place);
        &found.unwrap_or_else(|| panic!("no query is {place}")).sql
    }

    async fn run(&mut self, sql: &str) {
        self.aside.execute(AssertSqlSafe(self.named(sql))).await.unwrap();
    }

    /// Keeps the statement, planned as for a connection that asked it often.
    async fn settle(&mut self, name: &str, (place, role, values): Asked) {
        let prepare = format!("prepare {name} as {}", self.sql_of(place));
        self.conn.execute(AssertSqlSafe(prepare)).await.unwrap();
        for _ in 0..6 {
            self.plan(name, (place, role, values)).await;
        }
    }

    /// The statement's plan with what it really did, without effect.
    async fn plan(&mut self, name: &str, (_, role, values): Asked) -> Value {
        let mut begin = "select set_config('app.reseller_id', $reseller::text, true),
            set_config('app.tenant_id', $tenant::text, true);"
            .to_owned();
        if role == CLAIMER {
            begin += self.sql_of("jobs/store.rs: prepare");
        }
        let begin = self.named(&format!("{begin}; set local role {role}"));
        let explain = self.named(&format!(
            "explain (analyze, buffers, format json) execute {name} {values}"
        ));
        let mut tx = self.conn.begin().await.unwrap();
        tx.execute(AssertSqlSafe(begin)).await.unwrap();
        let plan: Value = sqlx::query_scalar(AssertSqlSafe(explain))
            .persistent(false)
            .fetch_one(&mut *tx)
            .await
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        tx.rollback().await.unwrap();
        plan[0]["Plan"].clone()
    }
}

#[tokio::test]
async fn of_a_queue_that_became_long_no_statement_reads_more_than_it_asks_for() {
    let database = Database::new().await;
    let mut queue = Queue::new(&database).await;
    // It was as long before, and is empty when PostgreSQL looks.
    for sql in [
        "alter table job set (autovacuum_enabled = false); alter table operation set (autovacuum_enabled = false)",
        FILL,
        EMPTY,
        "vacuum analyze job",
        "vacuum analyze operation",
    ] {
        queue.run(sql).await;
    }
    let name = |n: usize| format!("asked_{n}");
    for (n, asked) in STATEMENTS.iter().enumerate() {
        queue.settle(&name(n), *asked).await;
    }
    queue.run(FILL).await;
    let mut wrong = Vec::new();
    for (n, asked) in STATEMENTS.iter().enumerate() {
        let plan = queue.plan(&name(n), *asked).await;
        let read = most_read(&plan);
        if read > READ_AT_MOST {
            wrong.push(format!("{} reads {read} rows", asked.0));
        }
        let pages = ["Shared Hit Blocks", "Shared Read Blocks"].map(|name| plan[name].as_f64());
        let pages: f64 = pages.into_iter().flatten().sum();
        if pages > PAGES_AT_MOST + read * PAGES_A_ROW {
            wrong.push(format!("{} looks at {pages} pages for {read} rows", asked.0));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

/// The most rows or entries of an index that one step of a plan looks at.
fn most_read(plan: &Value) -> f64 {
    let of = |name: &str| plan[name].as_f64().unwrap_or_default();
    let rows = of("Actual Rows") + of("Rows Removed by Filter") + of("Rows Removed by Index Recheck");
    let below = plan["Plans"].as_array().into_iter().flatten().map(most_read);
    below.fold(rows * of("Actual Loops"), f64::max)
}
