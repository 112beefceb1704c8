//! One server for several processes, for as long as one of them lives.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::os::unix::net::UnixStream;
use std::process::Command;

use nexusport_postgres::Server;

use crate::support::{Client, Folder, Holder, ORDINARY_UID, is_root};

const STARTED: &str = "select pg_postmaster_start_time()::text";

#[test]
fn eight_cold_starts_at_once_share_one_server() {
    let folder = Folder::new();
    let mut holders: Vec<Holder> = (0..8).map(|_| Holder::spawn(Holder::command(&folder))).collect();
    let urls: Vec<String> = holders.iter_mut().map(Holder::url).collect();
    let started: Vec<String> = urls
        .iter()
        .map(|url| Client::connect(url).text(STARTED))
        .collect();
    assert!(started.iter().all(|time| *time == started[0]), "{started:?}");
}

#[test]
fn when_the_first_holder_is_killed_the_second_goes_on() {
    let folder = Folder::new();
    let mut first = Holder::spawn(Holder::command(&folder));
    let url = first.url();
    let mut second = Holder::spawn(Holder::command(&folder));
    assert_eq!(second.url(), url);

    let mut client = Client::connect(&url);
    let started = client.text(STARTED);
    first.kill();
    // A third holder's welcome comes after the guard had every chance to see the first one's end.
    let third = folder.start();
    assert_eq!(client.text(STARTED), started, "the old connection lives");
    assert_eq!(
        Client::superuser(&third).text(STARTED),
        started,
        "no other server was started"
    );
}

#[test]
fn the_server_stops_with_its_last_holder() {
    let folder = Folder::new();
    let (first, second) = (folder.start(), folder.start());
    let socket = first.socket().join(".s.PGSQL.5432");
    drop(first);
    Client::superuser(&second).run("select 1");
    second.stop().unwrap();
    assert!(UnixStream::connect(&socket).is_err());
    assert!(
        !folder.data.join("cluster/postmaster.pid").exists(),
        "it stopped cleanly"
    );
}

#[test]
fn a_posix_locale_still_gives_utf8() {
    let folder = Folder::new();
    let mut command = Holder::command(&folder);
    command
        .env("LC_ALL", "POSIX")
        .env("PGDATA", "/nowhere")
        .env("PGPORT", "1")
        .env("TZ", "Asia/Tokyo");
    let url = Holder::url(&mut Holder::spawn(command));
    // That holder is gone again; what counts is the cluster it made.
    let server = folder.start();
    assert_eq!(url, server.url("postgres", "postgres"));
    let mut client = Client::superuser(&server);
    assert_eq!(client.text("show server_encoding"), "UTF8");
    assert_eq!(
        client.text("select datcollate::text from pg_database where datname = 'postgres'"),
        "C"
    );
    assert!(client.text("show log_timezone").ends_with("UTC"));
    assert_eq!(client.text("select length('Zürich')::text"), "6");
}

#[test]
fn a_folder_of_150_characters_has_its_socket_elsewhere() {
    let folder = Folder::named(&"x".repeat(150));
    let server = folder.start();
    let socket = server.socket().to_owned();
    assert!(socket.starts_with("/tmp"), "{}", socket.display());
    assert_eq!(fs::metadata(&socket).unwrap().mode() & 0o777, 0o700);
    Client::superuser(&server).run("select 1");
    server.stop().unwrap();
    assert!(!socket.exists(), "nothing stays in /tmp");
}

#[test]
fn a_folder_whose_name_means_something_to_shells_urls_and_postgresql_works() {
    let folder = Folder::named("a b,c\"d'e$f&g?h%i;j\\k#ü");
    let server = folder.start();
    Client::superuser(&server).run("create table t (n int)");
    server.stop().unwrap();
    Client::superuser(&folder.start()).run("table t");
}

#[test]
fn only_the_owner_of_the_folder_reaches_the_server_and_commits_are_durable() {
    let folder = Folder::new();
    let server = folder.start();
    let mut client = Client::superuser(&server);
    assert_eq!(client.text("show listen_addresses"), "");
    assert_eq!(client.text("select concat_ws(' ', current_setting('fsync'), current_setting('full_page_writes'), current_setting('synchronous_commit'), current_setting('data_checksums'))"), "on on on on");
    assert_eq!(client.text("show max_connections"), "200");
    assert!(client.text("show server_version").starts_with(server.version()));
    let cluster = fs::metadata(folder.data.join("cluster")).unwrap();
    let socket = fs::metadata(server.socket()).unwrap();
    assert_eq!((cluster.mode() & 0o777, socket.mode() & 0o777), (0o700, 0o700));
    assert_ne!(cluster.uid(), 0, "the server never runs as root");
}

#[test]
fn an_ordinary_user_runs_the_server_as_itself_and_root_can_join() {
    let folder = Folder::new();
    fs::create_dir(&folder.data).unwrap();
    if is_root() {
        std::os::unix::fs::chown(&folder.data, Some(ORDINARY_UID), Some(ORDINARY_UID)).unwrap();
    }
    let mut holder = Holder::spawn(Holder::ordinary(&folder));
    let url = holder.url();
    let uid = if is_root() {
        ORDINARY_UID
    } else {
        rustix::process::geteuid().as_raw()
    };
    assert_eq!(fs::metadata(folder.data.join("cluster")).unwrap().uid(), uid);

    let joined: Server = folder.start();
    assert_eq!(joined.url("postgres", "postgres"), url);
    let started = Client::connect(&url).text(STARTED);
    holder.kill();
    joined.stop().unwrap();

    let restarted = folder.start();
    assert_ne!(Client::superuser(&restarted).text(STARTED), started);
    assert_eq!(
        fs::metadata(folder.data.join("cluster")).unwrap().uid(),
        uid,
        "the cluster stays its user's"
    );
}

#[test]
fn a_cluster_that_root_copied_here_is_given_to_the_servers_user() {
    // Nobody else can make files that belong to another.
    if !is_root() {
        return;
    }
    let folder = Folder::new();
    folder.start().stop().unwrap();
    let cluster = folder.data.join("cluster");
    assert!(
        Command::new("chown")
            .args(["-R", "0:0"])
            .arg(&cluster)
            .status()
            .unwrap()
            .success()
    );
    Client::superuser(&folder.start()).run("select 1");
    assert_ne!(fs::metadata(cluster.join("base")).unwrap().uid(), 0);
}
