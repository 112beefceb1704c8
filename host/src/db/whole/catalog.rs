//! What the catalog says of the tables: columns, keys, and which table must be filled before which.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::{PgConnection, Row as _};

use super::rules;
use crate::{
    db::Scope,
    fault::{Fault, Result},
};

/// A table with what can be told of it.
#[derive(Debug, Clone)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// `own`, `house`, `shared` or, for people, `platform`.
    pub class: String,
    /// Those that are told, in the order of their names.
    pub columns: Vec<Column>,
    /// The rest, which `rules` leaves out or the role may not see.
    pub untold: Vec<Column>,
    /// The primary key.
    pub key: Vec<String>,
}

/// A column.
#[derive(Debug, Clone)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// PostgreSQL's name of its type.
    pub kind: String,
    /// How a value is written.
    pub form: Form,
    /// Whether it can be null.
    pub nullable: bool,
    /// Whether a row can be added without it.
    pub optional: bool,
    /// Whether the role that looked may read it.
    pub readable: bool,
}

/// How a column's values are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// As a text.
    Text,
    /// As a number.
    Number,
    /// As a text with the digits that are needed and no more.
    Decimal,
    /// As true or false.
    Boolean,
    /// As a text: RFC 3339 in UTC with six digits of a second, which is all that PostgreSQL keeps.
    Time,
    /// As a text: base64 with padding.
    Bytes,
    /// As it is.
    Json,
    /// As an array of texts.
    List,
}

impl Form {
    /// The form for a type; none for a type that nobody thought of.
    pub fn of(kind: &str) -> Option<Self> {
        Some(match kind {
            "uuid"
            | "text"
            | "character varying"
            | "date"
            | "time without time zone"
            | "interval"
            | "inet"
            | "cidr"
            | "tstzrange"
            | "daterange" => Self::Text,
            "smallint" | "integer" | "bigint" | "real" | "double precision" => Self::Number,
            "numeric" => Self::Decimal,
            "boolean" => Self::Boolean,
            "timestamp with time zone" => Self::Time,
            "bytea" => Self::Bytes,
            "jsonb" => Self::Json,
            "text[]" | "uuid[]" => Self::List,
            _ => return None,
        })
    }
}

impl Table {
    /// The column of this name, if it is told.
    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }
}

/// The tables that hold a tenant's data as the present role sees them, in an order in which each can be filled.
pub(super) async fn tables(conn: &mut PgConnection, scope: Scope) -> Result<Vec<Table>> {
    let rows = sqlx::query(
        "select relname::text, split_part(obj_description(oid, 'pg_class'), ':', 1), array(
            select attname::text
            from pg_index
            cross join unnest(indkey) with ordinality as part (attnum, place)
            join pg_attribute on attrelid = indrelid and pg_attribute.attnum = part.attnum
            where indrelid = pg_class.oid and indisprimary
            order by place)
        from pg_class
        where relkind = 'r' and relnamespace = 'public'::regnamespace
            and (split_part(obj_description(oid, 'pg_class'), ':', 1) in ('own', 'house', 'shared')
                or relname = 'user_account')
        order by relname",
    )
    .fetch_all(&mut *conn)
    .await?;
    let mut tables = BTreeMap::new();
    for row in rows {
        let (name, class, key): (String, String, Vec<String>) = (row.get(0), row.get(1), row.get(2));
        if rules::table_left_out(&name).is_some() {
            continue;
        }
        let table = split(scope, name.clone(), class, key, columns(conn, &name).await?);
        if !table.columns.is_empty() {
            tables.insert(name, table);
        }
    }
    let names = tables.keys().cloned().collect();
    let order = in_order(names, &edges(conn).await?);
    let order = order.ok_or_else(|| Fault::broken("the tables' foreign keys go in a circle"))?;
    Ok(order.iter().filter_map(|name| tables.remove(name)).collect())
}

fn split(scope: Scope, name: String, class: String, key: Vec<String>, columns: Vec<Column>) -> Table {
    let told = |column: &Column| {
        column.readable
            && rules::column_left_out(&name, &column.name).is_none()
            && (scope.customer().is_none() || !rules::is_of_the_house(&name, &column.name))
    };
    let (columns, untold) = columns.into_iter().partition(told);
    Table {
        name,
        class,
        columns,
        untold,
        key,
    }
}

/// Columns in the order of their names' bytes, without those that the database makes of others.
async fn columns(conn: &mut PgConnection, table: &str) -> Result<Vec<Column>> {
    let rows = sqlx::query(
        "select attname::text, format_type(atttypid, null), not attnotnull, not attnotnull or atthasdef,
            has_column_privilege(attrelid, attnum, 'select')
        from pg_attribute
        where attrelid = quote_ident($1)::regclass and attnum > 0 and not attisdropped and attgenerated = ''
        order by attname::text collate \"C\"",
    )
    .bind(table)
    .fetch_all(conn)
    .await?;
    let column = |row: sqlx::postgres::PgRow| {
        let (name, kind): (String, String) = (row.get(0), row.get(1));
        let form = match rules::column_left_out(table, &name) {
            Some(_) => Form::Text,
            None => Form::of(&kind)
                .ok_or_else(|| Fault::broken(format!("no form for {kind}, the type of {table}.{name}")))?,
        };
        Ok(Column {
            name,
            kind,
            form,
            nullable: row.get(2),
            optional: row.get(3),
            readable: row.get(4),
        })
    };
    rows.into_iter().map(column).collect()
}

/// (child, parent) of every foreign key.
pub(super) async fn edges(conn: &mut PgConnection) -> Result<BTreeSet<(String, String)>> {
    let rows = sqlx::query(
        "select child.relname::text, parent.relname::text
        from pg_constraint
        join pg_class child on child.oid = conrelid
        join pg_class parent on parent.oid = confrelid
        where contype = 'f' and child.relnamespace = 'public'::regnamespace and conrelid <> confrelid",
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.get(0), row.get(1))).collect())
}

/// Parents before their children, otherwise by name; none where they go in a circle.
pub(super) fn in_order(
    mut left: BTreeSet<String>,
    edges: &BTreeSet<(String, String)>,
) -> Option<Vec<String>> {
    let mut done = Vec::new();
    while !left.is_empty() {
        let waits = |name: &str| {
            edges
                .iter()
                .any(|(child, parent)| child == name && left.contains(parent))
        };
        let next = left.iter().find(|name| !waits(name)).cloned()?;
        left.remove(&next);
        done.push(next);
    }
    Some(done)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(names: &[&str], edges: &[(&str, &str)]) -> Option<Vec<String>> {
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        let edges = edges
            .iter()
            .map(|(c, p)| ((*c).to_owned(), (*p).to_owned()))
            .collect();
        in_order(names, &edges)
    }

    #[test]
    fn a_table_comes_after_what_its_rows_point_at() {
        let edges = [("a", "c"), ("c", "b"), ("b", "elsewhere")];
        assert_eq!(order(&["a", "b", "c"], &edges).unwrap(), ["b", "c", "a"]);
        assert!(order(&["a", "b"], &[("a", "b"), ("b", "a")]).is_none());
    }

    #[test]
    fn a_type_that_nobody_thought_of_has_no_form() {
        assert_eq!(Form::of("jsonb"), Some(Form::Json));
        assert_eq!(Form::of("point"), None);
    }
}
