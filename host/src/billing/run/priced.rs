//! Pricing a bill: all of its ports by one release. Where that fails, the house's setting says whether the bill is refused, held
//! with somebody called, or priced by the release before.

use serde_json::json;

use super::{Delivered, Ground};
use crate::{
    alerts::{self, Subject},
    app::App,
    audit,
    billing::price::{self, Priced},
    fault::Result,
    identity::{Caller, Permission},
    plugins::{self, Serving},
    settings::{self, plugin_failures::Pricing},
};

/// What each port comes to.
pub(super) struct Bill {
    /// By what.
    pub pricing: Serving,
    /// In the order of the ports.
    pub priced: Vec<Priced>,
}

/// Prices what was delivered.
pub(super) async fn price(
    app: &App,
    caller: &Caller,
    ground: &Ground,
    pricing: Serving,
    delivered: &[Delivered],
) -> Result<Bill> {
    let failed = match all(app, caller, ground, &pricing, delivered).await {
        Ok(priced) => return Ok(Bill { pricing, priced }),
        Err(fault) if plugins::is_a_plugins(&fault) => fault,
        Err(fault) => return Err(fault),
    };
    let mut tx = app.db.read(caller, Permission::BillingRun).await?;
    let (buyer, period) = (ground.deal.buyer.tenant(), ground.period);
    let wanted = settings::plugin_failures(&mut tx).await?.pricing;
    let instead = plugins::pricing_instead(&mut tx, buyer, &pricing, (period.start, period.end)).await?;
    drop(tx);
    if let Some(before) = instead
        && let Ok(priced) = all(app, caller, ground, &before, delivered).await
    {
        let text = format!("a bill was priced by the release before: {failed}");
        call_somebody(app, caller, ground, &pricing, text).await?;
        return Ok(Bill {
            pricing: before,
            priced,
        });
    }
    if wanted != Pricing::Refuse {
        let text = format!("a customer could not be billed: {failed}");
        call_somebody(app, caller, ground, &pricing, text).await?;
    }
    Err(failed)
}

async fn all(
    app: &App,
    caller: &Caller,
    ground: &Ground,
    pricing: &Serving,
    delivered: &[Delivered],
) -> Result<Vec<Priced>> {
    let mut priced = Vec::with_capacity(delivered.len());
    for port in delivered {
        let what = ground.priceable(pricing.release, &pricing.settings, port);
        priced.push(price::price(app, caller, &what).await?);
    }
    Ok(priced)
}

/// Once for each activation: a release that fails is one matter, however many customers it fails for.
async fn call_somebody(
    app: &App,
    caller: &Caller,
    ground: &Ground,
    failed: &Serving,
    text: String,
) -> Result<()> {
    let (id, reseller) = (failed.activation.uuid(), caller.scope().reseller());
    let mut tx = app.db.write(caller, Permission::BillingRun).await?;
    alerts::raise(&mut tx, reseller, Subject::Activation(id), None, &text).await?;
    let detail = json!({
        "buyer": ground.deal.buyer.tenant().uuid(), "period": ground.month.to_string(), "digest": failed.digest,
        "detail": text,
    });
    tx.commit(audit::Event::refused("activation.fail", id, detail))
        .await
}
