//! Where the host looks at an upload: bytes are read in the compile child, and each call waits for its turn among all
//! other tenants' calls.

use bytes::Bytes;
use nexusport_inspection::{Called, Event, Inspected, Interrupted, Place, Turn, inspect};
use nexusport_sandbox::{Artifact, Class, Plugin, Report, Run, World};
use tokio::{runtime::Handle, sync::mpsc::UnboundedSender};

use super::{Progress, Upload, aside::aside};
use crate::{
    app::App,
    fault::{Fault, Result},
    identity::Caller,
    plugins::{
        failure,
        runs::{self, Attempt},
    },
};

/// Looks at a component that has to be of all these worlds, and tells each check as it was made.
pub(super) async fn examine(
    app: &App,
    caller: &Caller,
    upload: &Upload,
    wanted: Vec<World>,
    tell: UnboundedSender<Progress>,
) -> Result<Inspected> {
    let turn = app.plugins.upload_turn(caller.scope(), upload.class).await?;
    let house = House {
        app: app.clone(),
        caller: caller.clone(),
        class: upload.class,
        component: upload.component.clone(),
        runtime: Handle::current(),
        why: Default::default(),
    };
    aside(move || {
        let _turn = turn;
        let mut tell = |event: Event<'_>| {
            // Whoever listened may have gone; the upload goes on.
            let _ = tell.send(match event {
                Event::Began(stage) => Progress::Began(stage),
                Event::Ended(check) => Progress::Ended(check.clone()),
            });
        };
        inspect(&house, &house.component, &wanted, &mut tell).map_err(|interrupted| match interrupted {
            Interrupted::Place => house
                .why
                .take()
                .unwrap_or_else(|| Fault::broken("no reason was left")),
            Interrupted::Sandbox(failure) => failure::fault(failure),
        })
    })
    .await?
}

/// The host, at work for a caller. Used on a thread that may block.
struct House {
    app: App,
    caller: Caller,
    class: Class,
    /// What it looks at, which may be megabytes.
    component: Bytes,
    runtime: Handle,
    /// Why it could not go on.
    why: std::cell::RefCell<Option<Fault>>,
}

impl House {
    fn wait<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T, Interrupted> {
        self.runtime.block_on(work).map_err(|fault| {
            self.why.replace(Some(fault));
            Interrupted::Place
        })
    }
}

impl Place for House {
    fn compile(&self, component: &[u8]) -> Result<Report, Interrupted> {
        let component = self.component.slice_ref(component);
        let scope = self.caller.scope();
        self.wait(self.app.plugins.check(scope, self.class, component))
    }

    fn load(&self, artifact: &Artifact) -> Result<Plugin, Interrupted> {
        let tried = self.app.plugins.try_out(self.class, artifact);
        tried.map_err(Interrupted::Sandbox)
    }

    fn turn(&self) -> Result<Turn, Interrupted> {
        let turn = self.wait(self.app.plugins.turn(self.caller.scope()))?;
        Ok(Box::new(turn))
    }

    /// One record for all calls of a function: they are the host's own, and nobody's bill or order hangs on any of them.
    fn called(&self, calls: Called) -> Result<(), Interrupted> {
        let Called {
            digest,
            function,
            count,
            usage,
            failure,
        } = calls;
        let input_hash = blake3::hash(format!("{digest} {function} {count}").as_bytes());
        let run = Run::<()> {
            result: failure.map_or(Ok(()), Err),
            usage,
            log: String::new(),
        };
        let called = runs::Called {
            digest,
            function,
            input_hash: *input_hash.as_bytes(),
        };
        self.wait(runs::record(
            &self.app,
            &self.caller,
            &called,
            &[Attempt::of(&run)],
        ))
    }
}
