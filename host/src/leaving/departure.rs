//! Leaving for good: asked for with the tenant's own name, a reason and an archive in hand, and taken back within the
//! grace period. What happens at its end is `end`'s business.

use serde_json::json;

use super::{idle, store};
use crate::{
    app::{App, Timestamp},
    audit,
    db::{Scope, Tx, WriteTx},
    fault::{Fault, OnConstraint as _, RefusalKind, Result},
    identity::{Caller, Permission, suspensions, tenants},
    ids::{DepartureId, TenantId},
    jobs::{self, Kind},
    page::{Items, Page},
    settings,
};

/// What cursors of [`departures`] are bound to.
pub const DEPARTURES: &str = "departures";

/// An archive that is older is not what the tenant has.
const ARCHIVE_AT_MOST: chrono::TimeDelta = chrono::TimeDelta::days(7);

/// That a tenant leaves.
#[derive(Debug, Clone)]
pub struct Departure {
    /// Who.
    pub scope: Scope,
    /// Which wish of it.
    pub id: DepartureId,
    /// `waiting`, `withdrawn` or `carried_out`.
    pub state: String,
    /// Where it stood before.
    pub from_state: String,
    /// Whose wish it is.
    pub wished_by: WishedBy,
    /// Why; gone with the tenant.
    pub reason: Option<String>,
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// When its data is deleted, unless work is under way then.
    pub ends_at: Timestamp,
    /// When it was taken back or carried out.
    pub ended_at: Option<Timestamp>,
    /// Until when the seller keeps what it issued to one that is gone.
    pub documents_until: Option<Timestamp>,
}

/// Whose wish a departure is, and so who can take it back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WishedBy {
    /// The leaving tenant's own.
    Tenant,
    /// Its reseller's, which sends the customer away.
    Reseller,
}

/// A wish to leave.
#[derive(Debug, Clone)]
pub struct Wish {
    /// A customer of the caller's; none for the caller's own tenant.
    pub customer: Option<TenantId>,
    /// The leaving tenant's slug, typed by whoever asks.
    pub slug: String,
    /// Why.
    pub reason: String,
    /// None needs an archive.
    pub archive: Archived,
}

/// Whether an archive was taken along.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Archived {
    /// There must be one of the last seven days.
    Required,
    /// Whoever asks says that none is needed.
    Waived,
}

impl Departure {
    /// What the reason is sealed for.
    pub(super) fn context(id: DepartureId) -> String {
        format!("departure:{id}")
    }

    /// Refuses what is over, and whoever did not wish for it: else a customer could stay whom its reseller sends away,
    /// and a reseller could keep one that goes.
    fn check_withdrawable(&self, by: Scope) -> Result<()> {
        if self.state != "waiting" {
            let message = format!("the departure is {} already", self.state);
            return Err(Fault::conflict("departure_over", message));
        }
        let of_another = match self.wished_by {
            WishedBy::Tenant => by != self.scope,
            WishedBy::Reseller => by.customer().is_some(),
        };
        if of_another {
            let message = match self.wished_by {
                WishedBy::Tenant => "the customer wishes to leave, and alone can take that back",
                WishedBy::Reseller => "the departure was not this tenant's wish, and is not its to take back",
            };
            return Err(Fault::refused(
                RefusalKind::Conflict,
                "departure_of_another",
                message,
            ));
        }
        Ok(())
    }
}

/// Has a tenant leave: nothing new begins for it from here on, and after the grace period it is deleted; a reseller with
/// all of its customers.
pub async fn depart(app: &App, caller: &Caller, wish: Wish) -> Result<Departure> {
    let mut tx = app.db.write(caller, Permission::TenantLeave).await?;
    suspensions::check_reason(&wish.reason)?;
    let tenant = leaving(&mut tx, wish.customer).await?;
    store::lock_alone(&mut tx, tenant).await?;
    let known = tenants::find(&mut tx, tenant).await?;
    let now = tx.now();
    check(&mut tx, &known, &wish, now).await?;
    tenants::stand(&mut tx, tenant, &known.state, "leaving").await?;
    let terms = settings::leaving(&mut tx, tenant).await?;
    let departure = Departure {
        scope: known.scope,
        id: app.id(),
        state: "waiting".into(),
        from_state: known.state,
        wished_by: match wish.customer {
            Some(_) => WishedBy::Reseller,
            None => WishedBy::Tenant,
        },
        reason: Some(wish.reason),
        requested_at: now,
        ends_at: terms.ends_at(now),
        ended_at: None,
        documents_until: None,
    };
    insert(app, &mut tx, &departure, wish.archive).await?;
    let detail = json!({ "tenant": tenant.uuid(), "ends_at": departure.ends_at });
    tx.commit(audit::Event::done(
        "departure.request",
        departure.id.uuid(),
        detail,
    ))
    .await?;
    Ok(departure)
}

/// Who is to leave: a customer of the reseller's that asks, or whoever asks. Nothing of a stranger's is locked.
async fn leaving(tx: &mut WriteTx, customer: Option<TenantId>) -> Result<TenantId> {
    let Some(customer) = customer else {
        return Ok(tx.scope().tenant());
    };
    if tx.scope().customer().is_some() {
        return Err(Fault::Missing);
    }
    let known = tenants::find(tx, customer).await?;
    known.scope.customer().ok_or(Fault::Missing)
}

async fn insert(app: &App, tx: &mut WriteTx, departure: &Departure, archive: Archived) -> Result<()> {
    let tenant = departure.scope.tenant();
    let key = app.vault.key(tx, tenant).await?;
    let reason = departure.reason.as_deref().unwrap_or_default();
    let sealed = key.seal(&Departure::context(departure.id), reason.as_bytes());
    let twice = || Fault::conflict("already_leaving", "the tenant is leaving already");
    store::insert_departure(tx, departure, &sealed, archive)
        .await
        .on_constraint("departure_one_waits", twice)?;
    let (kind, initiator) = (Kind::EndDeparture(departure.id), tx.initiator());
    jobs::enqueue_for(tx, tenant, kind, departure.ends_at, initiator).await
}

async fn check(tx: &mut impl Tx, tenant: &tenants::Tenant, wish: &Wish, now: Timestamp) -> Result<()> {
    if !["active", "suspended"].contains(&&*tenant.state) {
        return Err(Fault::conflict(
            "already_leaving",
            format!("the tenant is {} already", tenant.state),
        ));
    }
    idle::check(tx, tenant.scope).await?;
    if wish.slug != tenant.slug {
        let rule = "the slug is not the leaving tenant's: it must be typed as it is";
        return Err(Fault::invalid("slug_differs", rule));
    }
    if wish.archive == Archived::Required
        && !store::archived_since(tx, tenant.scope.tenant(), now - ARCHIVE_AT_MOST).await?
    {
        let rule = "there is no export of the last seven days; make one, or say that none is needed";
        return Err(Fault::conflict("export_missing", rule));
    }
    Ok(())
}

/// The departures that the caller can see.
pub async fn departures(app: &App, caller: &Caller, page: Page) -> Result<Items<Departure>> {
    let mut tx = app.db.read(caller, Permission::TenantLeave).await?;
    let mut rows = Vec::new();
    for (mut departure, sealed) in store::departures(&mut tx, page).await? {
        if let Some(sealed) = sealed {
            let key = app.vault.key(&mut tx, departure.scope.tenant()).await?;
            let reason = key.open(&Departure::context(departure.id), &sealed)?;
            departure.reason = Some(String::from_utf8_lossy(&reason).into_owned());
        }
        rows.push(departure);
    }
    Ok(page.cut(caller.scope(), DEPARTURES, rows, |departure| departure.id.uuid()))
}

/// Takes a departure back; the tenant stands where it stood before.
pub async fn stay(app: &App, caller: &Caller, id: DepartureId) -> Result<()> {
    let mut tx = app.db.write(caller, Permission::TenantLeave).await?;
    let tenant = store::departure(&mut tx, id).await?.scope.tenant();
    store::lock_alone(&mut tx, tenant).await?;
    let departure = store::departure(&mut tx, id).await?;
    departure.check_withdrawable(caller.scope())?;
    let now = tx.now();
    store::withdraw(&mut tx, id, now).await?;
    tenants::stand(&mut tx, tenant, "leaving", &departure.from_state).await?;
    tx.commit(audit::Event::done("departure.withdraw", id.uuid(), json!({})))
        .await
}
