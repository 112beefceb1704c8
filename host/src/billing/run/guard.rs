//! The condition under which a price is not believed: a customer's first month under an activation is held against what the
//! activation demands of it, before anybody is billed.

use chrono::TimeDelta;
use rust_decimal::Decimal;

use super::{Delivered, Ground};
use crate::{
    app::{App, Timestamp},
    billing::{
        money,
        price::{self, Priced},
        rate::Period,
    },
    fault::{Fault, Result},
    identity::{Caller, Permission},
    plugins::{self, Activation, PriceTrip, Serves, Serving},
};

/// What a month has to come to.
pub(super) struct Guard {
    activation: Activation,
    trip: PriceTrip,
    /// What would price the month if there were no such activation.
    before: Option<Serving>,
}

impl Guard {
    /// None where the activation demands nothing of its prices, or has priced a month before.
    pub(super) async fn of(
        app: &App,
        caller: &Caller,
        ground: &Ground,
        pricing: &Serving,
    ) -> Result<Option<Self>> {
        let mut tx = app.db.read(caller, Permission::BillingRun).await?;
        let activation = plugins::stored_activation(&mut tx, pricing.activation).await?;
        let Some(trip) = activation.trip.as_ref().and_then(|trip| trip.price) else {
            return Ok(None);
        };
        if !is_first(activation.effective_at, ground) {
            return Ok(None);
        }
        let (buyer, Period { start, end }) = (ground.deal.buyer.tenant(), ground.period);
        let what = Serves::Pricing(buyer);
        let before = match plugins::serving_before(&mut tx, what, activation.id, start, end).await {
            Ok(before) => Some(before),
            Err(Fault::Refused(_)) => None,
            Err(fault) => return Err(fault),
        };
        Ok(Some(Self {
            activation,
            trip,
            before,
        }))
    }

    /// Takes the activation back and refuses to bill where the month does not come to what it has to.
    pub(super) async fn check(
        self,
        app: &App,
        caller: &Caller,
        ground: &Ground,
        priced: &[(Delivered, Priced)],
    ) -> Result<()> {
        let total = total(priced.iter().map(|(_, priced)| priced), ground);
        let before = self.total_before(app, caller, ground, priced).await?;
        let Some(detail) = self.trip.judge(total, before) else {
            return Ok(());
        };
        plugins::take_back(
            app,
            caller,
            Permission::BillingRun,
            &self.activation,
            detail.clone(),
        )
        .await?;
        let message = format!("{detail}; nothing was billed");
        Err(Fault::conflict("price_tripped", message))
    }

    /// What the release before charges; none where none served, or it cannot price these facts.
    async fn total_before(
        &self,
        app: &App,
        caller: &Caller,
        ground: &Ground,
        priced: &[(Delivered, Priced)],
    ) -> Result<Option<Decimal>> {
        let Some(before) = self
            .before
            .as_ref()
            .filter(|_| self.trip.change_percent.is_some())
        else {
            return Ok(None);
        };
        let mut by_before = Vec::with_capacity(priced.len());
        for (delivered, _) in priced {
            let what = ground.priceable(before.release, &before.settings, delivered);
            match price::price(app, caller, &what).await {
                Ok(priced) => by_before.push(priced),
                Err(Fault::Refused(refusal)) => {
                    tracing::warn!(
                        code = refusal.code,
                        "the release before prices nothing to compare with"
                    );
                    return Ok(None);
                }
                Err(fault) => return Err(fault),
            }
        }
        Ok(Some(total(by_before.iter(), ground)))
    }
}

/// What an invoice would come to.
fn total<'a>(priced: impl Iterator<Item = &'a Priced>, ground: &Ground) -> Decimal {
    let amounts = priced.flat_map(|priced| priced.charges.iter().map(|charge| charge.amount));
    money::bill(amounts, &ground.currency).1
}

/// Whether the period is the first that the activation prices: it was not in effect yet when the one before began.
fn is_first(effective_at: Timestamp, ground: &Ground) -> bool {
    let before = Period::month_of(ground.period.start - TimeDelta::seconds(1), ground.time_zone);
    before.start < effective_at
}
