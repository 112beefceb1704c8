//! Charges that a carrier asks for before it goes on. A blocking charge that is refused ends the order, any other does
//! not; so only blocking ones are ever agreed to, and those only as far as the settings allow.

use nexusport_sdk::carrier::*;
use nexusport_sdk::serde_json::{Value, json};

use crate::seller::{ORDER, Seller};
use crate::words::{id, list, text};

/// How often an order may come back to be held for charges.
const ROUNDS_MAX: u32 = 10;

/// The order or withdrawal at the target, with every charge answered that held it up.
pub fn past(seller: &mut Seller<'_, '_>, target: &str, order: &str) -> Run<Value> {
    let mut agreed = 0.0;
    for _ in 0..ROUNDS_MAX {
        let it: Value = seller.get(ORDER, target.to_owned())?;
        if !matches!(
            text(&it, "state"),
            "held.assessingCharge" | "inProgress.assessingCharge"
        ) {
            return Ok(it);
        }
        answer(seller, order, &mut agreed)?;
    }
    let problem = format!("the order {order} is held for charges again and again");
    Err(stuck(FaultKind::Uncertain, problem))
}

fn answer(seller: &mut Seller<'_, '_>, order: &str, agreed: &mut f64) -> Run<()> {
    let waits = |it: &Value| it["state"] == "awaitingResponse";
    let target = format!("/charge?productOrderId={}", encode(order));
    let mut charges: Vec<Value> = seller.get(ORDER, target)?;
    charges.retain(waits);
    // An order may be held shortly before its charge is there, or a little longer than it waits.
    if charges.is_empty() && seller.link.last().is_some_and(|asked| asked.repeats == 0) {
        return Err(seller.wait(order));
    }
    for charge in charges {
        let path = format!("/charge/{}", encode(&id(&charge)?));
        let charge: Value = seller.get(ORDER, path.clone())?;
        let items: Vec<_> = list(&charge["chargeItem"]).filter(|it| waits(it)).collect();
        if items.is_empty() {
            continue;
        }
        let total = total(*agreed, &items, seller.setting("blocking_charges"));
        *agreed = total.unwrap_or(*agreed);
        let replies = items.iter().map(|it| {
            let accepted = it["blocking"] == true && total.is_some();
            json!({ "id": it["id"], "acceptanceIndicator": if accepted { "accepted" } else { "rejected" } })
        });
        let reply = json!({ "chargeItem": replies.collect::<Vec<_>>() });
        // The same reply twice is one reply. Where a charge takes none any more, its order tells what came of it.
        let request = Request::patch(ORDER, path).json(&reply).repeatable();
        let answer = seller.link.send(seller.known(request))?;
        if answer.status != 409 {
            answer.ok()?;
        }
    }
    Ok(())
}

/// What is agreed to with these; none where one that blocks is not due once, in the limit's currency and within it.
fn total(agreed: f64, items: &[&Value], limit: &Value) -> Option<f64> {
    let up_to = limit["up_to"].as_f64()?;
    let mut blocking = items.iter().filter(|it| it["blocking"] == true);
    blocking.try_fold(agreed, |sum, it| {
        let price = &it["price"]["dutyFreeAmount"];
        let due_once = it["priceType"] == "nonRecurring" && price["unit"] == limit["currency"];
        let value = price["value"].as_f64()?;
        (due_once && value >= 0.0 && sum + value <= up_to).then_some(sum + value)
    })
}
