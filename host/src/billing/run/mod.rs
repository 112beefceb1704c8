//! Billing runs: one buyer's month, priced once. A run reads facts, has them priced port by port, and then keeps
//! receipts, charges and the invoice in one transaction or none of them. The same run again is the same run: whoever
//! asks twice, or at the same time as another, gets what there is.

mod guard;
mod priced;
mod store;

use chrono_tz::Tz;
use guard::Guard;
use serde_json::{Value, json};

use super::{
    charge::{self, Charge},
    deal::{Deal, Level},
    invoice::{self, Brand, Sale},
    price::{Priceable, Priced},
    rate::{Month, Period},
    receipt::{self, Receipt},
};
use crate::{
    app::{App, Timestamp},
    audit,
    db::{ReadTx, Scope, WriteTx},
    fault::{Fault, Result},
    identity::{Caller, Permission, tenants},
    ids::{BillingRunId, InvoiceId, PortId, ReleaseId, TenantId},
    page::{Items, Page},
    plugins::{self, Serves, Serving},
    ports::{self, speed::Stretch},
};

/// The name of the list in cursors.
pub const LIST: &str = "billing-runs";

/// A month to bill.
#[derive(Debug, Clone, Copy)]
pub struct NewRun {
    /// Who is billed.
    pub customer: TenantId,
    /// On the customer's own clock.
    pub month: Month,
}

/// One buyer's period, priced.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// Which one.
    pub id: BillingRunId,
    /// Who is billed, and its reseller.
    pub buyer: Scope,
    /// Which price.
    pub level: Level,
    /// What time was priced.
    pub period: Period,
    /// Whose months the periods are.
    pub time_zone: Tz,
    /// ISO 4217.
    pub currency: String,
    /// What priced it.
    pub release: ReleaseId,
    /// That release's SHA-256, in hexadecimal.
    pub digest: String,
    /// When.
    pub created_at: Timestamp,
    /// The invoice; none where nothing was to be charged.
    pub invoice: Option<InvoiceId>,
}

/// What became of asking for a run.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// It was made now.
    Made(Run),
    /// There was one already, and it stands.
    Known(Run),
}

/// Bills a customer for a month that is over. Refused as `period_not_over` before, and as `nothing_serves` where no
/// pricing release served in that month; what a plugin refuses or fails at is refused and leaves nothing behind.
///
/// Where the release fails, its house's setting says what becomes of the bill. Where the total is not what the activation
/// demands, the activation is taken back and nothing is billed: `price_tripped`.
/// The release that serves at the period's start prices all of it, so that an activation touches later periods only;
/// a house's first month is priced by the first release that came to serve in it.
pub async fn run(app: &App, caller: &Caller, new: NewRun) -> Result<Outcome> {
    let mut tx = app.db.read(caller, Permission::BillingRun).await?;
    let ground = ground(&mut tx, new, app.now()).await?;
    if let Some(known) = store::find(&mut tx, &ground.deal, ground.period).await? {
        return Ok(Outcome::Known(known));
    }
    let terms = terms(&mut tx, &ground, app.now()).await?;
    let delivered = delivered(&mut tx, new.customer, &ground).await?;
    drop(tx);
    let bill = priced::price(app, caller, &ground, terms.pricing, &delivered).await?;
    let priced = delivered.into_iter().zip(bill.priced).collect::<Vec<_>>();
    if let Some(guard) = Guard::of(app, caller, &ground, &bill.pricing).await? {
        guard.check(app, caller, &ground, &priced).await?;
    }
    let terms = Terms {
        pricing: bill.pricing,
        ..terms
    };
    keep(app, caller, &ground, terms, priced).await
}

/// The runs that the caller can see.
pub async fn list(app: &App, caller: &Caller, page: Page) -> Result<Items<Run>> {
    let mut tx = app.db.read(caller, Permission::BillingRead).await?;
    let rows = store::list(&mut tx, page).await?;
    Ok(page.cut(caller.scope(), LIST, rows, |run| run.id.uuid()))
}

/// What is billed, whoever is asked to price it.
pub(super) struct Ground {
    deal: Deal,
    month: Month,
    period: Period,
    time_zone: Tz,
    pub currency: String,
}

/// What prices it, and what dresses the invoice.
struct Terms {
    pricing: Serving,
    brand: Option<Brand>,
}

/// What one port is billed for.
pub(super) struct Delivered {
    customer: TenantId,
    pub port: PortId,
    facts: Vec<Stretch>,
}

impl Ground {
    /// What a release is asked about what was delivered at one port.
    pub fn priceable<'a>(
        &'a self,
        release: ReleaseId,
        settings: &'a Value,
        delivered: &'a Delivered,
    ) -> Priceable<'a> {
        Priceable {
            release,
            settings,
            period: self.period,
            time_zone: self.time_zone,
            currency: &self.currency,
            facts: &delivered.facts,
        }
    }

    fn run(&self, app: &App, terms: &Terms, now: Timestamp) -> Run {
        Run {
            id: app.id(),
            buyer: self.deal.buyer,
            level: self.deal.level,
            period: self.period,
            time_zone: self.time_zone,
            currency: self.currency.clone(),
            release: terms.pricing.release,
            digest: terms.pricing.digest.clone(),
            created_at: now,
            invoice: None,
        }
    }
}

pub(super) async fn ground(tx: &mut ReadTx, new: NewRun, now: Timestamp) -> Result<Ground> {
    let customer = tenants::find(tx, new.customer).await?;
    if customer.scope.customer().is_none() {
        return Err(Fault::Missing);
    }
    let period = new.month.period(customer.time_zone);
    if now < period.end {
        let message = format!("the period {} is over at {}", new.month, period.end);
        return Err(Fault::conflict("period_not_over", message));
    }
    Ok(Ground {
        deal: Deal::retail(customer.scope),
        month: new.month,
        period,
        time_zone: customer.time_zone,
        currency: customer.currency,
    })
}

async fn terms(tx: &mut ReadTx, ground: &Ground, now: Timestamp) -> Result<Terms> {
    let (buyer, Period { start, end }) = (ground.deal.buyer.tenant(), ground.period);
    let pricing = plugins::serving_throughout(tx, Serves::Pricing(buyer), start, end).await?;
    let brand = match plugins::serving(tx, Serves::Branding(buyer), now).await {
        Ok(serving) => Some(Brand {
            release: serving.release,
            settings: serving.settings,
        }),
        Err(Fault::Refused(refusal)) if refusal.code == "nothing_serves" => None,
        Err(fault) => return Err(fault),
    };
    Ok(Terms { pricing, brand })
}

/// Ports that nothing was verified for are left out: there is nothing to price.
pub(super) async fn delivered(
    tx: &mut ReadTx,
    customer: TenantId,
    ground: &Ground,
) -> Result<Vec<Delivered>> {
    let mut delivered = Vec::new();
    for port in ports::of_customer(tx, customer).await? {
        let facts = ports::facts(tx, port.id, ground.period).await?;
        if !facts.is_empty() {
            delivered.push(Delivered {
                customer,
                port: port.id,
                facts,
            });
        }
    }
    Ok(delivered)
}

async fn keep(
    app: &App,
    caller: &Caller,
    ground: &Ground,
    terms: Terms,
    priced: Vec<(Delivered, Priced)>,
) -> Result<Outcome> {
    let mut tx = app.db.write(caller, Permission::BillingRun).await?;
    let mut run = ground.run(app, &terms, tx.now());
    if !store::insert(&mut tx, &run, &terms.pricing.settings).await? {
        drop(tx);
        return known(app, caller, ground).await;
    }
    let charges = keep_charges(app, &mut tx, &run, ground.deal, priced).await?;
    if !charges.is_empty() {
        let sale = Sale {
            run: &run,
            seller: ground.deal.seller,
            brand: terms.brand,
            charges: &charges,
        };
        run.invoice = Some(invoice::issue(app, &mut tx, sale).await?);
    }
    let detail = json!({
        "buyer": run.buyer.tenant().uuid(), "level": run.level.name(), "period": ground.month.to_string(),
        "digest": run.digest, "charges": charges.len(), "invoice": run.invoice.map(InvoiceId::uuid),
    });
    tx.commit(audit::Event::done("billing_run.add", run.id.uuid(), detail))
        .await?;
    Ok(Outcome::Made(run))
}

/// Somebody was faster with the same run.
async fn known(app: &App, caller: &Caller, ground: &Ground) -> Result<Outcome> {
    let mut tx = app.db.read(caller, Permission::BillingRun).await?;
    let known = store::find(&mut tx, &ground.deal, ground.period).await?;
    known
        .map(Outcome::Known)
        .ok_or_else(|| Fault::broken("a billing run is there and cannot be seen"))
}

async fn keep_charges(
    app: &App,
    tx: &mut WriteTx,
    run: &Run,
    deal: Deal,
    priced: Vec<(Delivered, Priced)>,
) -> Result<Vec<Charge>> {
    let mut all = Vec::new();
    for (delivered, priced) in priced {
        let receipt = Receipt::new(app, run, delivered.customer, delivered.port, &priced)?;
        receipt::insert(tx, &receipt, &priced.input).await?;
        let charges = (1..).zip(priced.charges).map(|(n, what)| Charge {
            id: app.id(),
            buyer: deal.buyer,
            run: run.id,
            receipt: receipt.id,
            level: deal.level,
            seller: Some(deal.seller),
            customer: delivered.customer,
            port: delivered.port,
            n,
            digest: receipt.digest.clone(),
            what,
        });
        let charges: Vec<_> = charges.collect();
        charge::insert(tx, &receipt, &charges).await?;
        all.extend(charges);
    }
    Ok(all)
}
