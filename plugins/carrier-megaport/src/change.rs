//! Changing a VXC's rate limit: read it, set the limit, read the VXC where nobody knows whether that arrived, and wait until
//! it shows.

use nexusport_sdk::carrier::{
    Halt, Link, Operation, Order, Outcome, Polling, Request, Response, Run, again, encode, rejected,
    unexpected,
};

use crate::wire::{Approval, Refusal, Update, Vxc};
use crate::{API, OAUTH, SETTLE_SECONDS, vxc};

/// A change of a VXC's rate limit.
struct Changing<'o> {
    reference: &'o str,
    mbps: u32,
    poll_seconds: u32,
    /// The VXC before the order: an approval that it shows already is no answer to it.
    before: Vxc,
}

/// Sets the rate limit and waits until the VXC shows it.
pub fn change(operation: &Operation, order: &Order, link: &mut Link<'_>) -> Run<Outcome> {
    let reference = &*operation.port()?.reference;
    let changing = Changing {
        reference,
        mbps: order.mbps,
        poll_seconds: operation.settings::<Polling>()?.poll_seconds,
        before: vxc(reference, link)?,
    };
    let before = &changing.before;
    before.check_lives()?;
    match before.rate_limit == order.mbps {
        true if before.is_in_service() => return Ok(Outcome::Applied(before.state())),
        // It has the speed soon, or somebody else's turn comes first.
        true => return Err(changing.wait(link)),
        false if before.is_pending() => return Err(changing.wait(link)),
        false => {}
    }
    // `again` repeats the request that read it, and its new answer is what the next run sees.
    let now = match changing.place(link)? {
        Some(seen) => seen,
        None => vxc(reference, link)?,
    };
    changing.follow(&now, link)
}

impl Changing<'_> {
    /// Sends the change until it has arrived. Gives the VXC where it was read to find that out: twice the same limit is the
    /// same limit, but twice an order, so a lost one is looked for first.
    fn place(&self, link: &mut Link<'_>) -> Run<Option<Vxc>> {
        let path = format!("/v3/product/vxc/{}", encode(self.reference));
        let set = Request::put(API, path).credential(OAUTH).json(&Update {
            rate_limit: self.mbps,
        });
        let read = |answer: &Response| match answer.status {
            200..300 => Ok(None),
            // Another change of the VXC is under way: its turn comes first.
            409 => Err(again(self.poll_seconds)),
            400 | 403 | 404 | 422 => Err(answer.json::<Refusal>()?.halt("refused")),
            _ => Err(answer.unexpected("")),
        };
        let look = |link: &mut Link<'_>| {
            let seen = vxc(self.reference, link)?;
            let shows = seen.rate_limit == self.mbps || self.approval(&seen).is_some();
            Ok(shows.then_some(Some(seen)))
        };
        link.place(&set, SETTLE_SECONDS, read, look)
    }

    fn follow(&self, now: &Vxc, link: &Link<'_>) -> Run<Outcome> {
        now.check_lives()?;
        if now.rate_limit == self.mbps && now.is_in_service() {
            return Ok(Outcome::Applied(now.state()));
        }
        match self.approval(now) {
            Some(approval) if approval.is_no() => Err(approval.refusal()),
            Some(approval) if !approval.is_known() => Err(unexpected(format!(
                "an approval in a status that this adapter does not know: {}",
                approval.status()
            ))),
            _ => Err(self.wait(link)),
        }
    }

    /// What the change waits for or was refused by, unless that was there before it.
    fn approval<'v>(&self, vxc: &'v Vxc) -> Option<&'v Approval> {
        let is_new = |it: &&Approval| Some(*it) != self.before.vxc_approval.as_ref();
        vxc.approval_of(self.mbps).filter(is_new)
    }

    fn wait(&self, link: &Link<'_>) -> Halt {
        link.poll(self.poll_seconds).or_when(self.reference)
    }
}

/// Whether nothing is in the way of the change, without changing anything.
pub fn check(reference: &str, order: &Order, link: &mut Link<'_>) -> Run<Outcome> {
    let vxc = vxc(reference, link)?;
    vxc.check_lives()?;
    if vxc.locked || vxc.admin_locked {
        return Err(rejected("locked", "the VXC is locked against changes"));
    }
    if vxc.is_pending()
        && let Some(waiting) = vxc.vxc_approval.as_ref().and_then(|approval| approval.new_speed)
        && waiting != order.mbps
    {
        let text = format!("a change to {waiting} Mbps waits for approval");
        return Err(rejected("change_in_flight", text));
    }
    Ok(Outcome::Feasible)
}
