//! Mail to people, in the brand of the reseller they deal with. A mail is queued in the transaction it tells of and sent
//! by the worker once that is kept: at least once, always under the same message id. Knows no templates of its own but a
//! plain text for houses without a brand.

mod content;
mod letter;
mod store;
mod transport;

use serde_json::json;

use crate::{
    app::{App, Timestamp},
    audit,
    db::{Housekeeping, Scope, WriteTx},
    fault::Result,
    identity::{Caller, Permission},
    ids::MailId,
    jobs,
};

pub use content::{Kind, Mail};
pub use transport::{Post, Transport, TransportError};

/// Has the mail sent in the name of a tenant of the transaction's reseller, once the transaction is kept.
pub async fn queue(app: &App, tx: &mut WriteTx, of: Scope, mail: &Mail) -> Result<()> {
    let id: MailId = app.id();
    let key = app.vault.key(tx, of.tenant()).await?;
    let now = tx.now();
    store::insert(tx, of, id, mail.kind, &content::seal(&key, id, mail), now).await?;
    let initiator = tx.initiator();
    jobs::enqueue_for(tx, of.tenant(), jobs::Kind::SendMail(id), now, initiator).await
}

/// Sends a queued mail; without effect for one that was settled.
pub async fn send(app: &App, caller: &Caller, id: MailId) -> Result<()> {
    let mut tx = app.db.read(caller, Permission::AcceptedWork).await?;
    let Some(queued) = store::queued(&mut tx, id).await? else {
        return Ok(());
    };
    let key = app.vault.key(&mut tx, caller.scope().tenant()).await?;
    drop(tx);
    let mail = content::open(&key, id, queued.kind, &queued.sealed)?;
    let letter = letter::write(app, caller, id, &mail).await?;
    if let Err(fault) = app.post.transport.deliver(id, &letter).await {
        let mut tx = app.db.write(caller, Permission::AcceptedWork).await?;
        store::tried(&mut tx, id, "the mail server did not take it").await?;
        tx.commit_housekeeping(Housekeeping::MailAttempt).await?;
        return Err(fault);
    }
    let mut tx = app.db.write(caller, Permission::AcceptedWork).await?;
    let now = tx.now();
    store::sent(&mut tx, id, now).await?;
    let detail = json!({ "kind": mail.kind.name() });
    tx.commit(audit::Event::done("mail.send", id.uuid(), detail))
        .await
}

/// Notes that a mail will not be sent any more.
pub async fn give_up(app: &App, caller: &Caller, id: MailId, error: String) -> Result<()> {
    let mut tx = app.db.write(caller, Permission::AcceptedWork).await?;
    let now = tx.now();
    store::failed(&mut tx, id, &error, now).await?;
    let detail = json!({ "error": error });
    tx.commit(audit::Event::refused("mail.send", id.uuid(), detail))
        .await
}

/// A moment as people read it in mail.
pub fn moment(at: Timestamp) -> String {
    at.format("%Y-%m-%d %H:%M UTC").to_string()
}

/// Whether mail can be sent to this address at all.
pub fn is_address(address: &str) -> bool {
    address.parse::<lettre::Address>().is_ok()
}
