//! The adapter for Megaport: the rate limit of a VXC. An order has no name that a buyer gives and no key, so what
//! became of one is read from the VXC itself: its rate limit, and the approval that a change waits for.

mod change;
#[cfg(test)]
mod tests;
mod wire;

use nexusport_sdk::carrier::{
    Carrier, Credential, Description, Destination, Header, Link, Operation, Outcome, Polling, PortPage,
    Request, Rules, Run, Task, encode, rejected,
};
use nexusport_sdk::{about, serde_json};
use serde::Deserialize;

use wire::{Answer, Product, Products, Vxc};

const API: &str = "api";
const AUTH: &str = "auth";
const OAUTH: &str = "oauth";

/// Until a lost change shows in the VXC, if it arrived.
const SETTLE_SECONDS: u32 = 60;

struct Megaport;

nexusport_sdk::carrier!(Megaport);

impl Carrier for Megaport {
    fn describe() -> Description {
        Description {
            about: about!(Polling::SCHEMA),
            destinations: vec![
                Destination::new(API, "Megaport's API"),
                Destination::new(AUTH, "Where Megaport gives out tokens"),
            ],
            credentials: vec![Credential::new(
                OAUTH,
                "An API key and its secret, as OAuth 2 client credentials",
                &[API, AUTH],
            )],
            rules: rules(),
            extras: Vec::new(),
        }
    }

    fn run(operation: &Operation, link: &mut Link<'_>) -> Run<Outcome> {
        match &operation.task {
            Task::ReadPort => read_port(&operation.port()?.reference, link),
            Task::ListPorts(_) => list_ports(link),
            Task::CheckChange(order) => change::check(&operation.port()?.reference, order, link),
            Task::ChangeBandwidth(order) => change::change(operation, order, link),
            Task::Probe => list_ports(link).map(|_| Outcome::Feasible),
            Task::Cancel(_) => Err(rejected(
                "unsupported",
                "Megaport has no way to withdraw a change of a rate limit",
            )),
            Task::Other(task) => Err(rejected(
                "unsupported",
                format!("this adapter has no task {}", task.name),
            )),
        }
    }

    /// Megaport pushes nothing about single orders; a body that names a product wakes what waits for it.
    fn notified(_headers: &[Header], body: &[u8]) -> Vec<String> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Push {
            product_uid: String,
        }
        serde_json::from_slice::<Push>(body).map_or_else(|_| Vec::new(), |push| vec![push.product_uid])
    }
}

fn rules() -> Rules {
    Rules {
        settle_seconds: SETTLE_SECONDS,
        // An hour costs what its fastest moment does.
        billing_granularity_seconds: 3600,
        ..Rules::within(1..=100_000)
    }
}

fn read_port(reference: &str, link: &mut Link<'_>) -> Run<Outcome> {
    let vxc = vxc(reference, link)?;
    vxc.check_lives()?;
    Ok(Outcome::State(vxc.state()))
}

/// Everything at once: the list of products has no pages. A VXC is told with the product at each of its ends.
fn list_ports(link: &mut Link<'_>) -> Run<Outcome> {
    let products: Products = link.send(get("/v2/products"))?.ok()?.json()?;
    let mut ports: Vec<_> = products
        .data
        .into_iter()
        .flat_map(|product: Product| product.associated_vxcs)
        .filter(|vxc| vxc.check_lives().is_ok())
        .map(|vxc| vxc.state())
        .collect();
    ports.sort_by(|a, b| a.reference.cmp(&b.reference));
    ports.dedup_by(|a, b| a.reference == b.reference);
    Ok(Outcome::States(PortPage { ports, next: None }))
}

fn vxc(reference: &str, link: &mut Link<'_>) -> Run<Vxc> {
    let answer = link.send(get(format!("/v2/product/{}", encode(reference))))?;
    if matches!(answer.status, 400 | 404) {
        return Err(answer.json::<wire::Refusal>()?.halt("not_found"));
    }
    Ok(answer.ok()?.json::<Answer<Vxc>>()?.data)
}

fn get(path: impl Into<String>) -> Request {
    Request::get(API, path).credential(OAUTH)
}
