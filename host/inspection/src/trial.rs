//! One ordinary call, so that a guest that cannot answer is refused at its author's upload and not at a customer's order.
//! An answer is an answer, also a refusal in the plugin's own words.

use nexusport_sandbox::{
    Plugin, World, carrier,
    pricing::{self, Fact, Interval, Period},
};

use crate::bench::{Bench, Step};

const HOUR_MS: i64 = 3_600_000;
/// Noon on 1 January 2026, UTC: like all the trial is made of, the same for everybody and at any time.
const NOON_MS: i64 = 1_767_268_800_000;

/// Calls the plugin with these settings.
pub(crate) fn attempt(bench: &mut Bench<'_>, plugin: &Plugin, settings: &[u8]) -> Step {
    let limits = plugin.sandbox().limits().clone();
    let fuel = match plugin.world() {
        World::Carrier => {
            let operation = probe(settings);
            let call = |budget: &_| plugin.carrier_next(&operation, &[], budget);
            let (_, usage) = bench.call("trial", plugin, "carrier.next", limits.carrier(), call)?;
            usage.fuel
        }
        // Twice: with nothing to price, where rules divide by zero, and with an hour.
        World::Pricing => {
            let mut fuel = 0;
            for facts in [Vec::new(), vec![an_hour()]] {
                let budget = limits.pricing(facts.len() as u64);
                let request = request(settings, facts);
                let call = |budget: &_| plugin.price(&request, budget);
                fuel = bench.call("trial", plugin, "pricing.price", budget, call)?.1.fuel;
            }
            fuel
        }
        World::Branding => {
            let call = |budget: &_| plugin.branding_theme(settings, budget);
            let (_, usage) = bench.call("trial", plugin, "branding.render-theme", limits.branding(), call)?;
            usage.fuel
        }
    };
    bench.pass("trial", format!("answers with {fuel} units of fuel"));
    Ok(())
}

fn probe(settings: &[u8]) -> carrier::Operation {
    carrier::Operation {
        id: "01900000-0000-7000-8000-000000000000".to_owned(),
        asked_at: NOON_MS,
        settings: settings.to_vec(),
        port: None,
        task: carrier::Task::Probe,
        extras: Vec::new(),
    }
}

/// A day.
fn request(settings: &[u8], facts: Vec<Fact>) -> pricing::Request {
    pricing::Request {
        period: Period {
            start: NOON_MS - 12 * HOUR_MS,
            end: NOON_MS + 12 * HOUR_MS,
        },
        time_zone: "UTC".to_owned(),
        currency: "EUR".to_owned(),
        settings: settings.to_vec(),
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
