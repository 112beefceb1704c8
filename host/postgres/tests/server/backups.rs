//! Backups of a running server, and restores into an empty folder.

use std::fs;
use std::path::PathBuf;

use nexusport_postgres::{Error, backup, restore};

use crate::support::{Client, Folder};

/// A backup of a small cluster, in the folder that held it.
fn backed_up(folder: &Folder) -> PathBuf {
    let to = folder.path().join("backup");
    let server = folder.start();
    Client::superuser(&server).run("create table t as select 7::bigint as n");
    backup(&server, &to).unwrap();
    to
}

#[test]
fn a_restored_cluster_is_the_cluster_at_the_time_of_the_backup() {
    let (folder, other) = (Folder::new(), Folder::new());
    let to = folder.path().join("backup");
    let server = folder.start();
    let mut client = Client::superuser(&server);
    client.run("create role reseller login");
    client.run("create database second owner reseller");
    let mut second = Client::connect(&server.url("reseller", "second"));
    second.run("create table t as select 7::bigint as n");
    backup(&server, &to).unwrap();
    second.run("insert into t values (8)");

    restore(&other.options(), &to).unwrap();
    let restored = other.start();
    let mut second = Client::connect(&restored.url("reseller", "second"));
    assert_eq!(second.number("select sum(n)::bigint from t").unwrap(), 7);
    let identifier = "select system_identifier from pg_control_system()";
    let cluster = Client::superuser(&restored).number(identifier).unwrap();
    assert_eq!(cluster, client.number(identifier).unwrap());
}

#[test]
fn a_backup_never_replaces_anything_and_leaves_nothing_unfinished() {
    let folder = Folder::new();
    let to = folder.path().join("backup");
    fs::create_dir(&to).unwrap();
    let server = folder.start();
    let error = backup(&server, &to).unwrap_err();
    assert!(
        matches!(&error, Error::TargetExists { to: named } if *named == to),
        "{error}"
    );

    let nowhere = folder.path().join("missing/backup");
    assert!(matches!(backup(&server, &nowhere).unwrap_err(), Error::Io { .. }));
    drop(Client::superuser(&server));
    let left: Vec<_> = fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(left.len(), 2, "{left:?}");
}

#[test]
fn a_restore_refuses_a_data_folder_that_holds_a_database() {
    let folder = Folder::new();
    let from = backed_up(&folder);
    let error = restore(&folder.options(), &from).unwrap_err();
    assert!(
        matches!(&error, Error::Occupied { data } if *data == folder.data),
        "{error}"
    );
    assert_eq!(
        Client::superuser(&folder.start())
            .number("select n from t")
            .unwrap(),
        7
    );
}

#[test]
fn a_restore_refuses_what_is_no_backup() {
    let (folder, other) = (Folder::new(), Folder::new());
    folder.start().stop().unwrap();
    let error = restore(&other.options(), &folder.data.join("cluster")).unwrap_err();
    assert!(
        matches!(&error, Error::NotABackup { why, .. } if why.contains("backup_manifest")),
        "{error}"
    );
    let error = restore(&other.options(), folder.path()).unwrap_err();
    assert!(
        matches!(&error, Error::NotABackup { why, .. } if why.contains("PG_VERSION")),
        "{error}"
    );
}

#[test]
fn a_restore_refuses_another_major_version_and_a_damaged_backup() {
    let (folder, other) = (Folder::new(), Folder::new());
    let from = backed_up(&folder);
    let version = fs::read(from.join("PG_VERSION")).unwrap();
    fs::write(from.join("PG_VERSION"), "9\n").unwrap();
    let error = restore(&other.options(), &from).unwrap_err();
    assert!(matches!(error, Error::OtherMajor { held: 9, .. }), "{error}");

    fs::write(from.join("PG_VERSION"), version).unwrap();
    let file = from.join("pg_hba.conf");
    let mut content = fs::read(&file).unwrap();
    content[0] ^= 1;
    fs::write(&file, content).unwrap();
    let error = restore(&other.options(), &from).unwrap_err();
    assert!(error.to_string().contains("pg_hba.conf"), "{error}");
    assert!(!other.data.join("cluster").exists());
}
