//! Turns to use a processor. A reseller has one turn at a time, and within it each of its tenants waits with one
//! request only, so neither a busy reseller nor a busy customer keeps others waiting longer than one turn each.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

use crate::{
    db::Scope,
    fault::{Fault, RefusalKind, Result},
    ids::TenantId,
};

/// Queues that are looked through for unused ones when one more is made.
const SWEEP_AT: usize = 1_024;

/// A number of turns at a time, shared out fairly.
pub(super) struct Slots {
    patience: Duration,
    all: Arc<Semaphore>,
    resellers: Mutex<HashMap<TenantId, Arc<Semaphore>>>,
    tenants: Mutex<HashMap<TenantId, Arc<Semaphore>>>,
}

/// A turn; it ends when this is dropped.
pub(in crate::plugins) struct Slot {
    _permits: [OwnedSemaphorePermit; 3],
}

impl Slots {
    /// So many turns at a time; whoever has waited as long as `patience` for one is sent away.
    pub(super) fn new(turns: usize, patience: Duration) -> Self {
        Self {
            patience,
            all: Arc::new(Semaphore::new(turns)),
            resellers: Mutex::default(),
            tenants: Mutex::default(),
        }
    }

    /// Waits for a turn.
    pub(super) async fn enter(&self, scope: Scope) -> Result<Slot> {
        let queues = [
            queue(&self.tenants, scope.tenant()),
            queue(&self.resellers, scope.reseller()),
            self.all.clone(),
        ];
        let turn = async {
            let [tenant, reseller, all] = queues;
            let permits = [enter(tenant).await, enter(reseller).await, enter(all).await];
            Slot { _permits: permits }
        };
        timeout(self.patience, turn).await.map_err(|_| {
            let message = format!(
                "the plugin call did not get its turn within {} s",
                self.patience.as_secs()
            );
            Fault::refused(RefusalKind::TooMany, "plugin_calls_waiting", message)
        })
    }
}

async fn enter(queue: Arc<Semaphore>) -> OwnedSemaphorePermit {
    queue.acquire_owned().await.expect("the queue is never closed")
}

fn queue(queues: &Mutex<HashMap<TenantId, Arc<Semaphore>>>, tenant: TenantId) -> Arc<Semaphore> {
    let mut queues = queues.lock().expect("nothing panics while holding the lock");
    if queues.len() >= SWEEP_AT && !queues.contains_key(&tenant) {
        queues.retain(|_, queue| Arc::strong_count(queue) > 1);
    }
    queues
        .entry(tenant)
        .or_insert_with(|| Arc::new(Semaphore::new(1)))
        .clone()
}

#[cfg(test)]
mod tests {
    use futures::{FutureExt as _, poll};
    use uuid::Uuid;

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(60);

    fn scope(reseller: u128, tenant: u128) -> Scope {
        Scope::new(Uuid::from_u128(reseller).into(), Uuid::from_u128(tenant).into())
    }

    #[tokio::test]
    async fn a_reseller_has_one_turn_at_a_time() {
        let slots = Slots::new(2, PATIENCE);
        let first = slots.enter(scope(1, 1)).await.unwrap();
        assert!(
            slots.enter(scope(1, 2)).now_or_never().is_none(),
            "the same reseller waits"
        );
        assert!(
            slots.enter(scope(9, 9)).now_or_never().is_some(),
            "another one does not"
        );
        drop(first);
        assert!(slots.enter(scope(1, 2)).now_or_never().is_some());
    }

    #[tokio::test]
    async fn a_customer_with_many_calls_lets_its_sibling_through() {
        let slots = Slots::new(1, PATIENCE);
        let held = slots.enter(scope(1, 2)).await.unwrap();
        let mut greedy: Vec<_> = (0..5).map(|_| Box::pin(slots.enter(scope(1, 2)))).collect();
        for waiting in &mut greedy {
            assert!(poll!(waiting).is_pending());
        }
        let mut sibling = Box::pin(slots.enter(scope(1, 3)));
        assert!(poll!(&mut sibling).is_pending());
        drop(held);
        assert!(
            poll!(&mut sibling).is_ready(),
            "it waits for one turn of its reseller, not for five"
        );
    }

    #[tokio::test]
    async fn patience_ends() {
        let slots = Slots::new(1, Duration::ZERO);
        let _held = slots.enter(scope(1, 1)).await.unwrap();
        let Err(Fault::Refused(refusal)) = slots.enter(scope(1, 1)).await else {
            panic!("nobody waits for ever");
        };
        assert_eq!(refusal.code, "plugin_calls_waiting");
    }
}
