//! Charges that a carrier asks for before it goes on. A blocking charge that is refused ends the order, any other does
//! not; so only blocking ones are ever agreed to, and those only as far as the settings allow.

use nexusport_sdk::carrier::*;
use nexusport_sdk::serde_json::Value;

use crate::seller::{ORDER, Seller};
use crate::words::{at, id, list, object, text};

/// How often an order may come back to be held for charges.
const ROUNDS_MAX: u32 = 10;

/// The order or withdrawal at the target, with every charge answered that held it up.
pub fn past(seller: &mut Seller<'_, '_>, target: &str, order: &str) -> Run<Value> {
    let mut agreed = 0.0;
    for _ in 0..ROUNDS_MAX {
        let it = seller.get(ORDER, target)?;
        if !matches!(
            text(&it, "state"),
            "held.assessingCharge" | "inProgress.assessingCharge"
        ) {
            return Ok(it);
        }
        answer(seller, order, &mut agreed)?;
    }
    let problem = "the order is held for charges again and again";
    Err(stuck(FaultKind::Uncertain, problem))
}

fn answer(seller: &mut Seller<'_, '_>, order: &str, agreed: &mut f64) -> Run<()> {
    let charges = seller.get_list(ORDER, &at("/charge?productOrderId=", order))?;
    let charges = waiting(&charges);
    // An order may be held shortly before its charge is there, or a little longer than it waits.
    if charges.is_empty() && seller.link.last().is_some_and(|asked| asked.repeats == 0) {
        return Err(seller.wait().or_when(order));
    }
    for charge in charges {
        let path = at("/charge/", &id(charge)?);
        let charge = seller.get(ORDER, &path)?;
        let items = waiting(list(&charge["chargeItem"]));
        let total = total(*agreed, &items, seller.setting("blocking_charges"));
        *agreed = total.unwrap_or(*agreed);
        let mut replies = Vec::new();
        for item in items {
            let accepted = item["blocking"] == true && total.is_some();
            let indicator = if accepted { "accepted" } else { "rejected" };
            replies.push(object(vec![
                ("id", item["id"].clone()),
                ("acceptanceIndicator", indicator.into()),
            ]));
        }
        if !replies.is_empty() {
            reply(seller, path, replies)?;
        }
    }
    Ok(())
}

/// The same reply twice is one reply. Where a charge takes none any more, its order tells what came of it.
fn reply(seller: &mut Seller<'_, '_>, path: String, replies: Vec<Value>) -> Run<()> {
    let reply = object(vec![("chargeItem", replies.into())]);
    let request = Request::patch(ORDER, path).json(&reply).repeatable();
    let answer = seller.link.send(seller.known(request))?;
    if answer.status != 409 {
        answer.ok()?;
    }
    Ok(())
}

/// What waits for an answer among charges, or among the items of one.
fn waiting(all: &[Value]) -> Vec<&Value> {
    all.iter()
        .filter(|it| text(it, "state") == "awaitingResponse")
        .collect()
}

/// What is agreed to with these; none where one that blocks is not due once, in the limit's currency and within it.
fn total(agreed: f64, items: &[&Value], limit: &Value) -> Option<f64> {
    let up_to = limit["up_to"].as_f64()?;
    let mut total = agreed;
    for item in items.iter().filter(|it| it["blocking"] == true) {
        let price = &item["price"]["dutyFreeAmount"];
        let due_once =
            text(item, "priceType") == "nonRecurring" && text(price, "unit") == text(limit, "currency");
        let value = price["value"]
            .as_f64()
            .filter(|value| due_once && *value >= 0.0)?;
        total += value;
    }
    (total <= up_to).then_some(total)
}
