//! Charges that a carrier asks for before it goes on. A blocking charge that is refused ends the order, any other does
//! not; so only blocking ones are ever agreed to, and those only as far as the settings allow.

use nexusport_sdk::{carrier::*, serde_json::Value};

use crate::seller::{ORDER, Seller, id, list, object, text};

/// How often an order may come back to be held for charges.
const ROUNDS_MAX: u32 = 10;

/// The order of this id, with every charge answered that held it up.
pub fn past(seller: &Seller<'_>, link: &mut Link<'_>, order: &str) -> Run<Value> {
    let mut left = seller.settings["blocking_charges"]["up_to"]
        .as_f64()
        .unwrap_or(-1.0);
    for _ in 0..ROUNDS_MAX {
        let request = Request::get(ORDER, format!("/productOrder/{}", encode(order)));
        let it: Value = seller.ask(link, request)?;
        if text(&it, "state") != "held.assessingCharge" {
            return Ok(it);
        }
        let search = Request::get(ORDER, "/charge").query("productOrderId", order);
        let charges: Vec<Value> = seller.ask(link, search)?;
        let charges = waiting(&charges);
        // An order may be held shortly before its charge is there, or a little longer than it waits.
        if charges.is_empty() && link.last().is_some_and(|asked| asked.repeats == 0) {
            return Err(seller.wait().or_when(order));
        }
        for charge in charges {
            answer(seller, link, &id(charge)?, &mut left)?;
        }
    }
    let problem = "the order is held for charges again and again";
    Err(stuck(FaultKind::Uncertain, problem))
}

/// Agrees to all that blocks, or to nothing. The same reply twice is one reply; where a charge takes none any more, its
/// order tells what came of it.
fn answer(seller: &Seller<'_>, link: &mut Link<'_>, charge: &str, left: &mut f64) -> Run<()> {
    let path = format!("/charge/{}", encode(charge));
    let charge: Value = seller.ask(link, Request::get(ORDER, &*path))?;
    let items = waiting(list(&charge["chargeItem"]));
    if items.is_empty() {
        return Ok(());
    }
    let currency = text(&seller.settings["blocking_charges"], "currency");
    let blocking = items.iter().filter(|it| it["blocking"] == true);
    let due: Option<f64> = blocking.map(|it| due_once(it, currency)).sum();
    let rest = due.map(|due| *left - due).filter(|rest| *rest >= 0.0);
    *left = rest.unwrap_or(*left);
    let reply = |item: &&Value| {
        let accepted = item["blocking"] == true && rest.is_some();
        let indicator = if accepted { "accepted" } else { "rejected" };
        let id = item["id"].clone();
        object(vec![("id", id), ("acceptanceIndicator", indicator.into())])
    };
    let replies: Vec<Value> = items.iter().map(reply).collect();
    let reply = Request::patch(ORDER, path).json(&object(vec![("chargeItem", replies.into())]));
    match link.send(seller.known(reply.repeatable()))? {
        late if late.status == 409 => Ok(()),
        answer => answer.ok().map(drop),
    }
}

/// What waits for an answer among charges, or among the items of one.
fn waiting(all: &[Value]) -> Vec<&Value> {
    let waits = |it: &&Value| text(it, "state") == "awaitingResponse";
    all.iter().filter(waits).collect()
}

/// None where it is not due once and in this currency.
fn due_once(item: &Value, currency: &str) -> Option<f64> {
    let price = &item["price"]["dutyFreeAmount"];
    let fits = text(item, "priceType") == "nonRecurring" && text(price, "unit") == currency;
    price["value"].as_f64().filter(|value| fits && *value >= 0.0)
}
