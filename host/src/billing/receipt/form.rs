//! The form in which a receipt keeps what a plugin was asked, and the hash of what it keeps. The form outlives versions
//! of the host, so it has its own names; its numbers are all whole, so that JSON keeps them exactly.

use nexusport_sandbox::pricing::{self, Event, Extra, Interval, Period, Request, Samples};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::fault::Result;

#[derive(Serialize, Deserialize)]
struct Input {
    period: Period,
    time_zone: String,
    currency: String,
    /// The JSON document as the text that was given: another text of equal meaning would be another input.
    settings: String,
    facts: Vec<Fact>,
    extras: Vec<Extra>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Fact {
    Interval(Interval),
    Samples(Samples),
    Event(Event),
    Other(Extra),
}

impl From<pricing::Fact> for Fact {
    fn from(fact: pricing::Fact) -> Self {
        match fact {
            pricing::Fact::Interval(interval) => Self::Interval(interval),
            pricing::Fact::Samples(samples) => Self::Samples(samples),
            pricing::Fact::Event(event) => Self::Event(event),
            pricing::Fact::Other(extra) => Self::Other(extra),
        }
    }
}

impl From<Fact> for pricing::Fact {
    fn from(fact: Fact) -> Self {
        match fact {
            Fact::Interval(interval) => Self::Interval(interval),
            Fact::Samples(samples) => Self::Samples(samples),
            Fact::Event(event) => Self::Event(event),
            Fact::Other(extra) => Self::Other(extra),
        }
    }
}

/// What is kept of a request.
pub(super) fn input(request: &Request) -> Result<Value> {
    let Request {
        period,
        time_zone,
        currency,
        settings,
        facts,
        extras,
    } = request.clone();
    Ok(serde_json::to_value(Input {
        period,
        time_zone,
        currency,
        settings: String::from_utf8(settings)?,
        facts: facts.into_iter().map(Fact::from).collect(),
        extras,
    })?)
}

/// The request that was kept.
pub(super) fn request(input: Value) -> Result<Request> {
    let Input {
        period,
        time_zone,
        currency,
        settings,
        facts,
        extras,
    } = serde_json::from_value(input)?;
    Ok(Request {
        period,
        time_zone,
        currency,
        settings: settings.into_bytes(),
        facts: facts.into_iter().map(pricing::Fact::from).collect(),
        extras,
    })
}

/// SHA-256 of JSON with sorted keys and without white space, whatever order the database returns keys in.
pub(super) fn hash(json: &Value) -> Vec<u8> {
    let mut sorted = json.clone();
    sorted.sort_all_objects();
    Sha256::digest(sorted.to_string()).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked() -> Request {
        let extra = || Extra {
            name: "note".into(),
            value: "a\nb".into(),
        };
        Request {
            period: Period { start: 0, end: 9 },
            time_zone: "Europe/Vienna".into(),
            currency: "EUR".into(),
            settings: br#"{"b": 1.10, "a": "\u0000"}"#.to_vec(),
            facts: vec![
                pricing::Fact::Interval(Interval {
                    start: 0,
                    end: 3,
                    mbps: 5000,
                    base_mbps: 1000,
                    extras: vec![extra()],
                }),
                pricing::Fact::Samples(Samples {
                    start: 3,
                    step_seconds: 300,
                    mbps: vec![1, 2],
                }),
                pricing::Fact::Event(Event {
                    at: 5,
                    name: "setup".into(),
                    quantity: "1.5".into(),
                    extras: vec![],
                }),
                pricing::Fact::Other(extra()),
            ],
            extras: vec![extra()],
        }
    }

    #[test]
    fn what_was_asked_comes_back_to_the_byte() {
        assert_eq!(request(input(&asked()).unwrap()).unwrap(), asked());
    }

    #[test]
    fn a_hash_does_not_depend_on_the_order_of_keys_but_on_every_value() {
        let json = |text: &str| hash(&serde_json::from_str(text).unwrap());
        assert_eq!(json(r#"{"a": {"c": 1, "b": 2}}"#), json(r#"{"a":{"b":2,"c":1}}"#));
        assert_ne!(json(r#"{"a": 1}"#), json(r#"{"a": 2}"#));
        assert_ne!(json(r#"{"a": [1, 2]}"#), json(r#"{"a": [2, 1]}"#));
    }
}
