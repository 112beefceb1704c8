//! Calls of a carrier adapter. It says what to do next; nothing here sends anything.

use super::outward::{LINE, NAME, TEXT, about, at_most, exact, extras, line, lines};
use super::wrong_world;
use crate::failure::Failure;
use crate::limits::{Budget, Limits};
use crate::plugin::{Plugin, Run};
use crate::world::World;

pub use crate::bindings::carrier::{
    Credential, Description, Destination, Exchange, Fault, FaultKind, Operation, Order, Outcome, Port,
    PortPage, PortState, Rejection, Rules, Step, Task, Wait,
};
pub use crate::bindings::http::{Answer, Header, NotSent, Request, Response};
pub use crate::bindings::types::{About, Extra};

impl Plugin {
    /// What the adapter says about itself and what its carrier allows.
    pub fn carrier_describe(&self, budget: &Budget) -> Run<Description> {
        let Some(start) = self.bound().carrier() else {
            return wrong_world(self, World::Carrier);
        };
        let run = self.run(budget, start, |store, guest| guest.call_describe(store));
        run.and_then(|description| clean_description(description, self.sandbox().limits()))
    }

    /// The next step of an operation, from what the carrier has answered so far.
    pub fn carrier_next(&self, operation: &Operation, journal: &[Exchange], budget: &Budget) -> Run<Step> {
        let Some(start) = self.bound().carrier() else {
            return wrong_world(self, World::Carrier);
        };
        let limits = self.sandbox().limits();
        if let Err(failure) = check_journal(journal, limits) {
            return Run::refused(failure);
        }
        let run = self.run(budget, start, |store, guest| {
            guest.call_next(store, operation, journal)
        });
        run.and_then(|step| clean_step(step, limits))
    }

    /// The keys that a push of the carrier is about. The host has checked its signature before.
    pub fn carrier_notified(&self, headers: &[Header], body: &[u8], budget: &Budget) -> Run<Vec<String>> {
        let Some(start) = self.bound().carrier() else {
            return wrong_world(self, World::Carrier);
        };
        let run = self.run(budget, start, |store, guest| {
            guest.call_notified(store, headers, body)
        });
        run.and_then(|keys| {
            keys.iter()
                .try_for_each(|key| exact("a key of a notification", key))?;
            Ok(keys)
        })
    }
}

fn check_journal(journal: &[Exchange], limits: &Limits) -> Result<(), Failure> {
    at_most(
        "exchanges in the journal",
        limits.journal_exchanges,
        journal.len() as u64,
    )?;
    let answered = |answer: &Answer| match answer {
        Answer::Answered(response) => bytes_of_headers(&response.headers) + response.body.len() as u64,
        Answer::Lost(text) => text.len() as u64,
        Answer::NotSent(not_sent) => not_sent.detail.len() as u64,
    };
    let bytes = journal
        .iter()
        .map(|exchange| bytes_of(&exchange.request) + answered(&exchange.answer))
        .sum();
    at_most("bytes in the journal", limits.journal_bytes, bytes)
}

fn bytes_of(request: &Request) -> u64 {
    let texts = request.method.len() + request.destination.len() + request.target.len();
    (texts + request.body.len()) as u64 + bytes_of_headers(&request.headers)
}

fn bytes_of_headers(headers: &[Header]) -> u64 {
    headers
        .iter()
        .map(|header| (header.name.len() + header.value.len()) as u64)
        .sum()
}

fn clean_description(mut description: Description, limits: &Limits) -> Result<Description, Failure> {
    at_most(
        "destinations asked for",
        limits.destinations,
        description.destinations.len() as u64,
    )?;
    for destination in &mut description.destinations {
        exact("the handle of a destination", &destination.handle)?;
        line(&mut destination.summary, LINE);
    }
    for credential in &mut description.credentials {
        exact("the handle of a credential", &credential.handle)?;
        credential
            .destinations
            .iter()
            .try_for_each(|handle| exact("a destination of a credential", handle))?;
        line(&mut credential.summary, LINE);
    }
    about(&mut description.about);
    extras(&mut description.rules.extras);
    extras(&mut description.extras);
    Ok(description)
}

fn clean_step(mut step: Step, limits: &Limits) -> Result<Step, Failure> {
    match &mut step {
        Step::Send(request) => check_request(request, limits)?,
        Step::Again(wait) => wait
            .wake_on
            .iter()
            .try_for_each(|key| exact("a key to wake on", key))?,
        Step::Done(outcome) => clean_outcome(outcome, limits)?,
        Step::Stuck(fault) => lines(&mut fault.message, TEXT),
    }
    Ok(step)
}

fn check_request(request: &Request, limits: &Limits) -> Result<(), Failure> {
    at_most("bytes in the request", limits.request_bytes, bytes_of(request))?;
    exact("the method of the request", &request.method)?;
    exact("the destination of the request", &request.destination)?;
    exact("the target of the request", &request.target)?;
    for header in &request.headers {
        exact("the name of a header", &header.name)?;
        exact("the value of a header", &header.value)?;
    }
    request
        .credential
        .iter()
        .try_for_each(|handle| exact("the credential of the request", handle))
}

fn clean_outcome(outcome: &mut Outcome, limits: &Limits) -> Result<(), Failure> {
    match outcome {
        Outcome::State(state) | Outcome::Applied(state) => clean_state(state, limits)?,
        Outcome::States(page) => {
            page.ports
                .iter_mut()
                .try_for_each(|state| clean_state(state, limits))?;
            page.next
                .iter()
                .try_for_each(|cursor| exact("the cursor of the next page", cursor))?;
        }
        Outcome::Feasible => {}
        Outcome::Rejected(rejection) => {
            line(&mut rejection.code, NAME);
            lines(&mut rejection.text, TEXT);
        }
        Outcome::Other(extra) => extras(std::slice::from_mut(extra)),
    }
    Ok(())
}

fn clean_state(state: &mut PortState, limits: &Limits) -> Result<(), Failure> {
    exact("the reference of a port", &state.reference)?;
    at_most(
        "bytes of carrier data",
        limits.carrier_data_bytes,
        state.carrier_data.len() as u64,
    )?;
    extras(&mut state.extras);
    Ok(())
}
