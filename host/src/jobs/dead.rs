//! A tenant's dead letters: jobs that were set aside, so that a person can look, and have them done again or let them be.

use serde_json::json;

use super::{Kind, store};
use crate::{
    app::{App, Timestamp},
    audit,
    db::WriteTx,
    fault::{Fault, Result},
    identity::{Caller, Permission},
    ids::{JobId, TenantId},
    page::{Items, Page},
};

/// The name of the list in cursors.
pub const DEAD: &str = "jobs/dead";

/// A job that was set aside.
#[derive(Debug, Clone, PartialEq)]
pub struct Dead {
    /// Which one.
    pub id: JobId,
    /// Whose.
    pub tenant: TenantId,
    /// What it should have done: a name of [`Kind`](super::Kind).
    pub kind: String,
    /// The row it is about.
    pub subject: uuid::Uuid,
    /// When its last attempt was due.
    pub due_at: Timestamp,
    /// How often it was tried.
    pub attempts: u32,
    /// What was in the way at last.
    pub error: String,
}

/// The caller's dead letters, its customers' included for a reseller.
pub async fn dead(app: &App, caller: &Caller, page: Page) -> Result<Items<Dead>> {
    let mut tx = app.db.read(caller, Permission::BandwidthRead).await?;
    let rows = store::dead::list(&mut tx, page).await?;
    Ok(page.cut(caller.scope(), DEAD, rows, |dead| dead.id.uuid()))
}

/// What a dead letter is about, kept from others until the transaction ends.
pub async fn dead_letter(tx: &mut WriteTx, id: JobId) -> Result<Kind> {
    let letter = store::dead::lock(tx, id).await?;
    Kind::parse(&letter.kind, letter.subject_id).ok_or_else(|| {
        let message = format!("this host does no jobs of kind {}", letter.kind);
        Fault::conflict("job_unknown", message)
    })
}

/// Has a dead letter wait again, as if it had never been tried.
pub async fn revive(tx: &mut WriteTx, id: JobId) -> Result<()> {
    store::dead::revive(tx, id).await?;
    tx.wakes_the_worker();
    Ok(())
}

/// Takes a dead letter off the list: its work is done in another way.
pub async fn bury(tx: &mut WriteTx, id: JobId) -> Result<()> {
    store::dead::discard(tx, id).await
}

/// Lets one of the caller's dead letters be.
pub async fn discard(app: &App, caller: &Caller, id: JobId) -> Result<()> {
    let mut tx = app.db.write(caller, Permission::WorkRepair).await?;
    let letter = store::dead::lock(&mut tx, id).await?;
    bury(&mut tx, id).await?;
    let detail = json!({ "kind": letter.kind, "subject": letter.subject_id });
    tx.commit(audit::Event::done("job.discard", id.uuid(), detail))
        .await
}
