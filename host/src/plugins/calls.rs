//! Calling a release: its code is found and loaded, waits for its turn, runs on a thread of its own, and leaves a
//! record. No transaction is open meanwhile. What a plugin may ask for and show is enforced here, on its answers.

use std::sync::Arc;

use nexusport_sandbox::{
    Blame, Budget, Failure, Next, Plugin, Question, Run,
    carrier::{self, Exchange, Operation, Step},
    fixture::Fixture,
    pricing::{Priced, Request},
};
use serde::Serialize;
use tokio::task::spawn_blocking;
use tracing::Instrument as _;

use super::{
    activations, failure, grants,
    releases::{self, Callable, Says},
    runs::{self, About, Attempt, Called, Evidence},
};
use crate::{
    app::App,
    fault::{Fault, RefusalKind, Result},
    identity::{Caller, Purpose},
    ids::ReleaseId,
};

/// How much more waiting time a call gets that a busy host may have kept waiting.
const PATIENCE: u64 = 4;

/// The next step of an operation. What the step names was granted to the release; anything else is refused as
/// `plugin_capability_missing`.
pub async fn carrier_next(
    app: &App,
    caller: &Caller,
    release: ReleaseId,
    operation: &Operation,
    journal: &[Exchange],
) -> Result<Step> {
    let next = Next {
        operation: operation.clone(),
        journal: journal.to_vec(),
    };
    let (step, callable) = ask(app, caller, Purpose::Carrier, release, next).await?;
    if let Step::Send(request) = &step {
        grants::cover(&callable.granted, request)?;
    }
    Ok(step)
}

/// What an adapter says about its carrier. Nothing is called: it was said at upload.
pub async fn carrier_description(
    app: &App,
    caller: &Caller,
    release: ReleaseId,
) -> Result<carrier::Description> {
    let mut tx = app.db.house(&caller.for_house(Purpose::Carrier)).await?;
    let release = releases::stored(&mut tx, release).await?;
    match release.description.map(|description| description.says) {
        Some(Says::Carrier(description)) => Ok(description),
        _ => Err(Fault::Missing),
    }
}

/// What the facts cost. A plugin that refuses to price them is `pricing_refused`, in its own words.
pub async fn price(app: &App, caller: &Caller, release: ReleaseId, request: &Request) -> Result<Priced> {
    let (priced, _) = ask(app, caller, Purpose::Pricing, release, request.clone()).await?;
    priced.map_err(|refusal| {
        let message = format!("{} ({})", refusal.message, refusal.code);
        Fault::refused(RefusalKind::Invalid, "pricing_refused", message)
    })
}

/// One call to make.
struct Call<I, T> {
    /// The world and its function.
    function: &'static str,
    input: I,
    budget: Budget,
    run: fn(&Plugin, &I, &Budget) -> Run<T>,
}

pub(super) async fn load(
    app: &App,
    caller: &Caller,
    purpose: Purpose,
    release: ReleaseId,
) -> Result<(Arc<Plugin>, Arc<Callable>)> {
    let reseller = caller.scope().reseller();
    let callable = match app.plugins.callable(reseller, release) {
        Some(callable) => callable,
        None => {
            let mut tx = app.db.house(&caller.for_house(purpose)).await?;
            let callable = Arc::new(releases::callable(&mut tx, release).await?);
            app.plugins.remember_callable(reseller, release, &callable);
            callable
        }
    };
    let class = callable.class;
    if let Some(plugin) = app.plugins.at_hand(reseller, class, &callable.digest).await? {
        return Ok((plugin, callable));
    }
    let mut tx = app.db.house(&caller.for_house(purpose)).await?;
    let component = releases::component(&mut tx, &callable.digest).await?;
    drop(tx);
    let plugin = app
        .plugins
        .recompile(caller.scope(), class, component.into())
        .await?;
    Ok((plugin, callable))
}

/// Asks a release, and what it is called with and answers is known to its run's record.
pub(super) async fn ask<Q: Question>(
    app: &App,
    caller: &Caller,
    purpose: Purpose,
    release: ReleaseId,
    question: Q,
) -> Result<(Q::Answer, Arc<Callable>)> {
    let (plugin, callable) = load(app, caller, purpose, release).await?;
    let call = Call {
        function: Q::FUNCTION,
        budget: question.budget(plugin.sandbox().limits()),
        input: question,
        run: |plugin, question, budget| question.ask(plugin, budget),
    };
    let known = Known {
        release,
        hash: hash::<Q::Answer>,
        fixture: Fixture::of::<Q>,
    };
    let run = perform(app, caller, plugin, call, known).await?;
    Ok((answer(run)?, callable))
}

/// What a run's record is told of a call of a release.
struct Known<I, T> {
    release: ReleaseId,
    hash: fn(&T) -> [u8; 32],
    fixture: fn(&str, &I, &std::result::Result<T, Failure>) -> Fixture,
}

/// Runs to its end and is recorded even when whoever asked has gone: a client that hangs up hides nothing.
async fn perform<I, T>(
    app: &App,
    caller: &Caller,
    plugin: Arc<Plugin>,
    call: Call<I, T>,
    known: Known<I, T>,
) -> Result<Run<T>>
where
    I: Serialize + Send + Sync + 'static,
    T: Send + Sync + 'static,
{
    let (app, caller) = (app.clone(), caller.clone());
    let task = async move {
        let turn = app.plugins.turn(caller.scope()).await?;
        let (run, call, called, mut attempts) = spawn_blocking(move || {
            let called = called(&plugin, &call);
            let (run, attempts) = attempt(&plugin, &call);
            drop(turn);
            (run, call, called, attempts)
        })
        .await?;
        if let (Some(last), Ok(answer)) = (attempts.last_mut(), &run.result) {
            last.answered((known.hash)(answer));
        }
        let fixture = || (known.fixture)(&called.digest, &call.input, &run.result);
        let about = About {
            release: Some(known.release),
            evidence: Some(Evidence {
                function: call.function,
                fixture: &fixture,
            }),
            replay_of: None,
        };
        runs::record_about(&app, &caller, &called, &attempts, about).await?;
        if run
            .result
            .as_ref()
            .is_err_and(|failure| failure.blame() != Blame::Host)
        {
            activations::failed(&app, &caller, &called.digest).await?;
        }
        Ok(run)
    };
    tokio::spawn(task.in_current_span()).await?
}

fn attempt<I, T>(plugin: &Plugin, call: &Call<I, T>) -> (Run<T>, Vec<Attempt>) {
    let first = (call.run)(plugin, &call.input, &call.budget);
    let mut attempts = vec![Attempt::of(&first)];
    if first
        .result
        .as_ref()
        .err()
        .is_none_or(|failure| failure.blame() != Blame::Unclear)
    {
        return (first, attempts);
    }
    let second = (call.run)(plugin, &call.input, &call.budget.more_time(PATIENCE));
    attempts.push(Attempt::of(&second));
    (second, attempts)
}

fn called<I: Serialize, T>(plugin: &Plugin, call: &Call<I, T>) -> Called {
    Called {
        digest: plugin.digest().to_owned(),
        function: call.function,
        input_hash: hash(&call.input),
    }
}

/// Of a value of the interface, whose fields have an order.
fn hash<T: Serialize>(value: &T) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    serde_json::to_writer(&mut hasher, value)
        .expect("values of the interface are JSON, and a hash takes all bytes");
    *hasher.finalize().as_bytes()
}

fn answer<T>(run: Run<T>) -> Result<T> {
    run.result.map_err(failure::fault)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use nexusport_sandbox::{Limits, Sandbox, Usage, compile::compile_trusted};

    use super::*;

    fn plugin() -> Plugin {
        let sandbox = Sandbox::new(Limits::default()).unwrap();
        let report = compile_trusted(nexusport_plugins::PRICING_COMMITTED, sandbox.limits());
        Plugin::load(&sandbox, &report.artifact.unwrap()).unwrap()
    }

    fn called(run: fn(&Plugin, &(), &Budget) -> Run<()>) -> (Run<()>, usize) {
        let budget = Limits::default().pricing(0);
        let call = Call {
            function: "pricing.price",
            input: (),
            budget,
            run,
        };
        let (run, attempts) = attempt(&plugin(), &call);
        (run, attempts.len())
    }

    fn ended(result: std::result::Result<(), Failure>) -> Run<()> {
        let usage = Usage {
            fuel: 1,
            wall: Duration::from_millis(1),
            memory_bytes: 1,
        };
        Run {
            result,
            usage,
            log: String::new(),
        }
    }

    #[test]
    fn a_missed_deadline_is_tried_once_more_with_more_time_and_no_more_fuel() {
        let (run, attempts) = called(|_, (), budget| {
            let first = Limits::default().pricing(0);
            assert_eq!(budget.fuel, first.fuel);
            let late = Failure::DeadlineExceeded {
                limit_ms: budget.wall_ms,
            };
            ended(if budget.wall_ms > first.wall_ms {
                Ok(())
            } else {
                Err(late)
            })
        });
        assert_eq!((run.result, attempts), (Ok(()), 2));
        let late = |_: &Plugin, (): &(), _: &Budget| ended(Err(Failure::DeadlineExceeded { limit_ms: 1 }));
        assert_eq!(called(late).1, 2);
    }

    #[test]
    fn what_is_the_plugins_own_doing_is_not_tried_again() {
        assert_eq!(called(|_, (), _| ended(Err(Failure::Panicked))).1, 1);
        assert_eq!(called(|_, (), _| ended(Ok(()))).1, 1);
    }
}
