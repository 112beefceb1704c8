//! Placing, finding and withdrawing orders, and who must still be told about them.

use chrono::{DateTime, Utc};

use super::{State, unique};
use crate::{
    fault::Call,
    notify::Notification,
    order::{Order, Record, Status},
    refusal::Refusal,
};

/// An order somebody wants placed.
#[derive(Debug)]
pub(crate) struct Wanted<'a> {
    pub(crate) account: &'a str,
    pub(crate) port: &'a str,
    pub(crate) mbps: u32,
    pub(crate) reference: &'a str,
    pub(crate) idempotency_key: Option<&'a str>,
}

/// What became of it.
#[derive(Debug)]
pub(crate) enum Placed {
    /// A new order.
    Now(Order),
    /// The order that the same key placed before; nothing was done.
    Before(Order),
}

impl State {
    /// Places an order with this call, once per idempotency key.
    pub(crate) fn place(
        &mut self,
        now: DateTime<Utc>,
        call: Call<'_>,
        wanted: &Wanted<'_>,
    ) -> Result<Placed, Refusal> {
        self.own_port(wanted.account, wanted.port)?;
        if let Some(before) = self.placed_before(wanted)? {
            return Ok(Placed::Before(before.at(now)));
        }
        self.check(now, wanted.account, wanted.port, wanted.mbps)?;
        let order = Record {
            id: unique("order-"),
            account: wanted.account.to_owned(),
            port: wanted.port.to_owned(),
            reference: wanted.reference.to_owned(),
            idempotency_key: wanted.idempotency_key.map(str::to_owned),
            mbps: wanted.mbps,
            accepted_at: now,
            provisioning: self.provisioning,
            sequence: self.next_sequence(),
            rejection: self.faults.rejection(call),
            cancelled_at: None,
            told: Status::Accepted,
        };
        let placed = Placed::Now(order.at(now));
        self.orders.push(order);
        Ok(placed)
    }

    /// The account's order of this id.
    pub(crate) fn order(&self, now: DateTime<Utc>, account: &str, id: &str) -> Result<Order, Refusal> {
        let order = self
            .orders
            .iter()
            .find(|order| order.id == id && order.account == account);
        order.map(|order| order.at(now)).ok_or(Refusal::NotFound("order"))
    }

    /// The account's orders, oldest first.
    pub(crate) fn orders(&self, now: DateTime<Utc>, account: &str) -> Vec<Order> {
        let own = self.orders.iter().filter(|order| order.account == account);
        own.map(|order| order.at(now)).collect()
    }

    /// The account's orders with this reference, oldest first.
    pub(crate) fn orders_by_reference(
        &self,
        now: DateTime<Utc>,
        account: &str,
        reference: &str,
    ) -> Vec<Order> {
        let own = self.orders.iter().filter(|order| order.account == account);
        own.filter(|order| order.reference == reference)
            .map(|order| order.at(now))
            .collect()
    }

    /// Withdraws the account's order, if it is not too late.
    pub(crate) fn cancel(&mut self, now: DateTime<Utc>, account: &str, id: &str) -> Result<Order, Refusal> {
        let order = self
            .orders
            .iter_mut()
            .find(|order| order.id == id && order.account == account);
        let order = order.ok_or(Refusal::NotFound("order"))?;
        order.cancel(now)?;
        Ok(order.at(now))
    }

    /// Sends notifications here from now on; nothing that has happened already is told.
    pub(crate) fn set_webhook(&mut self, now: DateTime<Utc>, url: String) {
        self.take_notifications(now);
        self.webhook = Some(url);
    }

    /// What the webhook must be told about: every order whose status is not the one it was last told.
    pub(crate) fn take_notifications(&mut self, now: DateTime<Utc>) -> Vec<Notification> {
        let mut due = Vec::new();
        for order in &mut self.orders {
            let status = order.status(now);
            if std::mem::replace(&mut order.told, status) == status {
                continue;
            }
            if let Some(url) = self.webhook.clone() {
                due.push(Notification::new(
                    url,
                    order.at(now),
                    self.faults.notification_copies(),
                ));
            }
        }
        due
    }

    fn placed_before(&self, wanted: &Wanted<'_>) -> Result<Option<&Record>, Refusal> {
        let same_key = |order: &&Record| {
            wanted.idempotency_key.is_some()
                && order.idempotency_key.as_deref() == wanted.idempotency_key
                && order.account == wanted.account
        };
        let Some(before) = self.orders.iter().find(same_key) else {
            return Ok(None);
        };
        let Record {
            port,
            mbps,
            reference,
            ..
        } = before;
        if (port.as_str(), *mbps, reference.as_str()) != (wanted.port, wanted.mbps, wanted.reference) {
            return Err(Refusal::KeyReused {
                order: before.id.clone(),
            });
        }
        Ok(Some(before))
    }
}
