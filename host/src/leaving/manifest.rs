//! The manifest: the first file of an archive, which says what the others must be.

use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    app::Timestamp,
    db::{self, Scope},
    fault::{Fault, Result},
};

/// The manifest's name in the archive.
pub(super) const NAME: &str = "manifest.json";

const FORMAT: &str = "tenant-export";
const VERSION: u32 = 1;

/// What an archive says of itself.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    format: String,
    version: u32,
    /// The number of the last migration of the database it was made from.
    schema: i64,
    /// Business time.
    exported_at: Timestamp,
    tenant: Uuid,
    reseller: Uuid,
    /// In the order in which they can be loaded.
    tables: Vec<Told>,
    left_out: Vec<Left>,
}

/// What an archive says of one table.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Told {
    /// Its name; the file has it too.
    pub table: String,
    /// The fields of each row, in their order.
    pub columns: Vec<String>,
    /// How many.
    pub rows: u64,
    /// Of the file.
    pub bytes: u64,
    /// Of the file, in hexadecimal.
    pub sha256: String,
}

/// What is not in an archive.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Left {
    pub table: String,
    /// None: the whole table.
    pub column: Option<String>,
    pub reason: String,
}

impl Told {
    /// The name of its file.
    pub fn file(&self) -> String {
        format!("{}.ndjson", self.table)
    }
}

impl Manifest {
    pub(super) fn new(scope: Scope, exported_at: Timestamp, tables: Vec<Told>, left_out: Vec<Left>) -> Self {
        Self {
            format: FORMAT.to_owned(),
            version: VERSION,
            schema: db::schema_version(),
            exported_at,
            tenant: scope.tenant().uuid(),
            reseller: scope.reseller().uuid(),
            tables,
            left_out,
        }
    }

    /// Reads a manifest of this format and this schema; says which it is if it is another.
    pub fn parse(text: &[u8]) -> Result<Self> {
        let malformed = |error: &dyn std::fmt::Display| {
            Fault::invalid("manifest_malformed", format!("{NAME} cannot be read: {error}"))
        };
        let value: Value = serde_json::from_slice(text).map_err(|error| malformed(&error))?;
        for (field, is, wanted) in [
            ("format", &value["format"], json!(FORMAT)),
            ("version", &value["version"], json!(VERSION)),
            ("schema", &value["schema"], json!(db::schema_version())),
        ] {
            if *is != wanted {
                let message = format!("the archive's {field} is {is}, this host loads {wanted}");
                return Err(Fault::invalid("archive_version", message));
            }
        }
        serde_json::from_value(value).map_err(|error| malformed(&error))
    }

    /// Whose data it is.
    pub fn scope(&self) -> Scope {
        Scope::new(self.reseller.into(), self.tenant.into())
    }

    /// The tables in the order of their files.
    pub fn tables(&self) -> &[Told] {
        &self.tables
    }

    /// The file's text.
    pub fn text(&self) -> Vec<u8> {
        let table = |told: &Told| {
            json!({
                "table": told.table, "columns": told.columns, "rows": told.rows, "bytes": told.bytes,
                "sha256": told.sha256,
            })
        };
        let left = |left: &Left| json!({ "table": left.table, "column": left.column, "reason": left.reason });
        let value = json!({
            "format": self.format,
            "version": self.version,
            "schema": self.schema,
            "exported_at": self.exported_at,
            "tenant": self.tenant,
            "reseller": self.reseller,
            "tables": self.tables.iter().map(table).collect::<Vec<_>>(),
            "left_out": self.left_out.iter().map(left).collect::<Vec<_>>(),
        });
        let mut text = serde_json::to_vec_pretty(&value).expect("a value of texts and numbers is JSON");
        text.push(b'\n');
        text
    }
}
