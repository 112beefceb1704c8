//! The control API without HTTP, for tests and demos in the same process. The HTTP control API is this and JSON.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use crate::{
    clock::Clock,
    fault::Fault,
    ledger::Ledger,
    notify,
    refusal::Refusal,
    state::{Account, App, NewPort, State},
};

/// Sets a simulator up, drives its clock, makes things go wrong, and reads what it was asked.
#[derive(Debug, Clone)]
pub struct Control {
    app: Arc<App>,
}

impl Control {
    pub(crate) fn new(app: Arc<App>) -> Self {
        Self { app }
    }

    /// Adds a client of an account; a client id that exists gets the new secret and account, and its tokens are
    /// worthless.
    ///
    /// # Errors
    /// `bad_request` if one of the three is empty.
    pub fn add_account(&self, account: Account) -> Result<(), Refusal> {
        self.change(|state, _| state.add_account(account))
    }

    /// Adds a port to an account.
    ///
    /// # Errors
    /// `taken`, `too_fast`, `bad_request` for its id, `not_found` for an account without a client.
    pub fn add_port(&self, port: NewPort) -> Result<(), Refusal> {
        self.change(|state, now| state.add_port(now, port))
    }

    /// Makes the clock stand at `now`, in whole milliseconds; before the first call it is the system's. Going back is
    /// allowed and undoes what had not happened by then, except cancellations and what was told to a webhook.
    pub fn set_clock(&self, now: DateTime<Utc>) {
        self.change(|state, _| state.clock = Clock::driven(now));
    }

    /// What the clock says.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.app.lock().now()
    }

    /// How long orders take that are placed from now on. 0: they complete at once.
    pub fn set_provision_seconds(&self, seconds: u32) {
        self.change(|state, _| state.provisioning = TimeDelta::seconds(seconds.into()));
    }

    /// Makes something go wrong, after the faults already in force.
    ///
    /// # Errors
    /// `bad_fault` for one that could never strike.
    pub fn fault(&self, fault: Fault) -> Result<(), Refusal> {
        self.change(|state, _| state.faults.add(fault))
    }

    /// Changes a port behind everybody's back, to any speed.
    ///
    /// # Errors
    /// `not_found`.
    pub fn drift(&self, port: &str, mbps: u32) -> Result<(), Refusal> {
        self.change(|state, now| state.drift(now, port, mbps))
    }

    /// Sends notifications to this URL from now on.
    ///
    /// # Errors
    /// `bad_request` for anything but a plain `http` URL.
    pub fn set_webhook(&self, url: &str) -> Result<(), Refusal> {
        notify::check_url(url)?;
        self.change(|state, now| state.set_webhook(now, url.to_owned()));
        Ok(())
    }

    /// Everything the simulator was asked, as of now.
    #[must_use]
    pub fn ledger(&self) -> Ledger {
        let state = self.app.lock();
        state.ledger(state.now())
    }

    fn change<T>(&self, change: impl FnOnce(&mut State, DateTime<Utc>) -> T) -> T {
        let mut state = self.app.lock();
        let now = state.now();
        let result = change(&mut state, now);
        drop(state);
        self.app.changed.notify_one();
        result
    }
}
