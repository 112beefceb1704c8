//! Charges: priced stretches, each with its level, its two sides and the receipt of what priced it. Written once.

mod store;

use super::{deal::Level, price};
use crate::{
    app::App,
    db::Scope,
    fault::Result,
    identity::{Caller, Permission},
    ids::{BillingRunId, ChargeId, PortId, ReceiptId, TenantId},
    page::{Items, Page},
};

pub(super) use store::insert;

/// The name of the list in cursors.
pub const LIST: &str = "charges";

/// What somebody is to pay for a stretch of a port.
#[derive(Debug, Clone, PartialEq)]
pub struct Charge {
    /// Which one.
    pub id: ChargeId,
    /// Who pays, and its reseller.
    pub buyer: Scope,
    /// The run it was made in.
    pub run: BillingRunId,
    /// What priced it.
    pub receipt: ReceiptId,
    /// Which price.
    pub level: Level,
    /// Who is paid; none at cost, since a carrier is no tenant.
    pub seller: Option<TenantId>,
    /// Whose port it is.
    pub customer: TenantId,
    /// Which port.
    pub port: PortId,
    /// Its place in the receipt, from 1.
    pub n: i32,
    /// SHA-256 of the component that priced it, in hexadecimal.
    pub digest: String,
    /// What was charged, not rounded.
    pub what: price::Charge,
}

/// The charges that the caller can see, of one port or of all.
pub async fn list(app: &App, caller: &Caller, port: Option<PortId>, page: Page) -> Result<Items<Charge>> {
    let mut tx = app.db.read(caller, Permission::BillingRead).await?;
    let rows = store::list(&mut tx, port, page).await?;
    Ok(page.cut(caller.scope(), LIST, rows, |charge| charge.id.uuid()))
}
