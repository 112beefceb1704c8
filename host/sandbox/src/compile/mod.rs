//! From uploaded bytes to code that may run. Wasmtime does not treat a component that takes for ever to compile as a
//! vulnerability, and its parser can be made to panic, so a stranger's bytes are only ever read in a child process with
//! limits of its own.

mod child;
mod examine;
mod recordings;
mod report;
mod structure;
mod wire;

use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use rustix::process::Signal;
use sha2::{Digest, Sha256};

use crate::artifact::Artifact;
use crate::clean::clean;
use crate::limits::Limits;
use report::Findings;

pub use child::child_main;
pub use recordings::{FIXTURES, with_fixtures};
pub use report::{Check, Report};

/// How much of what a dying child says is read.
const STDERR_BYTES: u64 = 16 * 1024;
const WORDS: usize = 300;

/// How to start the child: a program, with arguments, whose `main` is [`child_main`].
#[derive(Clone, Debug)]
pub struct Compiler {
    program: PathBuf,
    arguments: Vec<OsString>,
    limits: Limits,
}

impl Compiler {
    /// The program is given by its path: what a `PATH` finds may be anything.
    pub fn new<A: Into<OsString>>(
        program: impl Into<PathBuf>,
        arguments: impl IntoIterator<Item = A>,
        limits: Limits,
    ) -> Self {
        let arguments = arguments.into_iter().map(Into::into).collect();
        Self {
            program: program.into(),
            arguments,
            limits,
        }
    }

    /// Checks and compiles a component; blocks until the child is done or out of time. An error means that no child could
    /// be run, which is no statement about the component.
    pub fn check(&self, component: &[u8]) -> io::Result<Report> {
        let mut findings = Findings::default();
        if component.len() as u64 > self.limits.component_bytes {
            findings.at_most(
                "component_bytes",
                component.len() as u64,
                self.limits.component_bytes,
            );
            return Ok(report(component, findings, None));
        }
        let ended = self.run(component)?;
        let (findings, code) = ended.read(&self.limits);
        Ok(report(component, findings, code))
    }

    fn run(&self, component: &[u8]) -> io::Result<Ended> {
        let mut child = Command::new(&self.program)
            .args(&self.arguments)
            // It needs nothing of ours, least of all secrets.
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (Some(stdin), Some(stdout), Some(stderr)) = pipes else {
            return Err(io::Error::other("the compile child has no pipes"));
        };
        thread::scope(|scope| {
            scope.spawn(|| feed(stdin, &self.limits, component));
            let said = scope.spawn(|| hear(stderr));
            let (done, finished) = mpsc::channel();
            let answer = scope.spawn(|| collect(stdout, &self.limits, done));
            // The other end is dropped, and so heard, when all was read.
            let wall = Duration::from_secs(self.limits.compile_wall_s);
            let in_time = finished.recv_timeout(wall) != Err(mpsc::RecvTimeoutError::Timeout);
            let status = end(&mut child, in_time)?;
            let answer = answer
                .join()
                .map_err(|_| io::Error::other("reading the compile child failed"))?;
            let stderr = said
                .join()
                .map_err(|_| io::Error::other("reading the compile child failed"))?;
            Ok(Ended {
                in_time,
                status,
                answer,
                stderr,
            })
        })
    }
}

/// Checks and compiles in this very process, with no limit on time and memory: only for components whose bytes the
/// caller made itself, as in tests and benchmarks. A stranger's bytes need a [`Compiler`].
pub fn compile_trusted(component: &[u8], limits: &Limits) -> Report {
    let (findings, code) = examine::examine(component, limits);
    report(component, findings, code)
}

fn report(component: &[u8], findings: Findings, code: Option<Vec<u8>>) -> Report {
    let digest = hex::encode(Sha256::digest(component));
    let artifact = match (code, findings.world, findings.refusal()) {
        (Some(code), Some(world), None) => Some(Artifact::new(digest.clone(), world, code)),
        _ => None,
    };
    Report {
        digest,
        component_bytes: component.len() as u64,
        findings,
        artifact,
    }
}

/// A child that dies while it is written to is heard of by its status.
fn feed(mut stdin: ChildStdin, limits: &Limits, component: &[u8]) {
    let _ = wire::write_head(&mut stdin, limits).and_then(|()| stdin.write_all(component));
}

fn hear(stderr: ChildStderr) -> String {
    let mut bytes = Vec::new();
    // What was read until an error is all that there is to know.
    let _ = stderr.take(STDERR_BYTES).read_to_end(&mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}

fn collect(
    mut stdout: ChildStdout,
    limits: &Limits,
    _done: mpsc::Sender<()>,
) -> io::Result<(Findings, Vec<u8>)> {
    let findings = wire::read_head(&mut stdout)?;
    let mut code = Vec::new();
    stdout
        .take(limits.compiled_bytes.saturating_add(1))
        .read_to_end(&mut code)?;
    Ok((findings, code))
}

fn end(child: &mut Child, in_time: bool) -> io::Result<ExitStatus> {
    if !in_time {
        child.kill()?;
    }
    child.wait()
}

/// A child that is no more.
struct Ended {
    in_time: bool,
    status: ExitStatus,
    answer: io::Result<(Findings, Vec<u8>)>,
    stderr: String,
}

impl Ended {
    fn read(self, limits: &Limits) -> (Findings, Option<Vec<u8>>) {
        match self.answer {
            Ok((findings, code)) if self.in_time && self.status.success() => {
                let code = (findings.refusal().is_none() && !code.is_empty()).then_some(code);
                (findings, code)
            }
            _ => (self.death(limits), None),
        }
    }

    /// What a death means.
    fn death(&self, limits: &Limits) -> Findings {
        let mut findings = Findings::default();
        let signal = self.status.signal();
        if !self.in_time {
            let limit = limits.compile_wall_s;
            findings.exceeded(
                "compile_wall_s",
                limit,
                format!("compiling it takes longer than {limit} s"),
            );
        } else if signal == Some(Signal::XCPU.as_raw()) {
            let limit = limits.compile_cpu_s;
            let message = format!("compiling it takes more than {limit} s of processor time");
            findings.exceeded("compile_cpu_s", limit, message);
        } else if signal == Some(Signal::KILL.as_raw()) || self.stderr.contains("memory allocation of") {
            let limit = limits.compile_memory_bytes;
            let message = format!("compiling it takes more than {limit} bytes of memory");
            findings.exceeded("compile_memory_bytes", limit, message);
        } else {
            let words = clean(&self.stderr, WORDS);
            findings.failed(
                "code",
                format!("the compiler gave up on it ({}): {words}", self.status),
            );
        }
        findings
    }
}
