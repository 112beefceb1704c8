//! Requests a minute, shared by all hosts without asking the database at each one. A host takes a twentieth of a tenant's
//! minute at a time from a row that all hosts share, and spends it from memory: the row never gives out more than the
//! limit, so the hosts together never admit more. What a host took and did not spend ends with the minute.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use super::store;
use crate::{
    app::{App, Timestamp},
    db::Tx as _,
    fault::Result,
    identity::HouseCaller,
    ids::TenantId,
};

/// How long a window is, in seconds.
pub const WINDOW_S: i64 = 60;

/// How many parts of a window a host asks the database for one after another.
const CHUNKS: u64 = 20;

/// How much of a tenant's minute is left, as far as this host knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// Requests of the whole minute.
    pub limit: u64,
    /// Of these, left.
    pub remaining: u64,
    /// Seconds until the next minute begins.
    pub resets_in_s: u64,
}

/// What became of asking for one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spent {
    /// It may go on.
    Admitted(Quota),
    /// Not in this minute.
    Refused(Quota),
}

/// What this host has of each tenant's present minute.
#[derive(Clone, Default)]
pub struct Rates(Arc<Mutex<HashMap<TenantId, Arc<Purse>>>>);

#[derive(Default)]
struct Purse {
    content: Mutex<Content>,
    /// One request asks the database for all that wait.
    refilling: tokio::sync::Mutex<()>,
}

/// What a host holds of one tenant's minute.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
struct Content {
    /// Whole minutes since 1970.
    minute: i64,
    limit: u64,
    /// What all hosts have taken, when this one last asked.
    taken: u64,
    /// Of what this one took, not spent.
    left: u64,
}

/// What the shared row gave.
#[derive(Debug, Clone, Copy)]
pub(super) struct Grant {
    pub minute: i64,
    pub limit: u64,
    pub taken: u64,
    pub granted: u64,
}

impl Rates {
    /// Spends one request of the caller's tenant.
    pub async fn spend(&self, app: &App, caller: &HouseCaller) -> Result<Spent> {
        let scope = caller.scope();
        let purse = {
            let mut purses = self.0.lock().expect("nothing panics while holding the purses");
            purses.entry(scope.tenant()).or_default().clone()
        };
        loop {
            let now = app.now();
            if let Some(spent) = purse.spend(now) {
                return Ok(spent);
            }
            let _refilling = purse.refilling.lock().await;
            if let Some(spent) = purse.spend(now) {
                return Ok(spent);
            }
            let grant = take(app, caller, now).await?;
            purse.content().receive(grant);
        }
    }
}

impl Purse {
    fn content(&self) -> std::sync::MutexGuard<'_, Content> {
        self.content.lock().expect("nothing panics while holding a purse")
    }

    fn spend(&self, now: Timestamp) -> Option<Spent> {
        self.content().spend(now)
    }
}

impl Content {
    /// Spends one; none where the database has to be asked first.
    fn spend(&mut self, now: Timestamp) -> Option<Spent> {
        let second = now.timestamp();
        // The row may be a minute ahead of this host's clock; what it gave counts until the clock has passed it.
        if second.div_euclid(WINDOW_S) > self.minute {
            return None;
        }
        let until_next = WINDOW_S - second.rem_euclid(WINDOW_S);
        let quota = |remaining| Quota {
            limit: self.limit,
            remaining,
            resets_in_s: until_next.unsigned_abs(),
        };
        let untaken = self.limit.saturating_sub(self.taken);
        if self.left > 0 {
            self.left -= 1;
            return Some(Spent::Admitted(quota(self.left + untaken)));
        }
        (untaken == 0).then(|| Spent::Refused(quota(0)))
    }

    fn receive(&mut self, grant: Grant) {
        let Grant {
            minute,
            limit,
            taken,
            granted,
        } = grant;
        let kept = if minute == self.minute { self.left } else { 0 };
        *self = Self {
            minute,
            limit,
            // A limit that was lowered below what is taken is used up.
            taken: taken.max(if granted == 0 { limit } else { 0 }),
            left: kept + granted,
        };
    }
}

/// Takes the next part of the tenant's minute. The limit is read with it, so an edit counts from the next part on.
async fn take(app: &App, caller: &HouseCaller, now: Timestamp) -> Result<Grant> {
    let scope = caller.scope();
    let mut tx = app.db.house(caller).await?;
    let limit = store::grounds(tx.conn(), scope)
        .await?
        .effective(scope, super::Limit::RequestsPerMinute)
        .value;
    let minute = now.timestamp().div_euclid(WINDOW_S);
    let grant = store::take(&mut tx, scope, minute, limit.div_ceil(CHUNKS), limit).await?;
    tx.commit().await?;
    Ok(grant)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_timestamp(second, 0).unwrap()
    }

    fn grant(minute: i64, taken: u64, granted: u64) -> Grant {
        Grant {
            minute,
            limit: 10,
            taken,
            granted,
        }
    }

    #[test]
    fn what_was_taken_is_spent_and_then_asked_for_again() {
        let mut content = Content::default();
        assert_eq!(content.spend(at(60)), None);
        content.receive(grant(1, 4, 2));
        let quota = |remaining, resets_in_s| Quota {
            limit: 10,
            remaining,
            resets_in_s,
        };
        assert_eq!(content.spend(at(60)), Some(Spent::Admitted(quota(7, 60))));
        assert_eq!(content.spend(at(119)), Some(Spent::Admitted(quota(6, 1))));
        assert_eq!(content.spend(at(119)), None);
        content.receive(grant(1, 10, 0));
        assert_eq!(content.spend(at(119)), Some(Spent::Refused(quota(0, 1))));
        assert_eq!(content.spend(at(120)), None);
    }

    #[test]
    fn what_is_left_of_a_minute_ends_with_it() {
        let mut content = Content::default();
        content.receive(grant(1, 10, 10));
        assert_eq!(content.spend(at(120)), None);
        content.receive(grant(2, 1, 1));
        assert_eq!(content.left, 1);
    }

    #[test]
    fn a_limit_lowered_below_what_is_taken_refuses() {
        let mut content = Content::default();
        content.receive(grant(1, 4, 0));
        assert!(matches!(content.spend(at(60)), Some(Spent::Refused(_))));
    }
}
