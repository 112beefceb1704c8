//! Query plans at scale (C5, C36): every query of the stores that reads a large tenant table is explained and run under
//! each role that may, with a plan for its values and with what PostgreSQL settles on after another tenant has asked, on a
//! thousand tenants of which one has a hundred times the rows of each other. NEXUSPORT_ROWS is the rows of each table; a
//! million in `.ci/long`.

use serde_json::Value;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};

use crate::{harness::Database, tidy};

const FILL: &str = include_str!("../scale/fill.sql");

/// A page of 200, and the row that tells of a next one.
const SORTED_AT_MOST: f64 = 201.0;
/// Pages of 8 KiB that one query may look at, or that many for each row of its answer.
const PAGES_AT_MOST: i64 = 1_500;
const PAGES_A_ROW: i64 = 5;
/// A prepared query is planned for its values five times; from the sixth on PostgreSQL may keep a plan for any.
const UNTIL_SETTLED: usize = 6;

/// Queries that may do more, each with its reason. May only become fewer.
const EXCUSED: &[(&str, &str, &str)] = &[
    (
        "host/src/jobs/store/line.rs: heads",
        "",
        "looks at each queue's head, of those due now",
    ),
    (
        "host/src/identity/store/members.rs: holders",
        "",
        "the members of one tenant, locked so that the last who may do something stays; a tenant has few",
    ),
    (
        "host/src/identity/store/roles.rs: uses_of_role",
        "pages were looked at",
        "a tenant's members who hold a role are counted for whoever wants to take it away; a tenant has few",
    ),
    (
        "host/src/ports/port/store/mod.rs: count_active",
        "",
        "a reseller's ports are counted against its limit; one that has half of the platform's reads half of it",
    ),
    (
        "host/src/ports/port/store/mod.rs: of_customer",
        "sorts",
        "a billing run takes every port of its customer, in order",
    ),
];

/// A role and the numbers of the reseller and the tenant that it is for.
type Scoped = (&'static str, &'static str, &'static str);

/// How roles are scoped; whoever stands last of a role asks before the others.
const SCOPES: [Scoped; 6] = [
    ("app_customer", "0", "1"),
    // A small reseller's customer, and the small reseller.
    ("app_customer", "500", "501"),
    ("app_reseller", "0", "0"),
    ("app_reseller", "500", "500"),
    ("app_entrance", "0", "1"),
    ("app_worker", "0", "1"),
];

/// Which ids `scale.id` makes for a table's rows, by the word that names them in a query.
const KINDS: [(&str, u32); 20] = [
    ("port", 2),
    ("carrier", 3),
    ("port_base", 4),
    ("quote", 5),
    ("bandwidth_change", 6),
    ("change", 6),
    ("user", 7),
    ("user_account", 7),
    ("observation", 8),
    ("operation", 9),
    ("return_leg", 10),
    ("job", 13),
    ("membership", 14),
    ("role", 15),
    ("session", 16),
    ("invitation", 17),
    ("api_key", 18),
    ("billing_run", 19),
    ("receipt", 20),
    ("invoice", 22),
];

#[tokio::test]
async fn no_query_reads_a_large_table_through_or_sorts_more_than_a_page() {
    let rows: i64 = std::env::var("NEXUSPORT_ROWS").map_or(20_000, |rows| rows.parse().unwrap());
    let database = Database::new().await;
    let mut conn = database.superuser().await;
    conn.execute(AssertSqlSafe(FILL.replace("$rows", &rows.to_string())))
        .await
        .unwrap();
    conn.execute("set session_replication_role = origin; analyze")
        .await
        .unwrap();
    conn.execute("grant usage on schema scale to public")
        .await
        .unwrap();
    let large: Vec<String> = sqlx::query_scalar(
        "select relname::text from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' and reltuples > 10000",
    )
    .fetch_all(&mut conn)
    .await
    .unwrap();
    assert!(large.len() > 18, "only {large:?} are large");
    let (mut explained, mut wrong) = (0, Vec::new());
    for query in tidy::prepared().into_iter().filter(|query| {
        ["select", "with"]
            .iter()
            .any(|word| query.sql.trim_start().starts_with(word))
    }) {
        if !query.tables.iter().any(|table| large.contains(table)) {
            continue;
        }
        for scope in SCOPES {
            for mode in ["auto", "force_custom_plan"] {
                let Some(plan) = explain(&mut conn, &query, scope, mode).await else {
                    continue;
                };
                explained += 1;
                let mut complaints = Vec::new();
                judge(&plan["Plan"], &large, &mut complaints);
                let pages = plan["Plan"]["Shared Hit Blocks"].as_i64().unwrap()
                    + plan["Plan"]["Shared Read Blocks"].as_i64().unwrap();
                let rows = plan["Plan"]["Actual Rows"].as_f64().unwrap() as i64;
                if pages > PAGES_AT_MOST.max(rows * PAGES_A_ROW) {
                    complaints.push(format!("{pages} pages were looked at for {rows} rows"));
                }
                let told = complaints
                    .into_iter()
                    .map(|what| format!("{} as {scope:?}, {mode}: {what}", query.place));
                wrong.extend(told);
            }
        }
    }
    wrong.retain(|told| {
        !EXCUSED
            .iter()
            .any(|(place, what, _)| told.starts_with(place) && told.contains(what))
    });
    assert_eq!(wrong, Vec::<String>::new());
    assert!(explained > 200, "only {explained} plans were looked at");
}

/// The plan with what it really did; none where the role may not ask.
async fn explain(
    conn: &mut PgConnection,
    query: &tidy::Prepared,
    scope: Scoped,
    mode: &str,
) -> Option<Value> {
    let (role, ..) = scope;
    let mut tx = conn.begin().await.unwrap();
    let types: Vec<_> = query.types.iter().map(|name| of_postgres(name)).collect();
    let typed = listed(&types);
    // A role of the same kind asks first, as it would on connections that tenants share.
    let others = SCOPES.iter().rev().find(|other| other.0 == role).unwrap();
    let begin = format!(
        "set local plan_cache_mode = {mode}; set local role {role}; {}; prepare q {typed} as {}",
        becoming(query, *others),
        query.sql
    );
    let mut sql = begin.clone();
    let mut done = tx.execute(AssertSqlSafe(begin)).await.map(drop);
    for _ in 0..UNTIL_SETTLED {
        if done.is_ok() && mode == "auto" {
            let asks = (becoming(query, *others), values(query, &types, *others));
            sql = format!("{}; execute q {}", asks.0, asks.1);
            done = tx.execute(AssertSqlSafe(sql.clone())).await.map(drop);
        }
    }
    let plan: Result<Value, _> = match done {
        Ok(()) => {
            tx.execute(AssertSqlSafe(becoming(query, scope))).await.unwrap();
            sql = format!(
                "explain (analyze, buffers, format json) execute q {}",
                values(query, &types, scope)
            );
            sqlx::query_scalar(AssertSqlSafe(sql.clone()))
                .fetch_one(&mut *tx)
                .await
        }
        Err(error) => Err(error),
    };
    let plan = match plan {
        Ok(plan) => Some(plan[0].clone()),
        Err(error) => {
            let code = error
                .as_database_error()
                .and_then(|e| e.code())
                .unwrap_or_default()
                .into_owned();
            assert_eq!(code, "42501", "{}: {error}\n{sql}", query.place);
            None
        }
    };
    tx.rollback().await.unwrap();
    // There is none where preparing it was refused.
    conn.execute("deallocate q").await.ok();
    plan
}

/// What a door says before the query; one that enters its tenant itself is planned for nobody.
fn becoming(query: &tidy::Prepared, (_, reseller, tenant): Scoped) -> String {
    if query.sql.contains("tenancy.enter") {
        let nobody = "00000000-0000-0000-0000-000000000000";
        return format!("set local app.reseller_id = '{nobody}'; set local app.tenant_id = '{nobody}'");
    }
    format!(
        "select set_config('app.reseller_id', scale.id(1, {reseller})::text, true), set_config('app.tenant_id', scale.id(1, {tenant})::text, true)"
    )
}

fn values(query: &tidy::Prepared, types: &[String], (_, reseller, tenant): Scoped) -> String {
    let customer = (reseller != tenant).then_some(tenant);
    let values: Vec<_> = (1..=types.len())
        .map(|n| value(query, n, &types[n - 1], reseller, customer))
        .collect();
    listed(&values)
}

fn listed(words: &[String]) -> String {
    if words.is_empty() {
        String::new()
    } else {
        format!("({})", words.join(", "))
    }
}

fn judge(node: &Value, large: &[String], complaints: &mut Vec<String>) {
    let kind = node["Node Type"].as_str().unwrap();
    let relation = node["Relation Name"].as_str().unwrap_or_default().to_owned();
    // Run zero times, it reads nothing.
    let ran = node["Actual Loops"].as_f64().unwrap() > 0.0;
    if kind == "Seq Scan" && ran && large.contains(&relation) {
        complaints.push(format!("reads {relation} through"));
    }
    if kind.contains("Sort") && node["Actual Rows"].as_f64().unwrap() > SORTED_AT_MOST {
        complaints.push(format!("sorts {} rows", node["Actual Rows"]));
    }
    for child in node["Plans"].as_array().into_iter().flatten() {
        judge(child, large, complaints);
    }
}

fn of_postgres(name: &str) -> String {
    let array = name.strip_suffix("Array");
    let one = match array.unwrap_or(name) {
        "Int8" => "bigint",
        "Int4" => "integer",
        "Int2" => "smallint",
        "Float8" => "double precision",
        "Float4" => "real",
        other => other,
    };
    let one = one.trim_end_matches("[]").to_lowercase();
    if array.is_some() || name.ends_with("[]") {
        format!("{one}[]")
    } else {
        one
    }
}

/// A value such as the product gives, by what the parameter is compared with.
fn value(query: &tidy::Prepared, n: usize, of_type: &str, reseller: &str, customer: Option<&str>) -> String {
    let compared = query.compared_with(n);
    let column = compared.rsplit('.').next().unwrap();
    let stem = column.strip_suffix("_id").unwrap_or(column);
    let known = |word: &str| {
        KINDS
            .iter()
            .find(|(name, _)| *name == word)
            .map(|(_, kind)| format!("scale.id({kind}, 0)"))
    };
    match of_type.trim_end_matches("[]") {
        "uuid" => {
            let one = match column {
                "reseller_id" => Some(format!("scale.id(1, {reseller})")),
                "tenant_id" => Some(customer.map_or("null".to_owned(), |n| format!("scale.id(1, {n})"))),
                "customer_id" => Some(format!("scale.id(1, {})", customer.unwrap_or("1"))),
                "id" if query.says_after(n, ">") => Some("'00000000-0000-0000-0000-000000000000'".to_owned()),
                "id" => query.tables.first().and_then(|table| known(table)),
                _ => known(stem),
            };
            let one = one.unwrap_or("scale.id(2, 0)".to_owned());
            if of_type.ends_with("[]") {
                format!("array[{one}]::uuid[]")
            } else {
                one
            }
        }
        "bigint" if of_type.ends_with("[]") => "array[51]::bigint[]".to_owned(),
        "bigint" | "integer" | "smallint" => "51".to_owned(),
        "timestamptz" => "'2026-01-01T12:00:00Z'".to_owned(),
        // Of a tenant that is far behind in the order of their ids.
        "bytea" => "'198'".to_owned(),
        "text" if of_type.ends_with("[]") => "array['x']".to_owned(),
        "text" => "'x'".to_owned(),
        "bool" => "true".to_owned(),
        "jsonb" => "'{}'".to_owned(),
        other => format!("null::{other}"),
    }
}
