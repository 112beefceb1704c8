//! What needs a person: raised when a carrier leaves something undone, for whoever is on call then, and taken further
//! until somebody says that they look at it or it is settled. Knows no carrier and no port, only what it was told.

mod store;

use serde_json::json;
use uuid::Uuid;

use crate::{
    app::{self, App, Timestamp},
    audit,
    db::WriteTx,
    fault::{Fault, Result},
    identity::{Caller, Permission},
    ids::{AlertId, MembershipId, PortId, TenantId},
    jobs,
    page::{Items, Page},
    settings::{self, on_call::who},
};

/// The name of the list in cursors.
pub const LIST: &str = "alerts";

/// Something that needs a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alert {
    /// Which one.
    pub id: AlertId,
    /// Whose port it is about; the reseller where it is about none.
    pub tenant: TenantId,
    /// What it is about.
    pub subject: Subject,
    /// Of which port, where it is about one.
    pub port: Option<PortId>,
    /// What is the matter.
    pub text: String,
    /// Where it stands.
    pub state: State,
    /// Memberships of the reseller that were called, in that order.
    pub called: Vec<MembershipId>,
    /// How many steps of the escalation were taken.
    pub step: usize,
    /// When it was raised.
    pub raised_at: Timestamp,
    /// When somebody said that they look at it.
    pub acknowledged_at: Option<Timestamp>,
    /// When it was settled.
    pub resolved_at: Option<Timestamp>,
}

/// What an alert is about. There is at most one of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// A port that is not back down.
    ReturnLeg(Uuid),
    /// An operation that was given up.
    Operation(Uuid),
    /// An activation that tripped.
    Activation(Uuid),
    /// A carrier of which nothing is asked.
    Carrier(Uuid),
    /// A port that has another speed than it is meant to have.
    Drift(Uuid),
}

/// Where an alert stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Nobody has said anything.
    Open,
    /// Somebody looks at it.
    Acknowledged,
    /// Settled.
    Resolved,
}

impl Subject {
    /// The word in the database and on the wire.
    pub const fn kind(self) -> &'static str {
        match self {
            Self::ReturnLeg(_) => "return_leg",
            Self::Operation(_) => "operation",
            Self::Activation(_) => "activation",
            Self::Carrier(_) => "carrier",
            Self::Drift(_) => "drift",
        }
    }

    /// Which one.
    pub const fn id(self) -> Uuid {
        match self {
            Self::ReturnLeg(id)
            | Self::Operation(id)
            | Self::Activation(id)
            | Self::Carrier(id)
            | Self::Drift(id) => id,
        }
    }
}

impl State {
    /// The word in the database and on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Acknowledged => "acknowledged",
            Self::Resolved => "resolved",
        }
    }
}

/// Raises an alert in the transaction that finds the matter, unless there is one of it already; says whether it is new. One
/// that was settled is raised anew.
pub async fn raise(
    tx: &mut WriteTx,
    tenant: TenantId,
    subject: Subject,
    port: Option<PortId>,
    text: &str,
) -> Result<bool> {
    let (now, on_call) = (tx.now(), settings::on_call(tx, tenant).await?);
    let alert = Alert {
        id: app::new_id(now),
        tenant,
        subject,
        port,
        text: text.to_owned(),
        state: State::Open,
        called: who(&on_call, now).into_iter().collect(),
        step: 0,
        raised_at: now,
        acknowledged_at: None,
        resolved_at: None,
    };
    let Some(id) = store::insert(tx, &alert).await? else {
        return Ok(false);
    };
    let alert = Alert { id, ..alert };
    enqueue_next(tx, &alert, &on_call).await?;
    let detail = json!({
        "about": subject.kind(), "subject": subject.id(), "port": port.map(|id| id.uuid()), "called": called(&alert),
    });
    tx.record(audit::Event::done("alert.raise", alert.id.uuid(), detail))
        .await?;
    Ok(true)
}

/// Settles what an alert was raised about, and says whether there was one.
pub async fn resolve(tx: &mut WriteTx, subject: Subject) -> Result<bool> {
    let Some(id) = store::resolve(tx, subject).await? else {
        return Ok(false);
    };
    let detail = json!({ "about": subject.kind(), "subject": subject.id() });
    tx.record(audit::Event::done("alert.resolve", id, detail)).await?;
    Ok(true)
}

/// Calls whoever the next step names, unless somebody looks at it by now.
pub async fn escalate(app: &App, caller: &Caller, id: AlertId) -> Result<()> {
    let mut tx = app.db.write(caller, Permission::AcceptedWork).await?;
    let mut alert = store::lock(&mut tx, id).await?;
    let on_call = settings::on_call(&mut tx, alert.tenant).await?;
    let Some((_, people)) = on_call.step(alert.step).filter(|_| alert.state == State::Open) else {
        return Ok(());
    };
    alert.called.extend(people);
    alert.step += 1;
    store::call(&mut tx, &alert).await?;
    enqueue_next(&mut tx, &alert, &on_call).await?;
    let detail = json!({ "step": alert.step, "called": called(&alert) });
    tx.commit(audit::Event::done("alert.escalate", id.uuid(), detail))
        .await
}

/// The alerts of the caller's customers.
pub async fn list(app: &App, caller: &Caller, page: Page) -> Result<Items<Alert>> {
    let mut tx = app.db.read(caller, Permission::AlertsRead).await?;
    let alerts = store::list(&mut tx, page).await?;
    Ok(page.cut(caller.scope(), LIST, alerts, |alert| alert.id.uuid()))
}

/// Says that somebody looks at it: nobody else is called.
pub async fn acknowledge(app: &App, caller: &Caller, id: AlertId) -> Result<Alert> {
    let mut tx = app.db.write(caller, Permission::AlertsAcknowledge).await?;
    let mut alert = store::lock(&mut tx, id).await?;
    if alert.state != State::Open {
        let message = format!("the alert is {}", alert.state.name());
        return Err(Fault::conflict("state_forbids", message));
    }
    alert.state = State::Acknowledged;
    alert.acknowledged_at = Some(tx.now());
    store::acknowledge(&mut tx, &alert, caller.initiator()).await?;
    tx.commit(audit::Event::done("alert.acknowledge", id.uuid(), json!({})))
        .await?;
    Ok(alert)
}

async fn enqueue_next(tx: &mut WriteTx, alert: &Alert, on_call: &settings::OnCall) -> Result<()> {
    let Some((after, _)) = on_call.step(alert.step) else {
        return Ok(());
    };
    let (due_at, by) = (alert.raised_at + after, tx.initiator());
    jobs::enqueue_for(tx, alert.tenant, jobs::Kind::EscalateAlert(alert.id), due_at, by).await
}

fn called(alert: &Alert) -> Vec<Uuid> {
    alert.called.iter().map(|person| person.uuid()).collect()
}
