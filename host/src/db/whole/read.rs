//! Reads everything of one tenant in one snapshot, as the tenant: row-level security decides what comes through.

use futures::{Stream, TryStreamExt as _};
use sqlx::{PgConnection, Postgres, Transaction};

use super::{Table, catalog, sql};
use crate::{
    db::{Db, Scope, Tx, begin},
    fault::{Fault, Result},
    identity::{Caller, Permission, moving::Mover},
};

/// One state of everything that is a tenant's.
pub struct Whole {
    tx: Transaction<'static, Postgres>,
    scope: Scope,
    tables: Vec<Table>,
}

/// A row: the JSON text of each of its table's columns, in their order.
#[derive(Debug)]
pub struct Row(Vec<String>);

impl Db {
    /// Everything of the caller's tenant; for a reseller, of its customers too.
    pub async fn whole(&self, caller: &Caller, permission: Permission) -> Result<Whole> {
        self.permit(caller, permission).await?;
        self.snapshot(caller.scope()).await
    }

    /// Everything of a tenant that the operator moves to another platform.
    pub async fn whole_to_move(&self, mover: &Mover) -> Result<Whole> {
        self.snapshot(mover.scope()).await
    }

    async fn snapshot(&self, scope: Scope) -> Result<Whole> {
        let mut tx = begin::begin_snapshot(self, scope).await?;
        let tables = catalog::tables(&mut tx, scope).await?;
        Ok(Whole { tx, scope, tables })
    }
}

impl Whole {
    /// The tables, each after those that its rows point at.
    pub fn tables(&self) -> Vec<Table> {
        self.tables.clone()
    }

    /// A table's rows in the order of their keys, one at a time.
    pub fn rows(&mut self, table: &Table) -> impl Stream<Item = Result<Row>> + Send + use<'_> {
        rows(&mut self.tx, self.scope, table)
    }
}

impl Tx for Whole {
    fn conn(&mut self) -> &mut PgConnection {
        &mut self.tx
    }

    fn scope(&self) -> Scope {
        self.scope
    }
}

/// A table's rows as the connection's role sees them, and its own condition besides.
pub(super) fn rows<'c>(
    conn: &'c mut PgConnection,
    scope: Scope,
    table: &Table,
) -> impl Stream<Item = Result<Row>> + Send + use<'c> {
    let texts = sqlx::query_scalar::<_, Vec<Option<String>>>(sql::rows(table))
        .bind(scope.reseller().uuid())
        .bind(scope.customer().map(|id| id.uuid()))
        .fetch(conn);
    texts.map_ok(Row::new).map_err(Fault::from)
}

impl Row {
    fn new(texts: Vec<Option<String>>) -> Self {
        let null = || "null".to_owned();
        Self(texts.into_iter().map(|text| text.unwrap_or_else(null)).collect())
    }

    /// The JSON text of the column at this place.
    pub fn text(&self, at: usize) -> &str {
        &self.0[at]
    }

    /// Puts another JSON text in the place of a column's.
    pub fn set(&mut self, at: usize, text: String) {
        self.0[at] = text;
    }

    /// The row as one line of JSON, without its end.
    pub fn line(&self, table: &Table) -> String {
        let mut line = String::with_capacity(self.0.iter().map(|text| text.len() + 24).sum());
        for (column, text) in table.columns.iter().zip(&self.0) {
            line.push(if line.is_empty() { '{' } else { ',' });
            line.push('"');
            line.push_str(&column.name);
            line.push_str("\":");
            line.push_str(text);
        }
        line.push('}');
        line
    }

    /// Reads a line that [`Row::line`] could have written; anything else is none.
    pub fn parse(table: &Table, line: &str) -> Option<Self> {
        let mut fields: std::collections::BTreeMap<String, &serde_json::value::RawValue> =
            serde_json::from_str(line).ok()?;
        let texts = table
            .columns
            .iter()
            .map(|column| Some(fields.remove(&column.name)?.get().to_owned()));
        let row = Self(texts.collect::<Option<_>>()?);
        (row.line(table) == line).then_some(row)
    }
}
