//! The adapter for carriers that speak MEF LSO Sonata, as their Buyer: a change is an order of one item that modifies a
//! product, followed through the standard's states; what a product's speed is, its inventory says.

mod charge;
mod order;
mod product;
mod seller;
#[cfg(test)]
mod tests;

use nexusport_sdk::serde_json::{self, Value};
use nexusport_sdk::{about, carrier::*};

use product::{Product, is_there};
use seller::{INVENTORY, OAUTH, ORDER, SETTLE_SECONDS, Seller, id, text};

/// Products on one page. Their list has no speeds, so each of them is a request more.
const PAGE: usize = 20;

struct Sonata;

nexusport_sdk::carrier!(Sonata);

impl Carrier for Sonata {
    fn describe() -> Description {
        Description {
            about: about!(include_str!("settings.schema.json")),
            destinations: vec![
                Destination::new(ORDER, "The ordering API, with its version"),
                Destination::new(INVENTORY, "The inventory API, with its version"),
            ],
            credentials: vec![Credential::new(OAUTH, "A buyer's account", &[ORDER, INVENTORY])],
            // What the standard says, which is little: a carrier's own limits show in its refusals.
            rules: Rules {
                settle_seconds: SETTLE_SECONDS,
                billing_granularity_seconds: 3600,
                has_lookup_by_reference: true,
                ..Rules::within(1..=400_000)
            },
            extras: Vec::new(),
        }
    }

    fn run(operation: &Operation, link: &mut Link<'_>) -> Run<Outcome> {
        let settings = operation.settings()?;
        let seller = &Seller { operation, settings };
        match &operation.task {
            Task::ReadPort => Ok(Outcome::State(Product::of(seller, link)?.state()?)),
            Task::ListPorts(cursor) => list_ports(seller, link, cursor.parse().unwrap_or(0)),
            Task::CheckChange(order) => check(seller, link, order.mbps),
            Task::ChangeBandwidth(order) => order::change(seller, link, order.mbps),
            Task::Probe => probe(seller, link),
            Task::Cancel(_) | Task::Other(_) => Err(rejected("unsupported", "this adapter has no such task")),
        }
    }

    /// Events name what they are about by its id, which is what an operation waits for.
    fn notified(_headers: &[Header], body: &[u8]) -> Vec<String> {
        let event: Value = serde_json::from_slice(body).unwrap_or_default();
        id(&event["event"]).into_iter().collect()
    }
}

/// The products after so many others; where there are none, that was all. One without a speed, such as the end of a line,
/// is no port.
fn list_ports(seller: &Seller<'_>, link: &mut Link<'_>, offset: usize) -> Run<Outcome> {
    let page = format!("/product?offset={offset}&limit={PAGE}");
    let listed: Vec<Value> = seller.ask(link, Request::get(INVENTORY, page))?;
    let next = (!listed.is_empty()).then(|| (offset + listed.len()).to_string());
    let mut ports = Vec::new();
    for product in listed {
        if is_there(text(&product, "status"))? {
            let product = Product::read(seller, link, &id(&product)?)?;
            if product.mbps.is_some() {
                ports.push(product.state()?);
            }
        }
    }
    Ok(Outcome::States(PortPage { ports, next }))
}

/// The standard asks another API whether a product could be had; this one says whether the product takes orders.
fn check(seller: &Seller<'_>, link: &mut Link<'_>, mbps: u32) -> Run<Outcome> {
    let product = Product::of(seller, link)?;
    match product.status() {
        "active" if product.state()?.mbps == mbps => Err(rejected("sameSpeed", "the product has that speed")),
        "active" => Ok(Outcome::Feasible),
        _ => Err(product.refuses()),
    }
}

fn probe(seller: &Seller<'_>, link: &mut Link<'_>) -> Run<Outcome> {
    seller.ask::<Vec<Value>>(link, Request::get(ORDER, "/productOrder?offset=0&limit=1"))?;
    seller.ask::<Vec<Value>>(link, Request::get(INVENTORY, "/product?offset=0&limit=1"))?;
    Ok(Outcome::Feasible)
}
