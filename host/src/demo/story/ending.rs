//! What came of it all, read back from the API and the carrier's ledger.

use serde_json::Value;

use super::{
    Cast,
    windows::{Window, change},
};
use crate::{
    app::Timestamp,
    demo::{
        house::{House, text},
        isolation::Isolation,
        report::{Audit, Carrier, Change, Invoice, Operation, Report, Reseller, Span, State},
        stage::Stage,
    },
};

pub(super) async fn report(
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

/// Every operation the reseller can see.
pub(super) async fn operations(house: &House) -> anyhow::Result<Vec<Value>> {
    let page = house.reseller.get("/v1/operations?limit=200").await?;
    Ok(page["items"].as_array().cloned().unwrap_or_default())
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
