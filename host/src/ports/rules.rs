//! What may be asked of a port, as plain functions: what its carrier allows, and what makes sense in the plan. Each
//! refusal names its limit.

mod next;
mod room;
#[cfg(test)]
mod tests;

use chrono::TimeDelta;
use nexusport_sandbox::carrier;

pub use next::admit;
pub use room::Room;

use super::{
    Kind,
    speed::{Base, Plan, Window},
};
use crate::{
    app::Timestamp,
    fault::{Fault, Result},
};

/// The longest window, and how far ahead anything can be booked. Bounds how many billing periods one quote prices.
const WINDOW_MAX: TimeDelta = TimeDelta::days(92);
const AHEAD_MAX: TimeDelta = TimeDelta::days(366);

/// What a carrier allows, from its adapter's description.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// The slowest speed, in Mbps.
    pub min_mbps: u32,
    /// The fastest speed, in Mbps.
    pub max_mbps: u32,
    /// Speeds are multiples of this, in Mbps; 0 and 1 allow every speed.
    pub step_mbps: u32,
    /// The only speeds there are, in Mbps; empty for every step.
    pub speeds_mbps: Vec<u32>,
    /// Whether speeds can go down, as every window's do at one end.
    pub may_decrease: bool,
    /// Whether a speed can be below the port's permanent one, or that one go down.
    pub may_go_below_base: bool,
    /// A window's speed is the port's permanent one and a multiple of this, in Mbps; 0 and 1 allow every speed.
    pub window_step_mbps: u32,
    /// How long after a change the carrier refuses the next one.
    pub lock_out: TimeDelta,
    /// The smallest stretch of time the carrier charges for.
    pub granularity: TimeDelta,
}

/// A change that somebody would like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wish {
    /// Permanent or for a while.
    pub kind: Kind,
    /// The speed, in Mbps.
    pub mbps: u32,
    /// When it begins.
    pub starts_at: Timestamp,
}

/// What is taken already: on the port, and at its location.
#[derive(Debug, Clone, Copy)]
pub struct Taken<'a> {
    /// What is booked on the port.
    pub plan: &'a Plan,
    /// What its location has left for windows.
    pub room: &'a Room,
}

impl From<&carrier::Rules> for Rules {
    fn from(rules: &carrier::Rules) -> Self {
        Self {
            min_mbps: rules.min_mbps,
            max_mbps: rules.max_mbps,
            step_mbps: rules.step_mbps,
            speeds_mbps: rules.speeds_mbps.clone(),
            may_decrease: rules.may_decrease,
            may_go_below_base: extra(rules, "may_go_below_base") != Some("false"),
            window_step_mbps: extra(rules, "window_step_mbps")
                .and_then(|step| step.parse().ok())
                .unwrap_or(0),
            lock_out: TimeDelta::seconds(rules.lock_out_seconds.into()),
            granularity: TimeDelta::seconds(rules.billing_granularity_seconds.into()),
        }
    }
}

fn extra<'r>(rules: &'r carrier::Rules, name: &str) -> Option<&'r str> {
    let extra = rules.extras.iter().find(|extra| extra.name == name)?;
    Some(&extra.value)
}

/// Refuses what the carrier would refuse, and what makes no sense in the plan of what is booked already.
pub fn check(rules: &Rules, taken: Taken<'_>, wish: &Wish, now: Timestamp) -> Result<()> {
    let plan = taken.plan;
    check_time(wish, now)?;
    check_speed(rules, wish.mbps)?;
    check_direction(rules, plan, wish)?;
    match wish.kind {
        Kind::Base => check_booked_windows(rules, plan, wish)?,
        Kind::Window { ends_at } => {
            check_window_step(rules, plan, wish)?;
            check_length(rules, ends_at - wish.starts_at)?;
            check_overlap(plan, &window(wish, ends_at))?;
            check_room(taken.room, &window(wish, ends_at))?;
        }
    }
    check_lock_out(rules, plan, wish)
}

fn check_time(wish: &Wish, now: Timestamp) -> Result<()> {
    if wish.starts_at < now {
        let message = format!("the change would start at {}, that is over", wish.starts_at);
        return Err(Fault::invalid("start_passed", message));
    }
    if wish.starts_at - now > AHEAD_MAX {
        let message = format!(
            "changes can be booked at most {} days ahead",
            AHEAD_MAX.num_days()
        );
        return Err(Fault::invalid("start_too_far", message));
    }
    Ok(())
}

fn check_speed(rules: &Rules, mbps: u32) -> Result<()> {
    let Rules {
        min_mbps,
        max_mbps,
        step_mbps,
        ref speeds_mbps,
        ..
    } = *rules;
    if !(min_mbps..=max_mbps).contains(&mbps) {
        let message = format!("{mbps} Mbps is asked, the carrier allows {min_mbps} to {max_mbps} Mbps");
        return Err(Fault::invalid("speed_out_of_range", message));
    }
    if step_mbps > 1 && !mbps.is_multiple_of(step_mbps) {
        let message = format!("{mbps} Mbps is asked, the carrier allows multiples of {step_mbps} Mbps");
        return Err(Fault::invalid("speed_off_step", message));
    }
    if !speeds_mbps.is_empty() && !speeds_mbps.contains(&mbps) {
        let sold: Vec<_> = speeds_mbps.iter().map(u32::to_string).collect();
        let message = format!("{mbps} Mbps is asked, the carrier sells {} Mbps", sold.join(", "));
        return Err(Fault::invalid("speed_not_sold", message));
    }
    Ok(())
}

fn check_direction(rules: &Rules, plan: &Plan, wish: &Wish) -> Result<()> {
    let base = plan.base_mbps(wish.starts_at).ok_or_else(unseen)?;
    if wish.mbps == base {
        let message = format!("the port has {base} Mbps then without a change");
        return Err(Fault::invalid("speed_unchanged", message));
    }
    let decreases = matches!(wish.kind, Kind::Window { .. }) || wish.mbps < base;
    if decreases && !rules.may_decrease {
        let message = "the carrier allows no change to a lower speed, as the end of a window is one";
        return Err(Fault::invalid("decrease_not_allowed", message));
    }
    if wish.mbps < base && !rules.may_go_below_base {
        let message = format!(
            "{} Mbps is asked, the carrier allows nothing below the port's {base} Mbps",
            wish.mbps
        );
        return Err(Fault::invalid("decrease_not_allowed", message));
    }
    Ok(())
}

fn check_window_step(rules: &Rules, plan: &Plan, wish: &Wish) -> Result<()> {
    let base = plan.base_mbps(wish.starts_at).ok_or_else(unseen)?;
    if rules.is_on_step(wish.mbps, base) {
        return Ok(());
    }
    let message = format!(
        "{} Mbps is asked, the carrier allows windows at multiples of {} Mbps from the port's {base} Mbps",
        wish.mbps, rules.window_step_mbps
    );
    Err(Fault::invalid("window_off_step", message))
}

/// The windows that are booked to begin over a new permanent speed are ordered on top of it. One that has begun by then
/// stays what it is at the carrier, which hears of the new speed at its end.
fn check_booked_windows(rules: &Rules, plan: &Plan, wish: &Wish) -> Result<()> {
    let after = plan.with_base(Base {
        mbps: wish.mbps,
        effective_at: wish.starts_at,
    });
    let later = after.windows().iter().filter(|it| it.starts_at >= wish.starts_at);
    for Window { mbps, starts_at, .. } in later {
        let base = after.base_mbps(*starts_at).ok_or_else(unseen)?;
        let booked = format!("a window of {mbps} Mbps is booked at {starts_at}, the carrier allows");
        if !rules.is_on_step(*mbps, base) {
            let step = rules.window_step_mbps;
            let message = format!("{booked} windows at multiples of {step} Mbps from the port's {base} Mbps");
            return Err(Fault::conflict("window_off_step", message));
        }
        if *mbps < base && !rules.may_go_below_base {
            let message = format!("{booked} nothing below the port's {base} Mbps");
            return Err(Fault::conflict("window_below_base", message));
        }
    }
    Ok(())
}

impl Rules {
    fn is_on_step(&self, mbps: u32, base_mbps: u32) -> bool {
        self.window_step_mbps < 2 || mbps.abs_diff(base_mbps).is_multiple_of(self.window_step_mbps)
    }
}

/// The refusal for a port that no read-back has shown yet.
pub fn unseen() -> Fault {
    Fault::conflict(
        "port_not_read",
        "the port's speed has not been read from the carrier yet",
    )
}

fn check_length(rules: &Rules, length: TimeDelta) -> Result<()> {
    if length <= TimeDelta::zero() {
        return Err(Fault::invalid(
            "window_ends_early",
            "a window ends after it starts",
        ));
    }
    let least = rules.lock_out.max(rules.granularity);
    if length < least {
        let (asked, least) = (length.num_seconds(), least.num_seconds());
        let message = format!("the window lasts {asked} s, the carrier allows {least} s at least");
        return Err(Fault::invalid("window_too_short", message));
    }
    if length > WINDOW_MAX {
        let message = format!("a window lasts at most {} days", WINDOW_MAX.num_days());
        return Err(Fault::invalid("window_too_long", message));
    }
    Ok(())
}

fn check_overlap(plan: &Plan, wanted: &Window) -> Result<()> {
    plan.overlapped(wanted).map_or(Ok(()), |_| Err(overlaps()))
}

/// The refusal of a window over another one.
pub fn overlaps() -> Fault {
    Fault::conflict(
        "window_overlaps",
        "another window is booked on this port in that time",
    )
}

fn check_room(room: &Room, wanted: &Window) -> Result<()> {
    if room.has(wanted) {
        return Ok(());
    }
    Err(no_room(wanted.mbps))
}

/// The refusal of a window that its port's location has no room for. Whose the rest is nobody is told.
pub fn no_room(mbps: u32) -> Fault {
    let message = format!("the port's location has no room for {mbps} Mbps in that time");
    Fault::conflict("location_full", message)
}

/// Two changes at the same instant are one for the carrier; closer than the lock-out, the second would be refused.
fn check_lock_out(rules: &Rules, plan: &Plan, wish: &Wish) -> Result<()> {
    let ends_at = match wish.kind {
        Kind::Window { ends_at } => Some(ends_at),
        Kind::Base => None,
    };
    let turns = plan.turns();
    let near = |at: Timestamp| {
        turns
            .iter()
            .map(|turn| (*turn - at).abs())
            .any(|gap| !gap.is_zero() && gap < rules.lock_out)
    };
    if [Some(wish.starts_at), ends_at].into_iter().flatten().any(near) {
        let seconds = rules.lock_out.num_seconds();
        let message =
            format!("another change on this port is closer than the carrier's {seconds} s between changes");
        return Err(Fault::conflict("carrier_locked_out", message));
    }
    Ok(())
}

/// The window that a wish for one asks for.
pub fn window(wish: &Wish, ends_at: Timestamp) -> Window {
    Window {
        mbps: wish.mbps,
        starts_at: wish.starts_at,
        ends_at,
    }
}
