//! Folders and machines that cannot have a server, each refused by name.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use nexusport_postgres::{Error, Options, Server};

use crate::support::{Folder, Holder, is_root};

fn refusal(options: &Options) -> Error {
    match Server::start(options) {
        Ok(_) => panic!("{} started", options.data.display()),
        Err(error) => {
            let message = error.to_string();
            assert!(!message.contains('\n'), "not one line: {message}");
            error
        }
    }
}

fn script(path: &Path, body: &str) {
    fs::write(path, format!("#!/bin/sh\n{body}\n")).unwrap();
    fs::set_permissions(path, Permissions::from_mode(0o755)).unwrap();
}

/// A folder with programs that claim a version; initdb fails with two lines.
fn pretended(folder: &Folder, version: &str) -> Options {
    let binaries = folder.path().join("bin");
    fs::create_dir(&binaries).unwrap();
    script(
        &binaries.join("postgres"),
        &format!("echo 'postgres (PostgreSQL) {version} (Pretended)'"),
    );
    script(
        &binaries.join("initdb"),
        "echo 'initdb: error: no room' >&2; echo 'HINT: make some' >&2; exit 1",
    );
    Options {
        binaries: Some(binaries),
        ..folder.options()
    }
}

#[test]
fn without_binaries_the_refusal_names_the_place_and_the_package() {
    let folder = Folder::new();
    let binaries = folder.path().join("none");
    let error = refusal(&Options {
        binaries: Some(binaries.clone()),
        ..folder.options()
    });
    assert!(matches!(error, Error::NoBinaries { .. }), "{error}");
    let message = error.to_string();
    assert!(
        message.contains(binaries.to_str().unwrap()) && message.contains("install postgresql"),
        "{message}"
    );
}

#[test]
fn binaries_older_than_15_are_refused_by_version() {
    let folder = Folder::new();
    let error = refusal(&pretended(&folder, "14.9"));
    assert!(
        matches!(&error, Error::TooOld { found, .. } if found == "14.9"),
        "{error}"
    );
    assert!(error.to_string().contains("15 or newer"), "{error}");
}

#[test]
fn a_failed_initdb_is_quoted_and_leaves_no_cluster() {
    let folder = Folder::new();
    let error = refusal(&pretended(&folder, "15.1"));
    assert_eq!(
        error.to_string(),
        "initdb failed: initdb: error: no room; HINT: make some"
    );
    assert!(!folder.data.join("cluster").exists());
    folder.start().stop().unwrap();
}

#[test]
fn a_cluster_of_a_major_version_that_is_not_installed_is_refused_by_both_versions() {
    let folder = Folder::new();
    let server = folder.start();
    let version = server.version().to_owned();
    server.stop().unwrap();
    fs::write(folder.data.join("cluster/PG_VERSION"), "9\n").unwrap();
    let error = refusal(&folder.options());
    assert!(matches!(error, Error::OtherMajor { held: 9, .. }), "{error}");
    let message = error.to_string();
    assert!(
        message.contains("PostgreSQL 9") && message.contains(&version),
        "{message}"
    );
}

#[test]
fn a_read_only_folder_is_refused_by_name() {
    let folder = Folder::new();
    fs::create_dir(&folder.data).unwrap();
    fs::set_permissions(&folder.data, Permissions::from_mode(0o555)).unwrap();
    let refusal = Holder::spawn(Holder::ordinary(&folder)).refusal();
    let expected = format!("cannot write in data folder {} as uid ", folder.data.display());
    assert!(refusal.starts_with(&expected), "{refusal}");
}

#[test]
fn a_parent_closed_to_the_servers_user_is_refused_by_name() {
    // Anybody but root runs the server as themselves: what they can enter, it can.
    if !is_root() {
        return;
    }
    let folder = Folder::named("closed/below/data");
    let closed = folder.path().join("closed");
    fs::create_dir(&closed).unwrap();
    fs::set_permissions(&closed, Permissions::from_mode(0o700)).unwrap();
    let error = refusal(&folder.options());
    assert!(
        matches!(&error, Error::ClosedFolder { folder, .. } if *folder == closed),
        "{error}"
    );
}

#[test]
fn a_server_that_cannot_start_is_quoted() {
    let folder = Folder::new();
    folder.start().stop().unwrap();
    fs::write(
        folder.data.join("cluster/postgresql.auto.conf"),
        "shared_buffers = 'plenty'\n",
    )
    .unwrap();
    let error = refusal(&folder.options());
    assert!(
        matches!(&error, Error::NotStarted { said, .. } if said.contains("shared_buffers")),
        "{error}"
    );
}

#[test]
fn a_strangers_socket_folder_is_refused() {
    let folder = Folder::named(&"x".repeat(150));
    let server = folder.start();
    let socket = server.socket().to_owned();
    server.stop().unwrap();
    fs::create_dir(&socket).unwrap();
    fs::set_permissions(&socket, Permissions::from_mode(0o777)).unwrap();
    let error = refusal(&folder.options());
    fs::remove_dir(&socket).unwrap();
    assert!(
        matches!(&error, Error::SocketFolder { folder, .. } if *folder == socket),
        "{error}"
    );
}

#[test]
fn waiting_for_another_starter_ends_with_the_patience() {
    let folder = Folder::new();
    fs::create_dir(&folder.data).unwrap();
    let lock = File::create(folder.data.join("lock")).unwrap();
    lock.lock().unwrap();
    let error = refusal(&Options {
        patience: Duration::from_millis(30),
        ..folder.options()
    });
    assert!(
        matches!(error, Error::Slow { limit, .. } if limit == Duration::from_millis(30)),
        "{error}"
    );
}
