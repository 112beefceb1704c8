//! A tenant's dead letters: jobs that were set aside, so that a person can look.

use super::store;
use crate::{
    app::{App, Timestamp},
    fault::Result,
    identity::{Caller, Permission},
    ids::{JobId, TenantId},
    page::{Items, Page},
};

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
    Ok(page.cut(caller.scope(), "jobs/dead", rows, |dead| dead.id.uuid()))
}
