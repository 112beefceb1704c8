//! Carrying out an operation against a carrier made of a closure, step by step as the host does: for an adapter's tests. It
//! has no limits of its own but the one that keeps an endless adapter from hanging a test.

use super::{Answer, Carrier, Exchange, Header, NotSent, Operation, Request, Response, Step, Wait, next};

/// An adapter that has not ended after so many steps never will.
const STEPS_MAX: usize = 1000;
/// How long each answer takes.
const ANSWER_MS: i64 = 100;

/// What an operation came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Rehearsal {
    /// What was asked for.
    pub operation: Operation,
    /// The last step: an outcome, a fault, or whatever came when the rehearsal gave up or had no answer left.
    pub end: Step,
    /// Each request with its latest answer.
    pub journal: Vec<Exchange>,
    /// Every wait that the adapter asked for.
    pub waits: Vec<Wait>,
}

/// Carries out the operation, the closure being the carrier: it is asked once for each sending, repetitions included.
pub fn rehearse<A: Carrier>(operation: &Operation, mut carrier: impl FnMut(&Request) -> Answer) -> Rehearsal {
    play::<A>(operation, |request| Some(carrier(request)))
}

/// Carries out the operation with these answers, one for each sending, up to the step that follows the last of them.
///
/// # Panics
///
/// Where it ends before the answers do.
pub fn rehearse_with<A: Carrier>(
    operation: &Operation,
    answers: impl IntoIterator<Item = Answer>,
) -> Rehearsal {
    let mut answers = answers.into_iter();
    let rehearsal = play::<A>(operation, |_| answers.next());
    let left = answers.count();
    assert_eq!(left, 0, "answers are left after {:?}", rehearsal.end);
    rehearsal
}

/// Until the carrier has no answer.
fn play<A: Carrier>(operation: &Operation, mut carrier: impl FnMut(&Request) -> Option<Answer>) -> Rehearsal {
    let (mut journal, mut waits) = (Vec::<Exchange>::new(), Vec::new());
    let mut now = operation.asked_at;
    let mut end = next::<A>(operation, &journal);
    for _ in 1..STEPS_MAX {
        now += ANSWER_MS;
        match (end.clone(), journal.last_mut()) {
            (Step::Send(request), _) => {
                let Some(answer) = carrier(&request) else { break };
                journal.push(Exchange {
                    request,
                    answer,
                    at: now,
                    first: now,
                    repeats: 0,
                });
            }
            (Step::Again(wait), Some(last)) => {
                let Some(answer) = carrier(&last.request) else {
                    break;
                };
                now += i64::from(wait.after_seconds) * 1000;
                waits.push(wait);
                (last.answer, last.at, last.repeats) = (answer, now, last.repeats + 1);
            }
            _ => break,
        }
        end = next::<A>(operation, &journal);
    }
    Rehearsal {
        operation: operation.clone(),
        end,
        journal,
        waits,
    }
}

impl Rehearsal {
    /// Method and target of each request, such as `GET /ports/7`.
    pub fn requests(&self) -> Vec<String> {
        self.journal
            .iter()
            .map(|e| format!("{} {}", e.request.method, e.request.target))
            .collect()
    }
}

impl Answer {
    /// An answer with this status and JSON body.
    pub fn json(status: u16, body: &str) -> Self {
        Self::Answered(Response {
            status,
            headers: Vec::new(),
            body: body.as_bytes().to_vec(),
        })
    }

    /// A refusal to answer before so many seconds have passed.
    pub fn throttled(retry_after_seconds: u32) -> Self {
        let header = Header {
            name: "Retry-After".to_owned(),
            value: retry_after_seconds.to_string(),
        };
        Self::Answered(Response {
            status: 429,
            headers: vec![header],
            body: Vec::new(),
        })
    }

    /// That the carrier cannot be reached for now.
    pub fn unreachable() -> Self {
        Self::NotSent(NotSent {
            temporary: true,
            detail: "connection refused".to_owned(),
        })
    }
}
