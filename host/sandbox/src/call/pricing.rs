//! Calls of a pricing plugin.

use super::outward::{LINE, NAME, TEXT, about, exact, extras, line, lines};
use super::wrong_world;
use crate::failure::Failure;
use crate::limits::Budget;
use crate::plugin::{Plugin, Run};
use crate::world::World;

pub use crate::bindings::pricing::{
    Charge, Description, Event, Fact, Interval, Period, Priced, Properties, Refusal, Request, Samples,
};
pub use crate::bindings::types::{About, Extra};

/// An hour of five-minute samples weighs as much as one interval.
const SAMPLES_PER_FACT: u64 = 12;

/// How many facts a request weighs when its budget is made: packed samples count by their number.
pub fn facts(request: &Request) -> u64 {
    let weight = |fact: &Fact| match fact {
        Fact::Samples(samples) => (samples.mbps.len() as u64).div_ceil(SAMPLES_PER_FACT).max(1),
        Fact::Interval(_) | Fact::Event(_) | Fact::Other(_) => 1,
    };
    request.facts.iter().map(weight).sum()
}

impl Plugin {
    /// What the plugin says about itself.
    pub fn pricing_describe(&self, budget: &Budget) -> Run<Description> {
        let Some(start) = self.bound().pricing() else {
            return wrong_world(self, World::Pricing);
        };
        let run = self.run(budget, start, |store, guest| guest.call_describe(store));
        run.and_then(|mut description| {
            about(&mut description.about);
            extras(&mut description.extras);
            Ok(description)
        })
    }

    /// The charges for the facts, or why the plugin refuses to price them.
    pub fn price(&self, request: &Request, budget: &Budget) -> Run<Result<Priced, Refusal>> {
        let Some(start) = self.bound().pricing() else {
            return wrong_world(self, World::Pricing);
        };
        let run = self.run(budget, start, |store, guest| guest.call_price(store, request));
        run.and_then(|answer| match answer {
            Ok(priced) => clean_priced(priced).map(Ok),
            Err(refusal) => Ok(Err(clean_refusal(refusal))),
        })
    }
}

fn clean_priced(mut priced: Priced) -> Result<Priced, Failure> {
    for charge in &mut priced.charges {
        exact("the quantity of a charge", &charge.quantity)?;
        exact("the unit price of a charge", &charge.unit_price)?;
        exact("the amount of a charge", &charge.amount)?;
        line(&mut charge.code, NAME);
        line(&mut charge.unit, NAME);
        line(&mut charge.description, LINE);
        lines(&mut charge.explanation, TEXT);
        extras(&mut charge.extras);
    }
    extras(&mut priced.extras);
    Ok(priced)
}

fn clean_refusal(mut refusal: Refusal) -> Refusal {
    line(&mut refusal.code, NAME);
    line(&mut refusal.message, LINE);
    refusal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packed_samples_weigh_by_their_number() {
        let samples = |count| {
            Fact::Samples(Samples {
                start: 0,
                step_seconds: 300,
                mbps: vec![1; count],
            })
        };
        let request = Request {
            period: Period { start: 0, end: 1 },
            time_zone: "UTC".to_owned(),
            currency: "EUR".to_owned(),
            settings: Vec::new(),
            facts: vec![samples(0), samples(12), samples(8_640)],
            extras: Vec::new(),
        };
        assert_eq!(facts(&request), 1 + 1 + 720);
    }
}
