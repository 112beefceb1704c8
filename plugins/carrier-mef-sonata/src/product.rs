//! A product of the inventory, and its speed, which sits somewhere in its configuration.

use nexusport_sdk::{carrier::*, serde_json::Value, time};

use crate::seller::{INVENTORY, Seller, id, list, object, refused, text, unknown};

/// What an order says of a product.
const ORDERED: [&str; 4] = [
    "id",
    "productConfiguration",
    "productOffering",
    "productRelationship",
];
/// In which roles the contact is named for an order and for its item (MEF 57.2).
const ORDER_ROLES: [&str; 1] = ["productOrderContact"];
const ITEM_ROLES: [&str; 3] = [
    "buyerProductOrderItemContact",
    "buyerImplementationContact",
    "buyerTechnicalContact",
];

/// A product that is there.
pub struct Product {
    it: Value,
    /// Its speed; none where its configuration has none, or several.
    pub mbps: Option<u32>,
}

impl Product {
    /// The product that the operation is about.
    pub fn of(seller: &Seller<'_>, link: &mut Link<'_>) -> Run<Self> {
        Self::read(seller, link, &seller.operation.port()?.reference)
    }

    pub fn read(seller: &Seller<'_>, link: &mut Link<'_>, reference: &str) -> Run<Self> {
        let request = Request::get(INVENTORY, format!("/product/{}", encode(reference)));
        let answer = link.send(seller.known(request))?;
        if answer.status == 404 {
            return refused(answer);
        }
        let mut it: Value = answer.ok()?.json()?;
        let mut speeds = Vec::new();
        each_rate(&mut it, seller, &mut |rate| speeds.push(whole_mbps(rate)));
        speeds.dedup();
        let mbps = if let [one] = speeds[..] { one } else { None };
        let product = Self { it, mbps };
        match is_there(product.status())? {
            true => Ok(product),
            false => Err(product.refuses()),
        }
    }

    pub fn status(&self) -> &str {
        text(&self.it, "status")
    }

    pub fn refuses(&self) -> Halt {
        rejected(self.status(), format!("the product is {}", self.status()))
    }

    /// The order of this speed. What it left out of the product would be gone.
    pub fn order(mut self, seller: &Seller<'_>, mbps: u32) -> Value {
        let rate = object(vec![("irValue", mbps.into()), ("irUnits", "MBPS".into())]);
        each_rate(&mut self.it, seller, &mut |it| *it = rate.clone());
        let kept = |name| (name, self.it[name].clone());
        let date = time::to_rfc3339(seller.operation.asked_at);
        let item = object(vec![
            ("id", "1".into()),
            ("action", "modify".into()),
            ("requestedCompletionDate", date.into()),
            ("relatedContactInformation", seller.contacts(&ITEM_ROLES)),
            kept("billingAccount"),
            ("product", object(ORDERED.map(kept).into())),
        ]);
        object(vec![
            ("externalId", (*seller.operation.id).into()),
            ("relatedContactInformation", seller.contacts(&ORDER_ROLES)),
            ("productOrderItem", vec![item].into()),
        ])
    }

    /// Since when is known where the carrier tells when the product became active last.
    pub fn state(&self) -> Run<PortState> {
        let problem = "the product has no rate in whole Mbps above 0, or several";
        let mbps = self.mbps.ok_or_else(|| unexpected(problem))?;
        let changes = list(&self.it["statusChange"]).iter();
        let active = changes.filter(|it| text(it, "status") == "active");
        let dates = active.filter_map(|it| time::from_rfc3339(text(it, "changeDate")));
        let since = dates.max().filter(|_| self.status() == "active");
        Ok(PortState::new(id(&self.it)?, mbps, since))
    }
}

/// Whether there is a port where a product has this status.
pub fn is_there(status: &str) -> Run<bool> {
    match status {
        "active" | "active.pendingChange" | "pendingTerminate" => Ok(true),
        "suspended" | "suspendedPendingTerminate" => Ok(true),
        "pendingActive" | "cancelled" | "terminated" => Ok(false),
        _ => unknown(status),
    }
}

fn whole_mbps(rate: &Value) -> Option<u32> {
    let unit_kbps = match text(rate, "irUnits") {
        "KBPS" => 1.0,
        "MBPS" => 1e3,
        "GBPS" => 1e6,
        _ => return None,
    };
    let kbps = (rate["irValue"].as_f64()? * unit_kbps).round();
    let mbps = (kbps / 1e3) as u32;
    (mbps > 0 && f64::from(mbps) * 1e3 == kbps).then_some(mbps)
}

/// Shows every rate that is a speed, wherever it is.
fn each_rate(value: &mut Value, seller: &Seller<'_>, see: &mut dyn FnMut(&mut Value)) {
    for item in value.as_array_mut().into_iter().flatten() {
        each_rate(item, seller, see);
    }
    for (name, member) in value.as_object_mut().into_iter().flatten() {
        match seller.is_speed(name) {
            true => see(member),
            false => each_rate(member, seller, see),
        }
    }
}
