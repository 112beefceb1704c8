//! Loading an archive into a platform that has never seen its tenant (C45).

use std::collections::BTreeMap;

use nexusport::leaving;
use serde_json::Value;

use super::{busy_stage, export, files, manifest, on_disk, pack};
use crate::harness::{Host, text};

/// Table to (rows, checksum).
fn checksums(manifest: &Value) -> BTreeMap<String, (u64, String)> {
    let tables = manifest["tables"].as_array().unwrap().iter();
    let told = tables.map(|told| {
        (
            text(&told["table"]),
            (told["rows"].as_u64().unwrap(), text(&told["sha256"])),
        )
    });
    told.collect()
}

#[tokio::test]
async fn an_archive_loaded_elsewhere_and_exported_again_has_equal_checksums() {
    let (stage, port) = busy_stage().await;
    let archive = export(&stage.host, &stage.reseller.client).await;
    let exported = checksums(&manifest(&archive));
    for table in [
        "tenant",
        "user_account",
        "port",
        "bandwidth_change",
        "exchange",
        "interval",
        "invoice_line",
        "release",
        "job",
    ] {
        assert!(exported[table].0 > 0, "{table} has no rows to compare");
    }
    let elsewhere = Host::start_at("2026-05-01T00:00:00Z".parse().unwrap()).await;
    let path = on_disk(&elsewhere, "in.tar", &archive);
    leaving::import(&elsewhere.app, &elsewhere.database.urls.owner, &path)
        .await
        .unwrap();
    let again = elsewhere.folder.path().join("out.tar");
    let tenant: uuid::Uuid = stage.reseller.id.parse().unwrap();
    leaving::to_file(&elsewhere.app, tenant.into(), &again)
        .await
        .unwrap();
    let mut exported_again = checksums(&manifest(&std::fs::read(again).unwrap()));
    // Only that it was loaded is new.
    let (before, after) = (&exported["audit_event"], exported_again["audit_event"].clone());
    assert_eq!(after.0, before.0 + 1);
    exported_again.insert("audit_event".into(), before.clone());
    assert_eq!(exported, exported_again);
    assert!(!port.is_empty());
}

/// What a spoiled archive is refused as; and that nothing of it stays.
async fn refused(host: &Host, archive: &[u8], code: &str) {
    let path = on_disk(host, "spoiled.tar", archive);
    let owner = &host.database.urls.owner;
    let said = leaving::import(&host.app, owner, &path)
        .await
        .unwrap_err()
        .to_string();
    assert!(said.ends_with(&format!("({code})")), "{code}: {said}");
    let mut superuser = host.database.superuser().await;
    let tenants: i64 = sqlx::query_scalar("select count(*) from tenant where kind <> 'operator'")
        .fetch_one(&mut superuser)
        .await
        .unwrap();
    let people: i64 = sqlx::query_scalar("select count(*) from user_account")
        .fetch_one(&mut superuser)
        .await
        .unwrap();
    assert_eq!((tenants, people), (0, 0), "{code} left something behind");
}

/// The archive with its files changed.
fn spoiled(files: &[(String, String)], change: impl FnOnce(&mut Vec<(String, String)>)) -> Vec<u8> {
    let mut files = files.to_vec();
    change(&mut files);
    pack(&files)
}

/// Changes a table's text, and the manifest so that it agrees.
fn forged(files: &[(String, String)], table: &str, change: impl FnOnce(&mut String)) -> Vec<u8> {
    use sha2::Digest as _;
    let mut files = files.to_vec();
    let file = files
        .iter_mut()
        .find(|(name, _)| *name == format!("{table}.ndjson"))
        .unwrap();
    change(&mut file.1);
    let text = file.1.clone();
    let mut manifest: Value = serde_json::from_str(&files[0].1).unwrap();
    let told = manifest["tables"]
        .as_array_mut()
        .unwrap()
        .iter_mut()
        .find(|told| told["table"] == table)
        .unwrap();
    told["rows"] = text.lines().count().into();
    told["bytes"] = text.len().into();
    told["sha256"] = hex::encode(sha2::Sha256::digest(&text)).into();
    files[0].1 = manifest.to_string();
    pack(&files)
}

#[tokio::test]
async fn a_spoiled_archive_is_refused_by_name_and_nothing_of_it_stays() {
    let source = Host::start().await;
    let reseller = source.reseller("northlight").await;
    let customer = source.customer(&reseller, "alpine").await;
    let archive = export(&source, &reseller.client).await;
    let packed = files(&archive);
    let host = Host::start().await;
    let place = |name: &str| {
        packed
            .iter()
            .position(|(file, _)| file == &format!("{name}.ndjson"))
            .unwrap()
    };
    let (tenant, role) = (place("tenant"), place("role"));

    for end in [0, 100, 512, 2000, archive.len() / 2, archive.len() - 1024] {
        refused(&host, &archive[..end], "archive_truncated").await;
    }
    let mut damaged = archive.clone();
    damaged[3] ^= 1;
    refused(&host, &damaged, "archive_malformed").await;
    refused(&host, &vec![b'x'; 4096], "archive_malformed").await;
    refused(
        &host,
        &spoiled(&packed, |files| files.swap(0, 1)),
        "manifest_missing",
    )
    .await;
    refused(
        &host,
        &spoiled(&packed, |files| files[0].1 = "{".into()),
        "manifest_malformed",
    )
    .await;
    refused(
        &host,
        &spoiled(&packed, |files| files[0].1 = " ".repeat(2_000_000)),
        "archive_entry_too_large",
    )
    .await;
    for (field, other) in [("version", 2), ("schema", 1)] {
        let manifest = |files: &mut Vec<(String, String)>| {
            let mut manifest: Value = serde_json::from_str(&files[0].1).unwrap();
            manifest[field] = other.into();
            files[0].1 = manifest.to_string();
        };
        refused(&host, &spoiled(&packed, manifest), "archive_version").await;
    }
    let twice = |files: &mut Vec<(String, String)>| files.insert(tenant, files[tenant].clone());
    refused(&host, &spoiled(&packed, twice), "archive_entry_unexpected").await;
    let folder = |files: &mut Vec<(String, String)>| files[tenant].0 = "etc/tenant.ndjson".into();
    refused(&host, &spoiled(&packed, folder), "archive_entry_unexpected").await;
    let more = |files: &mut Vec<(String, String)>| files.push(("more.ndjson".into(), String::new()));
    refused(&host, &spoiled(&packed, more), "archive_entry_unexpected").await;
    let other = |files: &mut Vec<(String, String)>| files[role].1 = files[role].1.replace("owner", "owned");
    refused(&host, &spoiled(&packed, other), "archive_checksum").await;
    let strange =
        |files: &mut Vec<(String, String)>| files[0].1 = files[0].1.replace("\"time_zone\"", "\"time_zoen\"");
    refused(&host, &spoiled(&packed, strange), "archive_column_unexpected").await;
    let unknown = |files: &mut Vec<(String, String)>| {
        files[0].1 = files[0].1.replace("\"table\": \"role\"", "\"table\": \"roll\"")
    };
    refused(&host, &spoiled(&packed, unknown), "archive_table_unexpected").await;

    let another = "00000000-0000-7000-8000-000000000000";
    let stranger = |text: &mut String| *text = text.replacen(&reseller.id, another, 1);
    refused(
        &host,
        &forged(&packed, "role", stranger),
        "archive_row_of_another",
    )
    .await;
    let spaced = |text: &mut String| *text = text.replacen(':', ": ", 1);
    refused(&host, &forged(&packed, "role", spaced), "archive_row_malformed").await;
    let lost = |text: &mut String| *text = text.replacen(&customer.id, another, 1);
    refused(&host, &forged(&packed, "role", lost), "archive_row_refused").await;
    let no_time = |text: &mut String| *text = text.replacen("\"2026-", "\"2026-13-", 1);
    refused(&host, &forged(&packed, "role", no_time), "archive_row_refused").await;
    // Reads back with its digits, not with these.
    let long = |text: &mut String| *text = text.replacen(".000000Z", ".0000000Z", 1);
    refused(&host, &forged(&packed, "role", long), "archive_checksum").await;
    let huge = |text: &mut String| text.insert_str(0, &"x".repeat(64 * 1024 * 1024 + 1));
    refused(&host, &forged(&packed, "role", huge), "archive_line_too_long").await;

    leaving::import(
        &host.app,
        &host.database.urls.owner,
        &on_disk(&host, "good.tar", &pack(&packed)),
    )
    .await
    .unwrap();
}

#[tokio::test]
async fn an_entry_that_claims_to_be_endless_is_not_waited_for() {
    let source = Host::start().await;
    let reseller = source.reseller("northlight").await;
    let packed = files(&export(&source, &reseller.client).await);
    let host = Host::start().await;
    let mut header = tar::Header::new_gnu();
    header.set_path("manifest.json").unwrap();
    header.set_size(10_000_000_000);
    header.set_cksum();
    refused(&host, header.as_bytes(), "archive_entry_too_large").await;
    // The manifest agrees with the claim.
    let mut manifest: Value = serde_json::from_str(&packed[0].1).unwrap();
    let first = text(&manifest["tables"][0]["table"]);
    manifest["tables"][0]["bytes"] = 10_000_000_000_u64.into();
    let mut archive = pack(&[("manifest.json".into(), manifest.to_string())]);
    archive.truncate(archive.len() - 1024);
    header.set_path(format!("{first}.ndjson")).unwrap();
    header.set_cksum();
    archive.extend_from_slice(header.as_bytes());
    archive.extend_from_slice(packed[1].1.as_bytes());
    refused(&host, &archive, "archive_truncated").await;
}

#[tokio::test]
async fn a_tenant_that_is_here_a_customer_alone_and_a_taken_address_are_refused() {
    let source = Host::start().await;
    let reseller = source.reseller("northlight").await;
    let customer = source.customer(&reseller, "alpine").await;
    let host = Host::start().await;
    let owner = &host.database.urls.owner;
    let alone = on_disk(&host, "customer.tar", &export(&source, &customer.client).await);
    let said = leaving::import(&host.app, owner, &alone)
        .await
        .unwrap_err()
        .to_string();
    assert!(said.ends_with("(archive_of_a_customer)"), "{said}");
    let path = on_disk(&host, "all.tar", &export(&source, &reseller.client).await);
    leaving::import(&host.app, owner, &path).await.unwrap();
    let said = leaving::import(&host.app, owner, &path)
        .await
        .unwrap_err()
        .to_string();
    assert!(said.ends_with("(tenant_exists)"), "{said}");
    let taken = Host::start().await;
    taken.reseller("northlight").await;
    let said = leaving::import(&taken.app, &taken.database.urls.owner, &path)
        .await
        .unwrap_err()
        .to_string();
    assert!(
        said.contains("(archive_row_refused)") || said.contains("(person_differs)"),
        "{said}"
    );
}
