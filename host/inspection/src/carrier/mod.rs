//! What an adapter is held to, whatever its carrier speaks: a scripted carrier answers everything that a carrier can answer
//! and a good deal that none should. What the host does with the answers is never left to the adapter alone, but an
//! adapter that needs to be stopped is not one to sell with.

mod fixtures;
mod hostile;
mod laws;
mod operations;
mod play;
mod scenario;

use nexusport_sandbox::carrier::{Description, Header, Operation};
use nexusport_sandbox::{Budget, Plugin};

use crate::bench::{Bench, Step};
pub use fixtures::{is_recording, section};
use hostile::{Hostile, hostile};
use operations::operations;
use play::Stage;

/// Holds the plugin to all of it; `fixtures` is what the component brings along.
pub(crate) fn conform(
    bench: &mut Bench<'_>,
    plugin: &Plugin,
    description: &Description,
    settings: &[u8],
    fixtures: Option<&str>,
) -> Step {
    let mut stage = Stage {
        bench,
        plugin,
        description,
        told: 0,
    };
    // First, since they are few, and what is wrong with them is their author's to repair before anything else is tried.
    let journals = fixtures::replay(&mut stage, fixtures)?;
    let operations = operations(description, settings);
    for operation in &operations {
        for answer in hostile() {
            stage
                .play(operation, Vec::new(), &answer)?
                .replay(&mut stage, operation)?;
        }
    }
    unique(&mut stage, &operations)?;
    notified(&mut stage)?;
    for next in &journals {
        spoil(&mut stage, &next.operation, &next.journal)?;
    }
    let told = stage.told;
    for law in laws::ALL {
        bench.pass(law.name, law.promise);
    }
    bench.pass(
        "carrier_answers",
        format!("goes on, waits or stops after each of {told} answers"),
    );
    fixtures::cover(bench, &journals);
    Ok(())
}

/// Two operations never send what the carrier would take for one.
fn unique(stage: &mut Stage<'_, '_>, operations: &[Operation]) -> Step {
    const CHECK: &str = "carrier_ids";
    let rules = &stage.description.rules;
    if !rules.has_idempotency_keys && !rules.has_lookup_by_reference {
        let message = "the carrier has neither idempotency keys nor lookups by reference, so a lost order can only be told by the port itself";
        stage.bench.warn(CHECK, message);
        return Ok(());
    }
    let mut compared = 0_u32;
    for operation in operations {
        let other = Operation {
            id: operations::OTHER_ID.to_owned(),
            ..operation.clone()
        };
        for answer in hostile() {
            let one = stage.play(operation, Vec::new(), &answer)?.orders();
            let two = stage.play(&other, Vec::new(), &answer)?.orders();
            if let Some(same) = one.iter().find(|order| two.contains(order)) {
                let message = format!(
                    "two operations send the very same {} {}, which is not repeatable: put the operation's id into it",
                    same.method, same.target
                );
                return Err(stage.bench.fail(CHECK, message));
            }
            compared += u32::try_from(one.len()).unwrap_or(u32::MAX);
        }
    }
    stage
        .bench
        .pass(CHECK, format!("{compared} orders carry their operation's id"));
    Ok(())
}

/// Pushes that nobody can read name nothing and break nothing.
fn notified(stage: &mut Stage<'_, '_>) -> Step {
    const CHECK: &str = "carrier_notified";
    let plugin = stage.plugin;
    let budget = plugin.sandbox().limits().carrier();
    let headers = [Header {
        name: "content-type".to_owned(),
        value: "application/json".to_owned(),
    }];
    let bodies = hostile::bodies();
    for (name, body) in &bodies {
        stage.bench.about(format!("a push that is {name}"));
        let call = |budget: &Budget| plugin.carrier_notified(&headers, body, budget);
        stage
            .bench
            .call(CHECK, plugin, "carrier.notified", budget, call)?;
    }
    stage
        .bench
        .pass(CHECK, format!("reads {} pushes that make no sense", bodies.len()));
    Ok(())
}

/// Plays each recording up to every answer of it, and then goes on with something else.
fn spoil(
    stage: &mut Stage<'_, '_>,
    operation: &Operation,
    journal: &[nexusport_sandbox::carrier::Exchange],
) -> Step {
    for at in 0..journal.len() {
        for answer in hostile() {
            let mut spoilt = journal[..=at].to_vec();
            answer.take_the_place_of(&mut spoilt[at]);
            stage.play(operation, spoilt, &answer)?;
        }
    }
    Ok(())
}

impl Hostile {
    fn take_the_place_of(&self, exchange: &mut nexusport_sandbox::carrier::Exchange) {
        exchange.answer = self.answer.clone();
    }
}
