//! An account's ports as it sees them.

use std::ops::Bound;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::State;
use crate::{
    port::{Port, Record},
    refusal::Refusal,
};

/// How many ports a page holds.
const PAGE: usize = 50;

/// A page of an account's ports, by id.
#[derive(Debug, Serialize)]
pub struct PortPage {
    /// Up to 50.
    pub ports: Vec<Port>,
    /// The cursor of the next page, if there is one.
    pub next: Option<String>,
}

impl State {
    /// The account's port of this id.
    pub(crate) fn port(&self, now: DateTime<Utc>, account: &str, id: &str) -> Result<Port, Refusal> {
        self.own_port(account, id).map(|record| self.view(now, record))
    }

    /// The account's ports after the one that the cursor names.
    pub(crate) fn list_ports(&self, now: DateTime<Utc>, account: &str, cursor: &str) -> PortPage {
        let after = (Bound::Excluded(cursor), Bound::Unbounded);
        let own = self.ports.range::<str, _>(after).map(|(_, record)| record);
        let mut records: Vec<_> = own
            .filter(|record| record.account == account)
            .take(PAGE + 1)
            .collect();
        let more = records.len() > PAGE;
        records.truncate(PAGE);
        let next = records.last().filter(|_| more).map(|record| record.id.clone());
        PortPage {
            ports: records.into_iter().map(|record| self.view(now, record)).collect(),
            next,
        }
    }

    /// Whether an order for this speed would be taken on now.
    pub(crate) fn check(
        &self,
        now: DateTime<Utc>,
        account: &str,
        id: &str,
        mbps: u32,
    ) -> Result<(), Refusal> {
        self.own_port(account, id)?.allows(mbps)?;
        let open = self
            .orders
            .iter()
            .find(|order| order.port == id && order.status(now).is_open());
        open.map_or(Ok(()), |order| {
            Err(Refusal::OrderInFlight {
                order: order.id.clone(),
                status: order.status(now),
            })
        })
    }

    pub(super) fn own_port(&self, account: &str, id: &str) -> Result<&Record, Refusal> {
        let port = self.ports.get(id).filter(|port| port.account == account);
        port.ok_or(Refusal::NotFound("port"))
    }

    fn view(&self, now: DateTime<Utc>, record: &Record) -> Port {
        let orders = self.orders.iter().filter(|order| order.port == record.id);
        record.at(now, orders.filter_map(|order| order.delivered(now)))
    }
}
