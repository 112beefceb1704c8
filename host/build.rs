//! Migrations are compiled into the host; without this, cargo would not notice a changed one.

#![allow(clippy::print_stdout)] // how a build script talks to cargo

fn main() {
    println!("cargo::rerun-if-changed=../migrations");
    println!("cargo::rerun-if-changed=templates");
}
