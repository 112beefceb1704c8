//! Plugins and their releases: uploaded components, immutable, named by their digest, with the report of every check
//! and what a person approved. Knows nothing of when a release serves whom; `activations` does.

mod approve;
mod aside;
mod description;
mod examine;
mod follow;
mod store;
mod upload;

use std::collections::BTreeSet;

use nexusport_inspection::{Check, Stage};
use nexusport_sandbox::{Class, World};

use crate::{
    app::{App, Timestamp},
    db::Tx,
    fault::{Fault, Result},
    identity::{Caller, Permission},
    ids::{CarrierId, PluginId, ReleaseId},
    page::{Items, Page},
    plugins::{
        activations,
        grants::{self, Capability, Difference},
    },
};

pub use approve::{Approval, approve};
pub use description::{Description, Says};
pub use follow::{Told, upload_followed};
pub use upload::{Upload, upload};

/// A name in a reseller's house that releases are uploaded under.
#[derive(Debug, Clone, PartialEq)]
pub struct Plugin {
    /// Its id.
    pub id: PluginId,
    /// Unique in the house.
    pub name: String,
    /// What all of its releases are.
    pub world: World,
    /// When its first release was uploaded.
    pub created_at: Timestamp,
}

/// How far a release has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// A check failed; its bytes were not kept.
    Refused,
    /// Every check passed; nobody has approved what it asks for.
    Checked,
    /// It can be activated.
    Approved,
}

impl State {
    /// The word in the database and on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Checked => "checked",
            Self::Approved => "approved",
        }
    }

    fn parse(name: &str) -> Result<Self> {
        [Self::Refused, Self::Checked, Self::Approved]
            .into_iter()
            .find(|state| state.name() == name)
            .ok_or_else(|| Fault::broken(format!("{name} is no state of a release")))
    }
}

/// An uploaded component.
#[derive(Debug, Clone, PartialEq)]
pub struct Release {
    /// Its id.
    pub id: ReleaseId,
    /// The plugin it is a release of.
    pub plugin: PluginId,
    /// That plugin's name.
    pub plugin_name: String,
    /// What it is.
    pub world: World,
    /// SHA-256 of the component, in hexadecimal.
    pub digest: String,
    /// Size of the component.
    pub size_bytes: u64,
    /// The author's version; empty for a component that never told.
    pub version: String,
    /// What it says about itself; none where it was refused before it could.
    pub description: Option<Description>,
    /// How far it has come.
    pub state: State,
    /// The limits that it was held to, and is in every call.
    pub class: Class,
    /// When it was uploaded.
    pub created_at: Timestamp,
}

/// A release with what somebody has to know who approves it.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// The release.
    pub release: Release,
    /// What it is compared with; none where nothing is active.
    pub against: Option<Release>,
    /// How what it asks for and declares differs from that.
    pub difference: Difference,
}

/// What is told while an upload is looked at.
#[derive(Debug, Clone, PartialEq)]
pub enum Progress {
    /// What takes its time now.
    Began(Stage),
    /// A check was made.
    Ended(Check),
}

/// What calling a release takes: fixed from its approval on.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Callable {
    pub digest: String,
    pub world: World,
    pub class: Class,
    pub granted: BTreeSet<Capability>,
}

/// The caller's plugins.
pub async fn list(app: &App, caller: &Caller, page: Page) -> Result<Items<Plugin>> {
    let mut tx = app.db.read(caller, Permission::PluginsRead).await?;
    let rows = store::plugins(&mut tx, page).await?;
    Ok(page.cut(caller.scope(), "plugins", rows, |plugin| plugin.id.uuid()))
}

/// A plugin's releases, refused ones among them.
pub async fn releases(app: &App, caller: &Caller, plugin: &str, page: Page) -> Result<Items<Release>> {
    let mut tx = app.db.read(caller, Permission::PluginsRead).await?;
    let plugin = store::plugin(&mut tx, plugin).await?.ok_or(Fault::Missing)?;
    let rows = store::releases(&mut tx, plugin.id, page).await?;
    Ok(page.cut(caller.scope(), "releases", rows, |release| release.id.uuid()))
}

/// One release and how what it claims differs from what is active: at this carrier, where one is named.
pub async fn release(
    app: &App,
    caller: &Caller,
    id: ReleaseId,
    carrier: Option<CarrierId>,
) -> Result<Reading> {
    let mut tx = app.db.read(caller, Permission::PluginsRead).await?;
    let release = store::release(&mut tx, id).await?;
    compared(&mut tx, release, carrier, app.now()).await
}

/// Beside what serves all of the reseller's customers; where nothing does, beside the plugin's own active release.
async fn compared(
    tx: &mut impl Tx,
    release: Release,
    carrier: Option<CarrierId>,
    at: Timestamp,
) -> Result<Reading> {
    let active = activations::active_beside(tx, &release, carrier, at).await?;
    let against = match active {
        Some(active) => Some(store::release(tx, active).await?),
        None => None,
    };
    let claims = |release: &Release| {
        release
            .description
            .as_ref()
            .map(grants::claims)
            .unwrap_or_default()
    };
    let before = against.as_ref().map(claims).unwrap_or_default();
    Ok(Reading {
        difference: Difference::between(&before, claims(&release)),
        release,
        against,
    })
}

/// Every check that was made of a release, in order.
pub async fn report(app: &App, caller: &Caller, id: ReleaseId) -> Result<Vec<Check>> {
    let mut tx = app.db.read(caller, Permission::PluginsRead).await?;
    store::report(&mut tx, id).await
}

/// The digest of a release, for whoever pins it.
pub async fn pinned(tx: &mut impl Tx, release: ReleaseId) -> Result<String> {
    Ok(store::release(tx, release).await?.digest)
}

pub(super) use store::{callable, component, release as stored};
