//! The properties that a description may declare. Only declared ones are tried; others are shown to whoever approves.

use nexusport_sandbox::pricing::{Charge, Fact, Interval, Samples};
use rust_decimal::Decimal;

use super::Till;
use super::answer::{bounds, total};
use super::cases::{self, Case};
use crate::bench::Step;

const UNDECLARED: &str = "is not declared, so it was not tried";

/// A period costs what its parts cost, up to the rounding of each charge to 9 decimals.
pub(super) fn additive(till: &mut Till<'_, '_>, declared: bool) -> Step {
    const CHECK: &str = "pricing_additive";
    if !declared {
        till.bench.pass(CHECK, UNDECLARED);
        return Ok(());
    }
    let mut tried = 0_u32;
    for case in cases::all() {
        let Some(whole) = charges(till, CHECK, &case, case.facts.clone())? else {
            continue;
        };
        for at in split_points(&case) {
            let (before, after) = split(&case.facts, at);
            let parts = [
                charges(till, CHECK, &case, before)?,
                charges(till, CHECK, &case, after)?,
            ];
            let [Some(before), Some(after)] = parts else {
                let message = format!("it prices a period and refuses a part of it ({case})");
                return Err(till.bench.fail(CHECK, message));
            };
            let (one, two) = (total(&whole), total(&before) + total(&after));
            let rounding = Decimal::new((whole.len() + before.len() + after.len()) as i64, 9);
            if (one - two).abs() > rounding {
                let message = format!(
                    "a period costs {one} as a whole and {two} in two parts, cut at {at} ms ({case})"
                );
                return Err(till.bench.fail(CHECK, message));
            }
            tried += 1;
        }
    }
    till.bench
        .pass(CHECK, format!("{tried} periods cost what their two parts cost"));
    Ok(())
}

/// More bandwidth never costs less.
pub(super) fn monotone(till: &mut Till<'_, '_>, declared: bool) -> Step {
    const CHECK: &str = "pricing_monotone";
    if !declared {
        till.bench.pass(CHECK, UNDECLARED);
        return Ok(());
    }
    let mut tried = 0_u32;
    for case in cases::all() {
        let Some(less) = charges(till, CHECK, &case, case.facts.clone())? else {
            continue;
        };
        let less = total(&less);
        for more in [faster(&case.facts, Part::Burst), faster(&case.facts, Part::Base)] {
            if more == case.facts {
                continue;
            }
            let Some(more) = charges(till, CHECK, &case, more)? else {
                continue;
            };
            let more = total(&more);
            if more < less {
                let message = format!("it costs {less}, and {more} with more bandwidth ({case})");
                return Err(till.bench.fail(CHECK, message));
            }
            tried += 1;
        }
    }
    till.bench
        .pass(CHECK, format!("{tried} times more bandwidth did not cost less"));
    Ok(())
}

/// None where it refuses.
fn charges(till: &mut Till<'_, '_>, check: &str, case: &Case, facts: Vec<Fact>) -> Step<Option<Vec<Charge>>> {
    let quote = till.price(check, case, facts)?;
    Ok(quote.answer.ok().map(|priced| priced.charges))
}

/// Within the facts: where one ends, in the middle, and a little off any round number.
fn split_points(case: &Case) -> Vec<i64> {
    let Some((start, end)) = case.facts.first().zip(case.facts.last()) else {
        return Vec::new();
    };
    let (start, end) = (bounds(start).0, bounds(end).1);
    let middle = start + (end - start) / 2;
    let mut points = vec![
        bounds(&case.facts[case.facts.len() / 2]).1,
        middle,
        start + (end - start) / 7 + 1,
    ];
    points.retain(|at| start < *at && *at < end);
    points.sort_unstable();
    points.dedup();
    points
}

fn split(facts: &[Fact], at: i64) -> (Vec<Fact>, Vec<Fact>) {
    let (mut before, mut after) = (Vec::new(), Vec::new());
    for fact in facts {
        let (start, end) = bounds(fact);
        match fact {
            _ if end <= at && start < at => before.push(fact.clone()),
            _ if at <= start => after.push(fact.clone()),
            Fact::Interval(interval) => {
                before.push(Fact::Interval(Interval {
                    end: at,
                    ..interval.clone()
                }));
                after.push(Fact::Interval(Interval {
                    start: at,
                    ..interval.clone()
                }));
            }
            Fact::Samples(samples) => {
                let step = 1_000 * i64::from(samples.step_seconds);
                let count = usize::try_from((at - start) / step).unwrap_or_default();
                let (first, second) = samples.mbps.split_at(count);
                before.push(Fact::Samples(Samples {
                    mbps: first.to_vec(),
                    ..samples.clone()
                }));
                after.push(Fact::Samples(Samples {
                    start: start + step * count as i64,
                    mbps: second.to_vec(),
                    ..samples.clone()
                }));
            }
            Fact::Event(_) | Fact::Other(_) => before.push(fact.clone()),
        }
    }
    (before, after)
}

#[derive(Clone, Copy)]
enum Part {
    /// What is delivered above the base.
    Burst,
    /// The base too.
    Base,
}

/// The same facts, with more bandwidth in every second of them.
fn faster(facts: &[Fact], part: Part) -> Vec<Fact> {
    let more = |mbps: u32| mbps.saturating_add(mbps / 3).saturating_add(100);
    let alternate = facts.iter().enumerate().map(|(n, fact)| match fact {
        Fact::Interval(interval) if n % 2 == 0 => Fact::Interval(Interval {
            mbps: more(interval.mbps),
            base_mbps: match part {
                Part::Burst => interval.base_mbps,
                // As much more as there is in all, so that no burst becomes base.
                Part::Base => interval.base_mbps + (more(interval.mbps) - interval.mbps),
            },
            ..interval.clone()
        }),
        Fact::Samples(samples) => Fact::Samples(Samples {
            mbps: samples.mbps.iter().map(|mbps| more(*mbps)).collect(),
            ..samples.clone()
        }),
        other => other.clone(),
    });
    alternate.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_facts_are_the_facts() {
        for case in cases::all() {
            for at in split_points(&case) {
                let (before, after) = split(&case.facts, at);
                let length = |facts: &[Fact]| -> i64 {
                    facts.iter().map(bounds).map(|(start, end)| end - start).sum()
                };
                assert_eq!(length(&before) + length(&after), length(&case.facts), "{case}");
                assert!(!before.is_empty() && !after.is_empty(), "{case} at {at}");
            }
        }
    }
}
