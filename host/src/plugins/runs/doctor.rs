//! What a build of the host would change: every kept question that a reseller's active releases answered is asked again and
//! compared. It says where, and nothing of what was asked or answered.

use uuid::Uuid;

use nexusport_sandbox::fixture::Verdict;

use super::{replay, store};
use crate::{
    app::App,
    fault::{Fault, Result},
    identity::{Caller, Permission, Purpose},
    ids::ReleaseId,
    plugins::calls,
};

/// Of one release, the newest so many kept calls are asked again.
const CALLS: i64 = 200;

/// How a release does on this build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Examined {
    /// Which one.
    pub release: ReleaseId,
    /// SHA-256 of the component, in hexadecimal.
    pub digest: String,
    /// Its plugin's name.
    pub plugin: String,
    /// Why it cannot be called at all.
    pub not_loaded: Option<String>,
    /// Calls with the same outcome as when they were kept.
    pub same: u32,
    /// Calls with another.
    pub differs: Vec<Differing>,
    /// Calls that this machine could not tell of, or whose form this build does not read.
    pub unclear: u32,
}

/// A call with another outcome than when it was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Differing {
    /// The run that was kept.
    pub run: Uuid,
    /// Its function.
    pub function: &'static str,
    /// The first place that differs.
    pub at: String,
}

impl Examined {
    /// Whether this build serves the release as the one before did.
    pub fn is_well(&self) -> bool {
        self.not_loaded.is_none() && self.differs.is_empty()
    }
}

/// Examines every release that an activation of the caller's house names.
pub async fn examine(app: &App, caller: &Caller) -> Result<Vec<Examined>> {
    let mut tx = app.db.read(caller, Permission::PluginsReplay).await?;
    let activated = store::activated(&mut tx).await?;
    drop(tx);
    let mut examined = Vec::with_capacity(activated.len());
    for store::Activated {
        release,
        digest,
        plugin,
    } in activated
    {
        let mut one = Examined {
            release,
            digest,
            plugin,
            not_loaded: None,
            same: 0,
            differs: Vec::new(),
            unclear: 0,
        };
        ask(app, caller, &mut one).await?;
        examined.push(one);
    }
    Ok(examined)
}

async fn ask(app: &App, caller: &Caller, examined: &mut Examined) -> Result<()> {
    let plugin = match calls::load(app, caller, Purpose::RunRecord, examined.release).await {
        Ok((plugin, _)) => plugin,
        Err(fault) => {
            examined.not_loaded = Some(fault.to_string());
            return Ok(());
        }
    };
    let mut tx = app.db.read(caller, Permission::PluginsReplay).await?;
    let runs = store::kept_of(&mut tx, examined.release, CALLS).await?;
    drop(tx);
    for run in runs {
        let mut tx = app.db.read(caller, Permission::PluginsReplay).await?;
        let kept = replay::kept(app, &mut tx, run).await;
        drop(tx);
        let replayed = match kept {
            Ok((_, fixture)) => replay::again(app, caller, plugin.clone(), fixture).await,
            Err(fault) => Err(fault),
        };
        match replayed {
            Ok(replay) => match replay.verdict {
                Verdict::Same => examined.same += 1,
                Verdict::Differs(difference) => examined.differs.push(Differing {
                    run,
                    function: replay.function,
                    at: difference.at,
                }),
                Verdict::Unclear(_) => examined.unclear += 1,
            },
            Err(Fault::Refused(_)) => examined.unclear += 1,
            Err(fault) => return Err(fault),
        }
    }
    Ok(())
}
