//! The child process in which everything that parses or compiles a stranger's bytes runs. It limits itself before it
//! reads the first of them; its death is only a failed check.

use std::io::{self, Read, Write};
use std::process::ExitCode;

use rustix::process::{Resource, Rlimit, nice, setrlimit};

use super::examine::examine;
use super::wire;
use crate::limits::Limits;

/// How far it stands back: wherever somebody else wants the processor, it gets a tenth of what it would.
const NICE: i32 = 10;

/// The whole of the child: the limits and a component from standard input, the report and the code to standard output.
/// To be called at the start of `main` of the program that [`Compiler`](super::Compiler) names, before it opens or
/// starts anything, since the limits count for the process.
pub fn child_main() -> ExitCode {
    match serve(&mut io::stdin().lock(), &mut io::stdout().lock()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // There is nobody else to tell: the parent reads this for its own message.
            let _ = writeln!(io::stderr(), "{error}");
            ExitCode::FAILURE
        }
    }
}

fn serve(input: &mut impl Read, output: &mut impl Write) -> io::Result<()> {
    let limits: Limits = wire::read_head(input)?;
    confine(&limits)?;
    let mut component = Vec::new();
    input
        .take(limits.component_bytes.saturating_add(1))
        .read_to_end(&mut component)?;
    let (findings, code) = examine(&component, &limits);
    wire::write_head(output, &findings)?;
    output.write_all(&code.unwrap_or_default())?;
    output.flush()
}

fn confine(limits: &Limits) -> io::Result<()> {
    // Nobody's answer is to wait for what another tenant has compiled.
    nice(NICE)?;
    let cpu = limits.compile_cpu_s;
    // One second between the signal that says which limit it was and the one that cannot be caught.
    limit(Resource::Cpu, cpu, cpu.saturating_add(1))?;
    limit(Resource::Core, 0, 0)?;
    // Elsewhere the kernel keeps no account of address space, and time is the limit.
    if cfg!(target_os = "linux") {
        limit(
            Resource::As,
            limits.compile_memory_bytes,
            limits.compile_memory_bytes,
        )?;
    }
    Ok(())
}

fn limit(resource: Resource, soft: u64, hard: u64) -> io::Result<()> {
    setrlimit(
        resource,
        Rlimit {
            current: Some(soft),
            maximum: Some(hard),
        },
    )?;
    Ok(())
}
