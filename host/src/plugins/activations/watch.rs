//! Watching activations that can trip. A failed call has a job judge the activations of its release, as the reseller, so that
//! the call itself waits for nothing; billing judges a month's total on the spot.

use serde_json::json;

use super::{Activation, Reason, Whom, Withdrawal, store, withdraw::withdraw};
use crate::{
    alerts::{self, Subject},
    app::App,
    audit,
    fault::{Fault, Result},
    identity::{ActorKind, Caller, Initiator, Permission, Purpose},
    ids::{ActivationId, ReleaseId},
    jobs,
    plugins::releases,
};

/// Has the activations of this component judged: one of its calls failed.
pub(in crate::plugins) async fn failed(app: &App, caller: &Caller, digest: &str) -> Result<()> {
    let now = app.now();
    let mut tx = app.db.house(&caller.for_house(Purpose::RunRecord)).await?;
    for (id, effective_at, trip) in store::watched(&mut tx, digest, now).await? {
        if trip.failures.is_some_and(|trip| trip.watches(effective_at, now)) {
            let host = Initiator {
                kind: ActorKind::System,
                id: id.uuid(),
            };
            jobs::enqueue_in_house(&mut tx, jobs::Kind::JudgeActivation(id), now, host).await?;
        }
    }
    tx.commit().await
}

/// Notes that an answer of this release broke a rule of the host's: it counts as a failed call.
pub async fn reject_answer(app: &App, caller: &Caller, release: ReleaseId, rule: &str) -> Result<()> {
    let mut tx = app.db.house(&caller.for_house(Purpose::RunRecord)).await?;
    let digest = releases::pinned(&mut tx, release).await?;
    store::reject(&mut tx, app.id(), &digest, rule, app.now()).await?;
    tx.commit().await?;
    failed(app, caller, &digest).await
}

/// Takes the activation back if too many of its calls failed. Not again, and not where others serve by now.
pub async fn judge(app: &App, caller: &Caller, id: ActivationId) -> Result<()> {
    let mut tx = app.db.read(caller, Permission::AcceptedWork).await?;
    let activation = store::find(&mut tx, id).await?;
    let failures = activation.trip.as_ref().and_then(|trip| trip.failures);
    let Some(trip) = failures.filter(|_| activation.withdrawal.is_none()) else {
        return Ok(());
    };
    if !trip.watches(activation.effective_at, app.now()) {
        return Ok(());
    }
    let customers = match &activation.whom {
        Whom::Customers(customers) => &customers[..],
        Whom::All { .. } => &[],
    };
    let digest = releases::pinned(&mut tx, activation.release).await?;
    let counted = store::count(&mut tx, &digest, activation.effective_at, customers).await?;
    drop(tx);
    match trip.judge(counted.calls, counted.failures) {
        Some(detail) => take_back(app, caller, Permission::AcceptedWork, &activation, detail).await,
        None => Ok(()),
    }
}

/// Takes a tripped activation back and calls somebody. Where nothing served before it goes on, and somebody is called.
pub async fn take_back(
    app: &App,
    caller: &Caller,
    permission: Permission,
    activation: &Activation,
    detail: String,
) -> Result<()> {
    let (id, reseller) = (activation.id, caller.scope().reseller());
    let about = Subject::Activation(id.uuid());
    let mut tx = app.db.write(caller, permission).await?;
    let text = format!(
        "an activation of the {} world tripped: {detail}",
        activation.world
    );
    let withdrawal = Withdrawal {
        reason: Reason::Tripped,
        detail,
        at: tx.now(),
        by: None,
    };
    match withdraw(app, &mut tx, activation, &withdrawal).await {
        Ok(told) => {
            alerts::raise(&mut tx, reseller, about, None, &text).await?;
            tx.commit(audit::Event::done("activation.trip", id.uuid(), told))
                .await
        }
        Err(Fault::Refused(refusal)) if refusal.code == "nothing_served_before" => {
            drop(tx);
            let mut tx = app.db.write(caller, permission).await?;
            let text = format!("{text}; nothing served before, so it goes on");
            if !alerts::raise(&mut tx, reseller, about, None, &text).await? {
                return Ok(());
            }
            let told = json!({ "detail": withdrawal.detail });
            tx.commit(audit::Event::refused("activation.trip", id.uuid(), told))
                .await
        }
        // Somebody was faster, or others serve by now.
        Err(Fault::Refused(_)) => Ok(()),
        Err(fault) => Err(fault),
    }
}
