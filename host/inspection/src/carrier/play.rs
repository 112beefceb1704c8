//! An operation carried out against one answer that never changes, step by step as a host does, with every step held to the
//! laws.

use nexusport_sandbox::carrier::{Description, Exchange, Operation, Request, Step as Move};
use nexusport_sandbox::{Budget, Plugin};

use super::hostile::Hostile;
use super::laws;
use crate::bench::{Bench, Step};

/// Repetitions after which an adapter that still waits is believed to know what it waits for.
const REPEATS: u32 = 3;
/// How late the last of them is answered.
const LATE_MS: i64 = 2 * 24 * 60 * 60 * 1_000;
const ANSWER_MS: i64 = 100;

/// Where operations are played.
pub(super) struct Stage<'s, 'b> {
    pub bench: &'s mut Bench<'b>,
    pub plugin: &'s Plugin,
    pub description: &'s Description,
    /// Answers given so far.
    pub told: u64,
}

/// How an operation went.
pub(super) struct Played {
    journal: Vec<Exchange>,
    about: String,
}

impl Stage<'_, '_> {
    /// The adapter's next step.
    pub fn next(&mut self, operation: &Operation, journal: &[Exchange], about: &str) -> Step<Move> {
        let plugin = self.plugin;
        let budget = plugin.sandbox().limits().carrier();
        self.bench.about(about);
        let call = |budget: &Budget| plugin.carrier_next(operation, journal, budget);
        let called = self
            .bench
            .call("carrier_answers", plugin, "carrier.next", budget, call);
        Ok(called?.0)
    }

    /// Goes on from this journal, whose last answer is the given one, if there is any.
    pub fn play(&mut self, operation: &Operation, journal: Vec<Exchange>, answer: &Hostile) -> Step<Played> {
        let about = format!("{} and {}", operations_name(operation), answer.name);
        let mut journal = journal;
        let mut now = journal.last().map_or(operation.asked_at, |last| last.at);
        let limit = self.plugin.sandbox().limits().journal_exchanges as usize;
        loop {
            let step = self.next(operation, &journal, &about)?;
            let held = laws::hold(self.description, &journal, &step, answer, limit);
            if let Err(broken) = held {
                let message = format!("{} ({about})", broken.words);
                return Err(self.bench.fail(broken.law, message));
            }
            now += ANSWER_MS;
            self.told += 1;
            match (step, journal.last_mut()) {
                (Move::Send(request), _) => journal.push(Exchange {
                    request,
                    answer: answer.answer.clone(),
                    at: now,
                    first: now,
                    repeats: 0,
                }),
                (Move::Again(wait), Some(last)) if last.repeats < REPEATS => {
                    last.repeats += 1;
                    let late = if last.repeats == REPEATS { LATE_MS } else { 0 };
                    now += i64::from(wait.after_seconds) * 1_000 + late;
                    last.answer = answer.answer.clone();
                    last.at = now;
                }
                _ => return Ok(Played { journal, about }),
            }
        }
    }
}

impl Played {
    /// Something that was played elsewhere.
    pub fn new(journal: Vec<Exchange>, about: String) -> Self {
        Self { journal, about }
    }

    /// Asks again at every point of the journal: twice the same answer at its end, and every request of it as it was.
    pub fn replay(&self, stage: &mut Stage<'_, '_>, operation: &Operation) -> Step {
        for (at, exchange) in self.journal.iter().enumerate() {
            let step = stage.next(operation, &self.journal[..at], &self.about)?;
            if step != Move::Send(exchange.request.clone()) {
                let message = format!(
                    "asked again, request {} is not the one that was sent ({})",
                    at + 1,
                    self.about
                );
                return Err(stage.bench.fail(laws::REPLAY, message));
            }
        }
        let ends = [
            stage.next(operation, &self.journal, &self.about)?,
            stage.next(operation, &self.journal, &self.about)?,
        ];
        if ends[0] != ends[1] {
            let message = format!("the same journal has two next steps ({})", self.about);
            return Err(stage.bench.fail(laws::DETERMINISTIC, message));
        }
        Ok(())
    }

    /// What was sent that is not repeatable.
    pub fn orders(self) -> Vec<Request> {
        let requests = self.journal.into_iter().map(|exchange| exchange.request);
        requests.filter(|request| !request.repeatable).collect()
    }
}

fn operations_name(operation: &Operation) -> &'static str {
    use nexusport_sandbox::carrier::Task;
    match operation.task {
        Task::ReadPort => "reading a port",
        Task::ListPorts(_) => "listing ports",
        Task::CheckChange(_) => "checking a change",
        Task::ChangeBandwidth(_) => "changing bandwidth",
        Task::Cancel(_) => "cancelling",
        Task::Probe => "a probe",
        Task::Other(_) => "a task of tomorrow",
    }
}
