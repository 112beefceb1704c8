//! The recordings that a component brings along, each a call that was kept and named for what happens in it: how an adapter
//! fares with its own carrier, whose words no host knows. They lie in a section of the component, so the digest covers them.

use std::collections::{BTreeMap, BTreeSet};

use nexusport_sandbox::carrier::{Exchange, Operation, Step as Move};
use nexusport_sandbox::fixture::Fixture;
use nexusport_sandbox::{Next, clean};
use serde_json::{Map, Value};

use super::play::{Played, Stage};
use super::scenario::{self, Scenario};
use crate::bench::{Bench, Rule, Step};

const CHECK: &str = "carrier_fixtures";
/// Recordings of one component.
pub(crate) const RECORDINGS: usize = 64;

/// Whether a kept call of `carrier.next` by this name is a recording that a component can bring along: the name of a
/// scenario, or that, a dot and anything.
pub fn is_recording(name: &str) -> bool {
    scenario(name).is_some()
}

/// What lies in the section of a component that brings these recordings along; an error where no check would let them pass.
pub fn section(recordings: &BTreeMap<String, Fixture>) -> Result<String, String> {
    let count = recordings.len();
    if count > RECORDINGS {
        return Err(too_many(count));
    }
    serde_json::to_string(recordings).map_err(|error| error.to_string())
}

/// A recording that was found to be what it says.
pub(super) struct Recording {
    scenario: &'static Scenario,
    pub operation: Operation,
    pub journal: Vec<Exchange>,
}

/// Asks the adapter everything again that it was asked when it was recorded.
pub(super) fn replay(stage: &mut Stage<'_, '_>, section: Option<&str>) -> Step<Vec<Recording>> {
    let Some(section) = section else {
        return Ok(Vec::new());
    };
    let documents = match documents(section) {
        Ok(documents) => documents,
        Err(problem) => return Err(stage.bench.fail(CHECK, problem)),
    };
    let mut recordings = Vec::new();
    for (name, document) in &documents {
        let name = clean(name, 100);
        let read = read(&name, document);
        let (scenario, fixture, next) = match read {
            Ok(read) => read,
            Err(problem) => return Err(stage.bench.fail(CHECK, format!("{name}: {problem}"))),
        };
        let Next { operation, journal } = next;
        let about = format!("the recording {name}");
        let step = stage.next(&operation, &journal, &about)?;
        let played = Played::new(journal.clone(), about);
        played.replay(stage, &operation)?;
        if let Err(problem) = answers_alike(&fixture, &step) {
            return Err(stage.bench.fail(CHECK, format!("{name}: {problem}")));
        }
        if !scenario.shows(&operation, &journal, &step) {
            let message = format!("{name} does not show what it is named for, {}", scenario.wants);
            return Err(stage.bench.fail(CHECK, message));
        }
        recordings.push(Recording {
            scenario,
            operation,
            journal,
        });
    }
    let count = recordings.len();
    stage.bench.pass(
        CHECK,
        format!("{count} recordings have the answers that they had"),
    );
    Ok(recordings)
}

/// Notes which scenarios no recording shows.
pub(super) fn cover(bench: &mut Bench<'_>, recordings: &[Recording]) {
    const CHECK: &str = "carrier_scenarios";
    let shown: BTreeSet<_> = recordings.iter().map(|it| it.scenario.name).collect();
    let names = scenario::ALL.iter().map(|scenario| scenario.name);
    let missing: Vec<_> = names.filter(|name| !shown.contains(name)).collect();
    if missing.is_empty() {
        bench.pass(CHECK, "every scenario was recorded");
    } else {
        let message = format!("no recording shows how it fares with: {}", missing.join(", "));
        bench.warn(CHECK, message);
    }
}

fn documents(section: &str) -> Rule<Map<String, Value>> {
    let documents: Map<String, Value> = serde_json::from_str(section)
        .map_err(|error| format!("the fixtures are no JSON object: {}", words(&error)))?;
    match documents.len() {
        count if count > RECORDINGS => Err(too_many(count)),
        _ => Ok(documents),
    }
}

fn too_many(count: usize) -> String {
    format!("there are {count} fixtures, the limit is {RECORDINGS}")
}

fn words(error: &dyn std::fmt::Display) -> String {
    clean(&error.to_string(), 300)
}

/// `throttled.2` is a second recording of `throttled`.
fn scenario(name: &str) -> Option<&'static Scenario> {
    Scenario::named(name.split('.').next()?)
}

fn read(name: &str, document: &Value) -> Rule<(&'static Scenario, Fixture, Next)> {
    let scenario = scenario(name).ok_or_else(|| {
        let names: Vec<_> = scenario::ALL.iter().map(|scenario| scenario.name).collect();
        format!("names no scenario; there are {}", names.join(", "))
    })?;
    let fixture = Fixture::read(document.to_string().as_bytes()).map_err(|error| words(&error))?;
    let next = fixture.question::<Next>().map_err(|error| words(&error))?;
    Ok((scenario, fixture, next))
}

fn answers_alike(fixture: &Fixture, step: &Move) -> Rule {
    match fixture.difference::<Next>(&Ok(step.clone())) {
        None => Ok(()),
        Some(difference) => Err(clean(
            &format!(
                "{} was {} when it was recorded and is {}",
                difference.at, difference.kept, difference.now
            ),
            500,
        )),
    }
}
