//! The adapter for carriers that speak MEF LSO Sonata, as their Buyer: a change is an order of one item that modifies a
//! product, followed through the standard's states; what a product's speed is, its inventory says.

mod charge;
mod order;
mod product;
mod seller;
#[cfg(test)]
mod tests;
mod words;

use nexusport_sdk::about;
use nexusport_sdk::carrier::*;
use nexusport_sdk::serde_json::{self, Value};

use product::{Product, is_there};
use seller::{INVENTORY, OAUTH, ORDER, SCHEMA, SETTLE_SECONDS, Seller, Settings};
use words::{id, text};

/// Products on one page. Their list has no speeds, so each of them is a request more.
const PAGE: usize = 20;

struct Sonata;

nexusport_sdk::carrier!(Sonata);

impl Carrier for Sonata {
    fn describe() -> Description {
        Description {
            about: about!(SCHEMA),
            destinations: vec![
                named(ORDER, "The ordering API, with its version"),
                named(INVENTORY, "The inventory API, with its version"),
            ],
            credentials: vec![Credential {
                handle: OAUTH.to_owned(),
                summary: "OAuth 2 client credentials of a buyer".to_owned(),
                destinations: vec![ORDER.to_owned(), INVENTORY.to_owned()],
            }],
            // What the standard says, which is little: a carrier's own limits show in its refusals.
            rules: Rules {
                min_mbps: 1,
                max_mbps: 400_000,
                step_mbps: 1,
                speeds_mbps: Vec::new(),
                may_decrease: true,
                lock_out_seconds: 0,
                changes_in_flight: 1,
                settle_seconds: SETTLE_SECONDS,
                billing_granularity_seconds: 3600,
                has_idempotency_keys: false,
                has_lookup_by_reference: true,
                extras: Vec::new(),
            },
            extras: Vec::new(),
        }
    }

    fn run(operation: &Operation, link: &mut Link<'_>) -> Run<Outcome> {
        let settings = &Settings::of(operation)?;
        let seller = &mut Seller {
            operation,
            settings,
            link,
        };
        match &operation.task {
            Task::ReadPort => Ok(Outcome::State(Product::of(seller)?.state()?)),
            Task::ListPorts(cursor) => list_ports(seller, cursor),
            Task::CheckChange(order) => check(seller, order.mbps),
            Task::ChangeBandwidth(order) => order::change(seller, order.mbps),
            Task::Cancel(order) => order::cancel(seller, order),
            Task::Probe => probe(seller),
            Task::Other(_) => Err(rejected("unsupported", "this adapter has no such task")),
        }
    }

    /// Events name what they are about by its id, which is what an operation waits for.
    fn notified(_headers: &[Header], body: &[u8]) -> Vec<String> {
        let event: Value = serde_json::from_slice(body).unwrap_or_default();
        id(&event["event"]).into_iter().collect()
    }
}

fn named(handle: &str, summary: &str) -> Destination {
    let (handle, summary) = (handle.to_owned(), summary.to_owned());
    Destination { handle, summary }
}

/// The cursor is the number of products before the page. A product without a speed, such as the end of a line, is no port.
fn list_ports(seller: &mut Seller<'_, '_>, cursor: &str) -> Run<Outcome> {
    let no_cursor = |_| stuck(FaultKind::Other, "that is no cursor of this adapter");
    let offset: usize = if cursor.is_empty() {
        0
    } else {
        cursor.parse().map_err(no_cursor)?
    };
    let mut listed = seller.get_list(INVENTORY, &format!("/product?offset={offset}&limit={PAGE}"))?;
    listed.truncate(PAGE);
    // A carrier may give less than it is asked for.
    let end = offset.saturating_add(listed.len());
    let total = seller
        .header("x-total-count")
        .and_then(|total| total.parse().ok());
    let more = total.map_or(listed.len() == PAGE, |total: usize| end < total);
    let next = (more && !listed.is_empty()).then(|| end.to_string());
    let mut ports = Vec::new();
    for product in listed {
        if is_there(text(&product, "status"))? {
            let product = Product::read(seller, &id(&product)?)?;
            if product.mbps.is_some() {
                ports.push(product.state()?);
            }
        }
    }
    Ok(Outcome::States(PortPage { ports, next }))
}

/// The standard asks another API whether a product could be had; this one says whether the product takes orders.
fn check(seller: &mut Seller<'_, '_>, mbps: u32) -> Run<Outcome> {
    let product = Product::of(seller)?;
    match product.status() {
        "active" if product.state()?.mbps == mbps => Err(rejected("sameSpeed", "the product has that speed")),
        "active" => Ok(Outcome::Feasible),
        _ => Err(product.refuses()),
    }
}

fn probe(seller: &mut Seller<'_, '_>) -> Run<Outcome> {
    seller.get_list(ORDER, "/productOrder?offset=0&limit=1")?;
    seller.get_list(INVENTORY, "/product?offset=0&limit=1")?;
    Ok(Outcome::Feasible)
}
