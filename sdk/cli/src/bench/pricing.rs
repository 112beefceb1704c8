//! A rule with more and more facts: what the call takes, and what each further fact takes. Fuel that grows faster than the
//! facts is what makes a plugin fail at its reseller's largest customer.

use anyhow::{Result, bail};
use nexusport_sandbox::Plugin;
use nexusport_sandbox::pricing::{Fact, Interval, Period, Request, facts};
use serde::Serialize;

use super::{Figure, Figures, percent};
use crate::plugin::patient;
use crate::terminal::{Mark, Terminal};

const MONTH_MS: i64 = 30 * 86_400_000;
const COUNTS: [i64; 4] = [1, 10, 100, 1000];
/// Past this many times the earlier slope, fuel grows faster than the facts.
const STEEPER_PERCENT: u64 = 150;

/// What each further fact takes.
#[derive(Debug, Serialize)]
pub(crate) struct Slope {
    /// From 1 fact to 100.
    fuel_per_fact_few: u64,
    /// From 100 facts to 1000.
    fuel_per_fact_many: u64,
    fuel_per_fact_limit: u64,
}

pub(super) fn figures(plugin: &Plugin, settings: &[u8]) -> Result<Figures> {
    let limits = plugin.sandbox().limits();
    let mut calls = Vec::new();
    for count in COUNTS {
        let request = request(settings, count);
        let budget = limits.pricing(facts(&request));
        let run = patient(budget, |budget| plugin.price(&request, budget));
        if let Ok(Err(refusal)) = &run.result {
            bail!(
                "the rule refuses what it is measured with, {}: {}; give settings that it prices with --settings, or an \
                 example in its schema",
                refusal.code,
                refusal.message
            );
        }
        calls.push(Figure::of(&format!("price, facts: {count}"), &budget, &run));
    }
    let per_fact =
        |few: usize, many: usize, facts: u64| calls[many].fuel.saturating_sub(calls[few].fuel) / facts;
    let slope = Slope {
        fuel_per_fact_few: per_fact(0, 2, 99),
        fuel_per_fact_many: per_fact(2, 3, 900),
        fuel_per_fact_limit: limits.pricing_fuel_per_fact,
    };
    let slope = calls.iter().all(|call| call.failed.is_none()).then_some(slope);
    Ok(Figures { calls, slope })
}

fn request(settings: &[u8], count: i64) -> Request {
    let interval = |number: i64| {
        let (start, end) = (number * MONTH_MS / count, (number + 1) * MONTH_MS / count);
        let mbps = if number % 2 == 0 { 1000 } else { 5000 };
        Fact::Interval(Interval {
            start,
            end,
            mbps,
            base_mbps: 1000,
            extras: Vec::new(),
        })
    };
    Request {
        period: Period {
            start: 0,
            end: MONTH_MS,
        },
        time_zone: "Europe/Vienna".to_owned(),
        currency: "EUR".to_owned(),
        settings: settings.to_vec(),
        facts: (0..count).map(interval).collect(),
        extras: Vec::new(),
    }
}

impl Slope {
    pub(super) fn tell(&self, terminal: &Terminal) {
        let steeper = self.fuel_per_fact_many * 100 > self.fuel_per_fact_few.max(1) * STEEPER_PERCENT;
        let (mark, words) = if steeper {
            (Mark::Warning, "fuel grows faster than the facts")
        } else {
            (Mark::Good, "fuel grows no faster than the facts")
        };
        let message = format!(
            "{} fuel a fact up to 100, {} past them, {:.2} % of {}: {words}",
            self.fuel_per_fact_few,
            self.fuel_per_fact_many,
            percent(self.fuel_per_fact_many, self.fuel_per_fact_limit),
            self.fuel_per_fact_limit,
        );
        terminal.marked(mark, "slope", &message);
    }
}
