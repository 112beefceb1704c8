//! Adapters: two that know their carrier, and some that would do harm if they were let.

use nexusport_sandbox::carrier::{
    Answer, Exchange, Header, Outcome, PortState, Rejection, Request, Step, Wait,
};

use super::tables::What;
use crate::carriers::operations::Kind;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Adapter {
    /// Looks an order up where nobody knows whether it arrived, and believes the first answer.
    Careful,
    /// Orders with a key, so that it can order again.
    Keyed,
    /// Orders again where nobody knows, and where it does not understand the answer.
    Careless,
    /// Orders again where nobody knows, in other words.
    Inventive,
    /// Has the order repeated where nobody knows.
    Stubborn,
    /// Careful, and writes its requests in another way once it was replaced.
    Replaced,
}

impl Adapter {
    /// What it does next. `replaced`: whether the moment of its replacement has come.
    pub fn next(self, what: &What, journal: &[Exchange], replaced: bool) -> Step {
        let mut words = Words {
            what,
            version: usize::from(replaced && self == Self::Replaced),
            repeatable: self == Self::Keyed,
        };
        match what.kind {
            Kind::ReadPort => words.read(journal),
            _ => self.change(&mut words, journal),
        }
    }

    fn change(self, words: &mut Words<'_>, journal: &[Exchange]) -> Step {
        let mut left = journal.iter();
        let id = loop {
            let Some(placed) = left.next() else {
                return Step::Send(words.order());
            };
            match heard(placed) {
                (202, id) if id.starts_with("order-") => break id,
                (429 | 503 | 409, _) => return again(placed, &[]),
                (0, _) if matches!(placed.answer, Answer::NotSent(_)) => return again(placed, &[]),
                _ if matches!(self, Self::Keyed | Self::Stubborn) => return again(placed, &[]),
                _ if self == Self::Careless => continue,
                (0 | 400.., _) if self == Self::Inventive => {
                    words.version += 1;
                    continue;
                }
                _ => {}
            }
            let Some(found) = left.next() else {
                return Step::Send(words.look_up());
            };
            // Something that was accepted is there, though it may not show yet.
            let accepted = heard(placed).0 == 202;
            match heard(found) {
                (200, id) if id.starts_with("order-") => break id,
                (200, none) if none == "none" && !accepted => {}
                _ => return again(found, &[]),
            }
        };
        let Some(polled) = left.next() else {
            return Step::Send(words.get(format!("/orders/{id}")));
        };
        let (status, body) = heard(polled);
        match (status, &*body.split(' ').collect::<Vec<_>>()) {
            (200, ["completed", mbps, since]) => {
                let since = since.parse().ok();
                Step::Done(Outcome::Applied(state(words.what.port, mbps, since)))
            }
            (200, ["rejected", ..]) => Step::Done(Outcome::Rejected(Rejection {
                code: "no".into(),
                text: "not here".into(),
            })),
            _ => again(polled, &[id]),
        }
    }
}

/// What an operation says to its carrier.
struct Words<'a> {
    what: &'a What,
    version: usize,
    repeatable: bool,
}

impl Words<'_> {
    fn order(&self) -> Request {
        let (what, reference) = (self.what, self.what.reference());
        Request {
            method: "POST".into(),
            target: format!("/ports/{}/orders", what.port),
            body: format!("{} {reference}", what.mbps).into_bytes(),
            repeatable: self.repeatable,
            ..self.get(String::new())
        }
    }

    fn look_up(&self) -> Request {
        self.get(format!("/orders?reference={}", self.what.reference()))
    }

    fn get(&self, target: String) -> Request {
        let version = Header {
            name: "version".into(),
            value: self.version.to_string(),
        };
        Request {
            method: "GET".into(),
            destination: "api".into(),
            target,
            headers: vec![version],
            body: Vec::new(),
            credential: None,
            repeatable: true,
        }
    }

    fn read(&self, journal: &[Exchange]) -> Step {
        let Some(read) = journal.last() else {
            return Step::Send(self.get(format!("/ports/{}", self.what.port)));
        };
        match heard(read) {
            (200, mbps) if mbps.parse::<u32>().is_ok() => {
                Step::Done(Outcome::State(state(self.what.port, &mbps, None)))
            }
            _ => again(read, &[]),
        }
    }
}

fn state(port: usize, mbps: &str, since: Option<i64>) -> PortState {
    PortState {
        reference: format!("port-{port}"),
        mbps: mbps.parse().unwrap_or_default(),
        since,
        carrier_data: Vec::new(),
        extras: Vec::new(),
    }
}

/// The status and the body, or nothing.
fn heard(exchange: &Exchange) -> (u16, String) {
    match &exchange.answer {
        Answer::Answered(response) => (response.status, String::from_utf8_lossy(&response.body).into()),
        Answer::Lost(_) | Answer::NotSent(_) => (0, String::new()),
    }
}

/// Later and later, up to half a day.
fn again(exchange: &Exchange, wake_on: &[String]) -> Step {
    Step::Again(Wait {
        after_seconds: 2 << exchange.repeats.min(14),
        wake_on: wake_on.to_vec(),
    })
}

/// Whether a request asks for the order of an operation.
pub fn is_lookup(request: &Request) -> bool {
    request.target.starts_with("/orders?reference=")
}
