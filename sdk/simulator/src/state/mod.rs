//! Everything the simulator knows, behind one lock, and what may be done to it. Every rule takes the time as a
//! value and answers at once; nothing here knows HTTP or waits for anything.

mod access;
mod orders;
mod ports;

pub(crate) use access::{Admitted, TOKEN_PATH};
pub(crate) use orders::{Placed, Wanted};
pub use ports::PortPage;

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
};

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use tokio::sync::Notify;
use uuid::Uuid;

use crate::{
    clock::{Clock, optional_millis},
    fault::Faults,
    ledger::{self, Ledger, Totals},
    order,
    port::{self, Speed},
    refusal::Refusal,
};

/// How many carrier calls the ledger remembers one by one; it counts all of them.
const REQUESTS_KEPT: usize = 100_000;

/// A client of an account. Several clients may share an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// The OAuth 2 client id.
    pub client_id: String,
    /// The OAuth 2 client secret.
    pub client_secret: String,
    /// The account whose ports and orders the client sees.
    pub account: String,
}

impl Account {
    /// A client with this id and secret, of this account.
    #[must_use]
    pub fn new(client_id: &str, client_secret: &str, account: &str) -> Self {
        Self {
            client_id: client_id.into(),
            client_secret: client_secret.into(),
            account: account.into(),
        }
    }
}

/// A port to set up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewPort {
    /// The account it belongs to.
    pub account: String,
    /// Its name, unique among all accounts: up to 64 letters, digits, dots, dashes and underscores.
    pub id: String,
    /// Its speed.
    pub mbps: u32,
    /// The highest speed it can have.
    pub max_mbps: u32,
    /// Since when it has its speed; absent: now.
    #[serde(default, with = "optional_millis")]
    pub since: Option<DateTime<Utc>>,
}

impl NewPort {
    /// A port of this account with this speed since now.
    #[must_use]
    pub fn new(account: &str, id: &str, mbps: u32, max_mbps: u32) -> Self {
        Self {
            account: account.into(),
            id: id.into(),
            mbps,
            max_mbps,
            since: None,
        }
    }
}

/// The state, and the bell that says it may have changed.
#[derive(Debug, Default)]
pub(crate) struct App {
    state: Mutex<State>,
    pub(crate) changed: Notify,
}

impl App {
    /// The state, for a moment: never held over an await.
    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The whole simulator as a value.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) clock: Clock,
    /// How long orders that are placed from now on take.
    pub(crate) provisioning: TimeDelta,
    pub(crate) faults: Faults,
    /// The one path that takes no token.
    pub(crate) token_path: &'static str,
    webhook: Option<String>,
    clients: BTreeMap<String, access::Client>,
    tokens: HashMap<String, access::Token>,
    ports: BTreeMap<String, port::Record>,
    orders: Vec<order::Record>,
    /// The number of the latest thing that set a speed.
    sequence: u64,
    requests: VecDeque<ledger::Request>,
    lost_replies: u64,
    throttled: u64,
}

impl Default for State {
    fn default() -> Self {
        Self {
            clock: Clock::default(),
            provisioning: TimeDelta::seconds(20),
            faults: Faults::default(),
            token_path: TOKEN_PATH,
            webhook: None,
            clients: BTreeMap::new(),
            tokens: HashMap::new(),
            ports: BTreeMap::new(),
            orders: Vec::new(),
            sequence: 0,
            requests: VecDeque::new(),
            lost_replies: 0,
            throttled: 0,
        }
    }
}

impl State {
    /// What time it is.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// Sets up a port at `now`.
    pub(crate) fn add_port(&mut self, now: DateTime<Utc>, port: NewPort) -> Result<(), Refusal> {
        let NewPort {
            account,
            id,
            mbps,
            max_mbps,
            since,
        } = port;
        let name_is_fine = |c: char| c.is_ascii_alphanumeric() || ".-_".contains(c);
        if id.is_empty() || id.len() > 64 || !id.chars().all(name_is_fine) {
            let message = "a port's id is 1 to 64 letters, digits, dots, dashes and underscores";
            return Err(Refusal::BadRequest(message.to_owned()));
        }
        if mbps > max_mbps {
            return Err(Refusal::TooFast { mbps, max_mbps });
        }
        if !self.clients.values().any(|client| client.account == account) {
            return Err(Refusal::NotFound("account"));
        }
        if self.ports.contains_key(&id) {
            return Err(Refusal::Taken("port"));
        }
        let first = Speed {
            since: since.unwrap_or(now),
            sequence: self.next_sequence(),
            mbps,
        };
        self.ports.insert(
            id.clone(),
            port::Record {
                id,
                account,
                max_mbps,
                first,
                drifts: Vec::new(),
            },
        );
        Ok(())
    }

    /// Changes a port behind everybody's back, limits and open orders notwithstanding.
    pub(crate) fn drift(&mut self, now: DateTime<Utc>, id: &str, mbps: u32) -> Result<(), Refusal> {
        let sequence = self.next_sequence();
        let port = self.ports.get_mut(id).ok_or(Refusal::NotFound("port"))?;
        port.drifts.push(Speed {
            since: now,
            sequence,
            mbps,
        });
        Ok(())
    }

    /// Writes a carrier call down.
    pub(crate) fn record(&mut self, request: ledger::Request) {
        self.throttled += u64::from(request.status == Some(429));
        self.lost_replies += u64::from(request.fault.as_deref() == Some("lost_reply"));
        if self.requests.len() == REQUESTS_KEPT {
            self.requests.pop_front();
        }
        self.requests.push_back(request);
    }

    /// Everything that was asked, as it stands at `now`.
    pub(crate) fn ledger(&self, now: DateTime<Utc>) -> Ledger {
        let entry = |order: &order::Record| ledger::Order {
            order: order.at(now),
            idempotency_key: order.idempotency_key.clone(),
            account: order.account.clone(),
        };
        let orders: Vec<_> = self.orders.iter().map(entry).collect();
        let totals = Totals::of(&orders, self.lost_replies, self.throttled);
        Ledger {
            requests: self.requests.iter().cloned().collect(),
            orders,
            totals,
        }
    }

    fn next_sequence(&mut self) -> u64 {
        self.sequence += 1;
        self.sequence
    }
}

/// A new unguessable name. The only place that draws on randomness.
#[allow(
    clippy::disallowed_methods,
    reason = "the one draw that every new name comes from"
)]
fn unique(prefix: &str) -> String {
    format!("{prefix}{}", Uuid::new_v4().simple())
}
