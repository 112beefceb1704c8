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
//!    the carrier takes to settle have passed;
//! 4. only the holder of the job's lease writes, and a lease is made to outlast the timeout and the settle time
//!    before the request leaves: whoever takes an operation over finds the carrier settled;
//! 5. before a request of the journal leaves again, the adapter must still produce it, byte for byte; a difference
//!    is *diverged* and a person must look.
//!
//! The rules are in `rules` and `run`, without input or output; `host` does what they say.

mod operation;
mod store;

use std::collections::BTreeMap;

pub use operation::{Cause, End, Kind, NewOperation, Operation, Pinned, Reason, State};

use crate::{app, db::WriteTx, fault::Result, ids::OperationId, jobs};

/// Where destination handles lead: handle to base URL.
pub type Destinations = BTreeMap<String, String>;

/// Starts an operation in the caller's transaction: its row, and the job that runs it as its tenant.
pub async fn start(tx: &mut WriteTx, new: NewOperation) -> Result<OperationId> {
    let (id, now, initiator) = (app::new_id(tx.now()), tx.now(), tx.initiator());
    let port = match new.port {
        Some(port) => Some(store::at_carrier(tx, port).await?),
        None => None,
    };
    store::insert(tx, id, &new, port.as_ref(), now).await?;
    jobs::enqueue_for(tx, new.tenant, jobs::Kind::RunOperation(id), now, initiator).await?;
    Ok(id)
}
