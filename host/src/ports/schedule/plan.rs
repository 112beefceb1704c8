//! What of a schedule can be booked in a stretch of time and what it costs; and booking it.

use rust_decimal::Decimal;
use serde_json::json;

use super::{LeftOut, Schedule, Terms, recurrence::Occurring, store};
use crate::{
    app::{App, Timestamp},
    audit,
    db::WriteTx,
    fault::{Fault, RefusalKind, Result},
    identity::{Caller, Initiator},
    ids::ChangeId,
    plugins,
    ports::{
        Kind,
        change::book,
        port::Port,
        quote::{self, Ground, Quote},
        rules::{self, Rules, Wish},
        speed::Window,
    },
    settings::calendar::Calendar,
};

/// The most windows that are booked at once: two a day, and some.
const AT_ONCE_MAX: usize = 100;

/// What would come of terms, and what it would cost.
#[derive(Debug, Clone)]
pub struct Preview {
    /// ISO 4217.
    pub currency: String,
    /// Until when it shows what would come.
    pub until: Timestamp,
    /// Each time, with its price or why it would be left out.
    pub times: Vec<(Timestamp, Timestamp, Result<Decimal, LeftOut>)>,
}

/// A time at which terms have a window, with its price where it can be booked.
pub(super) struct Planned {
    occurring: Occurring,
    quote: std::result::Result<Quote, LeftOut>,
}

/// How many windows were booked and how many were left out.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Kept {
    pub booked: usize,
    pub left_out: usize,
}

/// What planning stands on.
pub(super) struct Site<'a> {
    pub app: &'a App,
    pub caller: &'a Caller,
    pub ground: Ground,
    pub rules: Rules,
    pub calendar: Calendar,
}

impl Site<'_> {
    /// Prices what begins from an instant on and before another one: each window on top of those before it.
    pub async fn plan(&mut self, terms: &Terms, from: Timestamp, until: Timestamp) -> Result<Vec<Planned>> {
        let occurring = terms.recurrence.between(from, until, &self.calendar);
        if occurring.len() > AT_ONCE_MAX {
            let message = format!(
                "the schedule has {} windows in the weeks ahead, it can have {AT_ONCE_MAX}",
                occurring.len()
            );
            return Err(Fault::invalid("schedule_too_dense", message));
        }
        let mut planned = Vec::with_capacity(occurring.len());
        for occurring in occurring {
            let quote = match self.price(terms, &occurring).await {
                Err(fault) if passes(&fault) => return Err(fault),
                quote => left_out(quote)?,
            };
            if quote.is_ok() {
                let window = Window {
                    mbps: terms.mbps,
                    starts_at: occurring.starts_at,
                    ends_at: occurring.ends_at,
                };
                self.ground.plan = self.ground.plan.with_window(window);
            }
            planned.push(Planned { occurring, quote });
        }
        Ok(planned)
    }

    async fn price(&self, terms: &Terms, occurring: &Occurring) -> Result<Quote> {
        if let Some(holiday) = &occurring.holiday {
            let message = format!("{holiday} is a day off");
            return Err(Fault::conflict("holiday", message));
        }
        let wish = Wish {
            kind: Kind::Window {
                ends_at: occurring.ends_at,
            },
            mbps: terms.mbps,
            starts_at: occurring.starts_at,
        };
        rules::check(&self.rules, self.ground.taken(), &wish, self.ground.now)?;
        let quote = quote::make(self.app, self.caller, &self.ground, wish).await?;
        match terms.amount_max {
            Some(most) if quote.amount > most => {
                let message = format!(
                    "the window costs {} {}, the schedule allows {most}",
                    quote.amount, quote.currency
                );
                Err(Fault::conflict("amount_above_max", message))
            }
            _ => Ok(quote),
        }
    }

    /// Books what was planned for a schedule, whose port must be locked. What others booked since leaves its window out.
    pub async fn keep(
        &self,
        tx: &mut WriteTx,
        port: &Port,
        schedule: &Schedule,
        planned: Vec<Planned>,
    ) -> Result<Kept> {
        let mut kept = Kept::default();
        for Planned { occurring, quote } in planned {
            let booked = match quote {
                Ok(quote) => left_out(self.book(tx, port, schedule.initiator, &quote).await)?,
                Err(left_out) => Err(left_out),
            };
            match &booked {
                Ok(_) => kept.booked += 1,
                Err(_) => kept.left_out += 1,
            }
            store::insert_occurrence(tx, self.app.id(), schedule, &occurring, booked).await?;
        }
        Ok(kept)
    }

    async fn book(
        &self,
        tx: &mut WriteTx,
        port: &Port,
        initiator: Initiator,
        quote: &Quote,
    ) -> Result<ChangeId> {
        quote::store::insert(tx, quote).await?;
        let (change, event) = book::place(tx, self.app, initiator, (&self.rules, port), quote).await?;
        tx.record(event).await?;
        Ok(change.id)
    }

    /// What was planned, for whoever only wants to see it.
    pub fn preview(self, planned: Vec<Planned>, until: Timestamp) -> Preview {
        let times = planned.into_iter().map(|Planned { occurring, quote }| {
            let amount = quote.map(|quote| quote.amount);
            (occurring.starts_at, occurring.ends_at, amount)
        });
        Preview {
            currency: self.ground.currency,
            until,
            times: times.collect(),
        }
    }
}

/// Whether the fault is no rule's: who prices fails, is not there, or has no time. Nothing is planned then, and later again.
fn passes(fault: &Fault) -> bool {
    let Fault::Refused(refusal) = fault else {
        return true;
    };
    refusal.kind == RefusalKind::TooMany
        || ["plugin_deadline_exceeded", "nothing_serves"].contains(&refusal.code)
        || plugins::is_a_plugins(fault)
}

/// A rule's no leaves one window out; everything else ends the planning.
fn left_out<T>(result: Result<T>) -> Result<std::result::Result<T, LeftOut>> {
    match result {
        Ok(value) => Ok(Ok(value)),
        Err(Fault::Refused(refusal)) => Ok(Err(LeftOut {
            code: refusal.code.to_owned(),
            because: refusal.message.into_owned(),
        })),
        Err(fault) => Err(fault),
    }
}

/// What is done to a schedule.
pub(super) fn event(action: &'static str, schedule: &Schedule, kept: Kept) -> audit::Event {
    let detail = json!({
        "port": schedule.port.uuid(), "customer": schedule.scope.tenant().uuid(), "mbps": schedule.terms.mbps,
        "version": schedule.version, "planned_until": schedule.planned_until,
        "booked": kept.booked, "left_out": kept.left_out,
    });
    audit::Event::done(action, schedule.id.uuid(), detail)
}
