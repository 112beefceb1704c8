//! How often something may be tried at the entrance: by account, by person and by the address that a request came from,
//! counted in the database for all hosts. What is unknown is counted like what is known, so a wait tells nothing.

use std::net::IpAddr;

use chrono::TimeDelta;

use crate::{
    app::{App, Timestamp},
    fault::{Fault, Result},
    identity::{AtTheEntrance, store},
    ids::{TenantId, UserId},
};

/// Where a request came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Origin {
    /// The machine's address, where it is known.
    pub client: Option<IpAddr>,
    /// The reseller whose address it was sent to, where it was one's.
    pub reseller: Option<TenantId>,
}

/// Tries that are free before each one more costs twice the wait.
const FREE_FOR_AN_ACCOUNT: i32 = 5;
/// Many people can share one address.
const FREE_FOR_A_CLIENT: i32 = 60;
/// Mails that strangers can have sent to one address, all resellers together.
const FREE_FOR_A_MAILBOX: i32 = 10;
const FIRST_WAIT: TimeDelta = TimeDelta::seconds(30);
const LONGEST_WAIT: TimeDelta = TimeDelta::hours(1);
/// A try is forgotten after so long without another.
const FORGETS_ONE_IN: TimeDelta = TimeDelta::minutes(10);
/// Counts that nobody added to for so long are removed.
const KEPT: TimeDelta = TimeDelta::days(2);

/// What is counted.
pub(super) struct Counted {
    key: [u8; 32],
    free: i32,
}

/// A count as it is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::identity) struct Count {
    pub(in crate::identity) tries: i32,
    pub(in crate::identity) last_at: Timestamp,
}

impl Counted {
    /// What is tried of one account at one reseller, known or not.
    pub(super) fn account(app: &App, what: &str, reseller: TenantId, email: &str) -> Self {
        let reseller = reseller.uuid();
        let parts = [reseller.as_bytes().as_slice(), email.as_bytes()];
        Self {
            key: app.vault.keyed_hash(&format!("attempt/{what}"), &parts),
            free: FREE_FOR_AN_ACCOUNT,
        }
    }

    /// What is tried of one person, at whichever reseller.
    pub(super) fn person(app: &App, what: &str, user: UserId) -> Self {
        let user = user.uuid();
        Self {
            key: app
                .vault
                .keyed_hash(&format!("attempt/{what}"), &[user.as_bytes()]),
            free: FREE_FOR_AN_ACCOUNT,
        }
    }

    /// Mails that somebody unknown has sent to an address, whichever reseller is asked and whether anybody has it.
    pub(super) fn mailbox(app: &App, email: &str) -> Self {
        Self {
            key: app.vault.keyed_hash("attempt/mailbox", &[email.as_bytes()]),
            free: FREE_FOR_A_MAILBOX,
        }
    }

    /// What is tried from one machine; of IPv6 from one network of 64 bits, which is what one machine is given.
    pub(super) fn client(app: &App, from: Origin) -> Self {
        let address = match from.client {
            Some(IpAddr::V4(address)) => address.octets().to_vec(),
            Some(IpAddr::V6(address)) => match address.to_ipv4_mapped() {
                Some(address) => address.octets().to_vec(),
                None => address.octets()[..8].to_vec(),
            },
            None => Vec::new(),
        };
        Self {
            key: app.vault.keyed_hash("attempt/client", &[&address]),
            free: FREE_FOR_A_CLIENT,
        }
    }
}

/// Counts a try of each, or refuses it as `sign_in_throttled`. It is counted before it is known how it ends, so that many
/// at once are not more than one after another.
pub(super) async fn attempt(app: &App, counted: &[&Counted]) -> Result<()> {
    let now = app.now();
    let mut tx = app.db.entrance(AtTheEntrance(())).await?;
    for Counted { key, free } in counted {
        let count = store::lock_attempts(tx.conn(), key, now).await?;
        if let Some(wait) = count.wait(*free, now) {
            return Err(Fault::throttled(
                "sign_in_throttled",
                "this was tried too often, it can be tried again later",
                wait,
            ));
        }
        store::set_attempts(tx.conn(), key, count.and_one_more(now)).await?;
    }
    store::forget_attempts(tx.conn(), now - KEPT).await?;
    tx.commit_attempt().await
}

/// Counts a try of the machine alone: for what names no account.
pub(in crate::identity) async fn attempt_of_client(app: &App, from: Origin) -> Result<()> {
    attempt(app, &[&Counted::client(app, from)]).await
}

/// Takes back one try of each, which was right: only what fails is counted.
pub(super) async fn right(app: &App, counted: &[&Counted]) -> Result<()> {
    let now = app.now();
    let mut tx = app.db.entrance(AtTheEntrance(())).await?;
    for Counted { key, .. } in counted {
        let count = store::lock_attempts(tx.conn(), key, now).await?;
        store::set_attempts(tx.conn(), key, count.and_one_less(now)).await?;
    }
    tx.commit_attempt().await
}

/// Forgets the tries of what worked.
pub(super) async fn worked(app: &App, account: &Counted) -> Result<()> {
    let mut tx = app.db.entrance(AtTheEntrance(())).await?;
    let none = Count {
        tries: 0,
        last_at: app.now(),
    };
    store::set_attempts(tx.conn(), &account.key, none).await?;
    tx.commit_attempt().await
}

impl Count {
    /// How long the next try has to wait; none where it is free.
    fn wait(self, free: i32, now: Timestamp) -> Option<TimeDelta> {
        let beyond = self.remembered(now) - free;
        if beyond < 0 {
            return None;
        }
        let wait = (FIRST_WAIT * (1 << beyond.min(10))).min(LONGEST_WAIT);
        let left = self.last_at + wait - now;
        (left > TimeDelta::zero()).then_some(left)
    }

    fn and_one_more(self, now: Timestamp) -> Self {
        Self {
            tries: self.remembered(now) + 1,
            last_at: now,
        }
    }

    fn and_one_less(self, now: Timestamp) -> Self {
        Self {
            tries: (self.remembered(now) - 1).max(0),
            last_at: now,
        }
    }

    fn remembered(self, now: Timestamp) -> i32 {
        let quiet = (now - self.last_at).num_seconds() / FORGETS_ONE_IN.num_seconds();
        (i64::from(self.tries) - quiet).clamp(0, i64::from(i32::MAX) - 1) as i32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        "2026-03-02T12:00:00Z".parse::<Timestamp>().unwrap() + TimeDelta::seconds(seconds)
    }

    fn count(tries: i32) -> Count {
        Count {
            tries,
            last_at: at(0),
        }
    }

    #[test]
    fn after_five_tries_the_wait_doubles_up_to_an_hour() {
        let waits = |tries| count(tries).wait(5, at(0)).map(|wait| wait.num_seconds());
        assert_eq!(
            [0, 4, 5, 6, 7].map(waits),
            [None, None, Some(30), Some(60), Some(120)]
        );
        assert_eq!([12, 100].map(waits), [Some(3600), Some(3600)]);
        assert_eq!(count(5).wait(5, at(10)), Some(TimeDelta::seconds(20)));
        assert_eq!(count(5).wait(5, at(30)), None);
    }

    #[test]
    fn a_try_that_was_right_is_taken_back() {
        let right = count(7).and_one_more(at(0)).and_one_less(at(0));
        assert_eq!(right.tries, 7);
        assert_eq!(count(0).and_one_less(at(0)).tries, 0);
    }

    #[test]
    fn tries_are_forgotten_one_every_ten_minutes() {
        assert_eq!(count(9).wait(5, at(5 * 600)), None);
        assert_eq!(count(9).and_one_more(at(600)).tries, 9);
        assert_eq!(count(1).and_one_more(at(86_400)).tries, 1);
    }
}
