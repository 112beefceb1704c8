//! Taking an activation back: before it is in effect, by hand afterwards, or because it tripped. What served before, for the
//! same customers, serves again by itself, since the withdrawn one is passed over from then on.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{Activation, Whom, store, store::Asked};
use crate::{
    app::{App, Timestamp},
    audit,
    db::{Tx, WriteTx},
    fault::{Fault, Result},
    identity::{Caller, Permission},
    ids::{ActivationId, TenantId},
    plugins::{Serves, Serving},
};

/// That an activation was taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withdrawal {
    /// By whose wish.
    pub reason: Reason,
    /// For people: what tripped, or why somebody took it back.
    pub detail: String,
    /// From then on it does not serve.
    pub at: Timestamp,
    /// Who did: a person or a key; none for the host.
    pub by: Option<Uuid>,
}

/// Why an activation was taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// Somebody thought better of it before it was in effect.
    Cancelled,
    /// Somebody took it back.
    RolledBack,
    /// One of its own conditions was met.
    Tripped,
}

impl Reason {
    /// The word in the database and on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cancelled => "cancelled",
            Self::RolledBack => "rolled_back",
            Self::Tripped => "tripped",
        }
    }

    pub(super) fn parse(name: &str) -> Result<Self> {
        [Self::Cancelled, Self::RolledBack, Self::Tripped]
            .into_iter()
            .find(|reason| reason.name() == name)
            .ok_or_else(|| Fault::broken(format!("{name} is no reason to withdraw an activation")))
    }
}

/// Takes back an activation that is not in effect yet.
pub async fn cancel(app: &App, caller: &Caller, id: ActivationId, detail: String) -> Result<Activation> {
    let mut tx = app.db.write(caller, Permission::PluginsActivate).await?;
    let mut activation = store::find(&mut tx, id).await?;
    let now = tx.now();
    can_be_cancelled(&activation, now)?;
    let withdrawal = Withdrawal {
        reason: Reason::Cancelled,
        detail,
        at: now,
        by: caller.actor().id,
    };
    store::withdraw(&mut tx, app.id(), id, &withdrawal).await?;
    let told = json!({ "world": activation.world.name(), "detail": withdrawal.detail });
    tx.commit(audit::Event::done("activation.cancel", id.uuid(), told))
        .await?;
    activation.withdrawal = Some(withdrawal);
    Ok(activation)
}

/// Takes back an activation that serves; what served before it, for the same customers, serves again. Refused where nothing
/// did.
pub async fn roll_back(app: &App, caller: &Caller, id: ActivationId, detail: String) -> Result<Activation> {
    let mut tx = app.db.write(caller, Permission::PluginsActivate).await?;
    let mut activation = store::find(&mut tx, id).await?;
    let now = tx.now();
    can_be_rolled_back(&activation, now)?;
    let withdrawal = Withdrawal {
        reason: Reason::RolledBack,
        detail,
        at: now,
        by: caller.actor().id,
    };
    let told = withdraw(app, &mut tx, &activation, &withdrawal).await?;
    tx.commit(audit::Event::done("activation.roll_back", id.uuid(), told))
        .await?;
    activation.withdrawal = Some(withdrawal);
    Ok(activation)
}

/// Withdraws what serves somebody, where something else serves all of them then; says what, for the audit trail.
pub(super) async fn withdraw(
    app: &App,
    tx: &mut WriteTx,
    activation: &Activation,
    withdrawal: &Withdrawal,
) -> Result<Value> {
    let before = all_serving(tx, activation, withdrawal.at).await?;
    let concerned = |serving: &Option<Serving>| {
        let serving = serving.as_ref();
        serving.is_some_and(|serving| serving.activation == activation.id)
    };
    if !before.iter().any(|(_, serving)| concerned(serving)) {
        return Err(superseded());
    }
    store::withdraw(tx, app.id(), activation.id, withdrawal).await?;
    let mut serving = Vec::new();
    for (customer, after) in all_serving(tx, activation, withdrawal.at).await? {
        let after = after.ok_or_else(nothing_before)?;
        serving.push(json!({
            "customer": customer.map(TenantId::uuid), "activation": after.activation.uuid(), "digest": after.digest,
        }));
    }
    Ok(json!({ "world": activation.world.name(), "detail": withdrawal.detail, "serving": serving }))
}

/// What serves each of those whom the activation is for; a customer of none is everybody else.
async fn all_serving(
    tx: &mut impl Tx,
    activation: &Activation,
    at: Timestamp,
) -> Result<Vec<(Option<TenantId>, Option<Serving>)>> {
    let customers: Vec<_> = match &activation.whom {
        Whom::All { .. } => vec![None],
        Whom::Customers(customers) => customers.iter().copied().map(Some).collect(),
    };
    let mut all = Vec::with_capacity(customers.len());
    for customer in customers {
        // Nothing is activated for the reseller itself, so what serves it is what serves all.
        let served = customer.unwrap_or(tx.scope().reseller());
        let what = Serves::of(activation.world, activation.carrier, served)?;
        all.push((customer, store::serving(tx, Asked::at(what, at)).await?));
    }
    Ok(all)
}

/// Only what is not in effect yet can be undone without a trace in what served.
fn can_be_cancelled(activation: &Activation, now: Timestamp) -> Result<()> {
    if activation.withdrawal.is_some() {
        return Err(withdrawn());
    }
    if activation.effective_at <= now {
        return Err(Fault::conflict(
            "activation_in_effect",
            "the activation is in effect, so it can only be rolled back",
        ));
    }
    Ok(())
}

/// Only what is in effect has something to be rolled back.
fn can_be_rolled_back(activation: &Activation, now: Timestamp) -> Result<()> {
    if activation.withdrawal.is_some() {
        return Err(withdrawn());
    }
    if now < activation.effective_at {
        return Err(Fault::conflict(
            "activation_not_in_effect",
            "the activation is not in effect yet, so it can only be cancelled",
        ));
    }
    Ok(())
}

pub(super) fn withdrawn() -> Fault {
    Fault::conflict("activation_withdrawn", "the activation was taken back already")
}

fn superseded() -> Fault {
    Fault::conflict(
        "activation_superseded",
        "others serve everybody whom the activation was for",
    )
}

fn nothing_before() -> Fault {
    Fault::conflict(
        "nothing_served_before",
        "nothing served before the activation that could serve again",
    )
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use nexusport_sandbox::World;

    use super::*;

    fn now() -> Timestamp {
        Timestamp::from_timestamp_millis(1_700_000_000_000).unwrap()
    }

    #[test]
    fn what_is_not_in_effect_is_cancelled_and_what_is_is_rolled_back() {
        let activation = |effective_at, withdrawal| Activation {
            id: Uuid::nil().into(),
            world: World::Pricing,
            carrier: None,
            whom: Whom::All { replacing_own: false },
            release: Uuid::nil().into(),
            settings: Value::Null,
            effective_at,
            created_at: now(),
            created_by: None,
            trip: None,
            withdrawal,
        };
        let code = |result: Result<()>| match result {
            Ok(()) => None,
            Err(Fault::Refused(refusal)) => Some(refusal.code),
            Err(other) => panic!("{other}"),
        };
        let both = |activation: &Activation| {
            (
                code(can_be_cancelled(activation, now())),
                code(can_be_rolled_back(activation, now())),
            )
        };
        let later = activation(now() + TimeDelta::milliseconds(1), None);
        assert_eq!(both(&later), (None, Some("activation_not_in_effect")));
        let serving = activation(now(), None);
        assert_eq!(both(&serving), (Some("activation_in_effect"), None));
        let withdrawal = Withdrawal {
            reason: Reason::Tripped,
            detail: String::new(),
            at: now(),
            by: None,
        };
        let gone = Some("activation_withdrawn");
        assert_eq!(both(&activation(now(), Some(withdrawal))), (gone, gone));
    }
}
