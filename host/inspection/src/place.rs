//! Where components are compiled and called, and who hears of it: a host with other tenants' work to do, or its author's
//! own machine.

use std::any::Any;
use std::io;

use nexusport_sandbox::{Artifact, Compiler, Failure, Plugin, Report, Sandbox, Usage};

use crate::check::Check;

/// Where an inspection happens. What goes wrong here is no statement about the component.
pub trait Place {
    /// Reads and compiles the bytes, in a child process.
    fn compile(&self, component: &[u8]) -> Result<Report, Interrupted>;

    /// Makes compiled code ready to be called.
    fn load(&self, artifact: &Artifact) -> Result<Plugin, Interrupted>;

    /// Waits until a call may be made. The call is over when what is returned is dropped.
    fn turn(&self) -> Result<Turn, Interrupted>;

    /// Hears what calls took, once for each function after the last call of it.
    fn called(&self, calls: Called) -> Result<(), Interrupted>;
}

/// The right to make one call, held while it is made.
pub type Turn = Box<dyn Any>;

/// Why an inspection came to no end.
#[derive(Debug)]
pub enum Interrupted {
    /// The place could not go on, and knows why.
    Place,
    /// The sandbox itself failed.
    Sandbox(Failure),
}

/// What calls of one function took together.
#[derive(Clone, Debug, PartialEq)]
pub struct Called {
    /// SHA-256 of the component, in hexadecimal.
    pub digest: String,
    /// The world and its function, such as `pricing.price`.
    pub function: &'static str,
    /// How many there were.
    pub count: u64,
    /// Fuel and time are sums, memory is the most of any.
    pub usage: Usage,
    /// How the last one ended, if not with an answer.
    pub failure: Option<Failure>,
}

/// What is told while an inspection runs.
#[derive(Clone, Copy, Debug)]
pub enum Event<'a> {
    /// What takes its time now.
    Began(Stage),
    /// A check was made.
    Ended(&'a Check),
}

/// A part of an inspection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Structure, imports and code, in the child.
    Compile,
    /// What it says about itself.
    Describe,
    /// One ordinary call.
    Trial,
    /// What its world demands of its answers.
    Conformance,
}

impl Stage {
    /// The word for programs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Compile => "compile",
            Self::Describe => "describe",
            Self::Trial => "trial",
            Self::Conformance => "conformance",
        }
    }
}

/// A machine that does nothing else: calls wait for nobody and are not recorded.
pub struct Local {
    compiler: Compiler,
    sandbox: Sandbox,
    failed: std::cell::RefCell<Option<io::Error>>,
}

impl Local {
    /// Compiler and sandbox should have the same limits.
    pub fn new(compiler: Compiler, sandbox: Sandbox) -> Self {
        Self {
            compiler,
            sandbox,
            failed: std::cell::RefCell::new(None),
        }
    }

    /// Why no child could be run, after [`Interrupted::Place`].
    pub fn why(&self) -> Option<io::Error> {
        self.failed.take()
    }
}

impl Place for Local {
    fn compile(&self, component: &[u8]) -> Result<Report, Interrupted> {
        self.compiler.check(component).map_err(|error| {
            self.failed.replace(Some(error));
            Interrupted::Place
        })
    }

    fn load(&self, artifact: &Artifact) -> Result<Plugin, Interrupted> {
        Plugin::load(&self.sandbox, artifact).map_err(Interrupted::Sandbox)
    }

    fn turn(&self) -> Result<Turn, Interrupted> {
        Ok(Box::new(()))
    }

    fn called(&self, _calls: Called) -> Result<(), Interrupted> {
        Ok(())
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::bench::{Bench, Step};

    /// Nowhere: for rules that need no component.
    struct Nowhere;

    impl Place for Nowhere {
        fn compile(&self, _: &[u8]) -> Result<Report, Interrupted> {
            Err(Interrupted::Place)
        }

        fn load(&self, _: &Artifact) -> Result<Plugin, Interrupted> {
            Err(Interrupted::Place)
        }

        fn turn(&self) -> Result<Turn, Interrupted> {
            Ok(Box::new(()))
        }

        fn called(&self, _: Called) -> Result<(), Interrupted> {
            Ok(())
        }
    }

    /// What rules make of something, and the checks that they noted.
    pub(crate) fn bench<T>(rules: impl FnOnce(&mut Bench<'_>) -> Step<T>) -> (Step<T>, Vec<Check>) {
        let mut tell = |_: Event<'_>| {};
        let mut bench = Bench::new(&Nowhere, &mut tell);
        let found = rules(&mut bench);
        let checks = bench.end().expect("nowhere hears of no call");
        (found, checks)
    }
}
