//! The adapter for Equinix Fabric v4: a port is a connection, named by its UUID, and its speed is the connection's bandwidth. A
//! change is a JSON Patch that the carrier carries out later. It has neither idempotency keys nor a field for our own
//! reference, so the connection itself, with its latest change, is the evidence of what arrived.

mod change;
#[cfg(test)]
mod tests;
mod wire;

use nexusport_sdk::carrier::{
    Carrier, Credential, Description, Destination, Extra, Header, Link, Operation, Order, Outcome, Polling,
    PortPage, Request, Response, Rules, Run, Task, encode, rejected,
};
use nexusport_sdk::{about, serde_json};

use wire::{Condition, Connection, Connections, refusal};

const API: &str = "api";
const OAUTH: &str = "oauth";
/// Connections on one page of a list: what an answer holds stays far below the host's limit of 1 MiB.
const PAGE: u64 = 50;

struct Fabric;

nexusport_sdk::carrier!(Fabric);

impl Carrier for Fabric {
    fn describe() -> Description {
        Description {
            about: about!(Polling::SCHEMA),
            destinations: vec![Destination::new(API, "Equinix's API, https://api.equinix.com")],
            credentials: vec![Credential::new(
                OAUTH,
                "OAuth 2 client credentials of an Equinix account",
                &[API],
            )],
            rules: Rules {
                step_mbps: 10,
                lock_out_seconds: (wire::LOCK_OUT_MS / 1000) as u32,
                settle_seconds: change::SETTLE_SECONDS,
                billing_granularity_seconds: 86_400,
                ..Rules::within(10..=10_000)
            },
            extras: Vec::new(),
        }
    }

    fn run(operation: &Operation, link: &mut Link<'_>) -> Run<Outcome> {
        match &operation.task {
            Task::ReadPort => read_port(&operation.port()?.reference, link),
            Task::ListPorts(cursor) => list_ports(cursor, link),
            Task::CheckChange(order) => check(&operation.port()?.reference, order, link),
            Task::ChangeBandwidth(order) => change::change(operation, order, link),
            Task::Probe => probe(link),
            Task::Cancel(_) | Task::Other(_) => {
                Err(rejected("unsupported", "Equinix Fabric has no request for that"))
            }
        }
    }

    fn notified(_headers: &[Header], body: &[u8]) -> Vec<String> {
        serde_json::from_slice(body).map_or_else(|_| Vec::new(), |events| wire::connections(&events))
    }
}

fn read_port(reference: &str, link: &mut Link<'_>) -> Run<Outcome> {
    let connection = read(reference, link)?;
    match connection.condition()? {
        Condition::Ended => Err(connection.ended()),
        Condition::Ready | Condition::Underway => Ok(Outcome::State(connection.state())),
    }
}

/// A page is named by how many connections come before it.
fn list_ports(cursor: &str, link: &mut Link<'_>) -> Run<Outcome> {
    let offset = cursor.parse().unwrap_or(0);
    let (connections, total) = search(offset, PAGE, link)?;
    let next = offset + connections.len() as u64;
    let more = !connections.is_empty() && next < total;
    let in_service = |it: &&Connection| !matches!(it.condition(), Ok(Condition::Ended));
    let ports = connections.iter().filter(in_service).map(Connection::state);
    Ok(Outcome::States(PortPage {
        ports: ports.collect(),
        next: more.then(|| next.to_string()),
    }))
}

/// The carrier's dry run. It changes nothing, so it may be asked as often as it takes.
fn check(reference: &str, order: &Order, link: &mut Link<'_>) -> Run<Outcome> {
    let answer = link.send(patch(reference, order.mbps).query("dryRun", "true").repeatable())?;
    match answer.status {
        200 => found(reference, answer).map(|_| Outcome::Feasible),
        400..500 => Err(refusal(answer)),
        _ => Err(answer.unexpected("")),
    }
}

/// Lists one connection: unlike the carrier's health, that takes an account.
fn probe(link: &mut Link<'_>) -> Run<Outcome> {
    let (_, total) = search(0, 1, link)?;
    Ok(Outcome::Other(Extra::new("connections", total.to_string())))
}

fn search(offset: u64, limit: u64, link: &mut Link<'_>) -> Run<(Vec<Connection>, u64)> {
    let request = Request::post(API, "/fabric/v4/connections/search").repeatable();
    let request = written(request, "application/json", wire::page(offset, limit));
    let answer = link.send(request)?.ok()?;
    let page: Connections = answer.json()?;
    Ok((page.data, page.pagination.total))
}

/// The connection as the carrier has it now.
fn read(reference: &str, link: &mut Link<'_>) -> Run<Connection> {
    let answer = link.send(Request::get(API, path(reference)).credential(OAUTH))?;
    match answer.status {
        400 | 403 | 404 => Err(refusal(answer)),
        _ => found(reference, answer.ok()?),
    }
}

/// The connection in an answer; stuck where it is another one.
fn found(reference: &str, answer: &Response) -> Run<Connection> {
    let connection: Connection = answer.json()?;
    if connection.uuid == reference {
        return Ok(connection);
    }
    Err(answer.unexpected(" about another connection"))
}

/// The order for a speed.
fn patch(reference: &str, mbps: u32) -> Request {
    let request = Request::patch(API, path(reference));
    written(request, "application/json-patch+json", wire::patch(mbps))
}

fn written(mut request: Request, media_type: &str, body: String) -> Request {
    request.body = body.into_bytes();
    request.credential(OAUTH).header("content-type", media_type)
}

fn path(reference: &str) -> String {
    format!("/fabric/v4/connections/{}", encode(reference))
}
