//! The keys hold (C4), and dropping any one of them turns the probes red: what they expect comes from columns and from
//! what the code names, so a key that is gone is missed.

use std::collections::BTreeSet;

use sqlx::{Connection as _, PgConnection, Row as _};

use super::{
    catalog::{Table, tables},
    links::gaps,
    references::{Reference, references},
    seed::{self, World},
};
use crate::{harness::Database, tidy};

/// Keys that no probe misses, each with its reason. May only become fewer.
const UNMISSED: &[(&str, &str)] = &[(
    "interval_one_open",
    "two open stretches of one port overlap, which interval_no_overlap refuses as well",
)];

struct Key {
    name: String,
    table: String,
    /// A constraint; otherwise a unique index.
    is_constraint: bool,
}

#[tokio::test]
async fn every_key_refuses_what_its_table_may_not_hold() {
    let database = Database::new().await;
    let mut conn = database.superuser().await;
    let (world, tables) = (seed::fill(&mut conn).await, tables(&mut conn).await);
    let references = references(&mut conn).await;
    assert!(
        references.len() > 40,
        "only {} references were found",
        references.len()
    );
    let probe = Probe {
        world,
        tables,
        references,
    };
    assert_eq!(probe.missed(&mut conn, None).await, Vec::<String>::new());
}

#[tokio::test]
async fn dropping_any_one_key_turns_the_probes_red() {
    let database = Database::new().await;
    let mut conn = database.superuser().await;
    let (world, tables) = (seed::fill(&mut conn).await, tables(&mut conn).await);
    let references = references(&mut conn).await;
    let probe = Probe {
        world,
        tables,
        references,
    };
    let (mut tried, mut unmissed) = (0, BTreeSet::new());
    for key in keys(&mut conn).await {
        let mut tx = conn.begin().await.unwrap();
        let touched = drop_key(&mut tx, &key).await;
        if probe.missed(&mut tx, Some(&touched)).await.is_empty() {
            unmissed.insert(key.name);
        }
        tx.rollback().await.unwrap();
        tried += 1;
    }
    assert!(tried > 130, "only {tried} keys were dropped");
    let listed: BTreeSet<_> = UNMISSED.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(
        unmissed, listed,
        "left: nothing noticed that these are gone, right: known"
    );
}

struct Probe {
    world: World,
    tables: Vec<Table>,
    references: Vec<Reference>,
}

impl Probe {
    /// What the keys of these tables, else of all, let through.
    async fn missed(&self, conn: &mut PgConnection, only: Option<&BTreeSet<String>>) -> Vec<String> {
        let mut missed = relied_upon(conn).await;
        for table in self.tables.iter().filter(|table| !table.is_platform()) {
            if only.is_none_or(|only| only.contains(&table.name)) {
                missed.extend(gaps(conn, &self.world, table, &self.references).await);
            }
        }
        missed
    }
}

/// Keys that the host's code translates or has inserts rest on, and that are not there.
async fn relied_upon(conn: &mut PgConnection) -> Vec<String> {
    let known: BTreeSet<String> = sqlx::query_scalar(
        "select conname::text from pg_constraint union select relname::text from pg_class where relkind = 'i'",
    )
    .fetch_all(&mut *conn)
    .await
    .unwrap()
    .into_iter()
    .collect();
    let mut gone: Vec<_> = tidy::named_keys()
        .into_iter()
        .filter(|name| !known.contains(name))
        .collect();
    for (table, columns) in tidy::conflict_targets() {
        if !is_unique(conn, &table, &columns).await {
            gone.push(format!("{table} {columns:?}"));
        }
    }
    gone
}

async fn is_unique(conn: &mut PgConnection, table: &str, columns: &[String]) -> bool {
    sqlx::query_scalar(
        "select exists (select from pg_index where indrelid = quote_ident($1)::regclass and indisunique
            and $2 = array(select attname::text from unnest(indkey::int[]) with ordinality k(n, i)
                join pg_attribute on attrelid = indrelid and attnum = n order by i))",
    )
    .bind(table)
    .bind(columns)
    .fetch_one(conn)
    .await
    .unwrap()
}

/// Drops a key and says which tables lost one by it.
async fn drop_key(conn: &mut PgConnection, key: &Key) -> BTreeSet<String> {
    let before = constrained(conn).await;
    let sql = if key.is_constraint {
        format!(
            "alter table \"{}\" drop constraint {} cascade",
            key.table, key.name
        )
    } else {
        format!("drop index {}", key.name)
    };
    seed::run(conn, sql).await;
    let after = constrained(conn).await;
    let lost = before.difference(&after).map(|(table, _)| table.clone());
    lost.chain([key.table.clone()]).collect()
}

async fn constrained(conn: &mut PgConnection) -> BTreeSet<(String, String)> {
    let rows =
        sqlx::query("select conrelid::regclass::text, conname::text from pg_constraint where conrelid <> 0");
    let pair = |row: sqlx::postgres::PgRow| (row.get::<String, _>(0).replace('"', ""), row.get(1));
    rows.fetch_all(conn)
        .await
        .unwrap()
        .into_iter()
        .map(pair)
        .collect()
}

/// Every foreign key between tenant tables, and every primary or unique key with the tenant in it.
async fn keys(conn: &mut PgConnection) -> Vec<Key> {
    let rows = sqlx::query(
        "select k.name, k.tab, k.is_constraint from (
            select conname::text as name, c.relname::text as tab, true as is_constraint, conkey::int[] as columns, conrelid as rel
            from pg_constraint join pg_class c on c.oid = conrelid
            where contype in ('p', 'u') or (contype = 'f' and obj_description(confrelid) not like 'platform%')
            union all
            select i.relname::text, c.relname::text, false, indkey::int[], indrelid
            from pg_index join pg_class c on c.oid = indrelid join pg_class i on i.oid = indexrelid
            where indisunique and not exists (select from pg_constraint where conindid = indexrelid)) k
        join pg_class c on c.oid = k.rel
        where c.relnamespace = 'public'::regnamespace and obj_description(c.oid) not like 'platform%'
            and exists (select from pg_attribute where attrelid = k.rel and attnum = any(k.columns)
                and attname in ('reseller_id', 'tenant_id'))
        order by 2, 1",
    );
    let key = |row: sqlx::postgres::PgRow| Key {
        name: row.get(0),
        table: row.get(1),
        is_constraint: row.get(2),
    };
    rows.fetch_all(conn).await.unwrap().into_iter().map(key).collect()
}
