//! Adapters. An adapter is written straight down, as if its requests were sent while it runs; it is run again over the
//! journal of what was answered so far, and the first request without an answer is what the host sends next.
//!
//! It follows that an adapter asks the same things in the same order whenever it is given the same answers: it must not
//! depend on anything but the operation and the answers.

mod halt;
mod journal;
mod link;
mod operation;
mod place;
mod polling;
mod recording;
mod rehearsal;
mod request;
mod response;
mod said;
#[cfg(test)]
mod tests;

pub use crate::bindings::exports::nexusport::plugin::carrier::{
    Credential, Description, Destination, Exchange, Fault, FaultKind, Operation, Order, Outcome, Port,
    PortPage, PortState, Rejection, Rules, Step, Task, Wait,
};
pub use crate::bindings::exports::nexusport::plugin::http::{Answer, Header, NotSent, Request, Response};
pub use crate::{About, Extra};
pub use halt::{Halt, Run, again, rejected, stuck, unexpected};
pub use link::Link;
pub use polling::Polling;
pub use rehearsal::{Rehearsal, rehearse, rehearse_with};
pub use request::encode;

use crate::bindings::exports::nexusport::plugin::carrier::Guest;

/// A carrier adapter.
pub trait Carrier {
    /// What it needs and what the carrier allows.
    fn describe() -> Description;

    /// Carries out the operation over the link.
    fn run(operation: &Operation, link: &mut Link<'_>) -> Run<Outcome>;

    /// The keys that a push of the carrier's is about, as given to [`Halt::or_when`]. None, unless it says otherwise.
    fn notified(_headers: &[Header], _body: &[u8]) -> Vec<String> {
        Vec::new()
    }
}

/// What the host is to do next for this operation after these exchanges. For an adapter's own tests; the exported
/// component calls it by itself.
pub fn next<A: Carrier>(operation: &Operation, journal: &[Exchange]) -> Step {
    let mut link = Link::new(operation.asked_at, journal);
    let end = A::run(operation, &mut link);
    link.finish(end)
}

impl<A: Carrier> Guest for A {
    fn describe() -> Description {
        <A as Carrier>::describe()
    }

    fn next(operation: Operation, journal: Vec<Exchange>) -> Step {
        next::<A>(&operation, &journal)
    }

    fn notified(headers: Vec<Header>, body: Vec<u8>) -> Vec<String> {
        <A as Carrier>::notified(&headers, &body)
    }
}
