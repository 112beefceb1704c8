//! Asking what prices a period what a change adds to it; where that fails, what the house wants to be asked instead.

use super::{Ground, Line, price};
use crate::{
    app::App,
    billing::{self, price::Priceable, rate::Period},
    fault::Result,
    identity::{Caller, Purpose},
    plugins::{self, Serves, Serving},
    ports::speed::Plan,
};

/// What the plan `with` the change adds to a period, and what says so.
pub(super) async fn change(
    app: &App,
    caller: &Caller,
    ground: &Ground,
    with: &Plan,
    period: Period,
) -> Result<(Serving, Vec<Line>)> {
    let customer = ground.port.scope.tenant();
    let mut tx = app.db.house(&caller.for_house(Purpose::Pricing)).await?;
    // What will price the period when it is billed.
    let what = Serves::Pricing(customer);
    let serving = plugins::serving_throughout(&mut tx, what, period.start, period.end).await?;
    drop(tx);
    let plans = [with, &ground.plan];
    let failed = match by(app, caller, ground, &serving, (plans, period)).await {
        Ok(lines) => return Ok((serving, lines)),
        Err(fault) if plugins::is_a_plugins(&fault) => fault,
        Err(fault) => return Err(fault),
    };
    let mut tx = app.db.house(&caller.for_house(Purpose::Pricing)).await?;
    let stretch = (period.start, period.end);
    let instead = plugins::pricing_instead(&mut tx, customer, &serving, stretch).await?;
    drop(tx);
    if let Some(before) = instead
        && let Ok(lines) = by(app, caller, ground, &before, (plans, period)).await
    {
        return Ok((before, lines));
    }
    Err(failed)
}

async fn by(
    app: &App,
    caller: &Caller,
    ground: &Ground,
    serving: &Serving,
    ([with, without], period): ([&Plan; 2], Period),
) -> Result<Vec<Line>> {
    let facts = [ground.stretches(with, period), ground.stretches(without, period)];
    let priceable = |facts| Priceable {
        release: serving.release,
        settings: &serving.settings,
        period,
        time_zone: ground.time_zone,
        currency: &ground.currency,
        facts,
    };
    let with = billing::price_facts(app, caller, &priceable(&facts[0])).await?;
    let without = billing::price_facts(app, caller, &priceable(&facts[1])).await?;
    Ok(price::difference(period, with, without))
}
