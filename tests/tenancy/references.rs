//! Which columns of a tenant's tables name a row of another tenant table. Told by the columns' names alone, never by the
//! foreign keys, so that a key somebody dropped is still expected.

use sqlx::{PgConnection, Row as _};

use super::catalog::{Table, tables};

/// Names that do not say by themselves which table they lead to.
const NAMED: &[(&str, &str)] = &[
    ("change_id", "bandwidth_change"),
    ("closed_by", "observation"),
    ("customer_id", "tenant"),
    ("decision_id", "activation"),
    ("made_by", "api_key"),
    ("opened_by", "observation"),
    ("provider_id", "identity_provider"),
    ("replay_of", "plugin_run"),
    ("succeeds", "api_key"),
];

/// Columns that hold an id and refer to no tenant's row, each with its reason. A new one belongs in here or follows the
/// rule `<table>_id`.
const NO_REFERENCE: &[(&str, &str)] = &[
    (
        "acknowledged_by",
        "a person or a key, and the alert outlives both",
    ),
    ("actor_id", "a person or a key, and the trail outlives both"),
    ("changed_by", "a person or a key, and the setting outlives both"),
    ("created_by", "a person, who belongs to no tenant"),
    ("asked_by", "a person, who belongs to no tenant"),
    ("decided_by", "a person or a key, and the approval outlives both"),
    ("granted_by", "a person, who belongs to no tenant"),
    (
        "initiated_by",
        "a person, a key or an operation, and the work outlives them",
    ),
    (
        "lane",
        "a carrier, or nil where the job waits for none; a stranger's is a lane of one's own",
    ),
    ("lease_id", "made up by whoever holds the job"),
    ("operator_id", "an operator, who stands above tenants"),
    (
        "principal_id",
        "a person or a key, which a stored answer outlives",
    ),
    ("requested_by", "a person or a key, and the wish outlives both"),
    ("resumed_by", "an operator, who stands above tenants"),
    (
        "seller_id",
        "the operator can be the seller, and stands above every reseller",
    ),
    ("suspended_by", "an operator, who stands above tenants"),
    ("settled_by", "a person or a key, and the drift outlives both"),
    ("subject_id", "what a job is about: its kind says of which table"),
    (
        "target_id",
        "what an event is about: its kind says of which table",
    ),
    ("user_id", "a person, who belongs to no tenant"),
    (
        "withdrawn_by",
        "a person or a key, and the withdrawal outlives both",
    ),
];

/// A column of one table that names a row of another.
#[derive(Debug, Clone)]
pub struct Reference {
    pub table: Table,
    pub column: String,
    pub names: Table,
}

/// The references of every tenant table; fails for a column whose name does not say what it holds.
pub async fn references(conn: &mut PgConnection) -> Vec<Reference> {
    let tables = tables(conn).await;
    let columns = sqlx::query(
        "select relname::text, attname::text from pg_attribute join pg_class on pg_class.oid = attrelid
        where relkind = 'r' and relnamespace = 'public'::regnamespace and atttypid = 'uuid'::regtype
            and attnum > 0 and not attisdropped and attname not in ('reseller_id', 'tenant_id', 'id')
        order by 1, 2",
    )
    .fetch_all(conn)
    .await
    .unwrap();
    let mut references = Vec::new();
    for (table, column) in columns
        .iter()
        .map(|row| (row.get::<&str, _>(0), row.get::<String, _>(1)))
    {
        let table = tables.iter().find(|known| known.name == table).unwrap();
        if table.is_platform() || NO_REFERENCE.iter().any(|(known, _)| *known == column) {
            continue;
        }
        let names = named(&column, &tables).unwrap_or_else(|| {
            panic!(
                "what does {}.{column} name? See tests/tenancy/references.rs",
                table.name
            )
        });
        references.push(Reference {
            table: table.clone(),
            column,
            names,
        });
    }
    references
}

/// `port_id` leads to port and `brand_release_id` to release: the longest table name that the column ends in.
fn named(column: &str, tables: &[Table]) -> Option<Table> {
    let stem = column.strip_suffix("_id").unwrap_or(column);
    let known = NAMED
        .iter()
        .find(|(name, _)| *name == column)
        .map(|(_, table)| *table);
    tables
        .iter()
        .filter(|table| !table.is_platform())
        .filter(|table| match known {
            Some(known) => table.name == known,
            None => stem == table.name || stem.ends_with(&format!("_{}", table.name)),
        })
        .max_by_key(|table| table.name.len())
        .cloned()
}
