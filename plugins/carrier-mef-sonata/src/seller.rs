//! Asking a Seller, with what a reseller chose, and reading what it answers, in its own words.

use std::slice;

use nexusport_sdk::{carrier::*, serde_json::Value};
use serde::de::DeserializeOwned;

pub const ORDER: &str = "order";
pub const INVENTORY: &str = "inventory";
pub const OAUTH: &str = "oauth";
/// How long a request that was lost may still take effect.
pub const SETTLE_SECONDS: u32 = 60;

/// The Seller, as an operation is to reach it.
pub struct Seller<'o> {
    pub operation: &'o Operation,
    pub settings: Value,
}

impl Seller<'_> {
    pub fn ask<T: DeserializeOwned>(&self, link: &mut Link<'_>, request: Request) -> Run<T> {
        link.send(self.known(request))?.ok()?.json()
    }

    /// Gives the request the credential, and whom it is from and for where either stands for several.
    pub fn known(&self, mut request: Request) -> Request {
        for (parameter, setting) in [("buyerId", "buyer_id"), ("sellerId", "seller_id")] {
            if let Some(id) = self.settings[setting].as_str() {
                request = request.query(parameter, id);
            }
        }
        request.credential(OAUTH)
    }

    /// Asks again later.
    pub fn wait(&self) -> Halt {
        let seconds = self.settings["poll_seconds"].as_u64();
        again(seconds.map_or(60, |it| it as u32))
    }

    /// Whom it may ask, in each of these roles.
    pub fn contacts(&self, roles: &[&str]) -> Value {
        let mut contacts = vec![self.settings["contact"].clone(); roles.len()];
        for (contact, role) in contacts.iter_mut().zip(roles) {
            contact["role"] = (*role).into();
        }
        contacts.into()
    }

    /// Whether a member of a product's configuration is its speed.
    pub fn is_speed(&self, name: &str) -> bool {
        let rate = self.settings["rate"].as_str().unwrap_or("eir");
        name.strip_suffix("Max").unwrap_or(name) == rate
    }
}

/// The text of a member; empty where it has none.
pub fn text<'v>(value: &'v Value, member: &str) -> &'v str {
    value[member].as_str().unwrap_or_default()
}

/// The members of a list; none where it is none.
pub fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// An object of the members that are there.
pub fn object(members: Vec<(&str, Value)>) -> Value {
    let mut object = Value::Null;
    for (name, value) in members.into_iter().filter(|(_, value)| !value.is_null()) {
        object[name] = value;
    }
    object
}

/// What the Seller calls it; stuck where it has no name.
pub fn id(value: &Value) -> Run<String> {
    let told = value["id"].as_str().map(str::to_owned);
    told.ok_or_else(|| unexpected("the carrier's answer has no id"))
}

/// A state that is not in the standard says nothing.
pub fn unknown<T>(state: &str) -> Run<T> {
    Err(unexpected(format!("the standard has no state `{state}` here")))
}

/// The Seller's no in an answer.
pub fn refused<T>(answer: &Response) -> Run<T> {
    Err(no(&answer.json()?).unwrap_or_else(|| answer.unexpected("")))
}

/// Why an order was not carried out: what ended its item, else what the Seller says of the order.
pub fn refusal(order: &Value) -> Halt {
    let reason = order["cancellationReason"].as_str();
    let reason = reason.unwrap_or("the carrier gives no reason");
    no(&order["productOrderItem"][0]["terminationError"])
        .unwrap_or_else(|| rejected(text(order, "state"), reason))
}

/// The first code, and each reason with the property that it is about. There is one reason, or a list of them.
fn no(told: &Value) -> Option<Halt> {
    let problems = told.as_array().map_or(slice::from_ref(told), Vec::as_slice);
    let code = problems.first()?["code"].as_str()?;
    let words = |problem: &Value| {
        let parts = ["reason", "value", "message", "propertyPath"];
        let told = parts.iter().filter_map(|part| problem[part].as_str());
        told.collect::<Vec<_>>().join(" ")
    };
    let words: Vec<_> = problems.iter().map(words).collect();
    Some(rejected(code, words.join("; ")))
}
