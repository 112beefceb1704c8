//! An order: a change of a product's speed, followed to its end.

use nexusport_sdk::{carrier::*, serde_json::Value, time};

use crate::charge::past;
use crate::product::Product;
use crate::seller::{ORDER, SETTLE_SECONDS, Seller, id, list, refusal, refused, text, unknown};

/// Orders the speed and waits until the carrier has carried it out.
pub fn change(seller: &Seller<'_>, link: &mut Link<'_>, mbps: u32) -> Run<Outcome> {
    let product = Product::of(seller, link)?;
    let before = product.state()?;
    match product.status() {
        "active" if before.mbps == mbps => return Ok(Outcome::Applied(before)),
        "active" => {}
        // Another order on the product is open: its turn comes first.
        "active.pendingChange" => return Err(seller.wait()),
        _ => return Err(product.refuses()),
    }
    let id = place(seller, link, &product.order(seller, mbps))?;
    let order = past(seller, link, &id)?;
    match text(&order, "state") {
        "completed" => completed(&order, before, mbps),
        "rejected" => Err(refusal(&order)),
        "failed" | "partial" | "cancelled" => ended(seller, link, &order, [before.mbps, mbps]),
        "acknowledged"
        | "inProgress"
        | "pending.assessingModification"
        | "assessingCancellation"
        | "pendingCancellation" => Err(seller.wait().or_when(id)),
        other => unknown(other),
    }
}

/// Sends the order once and gives its id.
fn place(seller: &Seller<'_>, link: &mut Link<'_>, order: &Value) -> Run<String> {
    let request = seller.known(Request::post(ORDER, "/productOrder").json(order));
    let read = |answer: &Response| match answer.status {
        200..300 => id(&answer.json()?),
        400 | 422 => refused(answer),
        _ => Err(answer.unexpected("")),
    };
    link.place(&request, SETTLE_SECONDS, read, |link| find(seller, link))
}

/// The order that the carrier has under our id. Of several the oldest that was not ended without effect.
fn find(seller: &Seller<'_>, link: &mut Link<'_>) -> Run<Option<String>> {
    let reference = &*seller.operation.id;
    let search = Request::get(ORDER, "/productOrder").query("externalId", reference);
    let found: Vec<Value> = seller.ask(link, search)?;
    let ours = |it: &&Value| it["externalId"].as_str().is_none_or(|id| id == reference);
    let ended = |it: &Value| matches!(text(it, "state"), "rejected" | "failed" | "cancelled");
    let date = |it: &Value| time::from_rfc3339(text(it, "orderDate")).unwrap_or(i64::MAX);
    let oldest = found.iter().filter(ours).min_by_key(|it| (ended(it), date(it)));
    oldest.map(id).transpose()
}

fn completed(order: &Value, before: PortState, mbps: u32) -> Run<Outcome> {
    let items = list(&order["productOrderItem"]);
    if items.is_empty() || items.iter().any(|it| text(it, "state") != "completed") {
        return Err(unexpected("the order is completed, and what it orders is not"));
    }
    let since = time::from_rfc3339(text(order, "completionDate"));
    Ok(Outcome::Applied(PortState::new(before.reference, mbps, since)))
}

/// An order that ended in between may have left anything behind: the inventory is the truth.
fn ended(seller: &Seller<'_>, link: &mut Link<'_>, order: &Value, speeds: [u32; 2]) -> Run<Outcome> {
    let product = Product::of(seller, link)?;
    if product.status() == "active.pendingChange" {
        return Err(seller.wait().or_when(text(order, "id")));
    }
    let (now, [before_mbps, mbps]) = (product.state()?, speeds);
    let problem = format!("the order ended and left {} Mbps", now.mbps);
    match now.mbps {
        it if it == mbps => Ok(Outcome::Applied(now)),
        it if it == before_mbps => Err(refusal(order)),
        _ => Err(stuck(FaultKind::Uncertain, problem)),
    }
}
