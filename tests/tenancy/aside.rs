//! Puts keys of a table aside for the rest of a transaction, so that one of them can be tried alone.

use sqlx::{AssertSqlSafe, PgConnection};

use super::{catalog::Table, seed};

/// Drops the links that lead from other tables to this one, so that its rows can go.
pub async fn unreferenced(conn: &mut PgConnection, table: &Table) {
    let links: Vec<(String, String)> = sqlx::query_as(
        "select conrelid::regclass::text, quote_ident(conname) from pg_constraint where contype = 'f' and confrelid = $1::regclass
            and conrelid <> confrelid",
    )
    .bind(table.quoted())
    .fetch_all(&mut *conn)
    .await
    .unwrap();
    for (child, name) in links {
        seed::run(conn, format!("alter table {child} drop constraint {name}")).await;
    }
}

/// Drops constraints of a table for the rest of the transaction, and with them those of others that rest on them.
pub async fn without(conn: &mut PgConnection, table: &Table, which: &str) {
    let sql =
        format!("select quote_ident(conname) from pg_constraint where conrelid = $1::regclass and {which}");
    let names: Vec<String> = sqlx::query_scalar(AssertSqlSafe(sql))
        .bind(table.quoted())
        .fetch_all(&mut *conn)
        .await
        .unwrap();
    for name in names {
        seed::run(
            conn,
            format!(
                "alter table {} drop constraint if exists {name} cascade",
                table.quoted()
            ),
        )
        .await;
    }
}

/// Drops the unique keys of a table but the primary one and that over these columns.
pub async fn unique_indexes_aside(conn: &mut PgConnection, table: &Table, but: &[String]) {
    let names: Vec<(String, bool)> = sqlx::query_as(
        "select indexrelid::regclass::text, exists (select from pg_constraint where conindid = indexrelid and contype = 'u')
        from pg_index where indrelid = $1::regclass and indisunique and not indisprimary
            and $2 <> array(select attname::text from unnest(indkey::int[]) with ordinality k(n, i)
                join pg_attribute on attrelid = indrelid and attnum = n order by i)",
    )
    .bind(table.quoted())
    .bind(but)
    .fetch_all(&mut *conn)
    .await
    .unwrap();
    for (name, is_constraint) in names {
        let sql = if is_constraint {
            format!("alter table {} drop constraint {name} cascade", table.quoted())
        } else {
            format!("drop index {name}")
        };
        seed::run(conn, sql).await;
    }
}

pub async fn has(conn: &mut PgConnection, table: &Table, column: &str) -> bool {
    sqlx::query_scalar(
        "select exists (select from pg_attribute where attrelid = $1::regclass and attname = $2)",
    )
    .bind(table.quoted())
    .bind(column)
    .fetch_one(conn)
    .await
    .unwrap()
}

/// What the rows of a table are named by: `id`, or the column of the same name where they have none.
pub async fn own_id<'a>(conn: &mut PgConnection, names: &Table, column: &'a str) -> &'a str {
    if has(conn, names, "id").await {
        "id"
    } else {
        column
    }
}
