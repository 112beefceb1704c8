//! Changing a VXC's rate limit: set it, read the VXC where nobody knows whether that arrived, and wait until it shows.

use nexusport_sdk::carrier::{
    Link, Operation, Order, Outcome, Request, Response, Run, again, encode, rejected, unexpected,
};

use crate::wire::{Refusal, Update, Vxc};
use crate::{API, OAUTH, SETTLE_SECONDS, Settings, vxc};

/// Sets the rate limit and waits until the VXC shows it.
pub fn change(operation: &Operation, order: &Order, link: &mut Link<'_>) -> Run<Outcome> {
    let settings: Settings = operation.settings()?;
    let reference = &operation.port()?.reference;
    // `again` repeats the request that read it, and its new answer is what the next run sees.
    let vxc = match place(reference, order, &settings, link)? {
        Some(seen) => seen,
        None => vxc(reference, link)?,
    };
    vxc.check_lives()?;
    if vxc.rate_limit == order.mbps && vxc.is_in_service() {
        return Ok(Outcome::Applied(vxc.state()));
    }
    if let Some(approval) = vxc.approval_of(order.mbps) {
        let status = approval.status.as_deref().unwrap_or_default();
        let message = approval.message.clone().unwrap_or_default();
        match status {
            "DECLINED" | "REJECTED" | "FAILED" | "WITHDRAWN" | "EXPIRED" => {
                return Err(rejected(status.to_ascii_lowercase(), message));
            }
            "APPROVED" => {}
            pending if pending.starts_with("PENDING") => {}
            other => {
                let what = format!("an approval in a status that this adapter does not know: {other}");
                return Err(unexpected(what));
            }
        }
    }
    Err(link.poll(settings.poll_seconds).or_when(reference))
}

/// Whether nothing is in the way of the change, without changing anything.
pub fn check(reference: &str, order: &Order, link: &mut Link<'_>) -> Run<Outcome> {
    let vxc = vxc(reference, link)?;
    vxc.check_lives()?;
    if vxc.locked || vxc.admin_locked {
        return Err(rejected("locked", "the VXC is locked against changes"));
    }
    if let Some(waiting) = vxc.vxc_approval.as_ref().and_then(|approval| approval.new_speed)
        && waiting != order.mbps
    {
        let text = format!("a change to {waiting} Mbps waits for approval");
        return Err(rejected("change_in_flight", text));
    }
    Ok(Outcome::Feasible)
}

/// Sends the change until it has arrived. Gives the VXC where it was read to find that out: twice the same limit is the same
/// limit, but twice an order, so a lost one is looked for first.
fn place(reference: &str, order: &Order, settings: &Settings, link: &mut Link<'_>) -> Run<Option<Vxc>> {
    let path = format!("/v3/product/vxc/{}", encode(reference));
    let set = Request::put(API, path).credential(OAUTH).json(&Update {
        rate_limit: order.mbps,
    });
    let read = |answer: &Response| match answer.status {
        200..300 => Ok(None),
        // Another change of the VXC is under way: its turn comes first.
        409 => Err(again(settings.poll_seconds)),
        400 | 403 | 404 | 422 => Err(answer.json::<Refusal>()?.halt("refused")),
        _ => Err(answer.unexpected("")),
    };
    let look = |link: &mut Link<'_>| {
        let seen = vxc(reference, link)?;
        let shows = seen.rate_limit == order.mbps || seen.approval_of(order.mbps).is_some();
        Ok(shows.then_some(Some(seen)))
    };
    link.place(&set, SETTLE_SECONDS, read, look)
}
