//! Credentials: a carrier's secrets, each with the only destinations that it may leave the host for.

use serde_json::json;

use super::{handle, secret::Secret, store};
use crate::{
    app::{App, Timestamp},
    audit,
    db::{Tx as _, WriteTx},
    fault::{Fault, Result},
    identity::{Caller, Permission},
    ids::{CarrierId, CredentialId},
};

/// A secret of a carrier, without the secret: that is never shown again.
#[derive(Debug, Clone)]
pub struct Credential {
    /// Which one. Setting a handle anew makes a new one.
    pub id: CredentialId,
    /// What the adapter calls it.
    pub handle: String,
    /// `bearer`, `header`, `basic` or `oauth2`.
    pub kind: String,
    /// Handles of the destinations it is bound to.
    pub destinations: Vec<String>,
    /// When it was set.
    pub created_at: Timestamp,
}

/// A credential to set.
pub struct NewCredential {
    /// The secret itself.
    pub secret: Secret,
    /// The destinations it may leave the host for. A client's token destination joins them by itself.
    pub destinations: Vec<String>,
}

/// Sets a handle's secret, in place of the one before, which is destroyed.
pub async fn set_credential(
    app: &App,
    caller: &Caller,
    carrier: CarrierId,
    handle: &str,
    new: NewCredential,
) -> Result<Credential> {
    handle::check(handle)?;
    new.secret.check()?;
    let mut tx = app.db.write(caller, Permission::CarriersWrite).await?;
    store::lock_carrier(&mut tx, carrier).await?;
    let credential = Credential {
        id: app.id(),
        handle: handle.to_owned(),
        kind: new.secret.kind().to_owned(),
        destinations: bound(&mut tx, carrier, &new).await?,
        created_at: tx.now(),
    };
    let reseller = tx.scope().reseller();
    let key = app.vault.key(&mut tx, reseller).await?;
    let sealed = key.seal(&context(credential.id), &new.secret.to_plain());
    store::remove_credential(&mut tx, carrier, handle).await?;
    store::insert_credential(&mut tx, carrier, &credential, &sealed).await?;
    tx.commit(told("credential.set", carrier, &credential)).await?;
    Ok(credential)
}

/// Destroys a handle's secret.
pub async fn remove_credential(app: &App, caller: &Caller, carrier: CarrierId, handle: &str) -> Result<()> {
    let mut tx = app.db.write(caller, Permission::CarriersWrite).await?;
    store::lock_carrier(&mut tx, carrier).await?;
    let id = store::remove_credential(&mut tx, carrier, handle).await?;
    let id = id.ok_or(Fault::Missing)?;
    let detail = json!({ "carrier": carrier.uuid(), "handle": handle });
    tx.commit(audit::Event::done("credential.remove", id.uuid(), detail))
        .await
}

/// What a credential is sealed for: moved to another row, it does not open.
pub(super) fn context(id: CredentialId) -> String {
    format!("credential:{id}")
}

async fn bound(tx: &mut WriteTx, carrier: CarrierId, new: &NewCredential) -> Result<Vec<String>> {
    let mut wanted = new.destinations.clone();
    if let Secret::OAuth2(client) = &new.secret {
        wanted.push(client.token_destination.clone());
    }
    wanted.sort();
    wanted.dedup();
    let present = store::destinations(tx, carrier).await?;
    for handle in &wanted {
        if !present.iter().any(|destination| destination.handle == *handle) {
            // An unknown handle can have any length; the rule names it only when it is one.
            handle::check(handle)?;
            let unknown = format!("the carrier has no destination {handle}");
            return Err(Fault::invalid("destination_unknown", unknown));
        }
    }
    if wanted.is_empty() {
        let rule = "a credential is bound to at least one destination";
        return Err(Fault::invalid("destination_needed", rule));
    }
    Ok(wanted)
}

fn told(action: &'static str, carrier: CarrierId, credential: &Credential) -> audit::Event {
    let detail = json!({
        "carrier": carrier.uuid(),
        "handle": credential.handle,
        "kind": credential.kind,
        "destinations": credential.destinations,
    });
    audit::Event::done(action, credential.id.uuid(), detail)
}
