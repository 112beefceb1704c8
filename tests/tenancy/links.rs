//! What every tenant table's keys must refuse (C4), told from its columns alone: a link to another's row, a row that
//! leaves its tenant, and a second row in the place of one. Each is tried with all other keys of the table aside, so
//! that no key is excused by another.

use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use uuid::Uuid;

use super::{
    aside::{has, own_id, unique_indexes_aside, unreferenced, without},
    catalog::Table,
    references::Reference,
    seed::{self, World},
};

/// Columns that may name any tenant there is.
const ANY_TENANT: &[(&str, &str)] = &[
    (
        "seller_id",
        "the operator sells to resellers, and stands above them",
    ),
    ("reseller_id", "a reseller is a tenant, its own"),
];

/// What there is once, by table and columns: rules of the business that no code names.
const ONCE: &[(&str, &[&str])] = &[
    (
        "capability_grant",
        &["reseller_id", "release_id", "kind", "handle"],
    ),
    ("charge", &["reseller_id", "receipt_id", "n"]),
    ("credential", &["reseller_id", "carrier_id", "handle"]),
    ("departure", &["reseller_id", "tenant_id"]),
    ("invoice", &["reseller_id", "billing_run_id"]),
    ("invoice_line", &["reseller_id", "charge_id"]),
    ("port_base", &["reseller_id", "port_id", "effective_at"]),
    ("return_leg", &["reseller_id", "change_id"]),
];

/// Whether a table's link to itself rests on a key: without the key, the link in question would go with it.
const RESTED_ON: &str = "exists (select from pg_constraint own where own.contype = 'f' and own.confrelid = own.conrelid
    and own.conrelid = pg_constraint.conrelid and own.conindid = pg_constraint.conindid and pg_constraint.contype <> 'f')";

/// Everything that the keys of a table let through and should not; nothing, if they hold.
pub async fn gaps(
    conn: &mut PgConnection,
    world: &World,
    table: &Table,
    references: &[Reference],
) -> Vec<String> {
    let mut gaps = Vec::new();
    for reference in references
        .iter()
        .filter(|reference| reference.table.name == table.name)
    {
        gaps.extend(linked(conn, world, reference).await);
    }
    // The tenant table is what the others are tied to; its own keys are `tenant`'s.
    if table.name != "tenant" {
        gaps.extend(moved(conn, world, table).await);
    }
    gaps.extend(nobodys(conn, table).await);
    gaps.extend(doubled(conn, world, table).await);
    for (_, columns) in ONCE.iter().filter(|(once, _)| *once == table.name) {
        gaps.extend(repeated(conn, world, table, columns).await);
    }
    gaps.into_iter()
        .map(|gap| format!("{}: {gap}", table.name))
        .collect()
}

/// Points a row at another reseller's and at a sibling's, with unique keys aside so that only a link can refuse.
async fn linked(conn: &mut PgConnection, world: &World, reference: &Reference) -> Vec<String> {
    let Reference { table, column, names } = reference;
    let mut strangers = vec![(world.a(), world.b())];
    if table.class == "own" && names.class == "own" && names.name != "tenant" {
        strangers.push((world.a1(), world.a2()));
    }
    let id = if names.name == "tenant" {
        "tenant_id"
    } else {
        own_id(conn, names, column).await
    };
    let customers = names.class == "own" && column != "customer_id" && has(conn, table, "customer_id").await;
    let mut gaps = Vec::new();
    for (of, stranger) in strangers {
        let set = format!(
            "{column} = (select {id} from {} where tenant_id = '{}' limit 1)",
            names.quoted(),
            stranger.1
        );
        // Whoever can write a row can write all of it: a column that names the customer may be brought along.
        let brought = customers.then(|| format!("{set}, customer_id = '{}'", stranger.1));
        for (set, kinds, codes) in [
            (Some(set), "contype in ('p', 'u', 'x', 'c')", &["23503"][..]),
            (brought, "contype in ('p', 'u', 'x')", &["23503", "23514"]),
        ] {
            let Some(set) = set else { continue };
            let mut tx = conn.begin().await.unwrap();
            without(&mut tx, table, &format!("{kinds} and not {RESTED_ON}")).await;
            let sql = format!(
                "update {0} set {set} where ctid = (
                    select min(ctid) from {0} where reseller_id = '{1}' and {column} is not null and ($1 or tenant_id = '{2}'))",
                table.quoted(),
                of.0,
                of.1,
            );
            match sqlx::query(AssertSqlSafe(sql))
                .bind(of == world.a())
                .execute(&mut *tx)
                .await
            {
                Ok(done) if done.rows_affected() == 0 => gaps.push(format!("no seeded row has {column}")),
                Ok(_) => gaps.push(format!("{column} of {of:?} was pointed at a row of {stranger:?}")),
                Err(error) => gaps.extend(unless_refused(error, codes, column)),
            }
        }
    }
    gaps
}

/// Moves a row to a tenant of another reseller, with every other key aside.
async fn moved(conn: &mut PgConnection, world: &World, table: &Table) -> Option<String> {
    let mut tx = conn.begin().await.unwrap();
    without(&mut tx, table, "contype in ('p', 'u', 'x', 'c')").await;
    unique_indexes_aside(&mut tx, table, &[]).await;
    let others = "contype = 'f' and (select array_agg(attname::text order by attname) from pg_attribute
            where attrelid = conrelid and attnum = any(conkey)) <> array['reseller_id', 'tenant_id']";
    without(&mut tx, table, others).await;
    let sql = format!(
        "update {} set tenant_id = $1 where tenant_id = $2",
        table.quoted()
    );
    match sqlx::query(AssertSqlSafe(sql))
        .bind(world.b().1)
        .bind(world.a().1)
        .execute(&mut *tx)
        .await
    {
        Ok(_) => Some("a row was moved to a tenant of another reseller".to_owned()),
        Err(error) => unless_refused(error, &["23503"], "tenant_id"),
    }
}

/// Names a tenant that does not exist.
async fn nobodys(conn: &mut PgConnection, table: &Table) -> Vec<String> {
    let mut gaps = Vec::new();
    for (column, _) in ANY_TENANT {
        if !has(conn, table, column).await || (*column == "reseller_id" && table.name != "tenant") {
            continue;
        }
        let mut tx = conn.begin().await.unwrap();
        unreferenced(&mut tx, table).await;
        without(&mut tx, table, "contype in ('x', 'c')").await;
        let sql = format!(
            "update {} set {column} = $1 where {column} is not null",
            table.quoted()
        );
        match sqlx::query(AssertSqlSafe(sql))
            .bind(Uuid::nil())
            .execute(&mut *tx)
            .await
        {
            Ok(_) => gaps.push(format!("{column} names nobody")),
            Err(error) => gaps.extend(unless_refused(error, &["23503"], column)),
        }
    }
    gaps
}

/// Adds what there already is, under an id of its own, with keys over other columns aside.
async fn repeated(conn: &mut PgConnection, world: &World, table: &Table, columns: &[&str]) -> Option<String> {
    let mut tx = conn.begin().await.unwrap();
    without(&mut tx, table, "contype in ('x', 'f')").await;
    let columns: Vec<String> = columns.iter().map(|column| (*column).to_owned()).collect();
    unique_indexes_aside(&mut tx, table, &columns).await;
    let place = if has(&mut tx, table, "id").await {
        "id"
    } else {
        "n"
    };
    let name = table.quoted();
    let fresh = if place == "id" {
        "gen_random_uuid()"
    } else {
        "t.n + 1"
    };
    let columns = seed::given_columns(&mut tx, &name).await;
    let sql = format!(
        "insert into {name} ({columns}) select {columns} from (
                select to_jsonb(t) || jsonb_build_object('{place}', {fresh}) as copy from {name} t where reseller_id = $1 limit 1) t,
            lateral jsonb_populate_record(null::public.{name}, copy) r"
    );
    match sqlx::query(AssertSqlSafe(sql))
        .bind(world.a().0)
        .execute(&mut *tx)
        .await
    {
        Ok(_) => Some(format!("there are two of one {columns:?}")),
        Err(error) => unless_refused(error, &["23505"], "a copy"),
    }
}

/// Puts a second row in the place of one, and the same id into another reseller, with all but the primary key aside.
async fn doubled(conn: &mut PgConnection, world: &World, table: &Table) -> Vec<String> {
    let mut tx = conn.begin().await.unwrap();
    without(&mut tx, table, "contype in ('u', 'x', 'c', 'f')").await;
    unique_indexes_aside(&mut tx, table, &[]).await;
    let (a, b) = (world.a(), world.b());
    let mut gaps = Vec::new();
    let refused = copy(&mut tx, table, a, a).await;
    gaps.extend(
        refused
            .is_ok()
            .then(|| "a second row took the place of one".to_owned()),
    );
    if table.class == "own" && has(&mut tx, table, "id").await {
        let sibling = copy(&mut tx, table, world.a1(), world.a2()).await;
        gaps.extend(
            sibling
                .is_ok()
                .then(|| "two siblings have a row of one id".to_owned()),
        );
    }
    if table.name != "tenant" {
        unreferenced(&mut tx, table).await;
        seed::run(
            &mut tx,
            format!("delete from {} where tenant_id = '{}'", table.quoted(), b.1),
        )
        .await;
        if let Err(error) = copy(&mut tx, table, a, b).await {
            gaps.push(format!("what one reseller has, another cannot have: {error}"));
        }
    }
    gaps
}

/// Copies one row of a tenant to another, all else alike.
async fn copy(
    conn: &mut PgConnection,
    table: &Table,
    from: (Uuid, Uuid),
    to: (Uuid, Uuid),
) -> sqlx::Result<()> {
    let name = table.quoted();
    let place = serde_json::json!({ "reseller_id": to.0, "tenant_id": to.1 });
    let mut tx = conn.begin().await?;
    let columns = seed::given_columns(&mut tx, &name).await;
    let sql = format!(
        "insert into {name} ({columns}) select {columns} from (
                select to_jsonb(t) || $2 as copy from {name} t where tenant_id = $1 limit 1) t,
            lateral jsonb_populate_record(null::public.{name}, copy) r"
    );
    let done = sqlx::query(AssertSqlSafe(sql))
        .bind(from.1)
        .bind(place)
        .execute(&mut *tx)
        .await?;
    assert_eq!(done.rows_affected(), 1, "{name} has no row of {from:?}");
    tx.commit().await
}

fn unless_refused(error: sqlx::Error, codes: &[&str], column: &str) -> Option<String> {
    let code = error
        .as_database_error()
        .and_then(|e| e.code())
        .unwrap_or_default();
    (!codes.contains(&&*code)).then(|| format!("{column}: {error}"))
}
