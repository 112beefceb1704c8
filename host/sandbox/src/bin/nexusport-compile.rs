//! The compile child as a program of its own, for this crate's tests and benchmark. The host and the author's command are
//! their own child, under a hidden subcommand.

use std::process::ExitCode;

fn main() -> ExitCode {
    nexusport_sandbox::compile::child_main()
}
