//! The transaction in which a request found out who is asking, kept for what is asked: reading then needs no second one.
//! Only requests that bring no body keep it, since a body can take as long as its sender likes.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{EntranceTx, Scope};

/// More credentials than are busy at a time.
const REMEMBERED: usize = 10_000;

/// Where one request keeps its transaction between knowing who is asking and asking. Empty for most.
#[derive(Clone, Default)]
pub struct Arrival(Arc<Inner>);

#[derive(Default)]
struct Inner {
    side: Side,
    credential: Vec<u8>,
    kept: Mutex<Option<Kept>>,
}

struct Kept {
    tx: EntranceTx,
    _place: OwnedSemaphorePermit,
}

/// Whose connections are used. PostgreSQL plans a prepared query anew each time a connection's role has changed since
/// (row-level security is part of the plan), which costs ten times what running it does: so resellers and customers have
/// connections of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Side {
    /// Resellers', and what is done before or between tenants.
    #[default]
    Resellers,
    /// Customers'.
    Customers,
}

impl Side {
    pub fn of(scope: Scope) -> Self {
        match scope.customer() {
            Some(_) => Self::Customers,
            None => Self::Resellers,
        }
    }
}

/// What is known of arrivals: how many transactions are kept, and on whose connections credentials arrived last. That is
/// a guess by which connections are chosen, and never what decides what is seen.
#[derive(Clone)]
pub(super) struct Arrivals {
    places: Arc<Semaphore>,
    sides: Arc<Mutex<HashMap<Vec<u8>, Side>>>,
}

impl Arrivals {
    /// Keeps at most half of a pool: fewer than there are connections, so that whoever needs a second one while keeping
    /// the first never waits for others that do the same.
    pub fn of(connections: u32) -> Self {
        Self {
            places: Arc::new(Semaphore::new(connections as usize / 2)),
            sides: Arc::default(),
        }
    }

    /// An arrival with this credential, by its hash.
    pub fn with(&self, credential: Vec<u8>) -> Arrival {
        let sides = self.sides.lock().expect("nothing panics while holding it");
        let side = sides.get(&credential).copied().unwrap_or_default();
        Arrival(Arc::new(Inner {
            side,
            credential,
            kept: Mutex::default(),
        }))
    }

    pub fn keep(&self, arrival: &Arrival, tx: EntranceTx, recognised: Option<Scope>) {
        if let Some(scope) = recognised {
            self.remember(arrival, Side::of(scope));
        }
        let Ok(place) = self.places.clone().try_acquire_owned() else {
            return;
        };
        let kept = Kept { tx, _place: place };
        *arrival.0.kept.lock().expect("nothing panics while holding it") = Some(kept);
    }

    fn remember(&self, arrival: &Arrival, side: Side) {
        if arrival.0.credential.is_empty() || arrival.side() == side {
            return;
        }
        let mut sides = self.sides.lock().expect("nothing panics while holding it");
        if sides.len() == REMEMBERED {
            sides.clear();
        }
        sides.insert(arrival.0.credential.clone(), side);
    }
}

impl Arrival {
    /// Whose connections it comes in on.
    pub(super) fn side(&self) -> Side {
        self.0.side
    }

    /// The transaction, if there is one; from here on there is none.
    pub(crate) fn take(&self) -> Option<EntranceTx> {
        let kept = self
            .0
            .kept
            .lock()
            .expect("nothing panics while holding it")
            .take();
        kept.map(|kept| kept.tx)
    }
}

impl std::fmt::Debug for Arrival {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Arrival")
    }
}
