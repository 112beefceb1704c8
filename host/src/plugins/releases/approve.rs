//! Approving a release: a person says yes to everything it asks for, bound to this one release.

use serde_json::json;

use super::{Description, Release, State, store};
use crate::{
    app::App,
    audit,
    fault::{Fault, Result},
    identity::{Caller, Permission},
    ids::ReleaseId,
    plugins::grants,
};

/// Grants a checked release all that it asks for, so that it can be activated. A later release asks anew.
pub async fn approve(app: &App, caller: &Caller, id: ReleaseId) -> Result<Release> {
    let mut tx = app.db.write(caller, Permission::PluginsApprove).await?;
    let mut release = store::release(&mut tx, id).await?;
    can_be_approved(release.state)?;
    store::set_approved(&mut tx, id).await?;
    let wanted = release
        .description
        .as_ref()
        .map(Description::wanted)
        .unwrap_or_default();
    for capability in &wanted {
        grants::grant(&mut tx, app.id(), id, capability, caller.actor().id).await?;
    }
    let granted: Vec<_> = wanted
        .iter()
        .map(|c| json!({ "kind": c.kind.name(), "handle": c.handle }))
        .collect();
    let detail = json!({ "plugin": release.plugin_name, "digest": release.digest, "granted": granted });
    tx.commit(audit::Event::done("release.approve", id.uuid(), detail))
        .await?;
    release.state = State::Approved;
    Ok(release)
}

fn can_be_approved(state: State) -> Result<()> {
    match state {
        State::Checked => Ok(()),
        State::Approved => Err(Fault::conflict(
            "release_already_approved",
            "the release is approved already",
        )),
        State::Refused => Err(Fault::conflict(
            "release_refused",
            "the release failed a check, so it cannot be approved",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_checked_release_can_be_approved() {
        assert!(can_be_approved(State::Checked).is_ok());
        for state in [State::Approved, State::Refused] {
            assert!(
                matches!(can_be_approved(state), Err(Fault::Refused(_))),
                "{state:?}"
            );
        }
    }
}
