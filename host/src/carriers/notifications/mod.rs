//! What carriers say by themselves. A notification wakes what waits for it, or has a port read; what it says is never
//! believed. It is kept as it came, sealed, for as long as [`KEPT`].
//!
//! A flood is turned away at the inbox of its carrier before anything of it is kept, and what is kept is worked off in its
//! own reseller's part of the queue.

mod handle;
mod receive;
mod store;

use chrono::TimeDelta;
pub use handle::{handle, set_aside};
use nexusport_sandbox::carrier::Header;
pub use receive::{receive, too_large};

use super::operations;
use crate::{
    app::{App, Timestamp},
    fault::Result,
    identity::{Caller, Permission},
    ids::{CarrierId, NotificationId, OperationId},
    page::{Items, Page},
};

/// The largest body of a notification.
pub const MAX_BODY_BYTES: usize = 64 * 1024;

/// How long a notification is kept.
const KEPT: TimeDelta = TimeDelta::days(30);

/// Something a carrier said by itself.
#[derive(Debug, Clone)]
pub struct Notification {
    /// Which one.
    pub id: NotificationId,
    /// Whose.
    pub carrier: CarrierId,
    /// Where it stands.
    pub state: String,
    /// What the adapter says that it is about.
    pub keys: Vec<String>,
    /// The operations that it woke, or that it had started.
    pub operations: Vec<OperationId>,
    /// Why nothing came of it.
    pub reason: Option<String>,
    /// When it first came.
    pub received_at: Timestamp,
    /// How often the same one came.
    pub times: u32,
    /// When it last came.
    pub last_at: Timestamp,
    /// As it came.
    pub content: Content,
}

/// A notification as it came, without what could show who sent it.
#[derive(Debug, Clone)]
pub struct Content {
    /// Name and value.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Content {
    fn headers(&self) -> Vec<Header> {
        let headers = self.headers.iter().cloned();
        headers.map(|(name, value)| Header { name, value }).collect()
    }
}

/// What a carrier said by itself, as it came.
pub async fn list(app: &App, caller: &Caller, carrier: CarrierId, page: Page) -> Result<Items<Notification>> {
    let mut tx = app.db.read(caller, Permission::CarriersRead).await?;
    super::carrier(&mut tx, carrier).await?;
    let key = app.vault.key(&mut tx, caller.scope().reseller()).await?;
    let rows = store::list(&mut tx, carrier, page).await?;
    let notifications = rows.into_iter().map(|row| row.open(&key));
    let notifications = notifications.collect::<Result<Vec<_>>>()?;
    Ok(page.cut(caller.scope(), &listed(carrier), notifications, |one| {
        one.id.uuid()
    }))
}

/// What cursors of [`list`] are bound to.
pub fn listed(carrier: CarrierId) -> String {
    format!("carriers/{carrier}/notifications")
}
