//! The story: two resellers sell a window of more bandwidth to their customers, while the carrier loses a reply and
//! turns a request away; a month later everybody is billed, and strangers try everything.

use chrono::{TimeDelta, TimeZone as _};
use chrono_tz::Tz;
use nexusport_simulator::{Fault, Kind};
use serde_json::{Value, json};

use super::{
    house::{Customer, House, Plan, text},
    isolation::{self, Isolation, Side},
    narrator::Narrator,
    report::{Audit, Carrier, Change, Invoice, Line, Operation, Report, Reseller, Span, State},
    stage::Stage,
};
use crate::{app::Timestamp, identity::entrance};

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

/// A window that was booked.
struct Window {
    change_id: String,
    quote: Value,
    starts_at: Timestamp,
    ends_at: Timestamp,
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
    let window = sell_windows(stage, &cast, tell).await?;
    let invoices = bill(stage, &cast, tell).await?;
    let isolation = try_strangers(stage, &cast, tell).await?;
    let report = report(stage, &cast, from, &window, invoices, isolation).await?;
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

/// Both customers book an evening; the carrier loses one reply and turns the other request away once.
async fn sell_windows(stage: &Stage, cast: &Cast, tell: &Narrator) -> anyhow::Result<Window> {
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

async fn change(customer: &Customer, window: &Window) -> anyhow::Result<Value> {
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

/// Every operation the reseller can see.
async fn operations(house: &House) -> anyhow::Result<Vec<Value>> {
    let page = house.reseller.get("/v1/operations?limit=200").await?;
    Ok(page["items"].as_array().cloned().unwrap_or_default())
}

async fn bill(stage: &Stage, cast: &Cast, tell: &Narrator) -> anyhow::Result<Vec<Invoice>> {
    stage.pass("2026-04-01T09:00:00Z".parse()?).await?;
    tell.time(stage.now());
    let mut invoices = Vec::new();
    for (house, customer, name) in [
        (&cast.northlight, &cast.alpine, "Alpine Video"),
        (&cast.northlight, &cast.danube, "Danube Press"),
        (&cast.harbour, &cast.thames, "Thames Post"),
    ] {
        house
            .reseller
            .post(
                "/v1/billing-runs",
                json!({ "customer_id": customer.id, "period": "2026-03" }),
            )
            .await?;
        let listed = customer.caller.get("/v1/invoices").await?;
        let id = text(&listed["items"][0]["id"])?;
        let invoice = customer.caller.get(&format!("/v1/invoices/{id}")).await?;
        let invoice = read_invoice(house, &invoice).await?;
        tell.step(
            house.plan.name,
            &format!(
                "bills {name} for March: invoice {}, {} {}, {} lines, every receipt run again: {}",
                invoice.number,
                invoice.total,
                invoice.currency,
                invoice.lines.len(),
                if invoice.receipts_verified {
                    "same price"
                } else {
                    "ANOTHER PRICE"
                }
            ),
        );
        invoices.push(invoice);
    }
    Ok(invoices)
}

async fn read_invoice(house: &House, invoice: &Value) -> anyhow::Result<Invoice> {
    let (mut lines, mut receipts_verified) = (Vec::new(), true);
    for line in invoice["lines"].as_array().into_iter().flatten() {
        let receipt = text(&line["receipt_id"])?;
        let verified = house
            .reseller
            .post(&format!("/v1/receipts/{receipt}/verify"), json!({}))
            .await?;
        receipts_verified &= verified["matches"] == true;
        lines.push(Line {
            port: text(&line["port"])?,
            from: line["from"].clone(),
            to: line["to"].clone(),
            amount: text(&line["amount"])?,
            digest: text(&line["digest"])?,
        });
    }
    Ok(Invoice {
        reseller: house.plan.slug.to_owned(),
        number: text(&invoice["number"])?,
        currency: text(&invoice["currency"])?,
        total: text(&invoice["total"])?,
        lines,
        receipts_verified,
    })
}

/// The other reseller and the sibling customer try everything; then every table is looked at without a filter.
async fn try_strangers(stage: &Stage, cast: &Cast, tell: &Narrator) -> anyhow::Result<Isolation> {
    let operations = isolation::operations(&stage.anybody()?.get("/openapi.json").await?);
    let mut found = Isolation::default();
    let (northlight, alpine) = (&cast.northlight.reseller, &cast.alpine.caller);
    let (mut house_ids, house_asked) = {
        let memory = northlight.memory();
        (memory.ids.clone(), memory.asked.clone())
    };
    let (customer_ids, customer_asked) = {
        let memory = alpine.memory();
        (memory.ids.clone(), memory.asked.clone())
    };
    house_ids.extend(&customer_ids);
    let house = Side {
        owner: northlight,
        ids: &house_ids,
        asked: &house_asked,
    };
    found.add(isolation::probe(&operations, &house, &cast.harbour.reseller).await?);
    // What a customer has of its own; its reseller's id and what the sibling shares with it are no secret between them.
    let shared = isolation::known_to(&operations, &cast.danube.caller).await?;
    let own = customer_ids.difference(&shared).copied().collect();
    let customer = Side {
        owner: alpine,
        ids: &own,
        asked: &customer_asked,
    };
    found.add(isolation::probe(&operations, &customer, &cast.danube.caller).await?);
    for key in [
        &cast.northlight.key,
        &cast.alpine.key,
        &cast.danube.key,
        &cast.harbour.key,
        &cast.thames.key,
    ] {
        let caller = entrance::authenticate(&stage.app, key)
            .await
            .map_err(|fault| anyhow::anyhow!("{fault}"))?;
        let fence = stage
            .app
            .db
            .fence(&caller)
            .await
            .map_err(|fault| anyhow::anyhow!("{fault}"))?;
        found.probes += fence.tables;
        found.leaks.extend(
            fence
                .leaks
                .into_iter()
                .map(|(table, rows)| format!("{rows} rows of others in {table}")),
        );
    }
    tell.step(
        "strangers",
        &format!(
            "try {} times to reach what is not theirs: {} leaks",
            found.probes,
            found.leaks.len()
        ),
    );
    Ok(found)
}

async fn report(
    stage: &Stage,
    cast: &Cast,
    from: Timestamp,
    window: &Window,
    invoices: Vec<Invoice>,
    isolation: Isolation,
) -> anyhow::Result<Report> {
    let change = change(&cast.alpine, window).await?;
    let (mut listed, mut events, mut resellers) = (Vec::new(), 0, Vec::new());
    let mut from_mbps = 0;
    for house in [&cast.northlight, &cast.harbour] {
        for operation in operations(house).await? {
            let journal = house
                .reseller
                .get(&format!("/v1/operations/{}", text(&operation["id"])?))
                .await?;
            if operation["change_id"] == change["id"] && operation["kind"] == "change_bandwidth" {
                from_mbps = operation["from_mbps"].as_u64().unwrap_or_default();
            }
            listed.push(Operation {
                kind: text(&operation["kind"])?,
                state: text(&operation["state"])?,
                exchanges: journal["journal"].as_array().map_or(0, Vec::len),
            });
        }
        events += count(house, "/v1/audit-events?limit=200").await?;
        resellers.push(Reseller {
            slug: house.plan.slug.to_owned(),
            brand: brand(house).await?,
        });
    }
    let totals = stage.carrier.control().ledger().totals;
    Ok(Report {
        clock: Span {
            from,
            to: stage.now(),
        },
        resellers,
        change: Change {
            state: text(&change["state"])?,
            from_mbps,
            to_mbps: change["mbps"].as_u64().unwrap_or_default(),
            quoted: text(&window.quote["amount"])?,
            currency: text(&window.quote["currency"])?,
        },
        return_leg: State {
            state: text(&change["return_leg"]["state"])?,
        },
        operations: listed,
        invoices,
        isolation: isolation.into(),
        audit: Audit { events },
        carrier: Carrier {
            orders: totals.orders,
            duplicates: totals.duplicates,
            lost_replies: totals.lost_replies,
            throttled: totals.throttled,
        },
    })
}

/// How many items a list has over all its pages.
async fn count(house: &House, path: &str) -> anyhow::Result<usize> {
    let (mut count, mut next) = (0, path.to_owned());
    loop {
        let page = house.reseller.get(&next).await?;
        count += page["items"].as_array().map_or(0, Vec::len);
        let Some(cursor) = page["next"].as_str() else {
            return Ok(count);
        };
        next = format!("{path}&cursor={cursor}");
    }
}

/// The brand's name as the page of an invoice shows it.
async fn brand(house: &House) -> anyhow::Result<String> {
    let listed = house.reseller.get("/v1/invoices").await?;
    let path = format!("/v1/invoices/{}/html", text(&listed["items"][0]["id"])?);
    let page = house
        .reseller
        .raw(reqwest::Method::GET, &path, &Value::Null)
        .await?;
    let page = String::from_utf8_lossy(&page.body);
    let name = page
        .split_once("<strong>")
        .and_then(|(_, rest)| rest.split_once("</strong>"));
    Ok(name.map(|(name, _)| name.to_owned()).unwrap_or_default())
}
