//! Operations: one thing asked of a carrier each. The adapter says what to do next; here it is done, and every
//! request and answer is written down. The journal is the only state: a run that dies is taken up from it by the
//! next, on this host or another.
//!
//! # The promise
//! **A request is never sent twice without proof that the first did not arrive**, unless the adapter says that
//! sending it twice has the effect of sending it once. It holds because
//!
//! 1. the row (operation, n) is committed as `sending` before anything leaves, and no answer is written but to a
//!    row in that state;
//! 2. a run that finds a `sending` row which it did not write knows that somebody died while sending: the request
//!    may have arrived, so it is *lost*;
//! 3. after a lost request, or one that the carrier broke down over, nothing that is not repeatable is sent until
//!    the carrier has answered a later question, and no question is asked until the request timeout and the time that
//!    the carrier takes to settle have passed; and what the carrier took is not sent in the same words before it
//!    has answered one;
//! 4. only the holder of the job's lease writes, and a lease is made to outlast the timeout and the settle time
//!    before the request leaves: whoever takes an operation over finds the carrier settled. A host that stops gives
//!    its jobs back sooner; what it leaves counts as lost from when it is taken over, and is waited for by rule 3;
//! 5. before a request of the journal leaves again, the adapter must still produce it, byte for byte; a difference
//!    is *diverged* and a person must look.
//!
//! The rules are in `rules` and `run`, without input or output; `host` does what they say.

mod host;
mod journal;
mod operation;
mod repair;
mod rules;
mod run;
mod settle;
mod store;
mod told;

pub use journal::{Answered, Listed, sealed_for};
pub use operation::{Cause, End, Kind, NewOperation, Operation, Pinned, Reason, State};
pub use repair::{cancel, retry, take_up};
pub use store::Filter;

use crate::{
    app::{self, App, Timestamp},
    db::{Scope, Tx, WriteTx},
    fault::Result,
    identity::{Caller, Permission},
    ids::{CarrierId, OperationId, PortId, TenantId},
    jobs::{self, Lease},
    page::{Items, Page},
    ports,
};

/// What cursors of [`list`] are bound to.
pub const LIST: &str = "operations";

/// Starts an operation in the caller's transaction: its row, and the job that runs it as its tenant.
pub async fn start(tx: &mut WriteTx, new: NewOperation) -> Result<OperationId> {
    told::check(&new)?;
    let (id, now) = (app::new_id(tx.now()), tx.now());
    let port = match new.port {
        Some(port) => Some(ports::at_carrier(tx, port).await?),
        None => None,
    };
    store::insert(tx, id, &new, port.as_ref(), now).await?;
    jobs::enqueue_at(tx, new.carrier, new.tenant, jobs::Kind::RunOperation(id), now).await?;
    Ok(id)
}

/// Takes an operation as far as it goes now, under the lease of its job: to its end, or to a wait with the job due
/// again. Without effect on one that is over.
pub async fn run(app: &App, caller: &Caller, id: OperationId, lease: &mut Lease) -> Result<()> {
    let operation = {
        let mut tx = app.db.read(caller, Permission::AcceptedWork).await?;
        store::find(&mut tx, id).await?
    };
    if operation.state.is_over() {
        return Ok(());
    }
    let kind = operation.kind;
    let mut host = host::Host::load(app, caller, lease, operation).await?;
    run::drive(&mut host, kind).await
}

/// Gives up an operation whose job is set aside, under the job's lease, so that whoever waits for it learns that
/// nothing comes.
pub async fn abandon(app: &App, caller: &Caller, id: OperationId, lease: &Lease, text: String) -> Result<()> {
    let mut tx = app.db.write(caller, Permission::AcceptedWork).await?;
    jobs::hold(&mut tx, lease).await?;
    let operation = store::find(&mut tx, id).await?;
    if operation.state.is_over() {
        return Ok(());
    }
    let reason = Reason {
        text,
        // The journal was not looked at: it may be what could not be read.
        may_have_happened: true,
    };
    settle::end(app, tx, operation, End::GivenUp(reason)).await
}

/// The operations that the caller can see.
pub async fn list(app: &App, caller: &Caller, filter: Filter, page: Page) -> Result<Items<Operation>> {
    let mut tx = app.db.read(caller, Permission::BandwidthRead).await?;
    let rows = store::list(&mut tx, filter, page).await?;
    Ok(page.cut(caller.scope(), LIST, rows, |operation| operation.id.uuid()))
}

/// One operation and its journal. Requests and answers are opened for the reseller alone: they may hold what it
/// keeps from its customers, such as what the carrier charges it.
pub async fn find(app: &App, caller: &Caller, id: OperationId) -> Result<(Operation, Vec<Listed>)> {
    let mut tx = app.db.read(caller, Permission::BandwidthRead).await?;
    let operation = store::find(&mut tx, id).await?;
    let key = match caller.scope().customer() {
        Some(_) => None,
        None => Some(app.vault.key(&mut tx, operation.tenant).await?),
    };
    let journal = journal::list(&mut tx, &operation, key.as_ref()).await?;
    Ok((operation, journal))
}

/// Has the operations at a carrier go on that wait for one of these keys; says which.
pub async fn wake(tx: &mut WriteTx, carrier: CarrierId, keys: &[String]) -> Result<Vec<OperationId>> {
    let waiting = store::waiting_for(tx, carrier, keys).await?;
    // Jobs before operations, as a run locks them.
    for (id, tenant) in &waiting {
        let (kind, now) = (jobs::Kind::RunOperation(*id), tx.now());
        jobs::enqueue_at(tx, carrier, *tenant, kind, now).await?;
    }
    let woken: Vec<_> = waiting.into_iter().map(|(id, _)| id).collect();
    store::wake(tx, &woken).await?;
    Ok(woken)
}

/// Whether the port is being read, or was asked for since.
pub async fn is_read(tx: &mut impl Tx, port: PortId, since: Timestamp) -> Result<bool> {
    store::is_read(tx, port, since).await
}

/// Says of an operation that has ended why a person must look all the same.
pub async fn needs_attention(tx: &mut WriteTx, id: OperationId, text: &str) -> Result<()> {
    store::attention(tx, id, text).await
}

/// Whose operations are not over, once for each: the tenant's, or for a reseller those of each of its tenants. At most
/// 1000 of them.
pub async fn under_way(tx: &mut impl Tx, of: Scope) -> Result<Vec<TenantId>> {
    store::under_way(tx, of).await
}
