//! What is left of a server whose holders were killed, and how the next one comes up.

use std::fs;
use std::hash::{BuildHasher, RandomState};
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use nexusport_postgres::Server;

use crate::support::{Client, Folder, Holder, is_root, kill};

/// Restarts after kill -9 in one run; NEXUSPORT_KILLS raises it for a long one.
const KILLS: u64 = 20;

/// Every fourth kill hits the start itself, which lasts up to about this long; the others hit a writing client.
const START_MS: u64 = 400;
const ROWS: u64 = 50;

#[test]
fn a_killed_holder_never_costs_a_committed_row_or_the_next_start() {
    let kills = std::env::var("NEXUSPORT_KILLS").map_or(KILLS, |kills| kills.parse().unwrap());
    let folder = Folder::new();
    let moments = RandomState::new();
    let mut acknowledged = 0;
    for round in 0..kills {
        let moment = moments.hash_one(round);
        let mut holder = Holder::spawn(Holder::command(&folder));
        if round % 4 == 0 {
            thread::sleep(Duration::from_millis(moment % START_MS));
            holder.kill();
            continue;
        }
        let mut client = Client::connect(&holder.url());
        check(&mut client, &mut acknowledged);
        acknowledged = write_until_broken(client, holder, acknowledged, moment % ROWS);
    }
    check(&mut Client::superuser(&folder.start()), &mut acknowledged);
    assert!(acknowledged > 0, "at least one round wrote");
}

/// Every acknowledged row is there, plus at most the one whose acknowledgement was lost; no row is missing between.
fn check(client: &mut Client, acknowledged: &mut i64) {
    client.run("create table if not exists fact (id bigint primary key)");
    let last = client.number("select coalesce(max(id), 0) from fact").unwrap();
    let count = client.number("select count(*) from fact").unwrap();
    assert!(
        last == *acknowledged || last == *acknowledged + 1,
        "{acknowledged} acknowledged, {last} found"
    );
    assert_eq!(last, count);
    *acknowledged = last;
}

/// Kills the holder after so many rows while the client writes on; returns the last acknowledged row.
fn write_until_broken(mut client: Client, holder: Holder, mut acknowledged: i64, rows: u64) -> i64 {
    let mut holder = Some(holder);
    let mut written = 0;
    while let Ok(id) =
        client.number("insert into fact select coalesce(max(id), 0) + 1 from fact returning id")
    {
        acknowledged = id;
        written += 1;
        if written > rows {
            holder.take().into_iter().for_each(Holder::kill);
        }
    }
    acknowledged
}

#[test]
fn a_killed_postmaster_is_replaced_at_the_same_address_and_old_holders_hold_the_new_one() {
    let folder = Folder::new();
    let before = folder.start();
    Client::superuser(&before).run("create table t as select 7::bigint as n");
    kill(folder.postmaster());

    let after = folder.start();
    assert_eq!(
        after.url("postgres", "postgres"),
        before.url("postgres", "postgres")
    );
    drop(after);
    // Had the old holder not counted, this would be yet another server.
    let pid = folder.postmaster();
    let joined = folder.start();
    assert_eq!(folder.postmaster(), pid);
    assert_eq!(Client::superuser(&joined).number("select n from t").unwrap(), 7);
}

#[test]
fn a_pid_file_that_names_a_stranger_does_not_keep_the_server_down() {
    let folder = Folder::new();
    folder.start().stop().unwrap();
    let cluster = folder.data.join("cluster");
    // Of the server's own user: PostgreSQL itself takes another user's process for no server.
    let owner = fs::metadata(&cluster).unwrap();
    let mut stranger = Command::new("cat");
    stranger.stdin(Stdio::piped()).stdout(Stdio::null());
    if is_root() {
        stranger.uid(owner.uid()).gid(owner.gid());
    }
    let mut stranger = stranger.spawn().unwrap();
    let pid_file = format!("{}\n{}\n", stranger.id(), cluster.display());
    fs::write(cluster.join("postmaster.pid"), pid_file).unwrap();
    let server = Server::start(&folder.options());
    stranger.kill().unwrap();
    stranger.wait().unwrap();
    Client::superuser(&server.unwrap()).run("select 1");
}

#[cfg(target_os = "linux")]
#[test]
fn a_server_that_lost_its_guard_is_replaced_by_the_next_start() {
    let folder = Folder::new();
    let orphaned: Server = folder.start();
    let orphan = folder.postmaster();
    guards(&folder).into_iter().for_each(kill);
    let server = folder.start();
    assert_ne!(folder.postmaster(), orphan);
    Client::superuser(&server).run("select 1");
    drop(orphaned);
}

/// The shells that guard the folder's server, found by their command lines.
#[cfg(target_os = "linux")]
fn guards(folder: &Folder) -> Vec<i32> {
    let data = folder.data.to_str().unwrap();
    let pids = fs::read_dir("/proc")
        .unwrap()
        .filter_map(|entry| entry.unwrap().file_name().to_str()?.parse().ok());
    let guards: Vec<i32> = pids
        .filter(|pid| {
            let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            let line = String::from_utf8_lossy(&line);
            line.contains("nexusport-guard") && line.contains(data)
        })
        .collect();
    assert_eq!(guards.len(), 2, "a guard is a shell and its reader");
    guards
}
