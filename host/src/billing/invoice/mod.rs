//! Invoices: charges made out to a buyer, numbered without gaps by the seller, never changed. How one looks is `page`'s
//! business, and the brand's it was issued under.

mod issue;
mod page;
mod store;

use std::collections::HashMap;

use chrono_tz::Tz;
use rust_decimal::Decimal;
use serde_json::Value;

use super::{price, rate::Period};
use crate::{
    app::{App, Timestamp},
    db::{Scope, Tx},
    fault::Result,
    identity::{Caller, Permission, tenants},
    ids::{BillingRunId, ChargeId, InvoiceId, PortId, ReceiptId, ReleaseId, TenantId},
    page::{Items, Page},
    ports,
    settings::{self, status::Thing},
};

pub(super) use issue::{Sale, issue};
pub use page::{Sheet, sheet};

/// The name of the list in cursors.
pub const LIST: &str = "invoices";

/// What a buyer is to pay for a period.
#[derive(Debug, Clone, PartialEq)]
pub struct Invoice {
    /// Which one.
    pub id: InvoiceId,
    /// Who pays, and its reseller.
    pub buyer: Scope,
    /// Who is paid.
    pub seller: TenantId,
    /// The run it was made in.
    pub run: BillingRunId,
    /// Unique and without gaps for the seller, such as `INV-000001`.
    pub number: String,
    /// What time it is for.
    pub period: Period,
    /// Whose months the periods are.
    pub time_zone: Tz,
    /// ISO 4217.
    pub currency: String,
    /// The sum of the lines, in the currency's minor units.
    pub total: Decimal,
    /// The brand it was issued under.
    pub brand: Option<Brand>,
    /// When.
    pub issued_at: Timestamp,
}

/// A branding release with its settings, pinned.
#[derive(Debug, Clone, PartialEq)]
pub struct Brand {
    /// What is called.
    pub release: ReleaseId,
    /// What it is called with.
    pub settings: Value,
}

/// One charge on an invoice.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// Its place, from 1.
    pub n: i32,
    /// The charge.
    pub charge: ChargeId,
    /// What priced it.
    pub receipt: ReceiptId,
    /// SHA-256 of the component that priced it, in hexadecimal.
    pub digest: String,
    /// Which port.
    pub port: PortId,
    /// What was charged, not rounded.
    pub what: price::Charge,
    /// Rounded once, half away from zero, in the currency's minor units.
    pub amount: Decimal,
}

/// An invoice as a whole.
#[derive(Debug, Clone, PartialEq)]
pub struct Full {
    /// The invoice.
    pub invoice: Invoice,
    /// The buyer's name.
    pub buyer_name: String,
    /// What its total is the sum of, in order.
    pub lines: Vec<Line>,
    /// Its state in the reader's own words.
    pub state_name: String,
    /// The names of the lines' ports.
    pub port_names: HashMap<PortId, String>,
}

impl Full {
    /// What the line's port is called.
    pub fn port_name(&self, line: &Line) -> &str {
        self.port_names.get(&line.port).map_or("", String::as_str)
    }
}

/// An invoice in a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Listed {
    /// The invoice.
    pub invoice: Invoice,
    /// Its state in the reader's own words.
    pub state_name: String,
}

/// The only state there is: what was issued stays.
pub const STATE: &str = "issued";

/// The invoices that the caller can see.
pub async fn list(app: &App, caller: &Caller, page: Page) -> Result<Items<Listed>> {
    let mut tx = app.db.read(caller, Permission::BillingRead).await?;
    let rows = store::list(&mut tx, page).await?;
    let state_name = settings::status_names(&mut tx).await?.of(Thing::Invoice, STATE);
    let rows = page.cut(caller.scope(), LIST, rows, |invoice| invoice.id.uuid());
    let listed = rows.items.into_iter().map(|invoice| Listed {
        invoice,
        state_name: state_name.clone(),
    });
    Ok(Items {
        items: listed.collect(),
        next: rows.next,
    })
}

/// One invoice with its lines.
pub async fn get(app: &App, caller: &Caller, id: InvoiceId) -> Result<Full> {
    let mut tx = app.db.read(caller, Permission::BillingRead).await?;
    full(&mut tx, id).await
}

async fn full(tx: &mut impl Tx, id: InvoiceId) -> Result<Full> {
    let invoice = store::find(tx, id).await?;
    let lines = store::lines(tx, &invoice).await?;
    let ports: Vec<_> = lines.iter().map(|line| line.port).collect();
    Ok(Full {
        state_name: settings::status_names(tx).await?.of(Thing::Invoice, STATE),
        buyer_name: tenants::find(tx, invoice.buyer.tenant()).await?.name,
        port_names: ports::names(tx, &ports).await?,
        invoice,
        lines,
    })
}
