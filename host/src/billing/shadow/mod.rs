//! Shadows: a pricing release with settings priced over a past month's real facts, beside what serves each customer. Nothing is
//! billed, no number is taken, no receipt is written. Runs as a job, one at a time in a house.

mod compare;
mod run;
mod store;

use nexusport_sandbox::World;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::rate::Month;
use crate::{
    app::{App, Timestamp},
    audit,
    db::Tx,
    fault::{Fault, Result},
    identity::{Caller, Permission},
    ids::{ReleaseId, ShadowId, TenantId},
    jobs, limits,
    page::{Items, Page},
    plugins,
};

pub use compare::Line;
pub use run::{run, set_aside};

/// The name of the list in cursors.
pub const LIST: &str = "shadows";

/// A release to be tried.
#[derive(Debug, Clone)]
pub struct NewShadow {
    /// An approved pricing release.
    pub release: ReleaseId,
    /// What an activation would give it.
    pub settings: Value,
    /// A month that is over everywhere.
    pub month: Month,
}

/// A release being tried, or that was.
#[derive(Debug, Clone, PartialEq)]
pub struct Shadow {
    /// Which one.
    pub id: ShadowId,
    /// What is tried.
    pub release: ReleaseId,
    /// With what.
    pub settings: Value,
    /// Over which month, on each customer's own clock.
    pub month: Month,
    /// How far it has come.
    pub state: State,
    /// How many customers are looked at.
    pub customers_total: u32,
    /// How many were.
    pub customers_done: u32,
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
}

/// How far a shadow has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Nobody has begun.
    Waiting,
    /// Some customers may have been looked at.
    Running,
    /// All were.
    Finished,
    /// Somebody stopped it.
    Cancelled,
    /// The host could not end it.
    Failed,
}

/// One customer's month under both.
#[derive(Debug, Clone, PartialEq)]
pub struct Compared {
    /// Which customer.
    pub customer: TenantId,
    /// ISO 4217.
    pub currency: String,
    /// What serves it, in hexadecimal; none where nothing does.
    pub active_digest: Option<String>,
    /// What that charges; none where it fails or there is none.
    pub active_total: Option<Decimal>,
    /// What the tried release charges; none where it fails.
    pub total: Option<Decimal>,
    /// The one less the other.
    pub difference: Option<Decimal>,
    /// Why what serves fails.
    pub active_failure: Option<String>,
    /// Why the tried release fails.
    pub failure: Option<String>,
    /// The lines that differ, the largest differences first.
    pub lines: Vec<Line>,
    /// How many smaller ones were left out.
    pub lines_left_out: u32,
}

/// What all customers of one currency come to, of those whom both releases price.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Total {
    /// ISO 4217.
    pub currency: String,
    /// How many customers were delivered something.
    pub customers: u64,
    /// For how many of them the tried release fails.
    pub failures: u64,
    /// What serves charges.
    pub active_total: Decimal,
    /// What the tried release charges.
    pub total: Decimal,
}

impl State {
    const ALL: [Self; 5] = [
        Self::Waiting,
        Self::Running,
        Self::Finished,
        Self::Cancelled,
        Self::Failed,
    ];

    /// The word in the database and on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Finished => "finished",
            Self::Cancelled => "cancelled",
            Self::Failed => "failed",
        }
    }

    fn parse(name: &str) -> Result<Self> {
        Self::ALL
            .into_iter()
            .find(|state| state.name() == name)
            .ok_or_else(|| Fault::broken(format!("{name} is no state of a shadow")))
    }

    /// Whether something of it is still to come.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Waiting | Self::Running)
    }
}

/// Has a release tried over a month. Refused as `period_not_over` until it is over everywhere, and as `shadow_running` while
/// another one is under way.
pub async fn add(app: &App, caller: &Caller, new: NewShadow) -> Result<Shadow> {
    limits::admit_plugin_work(app, caller).await?;
    let release = plugins::candidate(app, caller, new.release, new.settings.clone()).await?;
    if release.world != World::Pricing {
        let message = format!(
            "a shadow is of a release that prices, and this is of the world {}",
            release.world
        );
        return Err(Fault::invalid("shadow_of_no_price", message));
    }
    // Where days end last.
    let over_at = new.month.period(chrono_tz::Tz::Etc__GMTPlus12).end;
    let mut tx = app.db.write(caller, Permission::PluginsActivate).await?;
    if tx.now() < over_at {
        let message = format!("the period {} is over everywhere at {over_at}", new.month);
        return Err(Fault::conflict("period_not_over", message));
    }
    let shadow = Shadow {
        id: app.id(),
        release: new.release,
        settings: new.settings,
        month: new.month,
        state: State::Waiting,
        customers_total: 0,
        customers_done: 0,
        requested_at: tx.now(),
        finished_at: None,
    };
    store::insert(&mut tx, &shadow).await?;
    let (due_at, by) = (tx.now(), tx.initiator());
    jobs::enqueue(&mut tx, jobs::Kind::RunShadow(shadow.id), due_at, by).await?;
    let detail =
        json!({ "release": release.id.uuid(), "digest": release.digest, "period": shadow.month.to_string() });
    tx.commit(audit::Event::done("shadow.add", shadow.id.uuid(), detail))
        .await?;
    Ok(shadow)
}

/// Stops a shadow; what it found so far stays.
pub async fn cancel(app: &App, caller: &Caller, id: ShadowId) -> Result<Shadow> {
    let mut tx = app.db.write(caller, Permission::PluginsActivate).await?;
    let mut shadow = store::lock(&mut tx, id).await?;
    if !shadow.state.is_open() {
        let message = format!("the shadow is {}", shadow.state.name());
        return Err(Fault::conflict("state_forbids", message));
    }
    shadow.state = State::Cancelled;
    shadow.finished_at = Some(tx.now());
    store::advance(&mut tx, &shadow).await?;
    let detail = json!({ "customers": shadow.customers_done });
    tx.commit(audit::Event::done("shadow.cancel", id.uuid(), detail))
        .await?;
    Ok(shadow)
}

/// The reseller's shadows.
pub async fn list(app: &App, caller: &Caller, page: Page) -> Result<Items<Shadow>> {
    let mut tx = app.db.read(caller, Permission::PluginsRead).await?;
    let rows = store::list(&mut tx, page).await?;
    Ok(page.cut(caller.scope(), LIST, rows, |shadow| shadow.id.uuid()))
}

/// One shadow, and what it comes to so far.
pub async fn get(app: &App, caller: &Caller, id: ShadowId) -> Result<(Shadow, Vec<Total>)> {
    let mut tx = app.db.read(caller, Permission::PluginsRead).await?;
    let shadow = store::find(&mut tx, id).await?;
    Ok((shadow, store::totals(&mut tx, id).await?))
}

/// A shadow's customers: those for whom the release fails first, then the largest differences.
pub async fn customers(app: &App, caller: &Caller, id: ShadowId, page: Page) -> Result<Items<Compared>> {
    let mut tx = app.db.read(caller, Permission::PluginsRead).await?;
    store::find(&mut tx, id).await?;
    let rows = store::worst(&mut tx, id, page).await?;
    let Items { items, next } = page.cut(caller.scope(), &customers_of(id), rows, |(row, _)| *row);
    Ok(Items {
        items: items.into_iter().map(|(_, compared)| compared).collect(),
        next,
    })
}

/// The name of the list of a shadow's customers in cursors.
pub fn customers_of(id: ShadowId) -> String {
    format!("shadow-customers {id}")
}

/// Whether the release was tried with exactly these settings, to the end.
pub async fn finished(tx: &mut impl Tx, release: ReleaseId, settings: &Value) -> Result<bool> {
    store::finished(tx, release, settings).await
}
