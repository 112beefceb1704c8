//! Changing a port's speed: order it, find out where nobody knows whether the order arrived, and wait for it.

use nexusport_sdk::carrier::{
    FaultKind, Halt, Link, Operation, Order as Wanted, Outcome, Response, Run, again, encode, rejected, stuck,
};

use crate::wire::{NewOrder, Order, Orders, Reason, Status};
use crate::{Settings, get, port_path, post};

/// How much later an order that is not there is looked for again.
const LOOK_AGAIN_SECONDS: u32 = 2;

/// Orders the speed and waits until the carrier has carried it out.
pub fn change(operation: &Operation, wanted: &Wanted, link: &mut Link<'_>) -> Run<Outcome> {
    let settings: Settings = operation.settings()?;
    let placed = place(operation, wanted, &settings, link)?;
    // `again` repeats this request, and its new answer is what the next run sees.
    let order: Order = link
        .send(get(format!("/v1/orders/{}", encode(&placed.id))))?
        .ok()?
        .json()?;
    match order.status {
        Status::Completed => Ok(Outcome::Applied(order.state())),
        Status::Accepted | Status::Provisioning => Err(again(settings.poll_seconds).or_when(order.id)),
        Status::Rejected => Err(order
            .reason
            .map_or_else(|| rejected("rejected", "the carrier gives no reason"), Halt::from)),
        Status::Cancelled => Err(rejected("cancelled", "the order was cancelled")),
    }
}

/// Withdraws the order that another operation placed, named by the order's extra `reference`.
pub fn cancel(wanted: &Wanted, link: &mut Link<'_>) -> Run<Outcome> {
    let reference = wanted.extra("reference");
    let reference =
        reference.ok_or_else(|| stuck(FaultKind::Other, "the order to cancel has no extra `reference`"))?;
    let Some(order) = find(reference, link)? else {
        return Err(rejected(
            "not_found",
            "the carrier has no order of that reference",
        ));
    };
    // A cancelled order stays cancelled, however often it is asked.
    let answer = link.send(post(format!("/v1/orders/{}/cancel", encode(&order.id))).repeatable())?;
    if answer.status == 409 {
        return Err(answer.json::<Reason>()?.into());
    }
    answer.ok()?;
    crate::read_port(&order.port, link)
}

/// The order as the carrier has it. Placed again only once it is known not to be there.
fn place(operation: &Operation, wanted: &Wanted, settings: &Settings, link: &mut Link<'_>) -> Run<Order> {
    let path = format!("{}/orders", port_path(&operation.port()?.reference));
    let order = post(path)
        .header("idempotency-key", &operation.id)
        .json(&NewOrder {
            mbps: wanted.mbps,
            reference: &operation.id,
        });
    let read = |answer: &Response| match answer.status {
        200 | 202 => answer.json(),
        // Another order on the port is open: its turn comes first.
        409 => Err(again(settings.poll_seconds)),
        404 | 422 => Err(answer.json::<Reason>()?.into()),
        _ => Err(answer.unexpected("")),
    };
    link.place(&order, LOOK_AGAIN_SECONDS, read, |link| find(&operation.id, link))
}

fn find(reference: &str, link: &mut Link<'_>) -> Run<Option<Order>> {
    let found: Orders = link
        .send(get("/v1/orders").query("reference", reference))?
        .ok()?
        .json()?;
    Ok(found.orders.into_iter().next())
}
