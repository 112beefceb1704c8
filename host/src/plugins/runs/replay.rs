//! Asking a kept question again: on this host, where the answer is compared to the byte, and on the author's machine, for
//! which a fixture is given out.

use std::sync::Arc;

use nexusport_sandbox::{
    Plugin,
    fixture::{Difference, Fixture, Replay, Verdict},
};
use serde_json::json;
use tokio::task::spawn_blocking;
use uuid::Uuid;

use super::{About, Attempt, Called, Keeping, Run, Sealer, keep, record_about, store};
use crate::{
    app::App,
    audit,
    db::ReadTx,
    fault::{Fault, Result},
    identity::{Caller, Permission, Purpose},
    limits,
    plugins::{calls, failure},
};

/// What asking again showed.
#[derive(Debug, Clone, PartialEq)]
pub struct Replayed {
    /// The run whose question it was.
    pub run: Run,
    /// Where the two outcomes first differ; none where they are the same.
    pub difference: Option<Difference>,
    /// Units of fuel that it took this time.
    pub fuel: u64,
    /// Which build of the sandbox ran it this time.
    pub build: &'static str,
}

/// Asks the same release the same again. Refused as `run_not_kept` where it is not known any more what was asked.
pub async fn replay(app: &App, caller: &Caller, id: Uuid) -> Result<Replayed> {
    let mut tx = app.db.read(caller, Permission::PluginsReplay).await?;
    let (run, fixture) = kept(app, &mut tx, id).await?;
    drop(tx);
    let release = run.release.ok_or(Fault::Missing)?;
    limits::admit_plugin_work(app, caller).await?;
    let (plugin, _) = calls::load(app, caller, Purpose::RunRecord, release).await?;
    let replay = again(app, caller, plugin, fixture).await?;
    let called = Called {
        digest: run.digest.clone(),
        function: replay.function,
        input_hash: hash_of(&run)?,
    };
    let about = About {
        release: Some(release),
        evidence: None,
        replay_of: Some(id),
    };
    record_about(app, caller, &called, &[Attempt::of(&replay.run)], about).await?;
    let difference = match replay.verdict {
        Verdict::Same => None,
        Verdict::Differs(difference) => Some(difference),
        Verdict::Unclear(failure) => return Err(failure::fault(failure)),
    };
    let tx = app.db.write(caller, Permission::PluginsReplay).await?;
    let detail = json!({ "digest": run.digest, "function": run.function, "same": difference.is_none() });
    tx.commit(audit::Event::done("plugin_run.replay", id, detail))
        .await?;
    Ok(Replayed {
        run,
        difference,
        fuel: replay.run.usage.fuel,
        build: nexusport_sandbox::BUILD,
    })
}

/// The call as a document that its author can ask again. Whoever takes it along is in the trail.
pub async fn fixture(app: &App, caller: &Caller, id: Uuid) -> Result<Fixture> {
    let mut tx = app.db.read(caller, Permission::PluginsReplay).await?;
    let (run, fixture) = kept(app, &mut tx, id).await?;
    drop(tx);
    let tx = app.db.write(caller, Permission::PluginsReplay).await?;
    let detail = json!({ "digest": run.digest, "function": run.function });
    tx.commit(audit::Event::done("plugin_run.fixture", id, detail))
        .await?;
    Ok(fixture)
}

pub(super) async fn kept(app: &App, tx: &mut ReadTx, id: Uuid) -> Result<(Run, Fixture)> {
    let run = store::find(tx, id).await?;
    let Some(sealed) = store::sealed(tx, id).await?.kept else {
        return Err(Fault::conflict("run_not_kept", not_kept(run.keeping)));
    };
    let document = Sealer::new(app).open(tx, &keep::fixture_of(id), &sealed).await?;
    let fixture = Fixture::read(&document)
        .map_err(|unreadable| Fault::conflict("run_not_kept", unreadable.to_string()))?;
    Ok((run, fixture))
}

fn not_kept(why: Keeping) -> String {
    let why = match why {
        Keeping::Kept | Keeping::NotSampled => {
            "it was answered, and no answered call is kept but those that are sampled".to_owned()
        }
        Keeping::TooLarge => format!("it had more than {} bytes", keep::KEPT_BYTES),
        Keeping::Secret => "it held what lets somebody in".to_owned(),
    };
    format!("what this call was asked is not kept: {why}")
}

pub(super) async fn again(
    app: &App,
    caller: &Caller,
    plugin: Arc<Plugin>,
    fixture: Fixture,
) -> Result<Replay> {
    let turn = app.plugins.turn(caller.scope()).await?;
    let replayed = spawn_blocking(move || {
        let replayed = fixture.replay(&plugin);
        drop(turn);
        replayed
    });
    replayed
        .await?
        .map_err(|unreadable| Fault::conflict("run_not_kept", unreadable.to_string()))
}

fn hash_of(run: &Run) -> Result<[u8; 32]> {
    let mut hash = [0; 32];
    hex::decode_to_slice(&run.input_hash, &mut hash)?;
    Ok(hash)
}
