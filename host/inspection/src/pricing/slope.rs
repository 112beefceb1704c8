//! Whether fuel grows with the facts and no faster: a rule that looks at every pair of facts is fast on its author's desk
//! and out of fuel at a busy customer's month end.

use super::Till;
use super::cases::{Kind, many};
use crate::bench::Step;

const CHECK: &str = "pricing_fuel_slope";
/// What a fact may cost among 1,000 of what it costs among 100, in percent. A rule that looks at every pair comes to 1,000.
const PERCENT: u64 = 200;
/// Fuel of a fact below which slopes are noise.
const NOISE: u64 = 1_000;

pub(super) fn linear(till: &mut Till<'_, '_>) -> Step {
    for kind in Kind::ALL {
        let Some(one) = fuel(till, 1, kind)? else {
            continue;
        };
        let counts = [10, 100, 1_000];
        let mut taken = vec![one];
        for count in counts {
            // What it prices alone it may refuse in numbers.
            let Some(fuel) = fuel(till, count, kind)? else {
                break;
            };
            taken.push(fuel);
        }
        if let [_, ten, hundred, thousand] = taken[..] {
            let early = hundred.saturating_sub(ten) / 90;
            let late = thousand.saturating_sub(hundred) / 900;
            let message =
                format!("a fact costs {early} units of fuel among a hundred and {late} among a thousand");
            return till
                .bench
                .measured(CHECK, late * 100 / early.max(NOISE), PERCENT, message);
        }
    }
    till.bench.warn(
        CHECK,
        "it prices no thousand facts of one kind, so how its fuel grows is not known",
    );
    Ok(())
}

/// None where it refuses.
fn fuel(till: &mut Till<'_, '_>, count: usize, kind: Kind) -> Step<Option<u64>> {
    let case = many(count, kind);
    let quote = till.price(CHECK, &case, case.facts.clone())?;
    Ok(quote.answer.is_ok().then_some(quote.fuel))
}
