//! What the words of another carrier's API are put to: the same ports, orders and rules, asked as values.

use std::sync::Arc;

use axum::{
    Router,
    http::StatusCode,
    routing::{MethodRouter, post},
};
use chrono::{DateTime, Utc};

use serde_json::Value;

use super::carrier;
use crate::{
    fault::Call,
    order::Order,
    port::Port,
    refusal::Refusal,
    state::{App, Placed, PortPage, Wanted},
};

/// Another carrier's API.
#[derive(Debug, Clone, Copy)]
pub struct Words {
    /// Where tokens are fetched, as [`Desk::token_route`] or a handler with [`Desk::token`] gives them. Everything else takes
    /// one.
    pub token_path: &'static str,
    /// Its paths, the one for tokens too. Each other one finds whose call it is in an extension,
    /// [`Caller`](crate::Caller).
    pub routes: fn(Desk) -> Router,
    /// What it says where the simulator answers by itself: for want of a token, or because of a fault.
    pub problem: Problem,
}

/// The body of an answer that something is wrong, by its status, the simulator's code and words for a person.
pub type Problem = fn(StatusCode, &str, &str) -> Value;

/// The carrier behind the words. Everything is asked for an account, at the simulator's own time.
#[derive(Debug, Clone)]
pub struct Desk(pub(crate) Arc<App>);

/// An order to place.
#[derive(Debug, Clone, Copy)]
pub struct Placement<'a> {
    /// Method and path of the call that places it, which a fault may be meant for.
    pub call: (&'a str, &'a str),
    /// Whose order it is.
    pub account: &'a str,
    /// The port.
    pub port: &'a str,
    /// The speed.
    pub mbps: u32,
    /// The customer's name for it. Where a carrier takes none: one that tells two orders apart, so that the ledger counts
    /// no duplicates and the orders themselves are to be counted.
    pub reference: &'a str,
}

impl Desk {
    /// Gives out tokens as OAuth 2 has it.
    pub fn token_route<S>(&self) -> MethodRouter<S> {
        post(carrier::token).with_state(Arc::clone(&self.0))
    }

    /// A token for a client that knows its secret, and how many seconds it is good for.
    ///
    /// # Errors
    /// `invalid_client`.
    pub fn token(&self, client_id: &str, client_secret: &str) -> Result<(String, u32), Refusal> {
        let mut state = self.0.lock();
        let now = state.now();
        let issued = state.issue_token(now, client_id, client_secret)?;
        Ok((issued.token, issued.expires_in_seconds))
    }

    /// What time it is.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.0.lock().now()
    }

    /// A port as it is now.
    ///
    /// # Errors
    /// `not_found` where the account has none of this name.
    pub fn port(&self, account: &str, id: &str) -> Result<Port, Refusal> {
        let state = self.0.lock();
        state.port(state.now(), account, id)
    }

    /// The account's ports after the one that the cursor names; all of them after an empty one.
    #[must_use]
    pub fn ports(&self, account: &str, cursor: &str) -> PortPage {
        let state = self.0.lock();
        state.list_ports(state.now(), account, cursor)
    }

    /// All of the account's ports, by id.
    #[must_use]
    pub fn all_ports(&self, account: &str) -> Vec<Port> {
        let (mut ports, mut cursor) = (Vec::new(), Some(String::new()));
        while let Some(after) = cursor {
            let page = self.ports(account, &after);
            ports.extend(page.ports);
            cursor = page.next;
        }
        ports
    }

    /// Whether an order for this speed would be taken now.
    ///
    /// # Errors
    /// Why not.
    pub fn check(&self, account: &str, id: &str, mbps: u32) -> Result<(), Refusal> {
        let state = self.0.lock();
        state.check(state.now(), account, id, mbps)
    }

    /// Places an order.
    ///
    /// # Errors
    /// Why it was not taken.
    pub fn place(&self, placement: &Placement<'_>) -> Result<Order, Refusal> {
        let Placement {
            call: (method, path),
            account,
            port,
            mbps,
            reference,
        } = *placement;
        let wanted = Wanted {
            account,
            port,
            mbps,
            reference,
            idempotency_key: None,
        };
        let mut state = self.0.lock();
        let now = state.now();
        match state.place(now, Call { method, path }, &wanted)? {
            Placed::Now(order) | Placed::Before(order) => Ok(order),
        }
    }

    /// The account's orders, oldest first.
    #[must_use]
    pub fn orders(&self, account: &str) -> Vec<Order> {
        let state = self.0.lock();
        state.orders(state.now(), account)
    }

    /// One order.
    ///
    /// # Errors
    /// `not_found` where the account has none of this name.
    pub fn order(&self, account: &str, id: &str) -> Result<Order, Refusal> {
        let state = self.0.lock();
        state.order(state.now(), account, id)
    }

    /// Withdraws an order in time. Withdrawing twice is withdrawing once.
    ///
    /// # Errors
    /// `too_late`, `not_found`.
    pub fn cancel(&self, account: &str, id: &str) -> Result<Order, Refusal> {
        let mut state = self.0.lock();
        let now = state.now();
        state.cancel(now, account, id)
    }
}
