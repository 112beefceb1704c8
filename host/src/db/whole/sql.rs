//! The words of SQL around names that come from the catalog.

use sqlx::AssertSqlSafe;

use super::{
    Column, Form, Table,
    rules::{self, Keep},
};

/// SQL that was put together here, of words of these files and names of the catalog.
pub(super) type Words = AssertSqlSafe<String>;

/// Every row of a table that is $1's, and of it $2's where that is given: a text in JSON for each column.
pub(super) fn rows(table: &Table) -> Words {
    let told: Vec<_> = table
        .columns
        .iter()
        .map(|column| json(&table.name, column))
        .collect();
    let name = quoted(&table.name);
    // Where the role may not see all of the key, what it sees has an order all the same.
    let order: Vec<_> = match table.key.iter().all(|key| table.column(key).is_some()) {
        true => table.key.iter().map(|column| quoted(column)).collect(),
        false => told.clone(),
    };
    let (whose, first) = match table.name.as_str() {
        "user_account" => (
            "exists (
                select
                from membership
                where membership.user_id = user_account.id
                    and reseller_id = $1 and ($2::uuid is null or tenant_id = $2))",
            "",
        ),
        // Everybody of a reseller sees those columns of it that are told.
        _ if table.class == "shared" => ("reseller_id = $1 and ($2::uuid is null or reseller_id = $1)", ""),
        // The house before its customers, whose rows point at it.
        "tenant" => (OURS, "tenant_id <> reseller_id, "),
        _ => (OURS, ""),
    };
    AssertSqlSafe(format!(
        "select array[{}]::text[] from {name} where {whose} and {} order by {first}{}",
        told.join(", "),
        rules::told_if(&table.name),
        order.join(", ")
    ))
}

/// Adds the rows of the JSON array $1; what is not told is filled in, for a time with $2.
pub(super) fn insert(table: &Table) -> Words {
    let mut columns: Vec<_> = table
        .columns
        .iter()
        .map(|column| (quoted(&column.name), value(column)))
        .collect();
    columns.extend(table.untold.iter().filter_map(|column| {
        let fill = rules::column_left_out(&table.name, &column.name)?.fill?;
        Some((quoted(&column.name), fill.to_owned()))
    }));
    let (names, values): (Vec<_>, Vec<_>) = columns.into_iter().unzip();
    AssertSqlSafe(format!(
        "insert into {} ({}) select {} from jsonb_array_elements($1::text::jsonb) as r where $2::timestamptz is not null",
        quoted(&table.name),
        names.join(", "),
        values.join(", ")
    ))
}

/// Deletes what of a table is $1's, and of it $2's where that is given, but for what is kept.
pub(super) fn delete(table: &str, keep: Keep) -> Words {
    let kept = rules::kept(table, keep);
    AssertSqlSafe(format!(
        "delete from {} where {OURS} and not ({kept})",
        quoted(table)
    ))
}

/// The different values of a column in the rows that are $1's, and of it $2's where that is given.
pub(super) fn ids(table: &str, column: &str) -> Words {
    let (table, column) = (quoted(table), quoted(column));
    AssertSqlSafe(format!(
        "select distinct {column} from {table} where {OURS} and {column} is not null"
    ))
}

/// The ids of those rows that are not kept.
pub(super) fn not_kept(table: &str, keep: Keep) -> Words {
    let kept = rules::kept(table, keep);
    AssertSqlSafe(format!(
        "select id from {} where {OURS} and not ({kept})",
        quoted(table)
    ))
}

/// Deletes the rows of a table whose column names $1.
pub(super) fn delete_by(table: &str, column: &str) -> Words {
    AssertSqlSafe(format!(
        "delete from {} where {} = $1",
        quoted(table),
        quoted(column)
    ))
}

const OURS: &str = "reseller_id = $1 and ($2::uuid is null or tenant_id = $2)";

/// A name as SQL writes it. The catalog's names are our own migrations'; quoting keeps words such as interval apart.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn json(table: &str, column: &Column) -> String {
    let name = quoted(&column.name);
    let name = rules::told_as(table, &column.name).map_or(name, |told| format!("({told})"));
    match column.form {
        Form::Text => format!("to_json({name}::text)::text"),
        Form::Number | Form::Boolean | Form::Json => format!("{name}::text"),
        Form::Decimal => format!("to_json(trim_scale({name})::text)::text"),
        Form::Time => {
            format!("to_json(to_char({name} at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'))::text")
        }
        Form::Bytes => format!("to_json(translate(encode({name}, 'base64'), e'\\n', ''))::text"),
        Form::List => format!("to_json({name}::text[])::text"),
    }
}

fn value(column: &Column) -> String {
    let key = format!("'{}'", column.name.replace('\'', "''"));
    match column.form {
        Form::Bytes => format!("decode(r ->> {key}, 'base64')"),
        Form::Json if column.nullable => format!("nullif(r -> {key}, 'null'::jsonb)"),
        Form::Json => format!("r -> {key}"),
        Form::List => format!(
            "case when jsonb_typeof(r -> {key}) = 'array'
                then array(select jsonb_array_elements_text(r -> {key}))::{} end",
            column.kind
        ),
        Form::Text | Form::Number | Form::Boolean | Form::Decimal | Form::Time => {
            format!("(r ->> {key})::{}", column.kind)
        }
    }
}
