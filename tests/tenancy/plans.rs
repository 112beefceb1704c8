//! Query plans at scale (C5, C36): every query of the stores that reads a large tenant table is explained and run under
//! each role that may, with a plan for its values and with one for any, on a thousand tenants of which one has a hundred
//! times the rows of each other. NEXUSPORT_ROWS is the rows of each table; a million in `.ci/long`.

use serde_json::Value;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};

use crate::{harness::Database, tidy};

const FILL: &str = include_str!("../scale/fill.sql");

/// A page of 200, and the row that tells of a next one.
const SORTED_AT_MOST: f64 = 201.0;
/// Pages of 8 KiB that one query may look at.
const PAGES_AT_MOST: i64 = 1_500;

/// Queries that may do more, each with its reason. May only become fewer.
const EXCUSED: &[(&str, &str, &str)] = &[
    (
        "host/src/billing/run/store.rs: list",
        "force_generic_plan",
        "a plan for any page size joins before it cuts; PostgreSQL keeps planning for the given one, which is cheaper",
    ),
    (
        "host/src/identity/store/members.rs: members",
        "force_generic_plan",
        "the same",
    ),
    (
        "host/src/identity/store/members.rs: holders",
        "force_generic_plan",
        "the members of one tenant, locked so that the last who may do something stays; a tenant has few",
    ),
    (
        "host/src/ports/port/store/mod.rs: count_active",
        "reads port through",
        "a reseller's ports are counted against its limit; one that has half of the platform's reads half of it",
    ),
    (
        "host/src/ports/port/store/mod.rs: of_customer",
        "sorts",
        "a billing run takes every port of its customer, in order",
    ),
];

/// How a role is scoped: (role, reseller's number, tenant's number).
const SCOPES: [(&str, &str, &str); 6] = [
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
            for mode in ["force_generic_plan", "force_custom_plan"] {
                let Some(plan) = explain(&mut conn, &query, scope, mode).await else {
                    continue;
                };
                explained += 1;
                let mut complaints = Vec::new();
                judge(&plan["Plan"], &large, &mut complaints);
                let pages = plan["Plan"]["Shared Hit Blocks"].as_i64().unwrap()
                    + plan["Plan"]["Shared Read Blocks"].as_i64().unwrap();
                if pages > PAGES_AT_MOST {
                    complaints.push(format!("{pages} pages were looked at"));
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
    (role, reseller, tenant): (&str, &str, &str),
    mode: &str,
) -> Option<Value> {
    let mut tx = conn.begin().await.unwrap();
    let settings = format!(
        "select set_config('app.reseller_id', scale.id(1, {reseller})::text, true), set_config('app.tenant_id', scale.id(1, {tenant})::text, true);
        set local plan_cache_mode = {mode}; set local role {role}"
    );
    tx.execute(AssertSqlSafe(settings)).await.unwrap();
    let types: Vec<_> = query.types.iter().map(|name| of_postgres(name)).collect();
    let typed = if types.is_empty() {
        String::new()
    } else {
        format!("({})", types.join(", "))
    };
    let prepared = tx
        .execute(AssertSqlSafe(format!("prepare q {typed} as {}", query.sql)))
        .await;
    if let Err(error) = prepared {
        let code = error
            .as_database_error()
            .and_then(|e| e.code())
            .unwrap_or_default()
            .into_owned();
        assert_eq!(code, "42501", "{}: {error}", query.place);
        return None;
    }
    let customer = (reseller != tenant).then_some(tenant);
    let values: Vec<_> = (1..=types.len())
        .map(|n| value(query, n, &types[n - 1], reseller, customer))
        .collect();
    let given = if values.is_empty() {
        String::new()
    } else {
        format!("({})", values.join(", "))
    };
    let sql = format!("explain (analyze, buffers, format json) execute q {given}");
    let plan: Result<Value, _> = sqlx::query_scalar(AssertSqlSafe(sql.clone()))
        .fetch_one(&mut *tx)
        .await;
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
    conn.execute("deallocate q").await.unwrap();
    plan
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
