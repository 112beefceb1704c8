//! Loads a reseller's archive where that reseller is not. All of it in one transaction, which is kept only if what was
//! loaded reads back with the checksums that the archive came with.

use std::{path::Path, pin::pin};

use futures::TryStreamExt as _;
use serde_json::{Value, json};

use super::{
    archive::{Entry, MAX_MANIFEST_BYTES, Reader},
    make::Measured,
    manifest::{Manifest, NAME, Told},
    sealed::{self, Keys},
};
use crate::{
    app::{App, Timestamp},
    audit,
    db::{Load, Row, Scope, Table, Tx as _},
    fault::{Fault, Result},
    identity::moving,
};

/// Rows are added when there are so many of them, or so many bytes.
const ROWS_AT_ONCE: u64 = 500;
const BYTES_AT_ONCE: usize = 1024 * 1024;

/// Loads the archive at `path` into the database that `owner_url` leads to.
pub async fn import(app: &App, owner_url: &str, path: &Path) -> Result<Manifest> {
    let file = std::fs::File::open(path)
        .map_err(|error| Fault::invalid("file_unreadable", format!("{}: {error}", path.display())))?;
    let mut reader = Reader::new(file);
    let manifest = manifest(&mut reader)?;
    let scope = manifest.scope();
    if scope.customer().is_some() {
        let rule = "only a reseller's archive can be loaded: a customer's points at its reseller's carriers";
        return Err(Fault::invalid("archive_of_a_customer", rule));
    }
    let mover = moving::bring(scope.reseller());
    let mut load = Load::begin(owner_url, &mover, app.now()).await?;
    let tables = load.tables();
    check(&tables, manifest.tables())?;
    let mut keys = Keys::new();
    for (table, told) in tables.iter().zip(manifest.tables()) {
        fill(&mut reader, &mut load, table, told, &keys).await?;
        if table.name == "tenant" {
            keys = new_keys(app, &mut load, app.now()).await?;
        }
    }
    if reader.next()?.is_some() {
        return Err(Fault::invalid(
            "archive_entry_unexpected",
            "the archive goes on after its last table",
        ));
    }
    for (table, told) in tables.iter().zip(manifest.tables()) {
        read_back(&mut load, table, told, &keys).await?;
    }
    let event = audit::Event::done("tenant.bring", scope.tenant().uuid(), json!({}));
    load.commit(&mover, event).await?;
    Ok(manifest)
}

fn manifest(reader: &mut Reader) -> Result<Manifest> {
    let entry = reader.next()?.filter(|entry| entry.name == NAME);
    let entry = entry.ok_or_else(|| {
        Fault::invalid(
            "manifest_missing",
            format!("the archive does not begin with {NAME}"),
        )
    })?;
    let bytes = entry.bytes;
    let manifest = Manifest::parse(&entry.text(MAX_MANIFEST_BYTES)?)?;
    reader.skip_padding(bytes)?;
    Ok(manifest)
}

/// The archive must have this platform's tables with their columns, each once and in their order.
fn check(tables: &[Table], told: &[Told]) -> Result<()> {
    let columns = |table: &Table| {
        table
            .columns
            .iter()
            .map(|column| column.name.clone())
            .collect::<Vec<_>>()
    };
    for (n, told) in told.iter().enumerate() {
        if tables.get(n).is_none_or(|table| table.name != told.table) {
            let message = format!("table {} is unknown here, or not where it belongs", told.table);
            return Err(Fault::invalid("archive_table_unexpected", message));
        }
        let ours = columns(&tables[n]);
        let strange = told.columns.iter().find(|column| !ours.contains(column));
        let missing = ours.iter().find(|column| !told.columns.contains(column));
        if let Some(column) = strange.or(missing) {
            let message = format!(
                "column {}.{column} is here or in the archive, not in both",
                told.table
            );
            return Err(Fault::invalid("archive_column_unexpected", message));
        }
    }
    match tables.get(told.len()) {
        None => Ok(()),
        Some(table) => {
            let message = format!("the archive has no table {}", table.name);
            Err(Fault::invalid("archive_table_missing", message))
        }
    }
}

async fn fill(reader: &mut Reader, load: &mut Load, table: &Table, told: &Told, keys: &Keys) -> Result<()> {
    let entry = reader.next()?.filter(|entry| entry.name == told.file());
    let Some(mut entry) = entry.filter(|entry| entry.bytes == told.bytes) else {
        let message = format!("{} should follow, with {} bytes", told.file(), told.bytes);
        return Err(Fault::invalid("archive_entry_unexpected", message));
    };
    let rows = add_rows(&mut entry, load, table, keys).await?;
    let sha256 = entry.sha256();
    reader.skip_padding(told.bytes)?;
    if (rows, &sha256) != (told.rows, &told.sha256) {
        let message = format!(
            "{} has another checksum or number of rows than {NAME} says",
            told.file()
        );
        return Err(Fault::invalid("archive_checksum", message));
    }
    Ok(())
}

async fn add_rows(entry: &mut Entry<'_>, load: &mut Load, table: &Table, keys: &Keys) -> Result<u64> {
    let (mut batch, mut waiting, mut rows) = (String::new(), 0, 0);
    loop {
        let line = entry.line()?;
        if waiting > 0 && (line.is_none() || waiting == ROWS_AT_ONCE || batch.len() >= BYTES_AT_ONCE) {
            load.add(table, &batch, waiting).await?;
            (batch, waiting) = (String::new(), 0);
        }
        let Some(line) = line else {
            return Ok(rows);
        };
        rows += 1;
        let mut row = parse(table, &line, rows)?;
        check_owner(load.scope(), table, &row)?;
        if table.name == "user_account" && is_known(load, table, &row).await? {
            continue;
        }
        sealed::seal(keys, table, &mut row)?;
        batch.push_str(if waiting == 0 { "" } else { "," });
        batch.push_str(&row.line(table));
        waiting += 1;
    }
}

fn parse(table: &Table, line: &str, number: u64) -> Result<Row> {
    Row::parse(table, line).ok_or_else(|| {
        let message = format!(
            "line {number} of {} is not a row as this format writes it",
            table.name
        );
        Fault::invalid("archive_row_malformed", message)
    })
}

/// Every row says that it is this reseller's; people are nobody's.
fn check_owner(scope: Scope, table: &Table, row: &Row) -> Result<()> {
    let Some(at) = table.column("reseller_id") else {
        return Ok(());
    };
    if row.text(at) == format!("\"{}\"", scope.reseller()) {
        return Ok(());
    }
    let message = format!("a row of {} belongs to {}", table.name, row.text(at));
    Err(Fault::invalid("archive_row_of_another", message))
}

async fn is_known(load: &mut Load, table: &Table, row: &Row) -> Result<bool> {
    let field = |name| {
        let text = table.column(name).map_or("null", |at| row.text(at));
        serde_json::from_str::<Value>(text)
            .ok()?
            .as_str()
            .map(str::to_owned)
    };
    let (id, email) = (field("id").and_then(|id| id.parse().ok()), field("email"));
    match id.zip(email) {
        Some((id, email)) => load.knows_person(id, &email).await,
        None => Err(Fault::invalid(
            "archive_row_malformed",
            "a person without id or address",
        )),
    }
}

/// Each tenant that was loaded gets a key of its own, but for those that are gone.
async fn new_keys(app: &App, load: &mut Load, now: Timestamp) -> Result<Keys> {
    let reseller = load.scope().reseller();
    for tenant in load.present().await? {
        app.vault
            .create_key(load.conn(), Scope::new(reseller, tenant), now)
            .await?;
    }
    app.vault.keys(load).await
}

async fn read_back(load: &mut Load, table: &Table, told: &Told, keys: &Keys) -> Result<()> {
    let mut measured = Measured::default();
    let mut rows = pin!(load.rows(table));
    while let Some(mut row) = rows.try_next().await? {
        sealed::open(keys, table, &mut row)?;
        measured.add(&row.line(table));
    }
    if measured.told(table) == *told {
        return Ok(());
    }
    let message = format!("{} does not read back as it was in the archive", told.table);
    Err(Fault::invalid("archive_checksum", message))
}
