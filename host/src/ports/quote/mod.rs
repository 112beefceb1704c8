//! Quotes: what a change would cost, by the very function that will bill it.

mod ask;
mod price;
pub(super) mod store;

use chrono::{SubsecRound as _, TimeDelta};
use chrono_tz::Tz;
use rust_decimal::Decimal;
use serde_json::json;

use super::{
    Kind, change, pin, plan_to_book,
    port::{self, Port},
    rules::{self, Room, Taken, Wish},
    speed::{Base, Plan, Stretch, Window, join},
    verified,
};
use crate::{
    app::{App, Timestamp},
    audit,
    billing::{money, price::Charge, rate::Period},
    db::{Scope, Tx},
    fault::Result,
    identity::{Caller, Permission, tenants},
    ids::{ChangeId, PortId, QuoteId},
    limits,
    plugins::Serving,
};

/// How long a quote can be booked.
const GOOD_FOR: TimeDelta = TimeDelta::minutes(15);

/// A change that somebody wants a price for.
#[derive(Debug, Clone, Copy)]
pub struct NewQuote {
    /// Of which port.
    pub port: PortId,
    /// Permanent or for a while.
    pub kind: Kind,
    /// The speed, in Mbps.
    pub mbps: u32,
    /// When it begins; none for when it is booked.
    pub starts_at: Option<Timestamp>,
    /// A window that has not begun, in whose place it would come.
    pub replaces: Option<ChangeId>,
}

/// A price that was offered.
#[derive(Debug, Clone, PartialEq)]
pub struct Quote {
    /// The customer it was offered to, and its reseller.
    pub scope: Scope,
    /// Which one.
    pub id: QuoteId,
    /// Of which port.
    pub port: PortId,
    /// The change.
    pub wish: Wish,
    /// ISO 4217.
    pub currency: String,
    /// What the change adds to the billing periods it touches, rounded once to the minor unit. For a base change, to
    /// the period in which it begins.
    pub amount: Decimal,
    /// For a base change: what it adds to each whole period from then on, as the next one shows it.
    pub recurring: Option<Decimal>,
    /// What the amount comes from, before it is rounded.
    pub lines: Vec<Line>,
    /// The release that priced the period in which the change begins.
    pub digest: String,
    /// The settings it priced with.
    pub settings: serde_json::Value,
    /// When it was offered.
    pub created_at: Timestamp,
    /// Until when it can be booked.
    pub expires_at: Timestamp,
}

/// A charge that the change adds to a period, or, with a negative amount, takes out of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// The billing period.
    pub period: Period,
    /// The charge.
    pub charge: Charge,
}

impl Quote {
    /// Whether it is for the moment in which it is booked.
    pub fn is_for_now(&self) -> bool {
        self.wish.starts_at == self.created_at
    }
}

/// Prices a change: what the billing periods it touches cost with it, less what they cost without it. Refuses what the
/// carrier would refuse before anything is priced.
pub async fn quote(app: &App, caller: &Caller, new: NewQuote) -> Result<Quote> {
    let now = app.now();
    let wish = Wish {
        kind: match new.kind {
            Kind::Base => Kind::Base,
            Kind::Window { ends_at } => Kind::Window {
                ends_at: ends_at.trunc_subsecs(3),
            },
        },
        mbps: new.mbps,
        starts_at: new.starts_at.map_or(now, |at| at.trunc_subsecs(3)),
    };
    let ground = {
        let mut tx = app.db.read(caller, Permission::BandwidthChange).await?;
        let mut ground = Ground::read(&mut tx, new.port, now).await?;
        if let Some(id) = new.replaces {
            let replaced = change::replaced(&mut tx, new.port, id, now).await?;
            ground.give_up(&[replaced]);
        }
        ground
    };
    limits::admit_plugin_work(app, caller).await?;
    let rules = pin::rules(app, caller, &ground.port).await?;
    rules::admit(&rules, ground.taken(), &wish, now)?;
    let quote = make(app, caller, &ground, wish).await?;
    let mut tx = app.db.write(caller, Permission::BandwidthChange).await?;
    store::insert(&mut tx, &quote).await?;
    let detail = json!({
        "port": quote.port.uuid(), "kind": wish.kind.name(), "mbps": wish.mbps, "starts_at": wish.starts_at,
        "ends_at": wish.kind.ends_at(), "amount": quote.amount, "currency": quote.currency, "digest": quote.digest,
    });
    tx.commit(audit::Event::done("quote.make", quote.id.uuid(), detail))
        .await?;
    Ok(quote)
}

/// The price of a change that its carrier allows; not kept.
pub(super) async fn make(app: &App, caller: &Caller, ground: &Ground, wish: Wish) -> Result<Quote> {
    let Comes {
        pricing,
        amount,
        recurring,
        lines,
    } = price(app, caller, ground, &wish).await?;
    Ok(Quote {
        scope: ground.port.scope,
        id: app.id(),
        port: ground.port.id,
        wish,
        currency: ground.currency.clone(),
        amount,
        recurring,
        lines,
        digest: pricing.digest,
        settings: pricing.settings,
        created_at: ground.now,
        expires_at: ground.now + GOOD_FOR,
    })
}

/// One quote.
pub async fn get(app: &App, caller: &Caller, id: QuoteId) -> Result<Quote> {
    let mut tx = app.db.read(caller, Permission::BandwidthRead).await?;
    store::find(&mut tx, id).await
}

/// What a price depends on beside the change itself.
pub(super) struct Ground {
    pub port: Port,
    pub plan: Plan,
    /// What the port's location has left for windows.
    room: Room,
    /// What was verified in the present month.
    past: Vec<Stretch>,
    pub now: Timestamp,
    pub time_zone: Tz,
    pub currency: String,
}

impl Ground {
    pub async fn read(tx: &mut impl Tx, port: PortId, now: Timestamp) -> Result<Self> {
        let port = port::store::find(tx, port).await?;
        port.check_active()?;
        let tenant = tenants::find(tx, port.scope.tenant()).await?;
        let so_far = Period {
            end: now,
            ..Period::month_of(now, tenant.time_zone)
        };
        Ok(Self {
            plan: plan_to_book(tx, port.id, now).await?,
            room: change::store::room(tx, &port, now).await?,
            past: verified::facts(tx, port.id, so_far).await?,
            now,
            port,
            time_zone: tenant.time_zone,
            currency: tenant.currency,
        })
    }

    /// What a wish is held against.
    pub fn taken(&self) -> Taken<'_> {
        Taken {
            plan: &self.plan,
            room: &self.room,
        }
    }

    /// Leaves out windows of the port, which would be given up.
    pub fn give_up(&mut self, windows: &[Window]) {
        self.plan = self.plan.without(windows);
        self.room = self.room.without(windows);
    }

    /// The billing period in which the change begins.
    fn month(&self, wish: &Wish) -> Period {
        Period::month_of(wish.starts_at, self.time_zone)
    }

    /// A period as it will have been when everything goes to plan: verified until now, planned from then on.
    fn stretches(&self, plan: &Plan, period: Period) -> Vec<Stretch> {
        let past = if period.contains(self.now) {
            &*self.past
        } else {
            &[]
        };
        let ahead = plan.stretches(Period {
            start: period.start.max(self.now),
            ..period
        });
        join(past.iter().copied().chain(ahead))
    }
}

/// What a change comes to.
struct Comes {
    /// What priced the period in which the change begins.
    pricing: Serving,
    amount: Decimal,
    recurring: Option<Decimal>,
    lines: Vec<Line>,
}

async fn price(app: &App, caller: &Caller, ground: &Ground, wish: &Wish) -> Result<Comes> {
    let with = match wish.kind {
        Kind::Base => ground.plan.with_base(Base {
            mbps: wish.mbps,
            effective_at: wish.starts_at,
        }),
        Kind::Window { ends_at } => ground.plan.with_window(rules::window(wish, ends_at)),
    };
    let month = ground.month(wish);
    let until = wish.kind.ends_at().unwrap_or(month.end);
    let (pricing, mut lines) = ask::change(app, caller, ground, &with, month).await?;
    for period in Period::touched(month.end, until, ground.time_zone) {
        lines.extend(ask::change(app, caller, ground, &with, period).await?.1);
    }
    let amount = money::round(price::sum(&lines), &ground.currency);
    let recurring = match wish.kind {
        Kind::Window { .. } => None,
        Kind::Base => {
            let following = month.following(ground.time_zone);
            let (_, lines) = ask::change(app, caller, ground, &with, following).await?;
            Some(money::round(price::sum(&lines), &ground.currency))
        }
    };
    Ok(Comes {
        pricing,
        amount,
        recurring,
        lines: price::telling(lines),
    })
}
