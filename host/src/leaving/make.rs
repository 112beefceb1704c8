//! Makes an archive. The tables are read twice in one snapshot: once for what the manifest says of them, once for their
//! rows, so that nothing is ever held but one row.

use std::pin::pin;

use futures::TryStreamExt as _;
use sha2::{Digest as _, Sha256};

use super::{
    archive,
    manifest::{Left, Manifest, NAME, Told},
    sealed::{self, Keys},
};
use crate::{
    app::{App, Timestamp},
    db::{Table, Tx as _, Whole, left_out},
    fault::Result,
};

/// Where an archive's bytes go, in their order.
pub(super) trait Sink: Send {
    /// Takes some more.
    fn write(&mut self, bytes: &[u8]) -> impl Future<Output = Result<()>> + Send;
}

/// Writes the archive of everything in the snapshot.
pub(super) async fn make(
    app: &App,
    mut whole: Whole,
    now: Timestamp,
    sink: &mut impl Sink,
) -> Result<Manifest> {
    let keys = app.vault.keys(&mut whole).await?;
    let tables = whole.tables();
    let mut told = Vec::with_capacity(tables.len());
    for table in &tables {
        told.push(measure(&mut whole, table, &keys).await?);
    }
    let manifest = Manifest::new(whole.scope(), now, told, left(&tables));
    let text = manifest.text();
    file(sink, NAME, &text, now).await?;
    for (table, told) in tables.iter().zip(manifest.tables()) {
        sink.write(&archive::header(&told.file(), told.bytes, now)?)
            .await?;
        let mut lines = pin!(whole.rows(table));
        while let Some(mut row) = lines.try_next().await? {
            sealed::open(&keys, table, &mut row)?;
            sink.write((row.line(table) + "\n").as_bytes()).await?;
        }
        sink.write(&archive::padding(told.bytes)).await?;
    }
    sink.write(&archive::end()).await?;
    Ok(manifest)
}

async fn file(sink: &mut impl Sink, name: &str, text: &[u8], now: Timestamp) -> Result<()> {
    let bytes = text.len() as u64;
    sink.write(&archive::header(name, bytes, now)?).await?;
    sink.write(text).await?;
    sink.write(&archive::padding(bytes)).await
}

async fn measure(whole: &mut Whole, table: &Table, keys: &Keys) -> Result<Told> {
    let mut measured = Measured::default();
    let mut rows = pin!(whole.rows(table));
    while let Some(mut row) = rows.try_next().await? {
        sealed::open(keys, table, &mut row)?;
        measured.add(&row.line(table));
    }
    Ok(measured.told(table))
}

/// What a manifest says of a table, counted line by line.
#[derive(Default)]
pub(super) struct Measured {
    rows: u64,
    bytes: u64,
    hasher: Sha256,
}

impl Measured {
    pub fn add(&mut self, line: &str) {
        self.rows += 1;
        self.bytes += line.len() as u64 + 1;
        self.hasher.update(line);
        self.hasher.update("\n");
    }

    pub fn told(self, table: &Table) -> Told {
        Told {
            table: table.name.clone(),
            columns: table.columns.iter().map(|column| column.name.clone()).collect(),
            rows: self.rows,
            bytes: self.bytes,
            sha256: hex::encode(self.hasher.finalize()),
        }
    }
}

/// What stays behind: what the list says, and what this tenant may not see of what is told.
fn left(tables: &[Table]) -> Vec<Left> {
    let listed = left_out().iter().map(|left| Left {
        table: left.table.to_owned(),
        column: left.column.map(str::to_owned),
        reason: left.reason.to_owned(),
    });
    let is_listed = |table: &str, column: &str| {
        left_out()
            .iter()
            .any(|left| left.table == table && left.column == Some(column))
    };
    let unseen = tables.iter().flat_map(|table| {
        let unseen = table
            .untold
            .iter()
            .filter(|column| !is_listed(&table.name, &column.name));
        unseen.map(|column| Left {
            table: table.name.clone(),
            column: Some(column.name.clone()),
            reason: "what the seller keeps to itself".to_owned(),
        })
    });
    listed.chain(unseen).collect()
}
