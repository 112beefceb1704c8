//! Work to do later, fairly shared between tenants. Knows who wants something done and when, never what it takes:
//! `worker` does that.
//!
//! Fairness is one column. When a job is due it is given a virtual time, and jobs are claimed in that order:
//!
//! ```text
//! greatest(the tenant's last waiting virtual time, the lowest waiting one of all)
//!     + cost x (tenants of the same reseller that have jobs waiting) / the reseller's weight
//! ```
//!
//! A tenant's jobs are thus spaced by the number of its reseller's busy tenants. In any stretch of virtual time a
//! reseller with ten busy customers has as many jobs as one with a single busy customer: resellers share equally,
//! and customers share their reseller's part; one whose plan has weight 2 has twice another's. Who comes later starts at the lowest waiting time, neither behind
//! those who queued before nor ahead by what it did not use. The number is taken when the job is due and not
//! corrected later, so a customer joining its siblings shifts their shares only for jobs from then on.
//!
//! Claims go in that order past whoever is at a cap: so many jobs of a reseller with all its customers, of a customer and
//! at a carrier are under way at once on all hosts, and at a carrier whose breaker is open none. Who is passed over keeps
//! its place. Where the front of the queue is full of them, the heads of the others' queues are looked at instead, so a
//! hundred thousand jobs that have to wait cost no more than ten.
//!
//! A claim is a lease by the database's clock. A worker that dies lets it expire, and the job waits again with the
//! attempt counted. Claims are committed without waiting for the disk: what a job then does commits after it in
//! the same log, so a claim can only be lost together with everything done under it.

mod dead;
mod kind;
mod lease;
mod outcome;
mod pick;
mod queue;
mod store;
mod turn;

use crate::{
    app::{self, Timestamp},
    db::{HouseTx, Tx as _, WriteTx},
    fault::Result,
    identity::Initiator,
    ids::{CarrierId, TenantId},
};

use uuid::Uuid;

pub use dead::{DEAD, Dead, bury, dead, dead_letter, discard, revive};
pub use kind::Kind;
pub use lease::{Lease, Tag, hold};
pub use outcome::{MAX_ATTEMPTS, Outcome, Verdict, verdict};
pub use queue::{Claimed, LEASE, Work, claim, finish, give_back, next_due, work};
pub use turn::{Turn, Turns};

/// Shows that the code asking for the queue across tenants is the claiming code.
pub struct Claimer(());

/// Has `kind` done as the transaction's own tenant, at `due_at` or soon after, once the transaction is kept. At
/// most one job of a kind and subject waits: a second wish keeps the earlier time. A wish that comes while the job
/// runs has it run again.
pub async fn enqueue(tx: &mut WriteTx, kind: Kind, due_at: Timestamp, initiator: Initiator) -> Result<()> {
    let tenant = tx.scope().tenant();
    enqueue_for(tx, tenant, kind, due_at, initiator).await
}

/// [`enqueue`] for a tenant of the transaction's reseller: what a reseller books for a customer's port is done as
/// the customer, whose rows it touches and whose share of the queue it takes.
pub async fn enqueue_for(
    tx: &mut WriteTx,
    tenant: TenantId,
    kind: Kind,
    due_at: Timestamp,
    initiator: Initiator,
) -> Result<()> {
    let wish = store::Wish {
        tenant,
        kind,
        lane: Uuid::nil(),
        due_at,
        initiator,
    };
    insert(tx, wish).await
}

/// [`enqueue_for`] of work that waits for a carrier, of which only so much is under way at once.
pub async fn enqueue_at(
    tx: &mut WriteTx,
    carrier: CarrierId,
    tenant: TenantId,
    kind: Kind,
    due_at: Timestamp,
) -> Result<()> {
    let wish = store::Wish {
        tenant,
        kind,
        lane: carrier.uuid(),
        due_at,
        initiator: tx.initiator(),
    };
    insert(tx, wish).await
}

async fn insert(tx: &mut WriteTx, wish: store::Wish) -> Result<()> {
    let id = app::new_id(tx.now());
    store::insert(tx, id, wish).await?;
    tx.wakes_the_worker();
    Ok(())
}

/// Has `kind` done as the reseller in whose house the transaction is: what a customer's work found there is no business of
/// the customer's. Without effect where one of the kind and subject waits or runs.
pub async fn enqueue_in_house(
    tx: &mut HouseTx,
    kind: Kind,
    due_at: Timestamp,
    initiator: Initiator,
) -> Result<()> {
    let wish = store::Wish {
        tenant: tx.scope().reseller(),
        kind,
        lane: Uuid::nil(),
        due_at,
        initiator,
    };
    store::house::insert(tx, app::new_id(due_at), wish).await
}
