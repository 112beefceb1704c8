//! What no step may do, whatever the carrier answered. The host refuses most of it once more, when it happens.

use nexusport_sandbox::carrier::{Answer, Description, Exchange, Outcome, Request, Step};
use nexusport_sandbox::clean;

use super::hostile::{Hostile, Means, RETRY_AFTER_S};

/// A promise, by the name of its check.
pub(super) struct Law {
    pub name: &'static str,
    pub promise: &'static str,
}

/// A step that breaks one.
#[derive(Debug, PartialEq)]
pub(super) struct Broken {
    pub law: &'static str,
    pub words: String,
}

const CAPABILITIES: &str = "carrier_capabilities";
const AGAIN: &str = "carrier_again";
const LOST: &str = "carrier_lost";
const RETRY_AFTER: &str = "carrier_retry_after";
const SUCCESS: &str = "carrier_success";
const ENDS: &str = "carrier_ends";
pub(super) const REPLAY: &str = "carrier_replay";
pub(super) const DETERMINISTIC: &str = "carrier_deterministic";

/// All of them.
pub(super) const ALL: [Law; 8] = [
    law(DETERMINISTIC, "the same journal has the same next step"),
    law(REPLAY, "asked again, it sends what it sent, to the byte"),
    law(
        CAPABILITIES,
        "asks for destinations and credentials of its description alone",
    ),
    law(AGAIN, "repeats nothing before there is a request"),
    law(
        LOST,
        "sends nothing twice that may have arrived, unless it looked",
    ),
    law(RETRY_AFTER, "waits as long as a busy carrier asks for"),
    law(SUCCESS, "reports no success out of nonsense or a failure"),
    law(ENDS, "comes to an end within its journal"),
];

const fn law(name: &'static str, promise: &'static str) -> Law {
    Law { name, promise }
}

/// Holds a step to the laws, after a journal whose last answer is the given one.
pub(super) fn hold(
    description: &Description,
    journal: &[Exchange],
    step: &Step,
    last_answer: &Hostile,
    exchanges_max: usize,
) -> Result<(), Broken> {
    match step {
        Step::Send(request) => {
            covered(description, request)?;
            if journal.len() >= exchanges_max {
                let words = format!(
                    "it goes on after {} requests, the limit is {exchanges_max}",
                    journal.len()
                );
                return Err(broken(ENDS, words));
            }
            if !request.repeatable && is_in_doubt(journal) {
                let Request { method, target, .. } = request;
                let words = format!(
                    "it sends {method} {}, which is not repeatable, while nobody knows whether an earlier request \
                     arrived, and did not ask the carrier",
                    clean(target, 100)
                );
                return Err(broken(LOST, words));
            }
        }
        Step::Again(_) => repeated(journal)?,
        Step::Done(_) | Step::Stuck(_) => {}
    }
    if journal.is_empty() {
        return Ok(());
    }
    match last_answer.means {
        Means::Busy => waits(step, RETRY_AFTER_S)?,
        Means::Refused if matches!(step, Step::Again(_)) => {
            let words = "it repeats a request that the host's rules refuse".to_owned();
            return Err(broken(AGAIN, words));
        }
        _ => {}
    }
    succeeds(step, last_answer.means)
}

fn covered(description: &Description, request: &Request) -> Result<(), Broken> {
    let destination = &request.destination;
    if !description
        .destinations
        .iter()
        .any(|it| it.handle == *destination)
    {
        let words = format!(
            "it sends to {}, which its description does not name",
            clean(destination, 64)
        );
        return Err(broken(CAPABILITIES, words));
    }
    let Some(handle) = &request.credential else {
        return Ok(());
    };
    let shown = clean(handle, 64);
    match description.credentials.iter().find(|it| it.handle == *handle) {
        None => Err(broken(
            CAPABILITIES,
            format!("it wants the credential {shown}, which its description does not name"),
        )),
        Some(credential) if !credential.destinations.contains(destination) => Err(broken(
            CAPABILITIES,
            format!(
                "it wants the credential {shown} at {destination}, for which its description does not name it"
            ),
        )),
        Some(_) => Ok(()),
    }
}

fn repeated(journal: &[Exchange]) -> Result<(), Broken> {
    let Some(last) = journal.last() else {
        return Err(broken(
            AGAIN,
            "it repeats a request before there is one".to_owned(),
        ));
    };
    if !last.request.repeatable && !is_refused(&last.answer) {
        let Request { method, target, .. } = &last.request;
        let words = format!(
            "it repeats {method} {}, which is not repeatable and may have arrived",
            clean(target, 100)
        );
        return Err(broken(LOST, words));
    }
    Ok(())
}

fn waits(step: &Step, seconds: u32) -> Result<(), Broken> {
    let words = match step {
        Step::Again(wait) if wait.after_seconds < seconds => {
            format!(
                "it waits {} s where the carrier asks for {seconds}",
                wait.after_seconds
            )
        }
        Step::Send(_) => format!("it goes on at once where the carrier asks for {seconds} s"),
        _ => return Ok(()),
    };
    Err(broken(RETRY_AFTER, words))
}

fn succeeds(step: &Step, means: Means) -> Result<(), Broken> {
    let reported = match step {
        Step::Done(Outcome::Applied(_)) => "applied",
        Step::Done(Outcome::State(_)) => "a port's state",
        Step::Done(Outcome::States(page)) if !page.ports.is_empty() => "ports",
        // Whether an empty list means none or nonsense is the carrier's to say, and so is a bare 200 to a question.
        Step::Done(Outcome::States(_)) if means != Means::Nonsense => "a list of ports",
        Step::Done(Outcome::Feasible) if means != Means::Nonsense => "feasible",
        _ => return Ok(()),
    };
    let words = format!("it reports {reported}, and the carrier's last answer says nothing of the kind");
    Err(broken(SUCCESS, words))
}

fn broken(law: &'static str, words: String) -> Broken {
    Broken { law, words }
}

/// Whether an earlier request may have arrived and the carrier has not told since what it has.
fn is_in_doubt(journal: &[Exchange]) -> bool {
    let since = journal
        .iter()
        .rev()
        .take_while(|exchange| !is_evidence(&exchange.answer));
    since
        .into_iter()
        .any(|exchange| !exchange.request.repeatable && is_uncertain(&exchange.answer))
}

/// Whether it tells what the carrier has: a found thing, or that there is none.
fn is_evidence(answer: &Answer) -> bool {
    matches!(answer, Answer::Answered(response) if matches!(response.status, 200..300 | 404 | 410))
}

fn is_uncertain(answer: &Answer) -> bool {
    match answer {
        Answer::Lost(_) => true,
        Answer::Answered(response) => response.status >= 400 && !turned_away(response.status),
        Answer::NotSent(_) => false,
    }
}

/// Whether it is certain that the carrier did not act on the request.
fn is_refused(answer: &Answer) -> bool {
    match answer {
        Answer::NotSent(_) => true,
        Answer::Answered(response) => turned_away(response.status),
        Answer::Lost(_) => false,
    }
}

/// Not the 401 and 408 that gateways answer for something behind them, nor a failure that may have come after the work.
fn turned_away(status: u16) -> bool {
    (400..500).contains(&status) && !matches!(status, 401 | 408) || status == 503
}
