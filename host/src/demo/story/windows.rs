//! Both customers book an evening of 5 Gbps; the carrier loses one reply and turns the other request away once.

use chrono::{TimeDelta, TimeZone as _};
use chrono_tz::Tz;
use nexusport_simulator::{Fault, Kind};
use serde_json::{Value, json};

use super::{Cast, ending::operations};
use crate::{
    app::Timestamp,
    demo::{
        house::{Customer, House, text},
        narrator::Narrator,
        stage::Stage,
    },
};

/// A window that was booked.
pub(super) struct Window {
    pub(super) change_id: String,
    pub(super) quote: Value,
    starts_at: Timestamp,
    ends_at: Timestamp,
}

/// Both customers book an evening; the carrier loses one reply and turns the other request away once.
pub(super) async fn sell(stage: &Stage, cast: &Cast, tell: &Narrator) -> anyhow::Result<Window> {
    stage.pass("2026-03-09T09:00:00Z".parse()?).await?;
    tell.time(stage.now());
    let alpine = book(&cast.northlight, &cast.alpine, "Alpine Video", tell).await?;
    let thames = book(&cast.harbour, &cast.thames, "Thames Post", tell).await?;
    let control = stage.carrier.control();
    let fault =
        |kind, port: &str| control.fault(Fault::new(kind).times(1).on("POST", &format!("/v1/ports/{port}")));
    fault(Kind::LostReply, "alpine-video-1").map_err(|refusal| anyhow::anyhow!("{refusal:?}"))?;
    fault(
        Kind::Throttle {
            retry_after_seconds: 20,
        },
        "thames-post-1",
    )
    .map_err(|refusal| anyhow::anyhow!("{refusal:?}"))?;
    for (house, customer, window) in [
        (&cast.northlight, &cast.alpine, &alpine),
        (&cast.harbour, &cast.thames, &thames),
    ] {
        stage.pass(window.starts_at + TimeDelta::minutes(30)).await?;
        tell.time(stage.now());
        follow(house, customer, window, tell).await?;
    }
    let last = alpine.ends_at.max(thames.ends_at);
    stage.pass(last + TimeDelta::minutes(30)).await?;
    tell.time(stage.now());
    for (house, customer, window) in [
        (&cast.northlight, &cast.alpine, &alpine),
        (&cast.harbour, &cast.thames, &thames),
    ] {
        let change = change(customer, window).await?;
        let state = text(&change["return_leg"]["state"])?;
        tell.step(
            "the host",
            &format!("brought {}'s port back down: {state}", house.plan.name),
        );
    }
    let totals = control.ledger().totals;
    tell.step(
        "the carrier",
        &format!(
            "was asked for {} orders, lost {} reply, throttled {}; did nothing twice: {} duplicates",
            totals.orders, totals.lost_replies, totals.throttled, totals.duplicates
        ),
    );
    Ok(alpine)
}

async fn book(house: &House, customer: &Customer, name: &str, tell: &Narrator) -> anyhow::Result<Window> {
    let zone: Tz = house
        .plan
        .time_zone
        .parse()
        .map_err(|_| anyhow::anyhow!("{} is no time zone", house.plan.time_zone))?;
    let evening = |hour| {
        zone.with_ymd_and_hms(2026, 3, 10, hour, 0, 0)
            .single()
            .map(|t| t.to_utc())
    };
    let (Some(starts_at), Some(ends_at)) = (evening(18), evening(22)) else {
        anyhow::bail!("the evening has no clock time")
    };
    let quote = customer
        .caller
        .post("/v1/quotes", json!({
            "port_id": customer.port_id, "kind": "window", "mbps": 5_000, "starts_at": starts_at, "ends_at": ends_at,
        }))
        .await?;
    tell.step(
        name,
        &format!(
            "asks for 5 Gbps on 10 March, 18:00 to 22:00, and is quoted {} {}",
            text(&quote["amount"])?,
            text(&quote["currency"])?
        ),
    );
    let change = customer
        .caller
        .post("/v1/bandwidth-changes", json!({ "quote_id": quote["id"] }))
        .await?;
    tell.step(
        name,
        &format!(
            "books it: {}, with its way back reserved",
            text(&change["state"])?
        ),
    );
    Ok(Window {
        change_id: text(&change["id"])?,
        quote,
        starts_at,
        ends_at,
    })
}

pub(super) async fn change(customer: &Customer, window: &Window) -> anyhow::Result<Value> {
    customer
        .caller
        .get(&format!("/v1/bandwidth-changes/{}", window.change_id))
        .await
}

async fn follow(house: &House, customer: &Customer, window: &Window, tell: &Narrator) -> anyhow::Result<()> {
    let change = change(customer, window).await?;
    let port = customer
        .caller
        .get(&format!("/v1/ports/{}", customer.port_id))
        .await?;
    tell.step(
        "the host",
        &format!(
            "ordered {}'s window and read it back: {}, {} Mbps seen",
            house.plan.name,
            text(&change["state"])?,
            port["observed_mbps"]
        ),
    );
    for operation in operations(house).await? {
        let journal = house
            .reseller
            .get(&format!("/v1/operations/{}", text(&operation["id"])?))
            .await?;
        for exchange in journal["journal"].as_array().into_iter().flatten() {
            if exchange["state"] == "lost" {
                tell.step(
                    "the adapter",
                    &format!(
                        "lost the answer to {} {} and looked the order up instead of ordering twice",
                        exchange["method"].as_str().unwrap_or_default(),
                        exchange["target"].as_str().unwrap_or_default()
                    ),
                );
            }
        }
    }
    Ok(())
}
