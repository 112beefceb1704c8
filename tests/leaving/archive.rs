//! What is in an archive and what is not: by the catalog, so that a new table is decided about, and by its bytes.

use std::collections::BTreeSet;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use nexusport::{
    db::{Form, Table, left_out},
    identity::{Permission, entrance},
    leaving,
};

use super::{busy_stage, export, files, manifest};
use crate::{
    harness::{Host, Pricing},
    tenancy::catalog,
};

/// Columns of bytes that are neither sealed nor secret, each with what it holds.
const PLAIN_BYTES: &[(&str, &str)] = &[
    ("exchange.request_hash", "a hash of a request without its secrets"),
    (
        "exchange_answer.answer_hash",
        "a hash of an answer without its secrets",
    ),
    ("operation.port_data", "the adapter's own note on a port"),
    ("plugin_run.input_hash", "a hash"),
    ("plugin_run.output_hash", "a hash"),
    ("port.carrier_data", "the adapter's own note on a port"),
    ("receipt.input_hash", "a hash"),
    ("receipt.output_hash", "a hash"),
    ("release.component", "the reseller's own code"),
];

/// What a reseller's archive has.
async fn told() -> (Host, Vec<Table>) {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let caller = entrance::authenticate(&host.app, &reseller.key).await.unwrap();
    let whole = host
        .app
        .db
        .whole(&caller, Permission::TenantExport)
        .await
        .unwrap();
    let tables = whole.tables();
    (host, tables)
}

fn is_left_out(table: &str, column: Option<&str>) -> bool {
    left_out()
        .iter()
        .any(|left| left.table == table && left.column == column)
}

#[tokio::test]
async fn every_column_of_a_tenants_tables_is_in_the_archive_or_stays_behind_for_a_reason() {
    let (host, told) = told().await;
    let mut conn = host.database.superuser().await;
    let mut undecided = Vec::new();
    for table in catalog::tables(&mut conn)
        .await
        .iter()
        .filter(|table| !table.is_platform())
    {
        if is_left_out(&table.name, None) {
            continue;
        }
        match told.iter().find(|told| told.name == table.name) {
            None => undecided.push(table.name.clone()),
            Some(told) => undecided.extend(
                told.untold
                    .iter()
                    .filter(|column| !is_left_out(&told.name, Some(&column.name)))
                    .map(|column| format!("{}.{}, which resellers cannot read", told.name, column.name)),
            ),
        }
    }
    assert_eq!(
        undecided,
        Vec::<String>::new(),
        "give a reason in host/src/db/whole/rules.rs, or grant it"
    );
}

#[tokio::test]
async fn what_stays_behind_exists_and_a_row_can_be_loaded_without_it() {
    let (host, told) = told().await;
    let mut conn = host.database.superuser().await;
    for left in left_out() {
        let name = left.column.unwrap_or("tenant_id");
        let known: bool = sqlx::query_scalar("select exists (select from information_schema.columns where table_name = $1 and column_name = $2)")
            .bind(left.table)
            .bind(name)
            .fetch_one(&mut conn)
            .await
            .unwrap();
        assert!(known, "{left:?}");
        let table = told.iter().find(|told| told.name == left.table);
        let column = table.and_then(|table| {
            table
                .untold
                .iter()
                .find(|column| Some(&*column.name) == left.column)
        });
        assert!(
            column.is_none_or(|column| column.optional || left.is_filled()),
            "{left:?}"
        );
    }
}

#[tokio::test]
async fn every_column_of_bytes_is_opened_kept_back_or_known_to_be_plain() {
    let (_host, told) = told().await;
    let sealed: BTreeSet<_> = leaving::sealed_columns()
        .map(|(table, column)| format!("{table}.{column}"))
        .collect();
    let bytes: BTreeSet<_> = told
        .iter()
        .flat_map(|table| {
            let bytes = table.columns.iter().filter(|column| column.form == Form::Bytes);
            bytes
                .map(|column| format!("{}.{}", table.name, column.name))
                .collect::<Vec<_>>()
        })
        .collect();
    let plain: BTreeSet<_> = PLAIN_BYTES
        .iter()
        .map(|(column, _)| (*column).to_owned())
        .collect();
    assert_eq!(
        bytes,
        sealed.union(&plain).cloned().collect(),
        "a sealed column needs a line in host/src/leaving/sealed.rs, a plain one a line here"
    );
}

#[tokio::test]
async fn an_archive_is_told_by_its_manifest_to_the_byte() {
    use sha2::Digest as _;
    let (stage, _) = busy_stage().await;
    let archive = export(&stage.host, &stage.reseller.client).await;
    let manifest = manifest(&archive);
    let files = files(&archive);
    assert_eq!(files[0].0, "manifest.json");
    let tables = manifest["tables"].as_array().unwrap();
    assert_eq!(files.len(), tables.len() + 1);
    for (told, (name, text)) in tables.iter().zip(&files[1..]) {
        assert_eq!(*name, format!("{}.ndjson", told["table"].as_str().unwrap()));
        assert_eq!(told["rows"], text.lines().count());
        assert_eq!(told["sha256"], hex::encode(sha2::Sha256::digest(text)));
        for line in text.lines() {
            let row: serde_json::Map<String, serde_json::Value> = serde_json::from_str(line).unwrap();
            assert_eq!(serde_json::json!(row.keys().collect::<Vec<_>>()), told["columns"]);
        }
    }
    let opened = &files
        .iter()
        .find(|(name, _)| name == "exchange.ndjson")
        .unwrap()
        .1;
    let exchange: serde_json::Value = serde_json::from_str(opened.lines().next().unwrap()).unwrap();
    let request = STANDARD.decode(exchange["request"].as_str().unwrap()).unwrap();
    let request: serde_json::Value = serde_json::from_slice(&request).unwrap();
    assert_eq!(request["destination"], "api", "a journal leaves in clear");
}

#[tokio::test]
async fn no_secret_and_nothing_of_another_reseller_is_in_an_archive() {
    let (stage, _) = busy_stage().await;
    let other = stage
        .host
        .shop("estuary", Pricing::Committed, &stage.simulator)
        .await;
    let theirs = stage.host.customer(&other.reseller, "thames").await;
    other
        .port(&stage.host, &stage.simulator, &theirs, "t-1", 1000)
        .await;
    for (client, canaries) in [
        (
            &stage.reseller.client,
            vec![
                other.reseller.id.clone(),
                theirs.id.clone(),
                "estuary".into(),
                "owner@thames.estuary.example".into(),
            ],
        ),
        (
            &other.reseller.client,
            vec![
                stage.reseller.id.clone(),
                stage.customer.id.clone(),
                "owner@northlight.example".into(),
                "owner@quay.northlight.example".into(),
            ],
        ),
    ] {
        let archive = export(&stage.host, client).await;
        let secrets = [
            "carrier-secret",
            crate::harness::PASSWORD,
            &stage.reseller.key,
            &stage.customer.session,
            &other.reseller.key,
        ];
        for canary in canaries.iter().map(String::as_str).chain(secrets) {
            for spelling in spellings(canary) {
                assert!(!contains(&archive, spelling.as_bytes()), "{canary} as {spelling}");
            }
        }
    }
}

/// A text as it could lie in an archive: as it is, in base64 (at each of three places, without the ends), in
/// hexadecimal, percent-encoded, escaped in JSON and backwards.
pub fn spellings(text: &str) -> Vec<String> {
    let base64 = (0..3).map(|skipped| {
        let padded = [&vec![b' '; skipped][..], text.as_bytes()].concat();
        let encoded = STANDARD.encode(&padded);
        let from = [0, 2, 3][skipped];
        encoded[from..encoded.len() - encoded.len() % 4 - if encoded.ends_with('=') { 4 } else { 0 }]
            .to_owned()
    });
    let percent: String = text.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let escaped: String = text
        .chars()
        .map(|letter| format!("\\u{:04x}", letter as u32))
        .collect();
    let other = [
        text.to_owned(),
        hex::encode(text),
        hex::encode_upper(text),
        percent,
        escaped,
        text.chars().rev().collect(),
    ];
    base64.chain(other).collect()
}

pub fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}
