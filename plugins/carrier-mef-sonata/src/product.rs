//! A product of the inventory, and its speed, which sits somewhere in its configuration.

use nexusport_sdk::carrier::*;
use nexusport_sdk::serde_json::Value;
use nexusport_sdk::time;

use crate::seller::{INVENTORY, Seller};
use crate::words::{at, id, list, object, refused, text, unknown};

/// A product that is there.
pub struct Product {
    it: Value,
    /// Its speed; none where its configuration has none, or several.
    pub mbps: Option<u32>,
}

impl Product {
    pub fn read(seller: &mut Seller<'_, '_>, reference: &str) -> Run<Self> {
        let target = at("/product/", reference);
        let request = seller.known(Request::get(INVENTORY, target));
        let answer = seller.link.send(request)?;
        if answer.status == 404 {
            return Err(refused(answer));
        }
        let mut it: Value = answer.ok()?.json()?;
        let mut speeds = Vec::new();
        each_rate(&mut it, seller, &mut |rate| speeds.push(whole_mbps(rate)));
        let one = speeds.windows(2).all(|pair| pair[0] == pair[1]);
        let mbps = speeds.first().copied().flatten().filter(|_| one);
        let product = Self { it, mbps };
        if is_there(product.status())? {
            Ok(product)
        } else {
            Err(product.refuses())
        }
    }

    /// The product that the operation is about.
    pub fn of(seller: &mut Seller<'_, '_>) -> Run<Self> {
        let port = seller.operation.port()?;
        Self::read(seller, &port.reference)
    }

    pub fn status(&self) -> &str {
        text(&self.it, "status")
    }

    pub fn refuses(&self) -> Halt {
        rejected(self.status(), format!("the product is {}", self.status()))
    }

    /// The item of an order that gives it this speed. What an order leaves out would be gone, so it has the whole product.
    pub fn modified(mut self, seller: &Seller<'_, '_>, mbps: u32) -> Value {
        let rate = object(vec![("irValue", mbps.into()), ("irUnits", "MBPS".into())]);
        each_rate(&mut self.it, seller, &mut |it| *it = rate.clone());
        let roles = list(seller.setting("item_contact_roles"))
            .iter()
            .filter_map(Value::as_str);
        let kept = [
            "id",
            "productConfiguration",
            "productOffering",
            "productRelationship",
        ];
        object(vec![
            ("id", "1".into()),
            ("action", "modify".into()),
            (
                "requestedCompletionDate",
                time::to_rfc3339(seller.operation.asked_at).into(),
            ),
            (
                "relatedContactInformation",
                roles.map(|role| seller.contact(role)).collect(),
            ),
            ("billingAccount", self.it["billingAccount"].clone()),
            (
                "product",
                object(kept.map(|name| (name, self.it[name].clone())).into()),
            ),
        ])
    }

    /// Since when is known where the carrier tells when the product became active last.
    pub fn state(&self) -> Run<PortState> {
        let changes = list(&self.it["statusChange"]).iter();
        let active = changes.filter(|it| text(it, "status") == "active");
        let dates = active.filter_map(|it| time::from_rfc3339(text(it, "changeDate")));
        let problem = "the `rates` lead to no speed in whole Mbps above 0, or to several";
        Ok(PortState {
            reference: id(&self.it)?,
            mbps: self
                .mbps
                .ok_or_else(|| stuck(FaultKind::UnexpectedAnswer, problem))?,
            since: dates.max().filter(|_| self.status() == "active"),
            carrier_data: Vec::new(),
            extras: Vec::new(),
        })
    }
}

/// Whether there is a port where a product has this status.
pub fn is_there(status: &str) -> Run<bool> {
    match status {
        "active" | "active.pendingChange" | "pendingTerminate" => Ok(true),
        "suspended" | "suspendedPendingTerminate" => Ok(true),
        "pendingActive" | "cancelled" | "terminated" => Ok(false),
        _ => Err(unknown(status)),
    }
}

fn whole_mbps(rate: &Value) -> Option<u32> {
    let value = rate["irValue"].as_f64()?;
    let mbps = match text(rate, "irUnits") {
        "KBPS" => value / 1e3,
        "MBPS" => value,
        "GBPS" => value * 1e3,
        _ => return None,
    };
    let whole = mbps.round();
    let fits = (mbps - whole).abs() < 1e-6 && (1.0..=f64::from(u32::MAX)).contains(&whole);
    fits.then_some(whole as u32)
}

/// Shows every rate that the setting's paths lead to: members by name, `*` each of a list.
fn each_rate(product: &mut Value, seller: &Seller<'_, '_>, see: &mut dyn FnMut(&mut Value)) {
    for path in list(seller.setting("rates")).iter().filter_map(Value::as_str) {
        if let Some(configuration) = product.get_mut("productConfiguration") {
            follow(configuration, path, see);
        }
    }
}

fn follow(value: &mut Value, path: &str, see: &mut dyn FnMut(&mut Value)) {
    let (name, rest) = path.split_once('/').unwrap_or((path, ""));
    let go_on = |value: &mut Value| match rest {
        "" => see(value),
        rest => follow(value, rest, see),
    };
    match value {
        Value::Array(items) if name == "*" => items.iter_mut().for_each(go_on),
        Value::Object(members) => members.get_mut(name).into_iter().for_each(go_on),
        _ => {}
    }
}
