//! The compile child as a process among others.

use std::fs;
use std::io::{Read as _, Write as _};
use std::process::{Command, Stdio};

use nexusport_sandbox::Limits;

#[test]
fn compiling_stands_back_behind_whoever_else_wants_the_processor() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_nexusport-compile"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let limits = serde_json::to_vec(&Limits::default()).unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(&(limits.len() as u32).to_le_bytes()).unwrap();
    stdin.write_all(&limits).unwrap();
    drop(stdin);
    let mut said = Vec::new();
    child.stdout.take().unwrap().read_to_end(&mut said).unwrap();
    // It has ended, and is there until it is waited for.
    assert_eq!(niceness(child.id()) - niceness(std::process::id()), 10);
    assert!(child.wait().unwrap().success());
}

fn niceness(process: u32) -> i64 {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
    // Field 19 of proc_pid_stat(5), the seventeenth after the name in brackets.
    let fields = stat.rsplit_once(')').unwrap().1.split_whitespace();
    fields
        .skip(16)
        .map(|field| field.parse().unwrap())
        .next()
        .unwrap()
}
