//! What the simulator was really asked, for whoever must prove that nothing was asked twice. Requests are the
//! carrier calls, in the order in which they were answered; calls of the control API are not among them.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    clock::millis,
    order::{self, Status},
};

/// Everything the simulator was asked and what came of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Ledger {
    /// The latest 100 000 carrier calls, oldest first.
    pub requests: Vec<Request>,
    /// Every order, oldest first, as it is now.
    pub orders: Vec<Order>,
    /// Counted over everything, forgotten requests included.
    pub totals: Totals,
}

/// A carrier call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// When it arrived.
    #[serde(with = "millis")]
    pub at: DateTime<Utc>,
    /// Whose credential it brought, if that was valid.
    pub account: Option<String>,
    /// The method.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// The status it was answered with; absent if the connection was closed instead.
    pub status: Option<u16>,
    /// The kind of fault that struck it.
    pub fault: Option<String>,
}

/// An order and what only the ledger tells about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// The order as its owner sees it.
    #[serde(flatten)]
    pub order: order::Order,
    /// The idempotency key it was placed with.
    pub idempotency_key: Option<String>,
    /// Whose it is.
    pub account: String,
}

/// How much there was of what a client's author worries about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Totals {
    /// Orders that were accepted.
    pub orders: u64,
    /// Orders that did again what an earlier one of the same account did: the same port and reference, or the
    /// same idempotency key.
    pub duplicates: u64,
    /// Calls whose work was done and whose answer was lost.
    pub lost_replies: u64,
    /// Calls answered with 429.
    pub throttled: u64,
    /// Orders that ended rejected.
    pub rejected: u64,
}

impl Totals {
    /// The totals of these orders, with what was counted of the calls.
    pub(crate) fn of(orders: &[Order], lost_replies: u64, throttled: u64) -> Self {
        let rejected = orders
            .iter()
            .filter(|entry| entry.order.status == Status::Rejected);
        Self {
            orders: orders.len() as u64,
            duplicates: duplicates(orders),
            lost_replies,
            throttled,
            rejected: rejected.count() as u64,
        }
    }
}

fn duplicates(orders: &[Order]) -> u64 {
    let mut references = HashSet::new();
    let mut keys = HashSet::new();
    let mut count = 0;
    for entry in orders {
        let repeats_work = !references.insert((&entry.account, &entry.order.port, &entry.order.reference));
        let repeats_key = entry
            .idempotency_key
            .as_ref()
            .is_some_and(|key| !keys.insert((&entry.account, key)));
        count += u64::from(repeats_work || repeats_key);
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(account: &str, port: &str, reference: &str, key: Option<&str>) -> Order {
        let order = order::Order {
            id: "o".into(),
            reference: reference.into(),
            port: port.into(),
            mbps: 100,
            status: Status::Completed,
            reason: None,
            created_at: DateTime::UNIX_EPOCH,
            completed_at: None,
        };
        Order {
            order,
            idempotency_key: key.map(str::to_owned),
            account: account.into(),
        }
    }

    fn check(orders: &[Order], expect: u64) {
        assert_eq!(duplicates(orders), expect, "{orders:#?}");
    }

    #[test]
    fn an_order_for_the_same_account_port_and_reference_is_a_duplicate() {
        check(
            &[
                order("a", "p", "r", None),
                order("a", "p", "r", None),
                order("a", "p", "r", None),
            ],
            2,
        );
        check(&[order("a", "p", "r", None), order("b", "p", "r", None)], 0);
        check(&[order("a", "p", "r", None), order("a", "q", "r", None)], 0);
        check(&[order("a", "p", "r", None), order("a", "p", "s", None)], 0);
    }

    #[test]
    fn an_order_with_a_used_key_is_a_duplicate_once() {
        check(
            &[order("a", "p", "r", Some("k")), order("a", "p", "s", Some("k"))],
            1,
        );
        check(
            &[order("a", "p", "r", Some("k")), order("a", "p", "r", Some("k"))],
            1,
        );
        check(
            &[order("a", "p", "r", Some("k")), order("b", "p", "r", Some("k"))],
            0,
        );
    }
}
