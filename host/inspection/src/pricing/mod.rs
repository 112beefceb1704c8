//! What a pricing plugin is held to: it prices something, always the same way, within what an invoice can carry; it keeps to
//! the properties that it declares; and ten times the facts cost it no more than ten times the fuel.

mod answer;
mod cases;
mod properties;
mod slope;

use nexusport_sandbox::Plugin;
use nexusport_sandbox::pricing::{Fact, Priced, Properties, Request, facts};

pub use answer::decimal;

use crate::bench::{Bench, Step};
use cases::Case;

/// Holds the plugin to all of it.
pub(crate) fn conform(
    bench: &mut Bench<'_>,
    plugin: &Plugin,
    properties: Properties,
    settings: &[u8],
) -> Step {
    let mut till = Till {
        bench,
        plugin,
        settings,
    };
    answers(&mut till)?;
    properties::additive(&mut till, properties.additive)?;
    properties::monotone(&mut till, properties.monotone)?;
    slope::linear(&mut till)
}

/// Where requests are priced.
struct Till<'t, 'b> {
    bench: &'t mut Bench<'b>,
    plugin: &'t Plugin,
    settings: &'t [u8],
}

/// An answer and the fuel it took.
struct Quote {
    answer: Result<Priced, String>,
    fuel: u64,
}

impl Till<'_, '_> {
    /// Prices these facts in the case's month; a refusal is an answer.
    fn price(&mut self, check: &str, case: &Case, facts_given: Vec<Fact>) -> Step<Quote> {
        let request = self.request(case, facts_given);
        let budget = self.plugin.sandbox().limits().pricing(facts(&request));
        let plugin = self.plugin;
        self.bench.about(case);
        let (answer, usage) = self
            .bench
            .call(check, plugin, "pricing.price", budget, |budget| {
                plugin.price(&request, budget)
            })?;
        Ok(Quote {
            answer: answer.map_err(|refusal| format!("{} ({})", refusal.message, refusal.code)),
            fuel: usage.fuel,
        })
    }

    fn request(&self, case: &Case, facts: Vec<Fact>) -> Request {
        Request {
            period: case.month.period(),
            time_zone: case.month.time_zone.to_owned(),
            currency: case.month.currency.to_owned(),
            settings: self.settings.to_vec(),
            facts,
            extras: Vec::new(),
        }
    }
}

fn answers(till: &mut Till<'_, '_>) -> Step {
    let cases = cases::all();
    let (mut asked, mut priced, mut refusal) = (0_u32, 0_u32, String::new());
    for case in &cases {
        let first = till.price("pricing_answers", case, case.facts.clone())?;
        let second = till.price("pricing_answers", case, case.facts.clone())?;
        if first.answer != second.answer {
            let message = format!("the same request has two answers ({case})");
            return Err(till.bench.fail("pricing_deterministic", message));
        }
        let charges = match first.answer {
            Ok(priced) => priced.charges,
            Err(words) => {
                asked += u32::from(!case.facts.is_empty());
                refusal = words;
                continue;
            }
        };
        if let Err(problem) = answer::is_sound(&charges, case) {
            let message = format!("{problem} ({case})");
            return Err(till.bench.fail("pricing_charges", message));
        }
        asked += u32::from(!case.facts.is_empty());
        priced += u32::from(!case.facts.is_empty());
    }
    if priced == 0 {
        let message = format!("it refuses all of {asked} requests, the last one so: {refusal}");
        return Err(till.bench.fail("pricing_serves", message));
    }
    let months = cases::MONTHS.len();
    till.bench.pass(
        "pricing_serves",
        format!(
            "prices {priced} of {asked} requests in {months} months, and refuses the others in its own words"
        ),
    );
    till.bench
        .pass("pricing_deterministic", "the same request has the same answer");
    till.bench.pass("pricing_charges", "an invoice can carry them");
    Ok(())
}
