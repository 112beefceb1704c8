//! The calls made of a component before it becomes a release: what it says about itself, and one ordinary call, so that a
//! guest that cannot answer is refused at its author's upload and not at a customer's order.

use std::sync::Arc;

use nexusport_sandbox::{
    Plugin, Run, World, carrier,
    pricing::{self, Fact, Interval, Period},
};
use serde_json::{Value, json};

use super::{
    calls::{Call, run},
    releases::{Description, Says},
    schema,
};
use crate::{app::App, fault::Result, identity::Caller};

const HOUR_MS: i64 = 3_600_000;
/// Noon on 1 January 2026, UTC: like all the trial is made of, the same for everybody and at any time.
const NOON_MS: i64 = 1_767_268_800_000;

/// What a component says about itself.
pub(super) async fn describe(app: &App, caller: &Caller, plugin: &Arc<Plugin>) -> Result<Run<Says>> {
    let limits = app.plugins.limits();
    let call = match plugin.world() {
        World::Carrier => Call {
            function: "carrier.describe",
            input: (),
            budget: limits.carrier(),
            run: |plugin, (), budget| map(plugin.carrier_describe(budget), Says::Carrier),
        },
        World::Pricing => Call {
            function: "pricing.describe",
            input: (),
            budget: limits.pricing(0),
            run: |plugin, (), budget| map(plugin.pricing_describe(budget), Says::Pricing),
        },
        World::Branding => Call {
            function: "branding.describe",
            input: (),
            budget: limits.branding(),
            run: |plugin, (), budget| map(plugin.branding_describe(budget), Says::Branding),
        },
    };
    run(app, caller, plugin.clone(), call).await
}

/// An ordinary call, with settings that the schema itself shows; none where it shows none. An answer is an answer, also a
/// refusal in the plugin's own words.
pub(super) async fn attempt(
    app: &App,
    caller: &Caller,
    plugin: &Arc<Plugin>,
    description: &Description,
) -> Result<Option<Run<()>>> {
    let Some(settings) = sample(&description.settings_schema) else {
        return Ok(None);
    };
    let settings = serde_json::to_vec(&settings)?;
    let (plugin, limits) = (plugin.clone(), app.plugins.limits());
    let tried = match plugin.world() {
        World::Carrier => {
            let call = Call {
                function: "carrier.next",
                input: probe(settings),
                budget: limits.carrier(),
                run: |plugin, operation, budget| map(plugin.carrier_next(operation, &[], budget), drop),
            };
            run(app, caller, plugin, call).await?
        }
        // Twice: with nothing to price, where rules divide by zero, and with an hour.
        World::Pricing => {
            let call = |facts: Vec<Fact>| Call {
                function: "pricing.price",
                budget: limits.pricing(facts.len() as u64),
                input: request(settings.clone(), facts),
                run: |plugin, request, budget| map(plugin.price(request, budget), drop),
            };
            let tried = run(app, caller, plugin.clone(), call(Vec::new())).await?;
            if tried.result.is_err() {
                return Ok(Some(tried));
            }
            run(app, caller, plugin, call(vec![an_hour()])).await?
        }
        World::Branding => {
            let call = Call {
                function: "branding.render-theme",
                input: settings,
                budget: limits.branding(),
                run: |plugin, settings, budget| map(plugin.branding_theme(settings, budget), drop),
            };
            run(app, caller, plugin, call).await?
        }
    };
    Ok(Some(tried))
}

/// Settings that the schema accepts: its first example that it does, or none at all.
fn sample(schema: &Value) -> Option<Value> {
    let examples = schema["examples"].as_array().into_iter().flatten().cloned();
    examples
        .chain([json!({})])
        .find(|settings| schema::accepts(schema, settings).is_ok())
}

fn probe(settings: Vec<u8>) -> carrier::Operation {
    carrier::Operation {
        id: "01900000-0000-7000-8000-000000000000".to_owned(),
        asked_at: NOON_MS,
        settings,
        port: None,
        task: carrier::Task::Probe,
        extras: Vec::new(),
    }
}

/// A day.
fn request(settings: Vec<u8>, facts: Vec<Fact>) -> pricing::Request {
    pricing::Request {
        period: Period {
            start: NOON_MS - 12 * HOUR_MS,
            end: NOON_MS + 12 * HOUR_MS,
        },
        time_zone: "UTC".to_owned(),
        currency: "EUR".to_owned(),
        settings,
        facts,
        extras: Vec::new(),
    }
}

/// An hour of 100 Mbps, of which 50 are permanent.
fn an_hour() -> Fact {
    Fact::Interval(Interval {
        start: NOON_MS,
        end: NOON_MS + HOUR_MS,
        mbps: 100,
        base_mbps: 50,
        extras: Vec::new(),
    })
}

fn map<T, U>(run: Run<T>, to: fn(T) -> U) -> Run<U> {
    Run {
        result: run.result.map(to),
        usage: run.usage,
        log: run.log,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_to_try_come_from_the_schema() {
        assert_eq!(sample(&json!({})), Some(json!({})));
        let demanding = json!({ "required": ["price"], "properties": { "price": { "type": "string" } } });
        assert_eq!(sample(&demanding), None);
        let mut showing = demanding;
        showing["examples"] = json!([{ "price": 1 }, { "price": "1" }]);
        assert_eq!(sample(&showing), Some(json!({ "price": "1" })));
    }
}
