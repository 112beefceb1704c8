//! The tenant is in every key (C4): no row can point at another tenant's, between resellers or between siblings.

use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection, Row as _};

use super::{catalog::tables, seed};
use crate::harness::Database;

/// Keys to the tenant itself that carry no reseller, each with its reason.
const PLAIN: &[(&str, &str)] = &[
    ("tenant_reseller", "a reseller is its own tenant row"),
    (
        "charge_seller",
        "the seller can be the operator, who is above every reseller",
    ),
    (
        "invoice_seller_id_fkey",
        "the seller can be the operator, who is above every reseller",
    ),
];

struct Key {
    name: String,
    child: String,
    parent: String,
    columns: Vec<String>,
    parent_columns: Vec<String>,
}

#[tokio::test]
async fn every_key_between_tenants_tables_carries_the_reseller() {
    let database = Database::new().await;
    let mut conn = database.superuser().await;
    for key in keys(&mut conn)
        .await
        .iter()
        .filter(|key| !PLAIN.iter().any(|(plain, _)| *plain == key.name))
    {
        assert!(
            key.columns.contains(&"reseller_id".to_owned()),
            "{} ignores the reseller",
            key.name
        );
    }
}

#[tokio::test]
async fn a_key_to_a_tenants_own_rows_carries_the_tenant() {
    let database = Database::new().await;
    let mut conn = database.superuser().await;
    let own: Vec<_> = tables(&mut conn)
        .await
        .into_iter()
        .filter(|t| t.class == "own" && t.name != "tenant")
        .map(|t| t.name)
        .collect();
    for key in keys(&mut conn)
        .await
        .iter()
        .filter(|key| own.contains(&key.parent))
    {
        assert!(
            key.parent_columns.contains(&"tenant_id".to_owned()),
            "{} lets siblings' rows be linked",
            key.name
        );
    }
}

#[tokio::test]
async fn a_child_cannot_be_linked_to_anothers_parent() {
    let database = Database::new().await;
    let mut conn = database.superuser().await;
    let world = seed::fill(&mut conn).await;
    let classes = tables(&mut conn).await;
    let own = |name: &str| {
        classes
            .iter()
            .any(|table| table.name == name && table.class == "own")
    };
    let mut tried = 0;
    for key in keys(&mut conn)
        .await
        .iter()
        .filter(|key| !PLAIN.iter().any(|(plain, _)| *plain == key.name))
    {
        let mut strangers = vec![(world.a().1, world.b().1)];
        if own(&key.child) && own(&key.parent) && key.parent != "tenant" {
            strangers.push((world.a1().1, world.a2().1));
        }
        for (child, parent) in strangers {
            tried += usize::from(linking_is_refused(&mut conn, key, child, parent).await);
        }
    }
    assert!(tried > 50, "only {tried} links were tried");
}

/// Points a row of `child` at a row of `parent`; the tenant columns stay the child's, as they would in any attack
/// that row-level security lets through. False when the key has nothing but tenant columns.
async fn linking_is_refused(
    conn: &mut PgConnection,
    key: &Key,
    child: uuid::Uuid,
    parent: uuid::Uuid,
) -> bool {
    let links: Vec<_> = key
        .columns
        .iter()
        .zip(&key.parent_columns)
        .filter(|(c, _)| *c != "reseller_id" && *c != "tenant_id")
        .collect();
    let ids: Vec<_> = links.iter().filter(|(_, p)| *p != "tenant_id").collect();
    if ids.is_empty() {
        return false;
    }
    let set: Vec<_> = ids.iter().map(|(c, p)| format!("{c} = p.{p}")).collect();
    let given: Vec<_> = ids.iter().map(|(c, _)| format!("c.{c} is not null")).collect();
    let sql = format!(
        "update \"{}\" c set {} from (select * from \"{}\" where tenant_id = $2 limit 1) p where c.tenant_id = $1 and {}",
        key.child,
        set.join(", "),
        key.parent,
        given.join(" and "),
    );
    let mut tx = conn.begin().await.unwrap();
    // Only the foreign keys are in question, so triggers of state machines and checks stay as they are.
    tx.execute("set constraints all immediate").await.unwrap();
    match sqlx::query(AssertSqlSafe(sql))
        .bind(child)
        .bind(parent)
        .execute(&mut *tx)
        .await
    {
        Ok(done) => {
            assert_eq!(
                done.rows_affected(),
                0,
                "{}: a row of {child} was linked to one of {parent}",
                key.name
            );
            false
        }
        Err(error) => {
            let code = error
                .as_database_error()
                .and_then(|e| e.code())
                .unwrap_or_default()
                .into_owned();
            assert!(
                ["23503", "23505", "23P01"].contains(&code.as_str()),
                "{}: {error}",
                key.name
            );
            code == "23503"
        }
    }
}

/// Every foreign key between two tenant tables.
async fn keys(conn: &mut PgConnection) -> Vec<Key> {
    let tenant_tables: Vec<_> = tables(conn)
        .await
        .into_iter()
        .filter(|t| !t.is_platform())
        .map(|t| t.name)
        .collect();
    let rows = sqlx::query(
        "select conname::text, c.relname::text, p.relname::text,
            array(select attname::text from unnest(conkey) with ordinality k(n, i)
                join pg_attribute on attrelid = conrelid and attnum = n order by i),
            array(select attname::text from unnest(confkey) with ordinality k(n, i)
                join pg_attribute on attrelid = confrelid and attnum = n order by i)
        from pg_constraint
        join pg_class c on c.oid = conrelid
        join pg_class p on p.oid = confrelid
        where contype = 'f' order by 1",
    )
    .fetch_all(conn)
    .await
    .unwrap();
    let key = |row: sqlx::postgres::PgRow| Key {
        name: row.get(0),
        child: row.get(1),
        parent: row.get(2),
        columns: row.get(3),
        parent_columns: row.get(4),
    };
    let keys = rows.into_iter().map(key);
    keys.filter(|key| tenant_tables.contains(&key.child) && tenant_tables.contains(&key.parent))
        .collect()
}
