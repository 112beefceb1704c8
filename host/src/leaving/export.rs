//! Archives that a tenant asked for: made by a job, kept in the database for a week, so that every host has them, in
//! parts that are sealed under the tenant's key.

use std::sync::Arc;

use bytes::Bytes;
use chrono::TimeDelta;
use futures::{Stream, stream};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use tokio::sync::Semaphore;

use super::{
    make::{self, Sink},
    store,
};
use crate::{
    app::{App, Timestamp},
    audit,
    db::{Housekeeping, Scope},
    fault::{Fault, OnConstraint as _, Result},
    identity::{Caller, Permission, entrance},
    ids::ExportId,
    jobs::{self, Kind, LEASE, Lease},
    page::{Items, Page},
    vault::TenantKey,
};

/// What cursors of [`list`] are bound to.
pub const LIST: &str = "exports";

/// How long an archive can be fetched.
const KEPT: TimeDelta = TimeDelta::days(7);

/// How many bytes of an archive are in one row.
const PART_BYTES: usize = 1024 * 1024;

/// An export holds a connection from beginning to end, so one host makes few at a time.
static AT_ONCE: Semaphore = Semaphore::const_new(2);

/// An archive that was asked for.
#[derive(Debug, Clone)]
pub struct Export {
    /// Whose data.
    pub scope: Scope,
    /// Which one.
    pub id: ExportId,
    /// `waiting`, `ready`, `failed` or `expired`.
    pub state: String,
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// When it was made, or given up.
    pub finished_at: Option<Timestamp>,
    /// Until when it can be fetched.
    pub expires_at: Option<Timestamp>,
    /// Of the archive.
    pub size_bytes: Option<u64>,
    /// Of the archive.
    pub sha256: Option<Vec<u8>>,
}

/// An archive to fetch.
pub struct Archive {
    /// A name for the file, which says nothing of the platform.
    pub name: String,
    /// How many bytes follow.
    pub size_bytes: u64,
    state: State,
}

struct State {
    app: App,
    id: ExportId,
    key: Arc<TenantKey>,
    n: i32,
}

/// Has an archive made of everything that is the caller's tenant's.
pub async fn request(app: &App, caller: &Caller) -> Result<Export> {
    let id: ExportId = app.id();
    let mut tx = app.db.write(caller, Permission::TenantExport).await?;
    let waits = || Fault::conflict("export_waits", "an export of this tenant is being made already");
    store::insert(&mut tx, id)
        .await
        .on_constraint("export_one_waits", waits)?;
    let (now, initiator) = (tx.now(), tx.initiator());
    jobs::enqueue(&mut tx, Kind::MakeExport(id), now, initiator).await?;
    let export = store::find(&mut tx, id).await?;
    tx.commit(audit::Event::done("export.request", id.uuid(), json!({})))
        .await?;
    Ok(export)
}

/// The exports that the caller can see.
pub async fn list(app: &App, caller: &Caller, page: Page) -> Result<Items<Export>> {
    let mut tx = app.db.read(caller, Permission::TenantExport).await?;
    let rows = store::list(&mut tx, page).await?;
    Ok(page.cut(caller.scope(), LIST, rows, |export| export.id.uuid()))
}

/// One export.
pub async fn find(app: &App, caller: &Caller, id: ExportId) -> Result<Export> {
    let mut tx = app.db.read(caller, Permission::TenantExport).await?;
    store::find(&mut tx, id).await
}

/// An archive's bytes, while it is kept; who fetches it is noted.
pub async fn archive(app: &App, caller: &Caller, id: ExportId) -> Result<Archive> {
    let mut tx = app.db.write(caller, Permission::TenantExport).await?;
    let export = store::find(&mut tx, id).await?;
    let Some(size_bytes) = export.size_bytes.filter(|_| export.state == "ready") else {
        let message = format!("the export is {}, so there is no archive to fetch", export.state);
        return Err(Fault::conflict("archive_not_there", message));
    };
    let key = Arc::new(app.vault.key(&mut tx, export.scope.tenant()).await?);
    tx.commit(audit::Event::done("export.fetch", id.uuid(), json!({})))
        .await?;
    Ok(Archive {
        name: format!("export-{}.tar", export.requested_at.format("%Y-%m-%d")),
        size_bytes,
        state: State {
            app: app.clone(),
            id,
            key,
            n: 0,
        },
    })
}

impl Archive {
    /// The bytes, part by part, each for whoever this token stands for at that moment: a key that is revoked meanwhile
    /// gets no more of them.
    pub fn bytes(self, token: String) -> impl Stream<Item = Result<Bytes>> + Send {
        stream::try_unfold((self.state, token), |(mut state, token)| async move {
            let caller = entrance::authenticate(&state.app, &token).await?;
            let mut tx = state.app.db.read(&caller, Permission::TenantExport).await?;
            let Some(sealed) = store::part(&mut tx, state.id, state.n).await? else {
                return Ok(None);
            };
            let plain = state.key.open(&context(state.id, state.n), &sealed)?;
            state.n += 1;
            Ok(Some((Bytes::copy_from_slice(&plain), (state, token))))
        })
    }
}

/// Makes an archive that was asked for. What an attempt before left behind is removed first.
pub async fn make(app: &App, caller: &Caller, id: ExportId, lease: &mut Lease) -> Result<()> {
    let _turn = AT_ONCE
        .acquire()
        .await
        .map_err(|_| Fault::broken("nobody closes the semaphore"))?;
    lease.last(app, LEASE / 2).await?;
    let mut tx = app.db.write(caller, Permission::AcceptedWork).await?;
    jobs::hold(&mut tx, lease).await?;
    if store::find(&mut tx, id).await?.state != "waiting" {
        return Ok(());
    }
    store::delete_parts(&mut tx, id).await?;
    let key = app.vault.key(&mut tx, caller.scope().tenant()).await?;
    tx.commit_housekeeping(Housekeeping::ExportPart).await?;
    let whole = app.db.whole(caller, Permission::AcceptedWork).await?;
    let mut parts = Parts {
        app,
        caller,
        id,
        lease,
        key,
        n: 0,
        buffer: Vec::with_capacity(PART_BYTES),
        size_bytes: 0,
        hasher: Sha256::new(),
    };
    make::make(app, whole, app.now(), &mut parts).await?;
    parts.finish().await
}

/// Says of an export whose job is set aside that nothing comes.
pub async fn set_aside(app: &App, caller: &Caller, id: ExportId, lease: &Lease) -> Result<()> {
    let mut tx = app.db.write(caller, Permission::AcceptedWork).await?;
    jobs::hold(&mut tx, lease).await?;
    if store::find(&mut tx, id).await?.state != "waiting" {
        return Ok(());
    }
    store::delete_parts(&mut tx, id).await?;
    store::become_(&mut tx, id, "failed").await?;
    tx.commit(audit::Event::refused("export.make", id.uuid(), json!({})))
        .await
}

/// Removes an archive that was kept long enough.
pub async fn remove(app: &App, caller: &Caller, id: ExportId) -> Result<()> {
    let mut tx = app.db.write(caller, Permission::AcceptedWork).await?;
    if store::find(&mut tx, id).await?.state != "ready" {
        return Ok(());
    }
    store::delete_parts(&mut tx, id).await?;
    store::become_(&mut tx, id, "expired").await?;
    tx.commit(audit::Event::done("export.expire", id.uuid(), json!({})))
        .await
}

/// What a part is sealed for.
fn context(id: ExportId, n: i32) -> String {
    format!("export:{id}:{n}")
}

/// An archive on its way into the table.
struct Parts<'a> {
    app: &'a App,
    caller: &'a Caller,
    id: ExportId,
    lease: &'a mut Lease,
    key: TenantKey,
    n: i32,
    buffer: Vec<u8>,
    size_bytes: u64,
    hasher: Sha256,
}

impl Sink for Parts<'_> {
    async fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.buffer.extend_from_slice(bytes);
        while self.buffer.len() >= PART_BYTES {
            self.keep(PART_BYTES).await?;
        }
        Ok(())
    }
}

impl Parts<'_> {
    async fn keep(&mut self, bytes: usize) -> Result<()> {
        self.lease.last(self.app, LEASE / 2).await?;
        let part: Vec<u8> = self.buffer.drain(..bytes).collect();
        let mut tx = self.app.db.write(self.caller, Permission::AcceptedWork).await?;
        jobs::hold(&mut tx, self.lease).await?;
        let sealed = self.key.seal(&context(self.id, self.n), &part);
        store::insert_part(&mut tx, self.id, self.n, &sealed).await?;
        tx.commit_housekeeping(Housekeeping::ExportPart).await?;
        self.hasher.update(&part);
        self.size_bytes += part.len() as u64;
        self.n += 1;
        Ok(())
    }

    async fn finish(mut self) -> Result<()> {
        self.keep(self.buffer.len()).await?;
        let mut tx = self.app.db.write(self.caller, Permission::AcceptedWork).await?;
        jobs::hold(&mut tx, self.lease).await?;
        let made = store::Made {
            size_bytes: self.size_bytes,
            sha256: self.hasher.finalize().to_vec(),
            expires_at: tx.now() + KEPT,
        };
        store::made(&mut tx, self.id, &made).await?;
        let initiator = tx.initiator();
        jobs::enqueue(&mut tx, Kind::RemoveExport(self.id), made.expires_at, initiator).await?;
        let detail = json!({ "bytes": made.size_bytes });
        tx.commit(audit::Event::done("export.make", self.id.uuid(), detail))
            .await
    }
}
