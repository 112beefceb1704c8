//! What one inspection has found so far, and the calls it makes. A failed check ends it, as a value that `?` carries out of
//! whatever was under way.

use std::collections::BTreeMap;

use nexusport_sandbox::{Blame, Budget, Failure, Plugin, Run, Usage};

use crate::check::{Check, Outcome};
use crate::place::{Called, Event, Interrupted, Place, Stage};

/// Fuel of all calls of one inspection together: ten times what the slowest of languages takes for all of them, and some
/// seconds of a processor.
pub(crate) const FUEL: u64 = 20_000_000_000;
/// How many calls there may be: each costs a host a fresh instance, however little fuel it takes.
pub(crate) const CALLS: u64 = 50_000;
/// How much more waiting time a call gets that a busy machine may have kept waiting. Its fuel is what ends it.
const PATIENCE: u64 = 20;

/// Why an inspection goes no further.
#[derive(Debug)]
pub(crate) enum Halt {
    /// A check failed, and is in the list.
    Failed,
    Interrupted(Interrupted),
}

pub(crate) type Step<T = ()> = Result<T, Halt>;

/// What a rule found; an error is its no, in words.
pub(crate) type Rule<T = ()> = Result<T, String>;

pub(crate) struct Bench<'a> {
    place: &'a dyn Place,
    tell: &'a mut dyn FnMut(Event<'_>),
    checks: Vec<Check>,
    taken: BTreeMap<&'static str, Called>,
    fuel: u64,
    calls: u64,
    /// What the calls are about now, for messages.
    about: String,
}

impl<'a> Bench<'a> {
    pub fn new(place: &'a dyn Place, tell: &'a mut dyn FnMut(Event<'_>)) -> Self {
        Self {
            place,
            tell,
            checks: Vec::new(),
            taken: BTreeMap::new(),
            fuel: 0,
            calls: 0,
            about: String::new(),
        }
    }

    pub fn place(&self) -> &'a dyn Place {
        self.place
    }

    pub fn begin(&mut self, stage: Stage) {
        self.about.clear();
        (self.tell)(Event::Began(stage));
    }

    /// Says what the calls from here on are about.
    pub fn about(&mut self, what: impl ToString) {
        self.about = what.to_string();
    }

    /// Everything that was found, once it was told what the calls took.
    pub fn end(self) -> Result<Vec<Check>, Interrupted> {
        for called in self.taken.into_values() {
            self.place.called(called)?;
        }
        Ok(self.checks)
    }

    pub fn push(&mut self, check: Check) {
        (self.tell)(Event::Ended(&check));
        self.checks.push(check);
    }

    pub fn pass(&mut self, name: &str, message: impl Into<String>) {
        self.note(name, Outcome::Passed, message.into());
    }

    pub fn warn(&mut self, name: &str, message: impl Into<String>) {
        self.note(name, Outcome::Warning, message.into());
    }

    #[must_use]
    pub fn fail(&mut self, name: &str, message: impl Into<String>) -> Halt {
        self.note(name, Outcome::Failed, message.into());
        Halt::Failed
    }

    /// Notes what a rule found: `good` when it was kept, else the rule's own words.
    pub fn rule<T>(&mut self, name: &str, good: &str, found: Rule<T>) -> Step<T> {
        match found {
            Ok(value) => {
                self.pass(name, good);
                Ok(value)
            }
            Err(message) => Err(self.fail(name, message)),
        }
    }

    /// Notes a figure and whether it is within its limit.
    pub fn at_most(&mut self, name: &str, figure: u64, limit: u64) -> Step {
        let message = if figure <= limit {
            format!("{figure} of at most {limit}")
        } else {
            format!("{}: {figure}, the limit is {limit}", name.replace('_', " "))
        };
        self.measured(name, figure, limit, message)
    }

    /// Notes a figure, its limit, and what they mean in words.
    pub fn measured(&mut self, name: &str, figure: u64, limit: u64, message: String) -> Step {
        let passed = figure <= limit;
        let outcome = if passed { Outcome::Passed } else { Outcome::Failed };
        self.push(Check {
            name: name.to_owned(),
            outcome,
            figure: Some(figure),
            limit: Some(limit),
            message,
        });
        if passed { Ok(()) } else { Err(Halt::Failed) }
    }

    /// Makes a call. One that gives no answer fails the check of this name.
    pub fn call<T>(
        &mut self,
        check: &str,
        plugin: &Plugin,
        function: &'static str,
        budget: Budget,
        call: impl Fn(&Budget) -> Run<T>,
    ) -> Step<(T, Usage)> {
        if self.calls >= CALLS {
            self.at_most("inspection_calls", self.calls + 1, CALLS)?;
        }
        let turn = self.place.turn().map_err(Halt::Interrupted)?;
        let mut run = call(&budget);
        self.count(plugin, function, &run);
        if is_unclear(&run) {
            run = call(&budget.more_time(PATIENCE));
            self.count(plugin, function, &run);
        }
        drop(turn);
        match run.result {
            Ok(_) if self.fuel > FUEL => {
                self.at_most("inspection_fuel", self.fuel, FUEL)?;
                Err(Halt::Failed)
            }
            Ok(answer) => Ok((answer, run.usage)),
            Err(failure) if failure.blame() == Blame::Host => {
                Err(Halt::Interrupted(Interrupted::Sandbox(failure)))
            }
            Err(failure) => {
                let (figure, limit) = figures(&failure, run.usage);
                self.push(Check {
                    name: check.to_owned(),
                    outcome: Outcome::Failed,
                    figure,
                    limit,
                    message: match &*self.about {
                        "" => failure.to_string(),
                        about => format!("{failure} ({about})"),
                    },
                });
                Err(Halt::Failed)
            }
        }
    }

    fn note(&mut self, name: &str, outcome: Outcome, message: String) {
        self.push(Check {
            name: name.to_owned(),
            outcome,
            figure: None,
            limit: None,
            message,
        });
    }

    fn count<T>(&mut self, plugin: &Plugin, function: &'static str, run: &Run<T>) {
        self.fuel = self.fuel.saturating_add(run.usage.fuel);
        self.calls += 1;
        let called = self.taken.entry(function).or_insert_with(|| Called {
            digest: plugin.digest().to_owned(),
            function,
            count: 0,
            usage: Usage::default(),
            failure: None,
        });
        called.count += 1;
        called.usage.fuel = called.usage.fuel.saturating_add(run.usage.fuel);
        called.usage.wall += run.usage.wall;
        called.usage.memory_bytes = called.usage.memory_bytes.max(run.usage.memory_bytes);
        called.failure = run.result.as_ref().err().cloned();
    }
}

fn is_unclear<T>(run: &Run<T>) -> bool {
    run.result
        .as_ref()
        .err()
        .is_some_and(|failure| failure.blame() == Blame::Unclear)
}

/// How much it was and how much is allowed, where the failure is of that kind.
fn figures(failure: &Failure, usage: Usage) -> (Option<u64>, Option<u64>) {
    match failure {
        Failure::FuelExhausted { limit } => (Some(usage.fuel), Some(*limit)),
        Failure::DeadlineExceeded { limit_ms } => {
            (u64::try_from(usage.wall.as_millis()).ok(), Some(*limit_ms))
        }
        Failure::MemoryExceeded { limit, asked }
        | Failure::TableExceeded { limit, asked }
        | Failure::TooLarge { limit, asked, .. } => (Some(*asked), Some(*limit)),
        Failure::ResultTooLarge { limit }
        | Failure::StackExhausted { limit }
        | Failure::TooManyHandles { limit }
        | Failure::BadText { limit, .. } => (None, Some(*limit)),
        _ => (None, None),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]
mod tests {
    use nexusport_sandbox::compile::compile_trusted;
    use nexusport_sandbox::{Limits, Sandbox};

    use super::*;
    use crate::place::tests::bench;

    #[test]
    fn calls_and_their_fuel_have_an_end() {
        let limits = Limits {
            concurrent_calls: 1,
            ..Limits::default()
        };
        let report = compile_trusted(nexusport_plugins::BRAND_HARBOUR, &limits);
        let plugin = Plugin::load(&Sandbox::new(limits).unwrap(), &report.artifact.unwrap()).unwrap();
        let refused = |spend: fn(&mut Bench<'_>)| {
            let (_, mut checks) = bench(|bench| {
                spend(bench);
                let budget = plugin.sandbox().limits().branding().more_time(PATIENCE);
                let call = |budget: &Budget| plugin.branding_describe(budget);
                bench
                    .call("describe", &plugin, "branding.describe", budget, call)
                    .map(drop)
            });
            let check = checks.pop().expect("the call is refused");
            (check.name, check.outcome, check.limit)
        };
        let of = |name: &str, limit| (name.to_owned(), Outcome::Failed, Some(limit));
        assert_eq!(
            refused(|bench| bench.calls = CALLS),
            of("inspection_calls", CALLS)
        );
        assert_eq!(refused(|bench| bench.fuel = FUEL), of("inspection_fuel", FUEL));
    }
}
