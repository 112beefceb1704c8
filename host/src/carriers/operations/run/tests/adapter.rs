//! A small adapter that orders a speed, and the words it is written in.

use nexusport_sandbox::carrier::{Exchange, Outcome, PortState, Wait};

use super::super::*;

pub fn order() -> Request {
    Request {
        method: "POST".into(),
        destination: "api".into(),
        target: "/orders".into(),
        headers: Vec::new(),
        body: b"5000".to_vec(),
        credential: None,
        repeatable: false,
    }
}

pub fn get(target: &str) -> Request {
    Request {
        method: "GET".into(),
        target: target.into(),
        body: Vec::new(),
        repeatable: true,
        ..order()
    }
}

pub fn again(after_seconds: u32) -> Step {
    Step::Again(Wait {
        after_seconds,
        wake_on: Vec::new(),
    })
}

pub fn applied() -> Outcome {
    Outcome::Applied(PortState {
        reference: "p".into(),
        mbps: 5000,
        since: None,
        carrier_data: Vec::new(),
        extras: Vec::new(),
    })
}

pub fn status(answer: &Answer) -> Option<u16> {
    match answer {
        Answer::Answered(response) => Some(response.status),
        Answer::Lost(_) | Answer::NotSent(_) => None,
    }
}

/// An adapter that orders, looks an order up where nobody knows whether it arrived, and polls.
pub fn careful(journal: &[Exchange]) -> Step {
    let mut journal = journal.iter();
    loop {
        let Some(placed) = journal.next() else {
            return Step::Send(order());
        };
        match (&placed.answer, status(&placed.answer)) {
            (_, Some(202)) => break,
            (_, Some(429 | 503)) | (Answer::NotSent(_), _) => return again(2),
            _ => {}
        }
        let Some(found) = journal.next() else {
            return Step::Send(get("/orders?reference=1"));
        };
        match status(&found.answer) {
            Some(200) => break,
            Some(404) if found.repeats > 0 => {}
            _ => return again(2),
        }
    }
    let Some(polled) = journal.next() else {
        return Step::Send(get("/orders/1"));
    };
    match status(&polled.answer) {
        Some(200) => Step::Done(applied()),
        _ => again(5),
    }
}
