//! Approving a release: a person says yes to everything it asks for, bound to this one release.

use serde_json::json;

use super::{Release, State, compared, description::wanted, store};
use crate::{
    app::App,
    audit,
    fault::{Fault, Result},
    identity::{Caller, Permission},
    ids::{CarrierId, ReleaseId},
    plugins::{grants, runs},
};

/// What somebody says yes to.
#[derive(Debug, Clone)]
pub struct Approval {
    /// The digest of the component that they looked at, in hexadecimal.
    pub digest: String,
    /// The carrier whose active adapter they compared it with.
    pub carrier: Option<CarrierId>,
}

/// Grants a checked release all that it asks for, so that it can be activated. A later release asks anew. Refused as
/// `release_digest_differs` unless it is the component that was looked at. The trail keeps what the yes was to.
pub async fn approve(app: &App, caller: &Caller, id: ReleaseId, yes: Approval) -> Result<Release> {
    let mut tx = app.db.write(caller, Permission::PluginsApprove).await?;
    let release = store::release(&mut tx, id).await?;
    was_looked_at(&yes.digest, &release.digest)?;
    can_be_approved(release.state)?;
    let now = tx.now();
    let reading = compared(&mut tx, release, yes.carrier, now).await?;
    let mut release = reading.release;
    store::set_approved(&mut tx, id).await?;
    // Whatever is called was approved before.
    runs::forget_from_now_on(&mut tx).await?;
    let asked = release.description.as_ref().map(wanted).unwrap_or_default();
    for capability in &asked {
        grants::grant(&mut tx, app.id(), id, capability, caller.actor().id).await?;
    }
    let granted: Vec<_> = asked
        .iter()
        .map(|c| json!({ "kind": c.kind.name(), "handle": c.handle }))
        .collect();
    let detail = json!({
        "plugin": release.plugin_name,
        "digest": release.digest,
        "granted": granted,
        "against": reading.against.map(|active| active.digest),
        "difference": reading.difference.told(),
    });
    tx.commit(audit::Event::done("release.approve", id.uuid(), detail))
        .await?;
    release.state = State::Approved;
    Ok(release)
}

fn was_looked_at(looked_at: &str, digest: &str) -> Result<()> {
    if looked_at.eq_ignore_ascii_case(digest) {
        return Ok(());
    }
    let looked_at = nexusport_sandbox::clean(looked_at, 64);
    let message = format!("the release's digest is {digest}, and {looked_at} was to be approved");
    Err(Fault::conflict("release_digest_differs", message))
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
    fn a_yes_is_to_one_digest() {
        let digest = "ab".repeat(32);
        assert!(was_looked_at(&digest, &digest).is_ok());
        assert!(was_looked_at(&digest.to_uppercase(), &digest).is_ok());
        for other in ["", "ab", &"ac".repeat(32)] {
            let Err(Fault::Refused(refusal)) = was_looked_at(other, &digest) else {
                panic!("{other} passed")
            };
            assert_eq!(refusal.code, "release_digest_differs");
            assert!(refusal.message.contains(&digest), "{}", refusal.message);
        }
    }

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
