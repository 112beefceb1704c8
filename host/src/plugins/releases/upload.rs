//! Uploading: a stranger's bytes become a release, or a report of why not.

use bytes::Bytes;
use nexusport_inspection::{Check, Inspected};
use nexusport_sandbox::{Class, World};
use serde_json::{Value, json};
use tokio::{
    sync::mpsc::{UnboundedSender, unbounded_channel},
    task::JoinHandle,
};
use tracing::Instrument as _;

use super::{Plugin, Progress, Release, State, examine::examine, store};
use crate::{
    app::App,
    audit,
    db::WriteTx,
    fault::{Fault, RefusalKind, Result},
    identity::{Caller, Permission},
    limits,
};

/// A component to make a release of.
#[derive(Debug, Clone)]
pub struct Upload {
    /// The plugin's name; the first release makes the plugin.
    pub plugin: String,
    /// What the uploader believes it to be; a component of another world is refused.
    pub world: Option<World>,
    /// The limits that it is to be held to.
    pub class: Class,
    /// A WebAssembly component.
    pub component: Bytes,
}

/// Checks a component and keeps it as a release of the plugin; the same component again is the same release.
///
/// A component that fails a check is refused as `component_refused`, with the check, its figure and its limit. Its
/// report is kept: with the plugin, or in the audit trail alone while nobody knows which world the plugin is to be.
pub async fn upload(app: &App, caller: &Caller, upload: Upload) -> Result<Release> {
    let (tell, _) = unbounded_channel();
    begin(app, caller, upload, tell).await?
}

/// Begins the same, and tells each check as it was made. It goes on to its end when nobody waits for it any more: a
/// client that hangs up loses the view and not the upload.
pub(super) fn begin(
    app: &App,
    caller: &Caller,
    upload: Upload,
    tell: UnboundedSender<Progress>,
) -> JoinHandle<Result<Release>> {
    let (app, caller) = (app.clone(), caller.clone());
    let work = async move { take_in(&app, &caller, &upload, tell).await };
    tokio::spawn(work.in_current_span())
}

async fn take_in(
    app: &App,
    caller: &Caller,
    upload: &Upload,
    tell: UnboundedSender<Progress>,
) -> Result<Release> {
    if !is_name(&upload.plugin) {
        return Err(bad_name(&upload.plugin));
    }
    let digest = app.plugins.digest(upload.component.clone()).await?;
    let mut tx = app.db.read(caller, Permission::PluginsUpload).await?;
    let known = store::by_digest(&mut tx, &upload.plugin, &digest).await?;
    let plugin = store::plugin(&mut tx, &upload.plugin).await?;
    drop(tx);
    if let Some(release) = known {
        return Ok(release);
    }
    limits::admit_class(app, caller, upload.class).await?;
    limits::admit_plugin_work(app, caller).await?;
    let wanted: Vec<World> = plugin
        .map(|plugin| plugin.world)
        .into_iter()
        .chain(upload.world)
        .collect();
    let examined = examine(app, caller, upload, wanted, tell).await?;
    if let Some(accepted) = &examined.accepted {
        let reseller = caller.scope().reseller();
        let artifact = accepted.artifact.clone();
        app.plugins.keep(reseller, upload.class, artifact).await?;
    }
    match keep(app, caller, upload, &examined).await? {
        Some(release) if release.state != State::Refused => Ok(release),
        _ => Err(refused(examined.failed())),
    }
}

/// The stored release; none where a refused component is of a plugin that does not exist and whose world is unknown.
async fn keep(app: &App, caller: &Caller, upload: &Upload, examined: &Inspected) -> Result<Option<Release>> {
    let mut tx = app.db.write(caller, Permission::PluginsUpload).await?;
    let description = examined.accepted.as_ref().map(|accepted| &accepted.description);
    let accepted = description.is_some();
    // A refused component makes a plugin only of the world that both the uploader and the component name.
    let world = examined
        .world
        .filter(|_| accepted)
        .or(upload.world.filter(|w| examined.world.is_none_or(|is| is == *w)));
    let Some(plugin) = plugin(app, &mut tx, &upload.plugin, world).await? else {
        let mut detail = detail(upload, examined);
        detail["report"] = serde_json::to_value(&examined.checks)?;
        tx.commit(audit::Event::refused("release.upload", None, detail))
            .await?;
        return Ok(None);
    };
    if accepted && Some(plugin.world) != examined.world {
        return Err(Fault::conflict(
            "plugin_world_taken",
            "the plugin was just made with another world",
        ));
    }
    let release = Release {
        id: app.id(),
        plugin: plugin.id,
        plugin_name: plugin.name,
        world: plugin.world,
        digest: examined.digest.clone(),
        size_bytes: upload.component.len() as u64,
        version: description.map_or_else(String::new, |d| d.says.about().version.clone()),
        description: description.cloned(),
        state: if accepted { State::Checked } else { State::Refused },
        class: upload.class,
        created_at: tx.now(),
    };
    let component = accepted.then_some(&*upload.component);
    if !store::add_release(&mut tx, &release, &examined.checks, component).await? {
        return store::by_digest(&mut tx, &upload.plugin, &release.digest).await;
    }
    let (id, detail) = (release.id.uuid(), detail(upload, examined));
    let event = if accepted {
        audit::Event::done
    } else {
        audit::Event::refused
    };
    tx.commit(event("release.upload", Some(id), detail)).await?;
    Ok(Some(release))
}

/// The plugin of this name, made if its world is known.
async fn plugin(app: &App, tx: &mut WriteTx, name: &str, world: Option<World>) -> Result<Option<Plugin>> {
    if let Some(plugin) = store::plugin(tx, name).await? {
        return Ok(Some(plugin));
    }
    let Some(world) = world else { return Ok(None) };
    let plugin = Plugin {
        id: app.id(),
        name: name.to_owned(),
        world,
        created_at: tx.now(),
    };
    if !store::add_plugin(tx, &plugin).await? {
        return store::plugin(tx, name).await;
    }
    let detail = json!({ "name": name, "world": world.name() });
    tx.record(audit::Event::done("plugin.add", plugin.id.uuid(), detail))
        .await?;
    Ok(Some(plugin))
}

fn detail(upload: &Upload, examined: &Inspected) -> Value {
    let failed = examined.failed();
    json!({
        "plugin": upload.plugin,
        "digest": examined.digest,
        "failed": failed.map(|check| json!({ "check": check.name, "figure": check.figure, "limit": check.limit })),
    })
}

fn refused(failed: Option<&Check>) -> Fault {
    let Some(check) = failed else {
        return Fault::broken("a component was refused though every check passed");
    };
    let kind = if check.name == "component_bytes" {
        RefusalKind::TooLarge
    } else {
        RefusalKind::Invalid
    };
    let figure = |words: &str, figure: Option<u64>| {
        figure.map_or_else(String::new, |figure| format!(", {words} {figure}"))
    };
    let (is, limit) = (figure("figure", check.figure), figure("limit", check.limit));
    let message = format!(
        "the component fails the check {}{is}{limit}: {}",
        check.name, check.message
    );
    Fault::refused(kind, "component_refused", message)
}

/// What the database's rule plugin_name says, so that nothing is compiled in vain.
fn is_name(name: &str) -> bool {
    let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    (1..=64).contains(&name.len())
        && name.chars().all(inner)
        && !name.starts_with('-')
        && !name.ends_with('-')
}

pub(super) fn bad_name(name: &str) -> Fault {
    let characters = name.chars().count();
    Fault::invalid(
        "plugin_name_invalid",
        format!(
            "a plugin's name is 1 to 64 lower-case letters, digits and hyphens, with no hyphen at either end; this one has \
             {characters} characters"
        ),
    )
}

#[cfg(test)]
mod tests {
    use nexusport_inspection::Outcome;

    use super::*;

    #[test]
    fn names_are_lower_case_words() {
        for good in ["a", "acme-carrier", "9", &"a".repeat(64)] {
            assert!(is_name(good), "{good}");
        }
        for bad in ["", "-a", "a-", "A", "a b", "a_b", "ä", &"a".repeat(65)] {
            assert!(!is_name(bad), "{bad}");
        }
    }

    #[test]
    fn a_refusal_names_check_figure_and_limit() {
        let check = Check {
            name: "functions".to_owned(),
            outcome: Outcome::Failed,
            figure: Some(9),
            limit: Some(5),
            message: "functions: 9, the limit is 5".to_owned(),
        };
        let Fault::Refused(refusal) = refused(Some(&check)) else {
            panic!("a failed check is a refusal");
        };
        assert_eq!(refusal.code, "component_refused");
        assert_eq!(
            refusal.message,
            "the component fails the check functions, figure 9, limit 5: functions: 9, the limit is 5"
        );
    }
}
