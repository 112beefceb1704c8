//! Working a shadow off, customer by customer. It goes on where it was left, and stops where somebody stopped it; a customer
//! that one of the releases cannot price stops nothing.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::{
    Compared, Shadow, State,
    compare::{self, LINES_MAX},
    store,
};
use crate::{
    app::App,
    audit,
    billing::{
        price::{self, Charge},
        run::{self, Delivered, Ground, NewRun},
    },
    db::Housekeeping,
    fault::{Fault, Result},
    identity::{Caller, Permission, customers},
    ids::{PortId, ReleaseId, ShadowId, TenantId},
    jobs::{self, LEASE, Lease},
    plugins::{self, Serves},
};

/// Tries the release on every customer that is still to come.
pub async fn run(app: &App, caller: &Caller, id: ShadowId, lease: &mut Lease) -> Result<()> {
    let mut tx = app.db.read(caller, Permission::AcceptedWork).await?;
    let all = customers::ids(&mut tx).await?;
    drop(tx);
    let Some(mut shadow) = begin(app, caller, id, lease, all.len()).await? else {
        return Ok(());
    };
    let to_come = all.into_iter().skip(shadow.customers_done as usize);
    for customer in to_come {
        lease.last(app, LEASE / 2).await?;
        let compared = compare(app, caller, &shadow, customer).await?;
        match keep(app, caller, id, lease, compared).await? {
            Some(further) => shadow = further,
            None => return Ok(()),
        }
    }
    end(app, caller, id, lease, State::Finished).await
}

/// Says of a shadow whose job is set aside that nothing more comes.
pub async fn set_aside(app: &App, caller: &Caller, id: ShadowId, lease: &Lease) -> Result<()> {
    end(app, caller, id, lease, State::Failed).await
}

/// None where nothing is to be done any more.
async fn begin(
    app: &App,
    caller: &Caller,
    id: ShadowId,
    lease: &Lease,
    customers: usize,
) -> Result<Option<Shadow>> {
    let mut tx = app.db.write(caller, Permission::AcceptedWork).await?;
    jobs::hold(&mut tx, lease).await?;
    let mut shadow = store::lock(&mut tx, id).await?;
    if !shadow.state.is_open() {
        return Ok(None);
    }
    shadow.state = State::Running;
    shadow.customers_total = u32::try_from(customers)?;
    store::advance(&mut tx, &shadow).await?;
    tx.commit_housekeeping(Housekeeping::ShadowResult).await?;
    Ok(Some(shadow))
}

/// None where somebody stopped it meanwhile.
async fn keep(
    app: &App,
    caller: &Caller,
    id: ShadowId,
    lease: &Lease,
    compared: Option<Compared>,
) -> Result<Option<Shadow>> {
    let mut tx = app.db.write(caller, Permission::AcceptedWork).await?;
    jobs::hold(&mut tx, lease).await?;
    let mut shadow = store::lock(&mut tx, id).await?;
    if !shadow.state.is_open() {
        return Ok(None);
    }
    shadow.customers_done += 1;
    store::advance(&mut tx, &shadow).await?;
    if let Some(compared) = compared {
        store::keep(&mut tx, app.id(), id, &compared).await?;
    }
    tx.commit_housekeeping(Housekeeping::ShadowResult).await?;
    Ok(Some(shadow))
}

async fn end(app: &App, caller: &Caller, id: ShadowId, lease: &Lease, state: State) -> Result<()> {
    let mut tx = app.db.write(caller, Permission::AcceptedWork).await?;
    jobs::hold(&mut tx, lease).await?;
    let mut shadow = store::lock(&mut tx, id).await?;
    if !shadow.state.is_open() {
        return Ok(());
    }
    shadow.state = state;
    shadow.finished_at = Some(tx.now());
    store::advance(&mut tx, &shadow).await?;
    let detail = json!({ "customers": shadow.customers_done });
    let event = match state {
        State::Finished => audit::Event::done("shadow.finish", id.uuid(), detail),
        _ => audit::Event::refused("shadow.finish", id.uuid(), detail),
    };
    tx.commit(event).await
}

/// The customer's month under both; none where nothing was delivered.
async fn compare(
    app: &App,
    caller: &Caller,
    shadow: &Shadow,
    customer: TenantId,
) -> Result<Option<Compared>> {
    let mut tx = app.db.read(caller, Permission::AcceptedWork).await?;
    let new = NewRun {
        customer,
        month: shadow.month,
    };
    let ground = run::ground(&mut tx, new, app.now()).await?;
    let delivered = run::delivered(&mut tx, customer, &ground).await?;
    let active = match plugins::serving(&mut tx, Serves::Pricing(customer), app.now()).await {
        Ok(serving) => Some(serving),
        Err(Fault::Refused(_)) => None,
        Err(fault) => return Err(fault),
    };
    drop(tx);
    if delivered.is_empty() {
        return Ok(None);
    }
    let tried = priced(
        app,
        caller,
        &ground,
        &delivered,
        (shadow.release, &shadow.settings),
    )
    .await?;
    let by_active = match &active {
        Some(serving) => {
            let with = (serving.release, &serving.settings);
            Some(priced(app, caller, &ground, &delivered, with).await?)
        }
        None => None,
    };
    let total = |charges: &Charges| compare::total(charges, &ground.currency);
    let (tried, failure) = split(Some(tried));
    let (by_active, active_failure) = split(by_active);
    let mut lines = match (&by_active, &tried) {
        (Some(active), Some(tried)) => compare::lines(active, tried, &ground.currency),
        _ => Vec::new(),
    };
    let left_out = lines.len().saturating_sub(LINES_MAX);
    lines.truncate(LINES_MAX);
    let (active_total, total): (Option<Decimal>, Option<Decimal>) =
        (by_active.as_ref().map(total), tried.as_ref().map(total));
    Ok(Some(Compared {
        customer,
        currency: ground.currency.clone(),
        active_digest: active.map(|serving| serving.digest),
        active_total,
        total,
        difference: total.zip(active_total).map(|(total, active)| total - active),
        active_failure,
        failure,
        lines,
        lines_left_out: u32::try_from(left_out)?,
    }))
}

type Charges = Vec<(PortId, Vec<Charge>)>;

fn split(priced: Option<Result<Charges, String>>) -> (Option<Charges>, Option<String>) {
    match priced {
        None => (None, None),
        Some(Ok(charges)) => (Some(charges), None),
        Some(Err(failure)) => (None, Some(failure)),
    }
}

/// What a release charges at each port, or why it does not.
async fn priced(
    app: &App,
    caller: &Caller,
    ground: &Ground,
    delivered: &[Delivered],
    (release, settings): (ReleaseId, &Value),
) -> Result<Result<Charges, String>> {
    let mut charges = Vec::with_capacity(delivered.len());
    for at in delivered {
        match price::price_facts(app, caller, &ground.priceable(release, settings, at)).await {
            Ok(of_port) => charges.push((at.port, of_port)),
            Err(fault @ Fault::Refused(_)) => return Ok(Err(fault.to_string())),
            Err(fault) => return Err(fault),
        }
    }
    Ok(Ok(charges))
}
