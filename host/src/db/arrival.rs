//! The transaction in which a request found out who is asking, kept for what is asked: reading then needs no second one.
//! Only requests that bring no body keep it, since a body can take as long as its sender likes.

use std::sync::{Arc, Mutex};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{EntranceTx, ReadTx};

/// Where one request keeps its transaction between knowing who is asking and asking. Empty for most.
#[derive(Clone, Default)]
pub struct Arrival(Arc<Mutex<Option<Kept>>>);

struct Kept {
    tx: KeptTx,
    _place: OwnedSemaphorePermit,
}

pub(super) enum KeptTx {
    /// In which the request's host was looked up.
    Entrance(EntranceTx),
    /// In which the caller was recognised, and which is the tenant's since.
    Read(ReadTx),
}

/// How many requests may keep one. Fewer than there are connections, so that whoever needs a second one while keeping
/// the first never waits for others that do the same.
#[derive(Clone)]
pub(super) struct Places(Arc<Semaphore>);

impl Places {
    /// Half of a pool.
    pub fn of(connections: u32) -> Self {
        Self(Arc::new(Semaphore::new(connections as usize / 2)))
    }

    pub fn keep(&self, arrival: &Arrival, tx: KeptTx) {
        let Ok(place) = self.0.clone().try_acquire_owned() else {
            return;
        };
        let kept = Kept { tx, _place: place };
        *arrival.0.lock().expect("nothing panics while holding it") = Some(kept);
    }
}

impl Arrival {
    /// Ends the transaction, if there is one.
    pub(crate) fn end(&self) {
        drop(self.take());
    }

    /// The transaction at the entrance, if there is one; from here on there is none.
    pub(crate) fn entrance(&self) -> Option<EntranceTx> {
        match self.take()? {
            KeptTx::Entrance(tx) => Some(tx),
            KeptTx::Read(_) => None,
        }
    }

    /// The transaction in which the caller reads on, if there is one; from here on there is none.
    pub(super) fn read(&self) -> Option<ReadTx> {
        match self.take()? {
            KeptTx::Entrance(_) => None,
            KeptTx::Read(tx) => Some(tx),
        }
    }

    fn take(&self) -> Option<KeptTx> {
        let kept = self.0.lock().expect("nothing panics while holding it").take();
        kept.map(|kept| kept.tx)
    }
}

impl std::fmt::Debug for Arrival {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Arrival")
    }
}
