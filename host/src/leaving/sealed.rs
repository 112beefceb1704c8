//! Values that lie sealed under a tenant's key: opened on their way into an archive, sealed anew on their way out of one.

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use uuid::Uuid;

use crate::{
    carriers::operations,
    db::{Row, Table},
    fault::{Fault, Result},
    ids::TenantId,
    settings::fields::Subject,
    vault::TenantKey,
};

/// A sealed column, and what its values are sealed for, given the row's other columns.
pub(super) struct Sealed {
    pub table: &'static str,
    pub column: &'static str,
    context: fn(&Fields<'_>) -> Result<String>,
}

/// The columns whose values are opened. Those that stay behind (secrets, keys) are in `db`'s list.
pub(super) const SEALED: &[Sealed] = &[
    Sealed {
        table: "exchange",
        column: "request",
        context: |row| {
            Ok(operations::sealed_for(
                row.id("operation_id")?.into(),
                row.number("n")?,
                "request",
            ))
        },
    },
    Sealed {
        table: "exchange",
        column: "answer",
        context: |row| {
            Ok(operations::sealed_for(
                row.id("operation_id")?.into(),
                row.number("n")?,
                "answer",
            ))
        },
    },
    Sealed {
        table: "exchange_answer",
        column: "answer",
        context: |row| {
            Ok(operations::sealed_for(
                row.id("operation_id")?.into(),
                row.number("n")?,
                "answer",
            ))
        },
    },
    Sealed {
        table: "field_value",
        column: "sealed",
        context: |row| {
            let subject = match row.text("port_id")? {
                "null" => Subject::Customer(row.id("tenant_id")?.into()),
                _ => Subject::Port(row.id("tenant_id")?.into(), row.id("port_id")?.into()),
            };
            Ok(subject.context(row.text("field")?))
        },
    },
];

/// Table and column of everything that is opened on its way into an archive.
pub fn sealed_columns() -> impl Iterator<Item = (&'static str, &'static str)> {
    SEALED.iter().map(|sealed| (sealed.table, sealed.column))
}

/// Tenants' keys, by tenant.
pub(super) type Keys = BTreeMap<TenantId, TenantKey>;

/// A row by its columns' names.
struct Fields<'a>(&'a Table, &'a Row);

impl Fields<'_> {
    fn text(&self, column: &str) -> Result<&str> {
        let at = self.0.column(column);
        let at = at.ok_or_else(|| Fault::broken(format!("{} has no column {column}", self.0.name)))?;
        Ok(self.1.text(at).trim_matches('"'))
    }

    fn id(&self, column: &str) -> Result<Uuid> {
        self.text(column)?.parse().map_err(|_| unreadable(self.0, column))
    }

    fn number(&self, column: &str) -> Result<usize> {
        self.text(column)?.parse().map_err(|_| unreadable(self.0, column))
    }
}

/// Opens what is sealed in a row.
pub(super) fn open(keys: &Keys, table: &Table, row: &mut Row) -> Result<()> {
    each(keys, table, row, |key, context, sealed| {
        Ok(key.open(context, sealed)?.to_vec())
    })
}

/// Seals what was opened in a row.
pub(super) fn seal(keys: &Keys, table: &Table, row: &mut Row) -> Result<()> {
    each(keys, table, row, |key, context, plain| {
        Ok(key.seal(context, plain))
    })
}

fn each(
    keys: &Keys,
    table: &Table,
    row: &mut Row,
    change: impl Fn(&TenantKey, &str, &[u8]) -> Result<Vec<u8>>,
) -> Result<()> {
    for sealed in SEALED.iter().filter(|sealed| sealed.table == table.name) {
        let Some(at) = table.column(sealed.column).filter(|at| row.text(*at) != "null") else {
            continue;
        };
        let fields = Fields(table, row);
        let tenant: TenantId = fields.id("tenant_id")?.into();
        let key = keys
            .get(&tenant)
            .ok_or_else(|| Fault::broken(format!("tenant {tenant} has no key")))?;
        let bytes = STANDARD
            .decode(fields.text(sealed.column)?)
            .map_err(|_| unreadable(table, sealed.column))?;
        let changed = change(key, &(sealed.context)(&fields)?, &bytes)?;
        row.set(at, format!("\"{}\"", STANDARD.encode(changed)));
    }
    Ok(())
}

fn unreadable(table: &Table, column: &str) -> Fault {
    Fault::invalid(
        "archive_row_refused",
        format!("a value of {}.{column} is not one", table.name),
    )
}
