//! The story: two resellers sell a window of more bandwidth to their customers, while the carrier loses a reply and
//! turns a request away; a month later everybody is billed, and strangers try everything.

mod ending;
mod month;
mod strangers;
mod windows;

use chrono::TimeDelta;
use serde_json::json;

use super::{
    house::{Customer, House, Plan},
    narrator::Narrator,
    report::Report,
    stage::Stage,
};

/// Everybody in the story.
pub struct Cast {
    /// The first reseller.
    pub northlight: House,
    /// Its customer.
    pub alpine: Customer,
    /// Its other customer, a sibling that must see none of the first's.
    pub danube: Customer,
    /// The second reseller.
    pub harbour: House,
    /// Its customer.
    pub thames: Customer,
}

/// Plays the whole story.
pub async fn play(stage: &Stage, tell: &Narrator) -> anyhow::Result<(Cast, Report)> {
    let from = stage.now();
    tell.time(from);
    let cast = gather(stage, tell).await?;
    stage.pass(from + TimeDelta::hours(1)).await?;
    tell.step(
        "the host",
        "reads every port back at the carrier: billing starts with what was seen",
    );
    let window = windows::sell(stage, &cast, tell).await?;
    let invoices = month::bill(stage, &cast, tell).await?;
    let isolation = strangers::try_everything(stage, &cast, tell).await?;
    let report = ending::report(stage, &cast, from, &window, invoices, isolation).await?;
    Ok((cast, report))
}

fn northlight() -> Plan {
    Plan {
        slug: "northlight",
        name: "Northlight Networks",
        currency: "EUR",
        time_zone: "Europe/Vienna",
        pricing: (
            "committed",
            nexusport_plugins::PRICING_COMMITTED,
            json!({ "price_per_mbps": "0.40" }),
        ),
        brand: ("northlight-brand", nexusport_plugins::BRAND_NORTHLIGHT),
    }
}

fn harbour() -> Plan {
    Plan {
        slug: "harbour",
        name: "Harbour Connect",
        currency: "GBP",
        time_zone: "Europe/London",
        pricing: (
            "burst",
            nexusport_plugins::PRICING_BURST,
            json!({ "base_per_mbps": "0.30", "burst_per_mbps_hour": "0.004" }),
        ),
        brand: ("harbour-brand", nexusport_plugins::BRAND_HARBOUR),
    }
}

async fn gather(stage: &Stage, tell: &Narrator) -> anyhow::Result<Cast> {
    let northlight = House::open(stage, northlight(), tell).await?;
    let alpine = northlight
        .add_customer(stage, "alpine-video", "Alpine Video", 1_000, tell)
        .await?;
    let danube = northlight
        .add_customer(stage, "danube-press", "Danube Press", 500, tell)
        .await?;
    let harbour = House::open(stage, harbour(), tell).await?;
    let thames = harbour
        .add_customer(stage, "thames-post", "Thames Post", 1_000, tell)
        .await?;
    Ok(Cast {
        northlight,
        alpine,
        danube,
        harbour,
        thames,
    })
}
