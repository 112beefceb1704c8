//! A place without a child process: the components are this repository's own.

use nexusport_inspection::{Called, Check, Event, Inspected, Interrupted, Place, Stage, Turn, inspect};
use nexusport_sandbox::compile::compile_trusted;
use nexusport_sandbox::{Artifact, Limits, Plugin, Report, Sandbox};

struct Here(Sandbox);

impl Place for Here {
    fn compile(&self, component: &[u8]) -> Result<Report, Interrupted> {
        Ok(compile_trusted(component, self.0.limits()))
    }

    fn load(&self, artifact: &Artifact) -> Result<Plugin, Interrupted> {
        Plugin::load(&self.0, artifact).map_err(Interrupted::Sandbox)
    }

    fn turn(&self) -> Result<Turn, Interrupted> {
        Ok(Box::new(()))
    }

    fn called(&self, calls: Called) -> Result<(), Interrupted> {
        assert!(calls.count > 0 && calls.usage.fuel > 0, "{calls:?}");
        Ok(())
    }
}

/// What is found, with what was told on the way.
pub fn look(component: &[u8]) -> (Inspected, Vec<Stage>) {
    let limits = Limits {
        concurrent_calls: 1,
        ..Limits::default()
    };
    let here = Here(Sandbox::new(limits).unwrap());
    let (mut stages, mut told) = (Vec::new(), Vec::<Check>::new());
    let mut tell = |event: Event<'_>| match event {
        Event::Began(stage) => stages.push(stage),
        Event::Ended(check) => told.push(check.clone()),
    };
    let inspected = inspect(&here, component, &[], &mut tell).unwrap();
    assert_eq!(told, inspected.checks, "every check is told, in its order");
    (inspected, stages)
}
