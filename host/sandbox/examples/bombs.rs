//! Writes the bombs of the tests into a folder, for whoever throws them at a host: small files that cost much, one and more
//! for each limit of an upload, at the limits that every host has.
#![allow(missing_docs, clippy::unwrap_used)]

#[path = "../tests/sandbox/bytes.rs"]
mod bytes;

use std::path::PathBuf;
use std::{env, fs};

use bytes::{bags, functions, imports, jumps, loops, module, wat};

fn main() {
    let folder = PathBuf::from(env::args_os().nth(1).expect("a folder to write to"));
    let nested = "(component ".repeat(50) + &")".repeat(50);
    let bombs = [
        ("many-functions", functions(100_000, 0)),
        ("functions-within-the-limit", functions(20_000, 50)),
        ("many-locals", functions(20_000, 50_000)),
        ("instances", module("", 17)),
        ("all-memory", module("(memory 65536)", 1)),
        ("memories", module("(memory 0)", 2)),
        ("gigabytes-of-table", module("(table 0xffffffff funcref)", 1)),
        ("nested-components", wat(&nested)),
        ("many-long-imports", imports(2_000)),
        ("bags-of-bags", bags(18, 2)),
        ("bags-of-gigabytes", bags(26, 2)),
        ("a-chain-that-the-parser-panics-at", bags(200, 1)),
        ("jumps-over-results", jumps(1_000, 1_000)),
        ("loops-of-locals", loops(2_000, 2_000)),
        ("no-component", b"not a component".to_vec()),
        (
            "a-section-longer-than-the-file",
            b"\0asm\x0d\0\x01\0\x00\xff\xff\xff\x7f".to_vec(),
        ),
        (
            "a-million-sections",
            [&b"\0asm\x0d\0\x01\0"[..], &[0, 1, 0].repeat(1_000_000)].concat(),
        ),
        ("fifteen-megabytes-of-zeros", vec![0; 15 << 20]),
    ];
    for (name, bytes) in bombs {
        fs::write(folder.join(name), bytes).unwrap();
    }
}
