//! Orders: a change of a product's speed is one, followed to its end, and a withdrawal ends one.

use nexusport_sdk::carrier::*;
use nexusport_sdk::serde_json::Value;
use nexusport_sdk::time;

use crate::charge::past;
use crate::product::Product;
use crate::seller::{ORDER, Seller};
use crate::words::{at, id, list, object, refusal, text, unknown};

/// The states that no order leaves.
const ENDS: [&str; 5] = ["completed", "partial", "failed", "rejected", "cancelled"];

/// The states of a withdrawal that the carrier did not agree to.
const REFUSALS: [&str; 2] = ["rejected", "done.declined"];

/// Orders the speed and waits until the carrier has carried it out.
pub fn change(seller: &mut Seller<'_, '_>, mbps: u32) -> Run<Outcome> {
    let product = Product::of(seller)?;
    let before = match product.status() {
        "active" => product.state()?,
        // Another order on the product is open: its turn comes first.
        "active.pendingChange" => return Err(seller.wait()),
        _ => return Err(product.refuses()),
    };
    if before.mbps == mbps {
        return Ok(Outcome::Applied(before));
    }
    let order = place(seller, product, mbps)?;
    let order = past(seller, &at("/productOrder/", &order), &order)?;
    match text(&order, "state") {
        "completed" => completed(&order, before, mbps),
        "rejected" => Err(refusal(&order)),
        "failed" | "partial" | "cancelled" => ended(seller, &order, &before, mbps),
        _ => Err(goes_on(seller, &order)),
    }
}

/// Withdraws the order named by the extra `reference`, which is the id of the operation that placed it.
pub fn cancel(seller: &mut Seller<'_, '_>, wanted: &Order) -> Run<Outcome> {
    let Some(reference) = wanted.extras.iter().find(|extra| extra.name == "reference") else {
        return Err(stuck(
            FaultKind::Other,
            "the order to cancel has no extra `reference`",
        ));
    };
    let Some(order) = find(seller, &reference.value)? else {
        return Err(rejected("notFound", "the carrier has no order of that reference"));
    };
    let id = id(&order)?;
    if !ENDS.contains(&text(&order, "state")) {
        withdraw(seller, &id)?;
    }
    let order = seller.get(ORDER, &at("/productOrder/", &id))?;
    match text(&order, "state") {
        "cancelled" | "failed" | "rejected" => Ok(Outcome::State(Product::of(seller)?.state()?)),
        state @ ("completed" | "partial") => Err(rejected(state, "the order was carried out")),
        _ => Err(goes_on(seller, &order)),
    }
}

fn place(seller: &mut Seller<'_, '_>, product: Product, mbps: u32) -> Run<String> {
    let operation = seller.operation;
    let contact = seller.contact("productOrderContact");
    let order = object(vec![
        ("externalId", (*operation.id).into()),
        ("relatedContactInformation", vec![contact].into()),
        ("productOrderItem", vec![product.modified(seller, mbps)].into()),
    ]);
    seller.once("/productOrder", &order, &|seller| find(seller, &operation.id))
}

/// The order that the carrier has under our id. Of several the oldest that was not ended without effect.
fn find(seller: &mut Seller<'_, '_>, reference: &str) -> Run<Option<Value>> {
    let target = at("/productOrder?externalId=", reference);
    let found = seller.get_list(ORDER, &target)?;
    let ours = |it: &&Value| it["externalId"].as_str().is_none_or(|id| id == reference);
    let ended = |it: &Value| matches!(text(it, "state"), "rejected" | "failed" | "cancelled");
    let date = |it: &Value| time::from_rfc3339(text(it, "orderDate")).unwrap_or(i64::MAX);
    let oldest = found.iter().filter(ours).min_by_key(|it| (ended(it), date(it)));
    Ok(oldest.cloned())
}

/// That the order is not at its end; stuck where nobody knows.
fn goes_on(seller: &Seller<'_, '_>, order: &Value) -> Halt {
    match text(order, "state") {
        "acknowledged"
        | "inProgress"
        | "held.assessingCharge"
        | "pending.assessingModification"
        | "assessingCancellation"
        | "pendingCancellation" => seller.wait().or_when(text(order, "id")),
        other => unknown(other),
    }
}

fn completed(order: &Value, before: PortState, mbps: u32) -> Run<Outcome> {
    let items = list(&order["productOrderItem"]);
    if items.is_empty() || items.iter().any(|it| text(it, "state") != "completed") {
        let problem = "the order is completed, and what it orders is not";
        return Err(stuck(FaultKind::UnexpectedAnswer, problem));
    }
    let since = time::from_rfc3339(text(order, "completionDate"));
    Ok(Outcome::Applied(PortState {
        mbps,
        since,
        ..before
    }))
}

/// An order that ended in between may have left anything behind: the inventory is the truth.
fn ended(seller: &mut Seller<'_, '_>, order: &Value, before: &PortState, mbps: u32) -> Run<Outcome> {
    let product = Product::of(seller)?;
    if product.status() == "active.pendingChange" {
        return Err(seller.wait().or_when(text(order, "id")));
    }
    match product.state()? {
        now if now.mbps == mbps => Ok(Outcome::Applied(now)),
        now if now.mbps == before.mbps => Err(refusal(order)),
        now => {
            let problem = format!("the order ended and left {} Mbps", now.mbps);
            Err(stuck(FaultKind::Uncertain, problem))
        }
    }
}

/// Asks for the withdrawal once and waits until the carrier agrees.
fn withdraw(seller: &mut Seller<'_, '_>, order: &str) -> Run<()> {
    let contact = seller.contact("cancelProductOrderContact");
    let withdrawal = object(vec![
        ("productOrder", object(vec![("productOrderId", order.into())])),
        ("cancellationReason", (*seller.operation.id).into()),
        ("relatedContactInformation", vec![contact].into()),
    ]);
    let withdrawal = seller.once("/cancelProductOrder", &withdrawal, &|seller| {
        let target = at("/cancelProductOrder?productOrderId=", order);
        let found = seller.get_list(ORDER, &target)?;
        let mut open = found.iter();
        Ok(open.find(|it| !REFUSALS.contains(&text(it, "state"))).cloned())
    })?;
    let withdrawal = past(seller, &at("/cancelProductOrder/", &withdrawal), order)?;
    match text(&withdrawal, "state") {
        "done" => Ok(()),
        "acknowledged" => Err(seller.wait().or_when(text(&withdrawal, "id"))),
        state if REFUSALS.contains(&state) => {
            let reason = withdrawal["cancellationDeniedReason"].as_str();
            Err(rejected(state, reason.unwrap_or("the carrier gives no reason")))
        }
        other => Err(unknown(other)),
    }
}
