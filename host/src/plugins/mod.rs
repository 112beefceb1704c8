//! Code that resellers bring: uploaded, checked, approved, activated, called. The sandbox crate does the calling;
//! this module knows whose code it is, what it may do and which release serves whom. It does not know what an answer
//! is used for: operations, prices and pages are other modules' business.

mod activations;
mod brands;
mod calls;
mod failure;
mod fallback;
mod front;
mod grants;
mod notified;
mod releases;
mod runs;
mod runtime;

pub use activations::{
    Activation, FailureTrip, NewActivation, PriceTrip, Reason, Served, Serves, Serving, Trip, Whom,
    Withdrawal, activate, activation, activations, cancel, candidate, judge, reject_answer, roll_back,
    served, serving, serving_before, serving_throughout, stored_activation, take_back,
};
pub use brands::{document, labels, message, theme};
pub use calls::{carrier_description, carrier_next, price};
pub use fallback::{brands_to_try, is_a_plugins, pricing_instead};
pub use front::{Front, front};
pub use grants::{Capability, CapabilityKind, Changed, Claim, ClaimKind, Difference};
pub use notified::carrier_notified;
pub use releases::{
    Approval, Description, Plugin, Progress, Reading, Release, Says, State, Told, Upload, approve, list,
    pinned, release, releases, report, upload, upload_followed,
};
pub use runs::{
    Differing, Examined, Keeping, Reading as RunReading, Replayed, Run, RunFilter, examine, fixture,
    forget as forget_runs, replay, run, runs,
};
pub use runtime::{Runtime, RuntimeOptions};

use nexusport_sandbox::{Class, World};

use crate::fault::{Fault, Result};

/// The world of this name in the database, where a check admits no other.
fn world_named(name: &str) -> Result<World> {
    World::ALL
        .into_iter()
        .find(|world| world.name() == name)
        .ok_or_else(|| Fault::broken(format!("{name} is no world")))
}

/// The class of this name in the database, where a check admits no other.
fn class_named(name: &str) -> Result<Class> {
    [Class::Light, Class::Heavy]
        .into_iter()
        .find(|class| class.name() == name)
        .ok_or_else(|| Fault::broken(format!("{name} is no class")))
}
