//! The adapter for the simulated carrier: orders are asynchronous, so it polls; its orders have idempotency keys and can be
//! looked up by our reference, so a lost answer is found out about and never guessed. It knows neither the
//! carrier's address nor the secret: the host has both.

mod change;
#[cfg(test)]
mod tests;
mod wire;

use nexusport_sdk::carrier::{
    Carrier, Credential, Description, Destination, Extra, Header, Link, Operation, Order, Outcome, PortPage,
    Request, Rules, Run, Task, encode, rejected,
};
use nexusport_sdk::{about, serde_json};
use serde::Deserialize;

use wire::{Account, Check, Checked, Port, Ports, Reason};

const SETTINGS_SCHEMA: &str = r#"{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "type": "object",
  "additionalProperties": false,
  "properties": {
    "poll_seconds": {
      "type": "integer", "minimum": 1, "maximum": 3600, "default": 5,
      "description": "How long to wait before an open order is asked about again"
    }
  }
}"#;

const API: &str = "api";
const OAUTH: &str = "oauth";

struct Simulator;

nexusport_sdk::carrier!(Simulator);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    #[serde(default = "default_poll_seconds")]
    poll_seconds: u32,
}

fn default_poll_seconds() -> u32 {
    5
}

impl Carrier for Simulator {
    fn describe() -> Description {
        Description {
            about: about!(SETTINGS_SCHEMA),
            destinations: vec![Destination::new(API, "The carrier's API")],
            credentials: vec![Credential::new(
                OAUTH,
                "OAuth 2 client credentials of an account with the carrier",
                &[API],
            )],
            rules: rules(),
            extras: Vec::new(),
        }
    }

    fn run(operation: &Operation, link: &mut Link<'_>) -> Run<Outcome> {
        match &operation.task {
            Task::ReadPort => read_port(&operation.port()?.reference, link),
            Task::ListPorts(cursor) => list_ports(cursor, link),
            Task::CheckChange(order) => check(&operation.port()?.reference, order, link),
            Task::ChangeBandwidth(order) => change::change(operation, order, link),
            Task::Cancel(order) => change::cancel(order, link),
            Task::Probe => probe(link),
            Task::Other(task) => Err(rejected(
                "unsupported",
                format!("this adapter has no task {}", task.name),
            )),
        }
    }

    fn notified(_headers: &[Header], body: &[u8]) -> Vec<String> {
        #[derive(Deserialize)]
        struct Push {
            order: Named,
        }
        #[derive(Deserialize)]
        struct Named {
            id: String,
        }
        serde_json::from_slice::<Push>(body).map_or_else(|_| Vec::new(), |push| vec![push.order.id])
    }
}

fn rules() -> Rules {
    Rules {
        step_mbps: 100,
        settle_seconds: 5,
        has_idempotency_keys: true,
        has_lookup_by_reference: true,
        ..Rules::within(100..=400_000)
    }
}

fn read_port(reference: &str, link: &mut Link<'_>) -> Run<Outcome> {
    let answer = link.send(get(port_path(reference)))?;
    if answer.status == 404 {
        return Err(answer.json::<Reason>()?.into());
    }
    Ok(Outcome::State(answer.ok()?.json::<Port>()?.state()))
}

fn list_ports(cursor: &str, link: &mut Link<'_>) -> Run<Outcome> {
    let page: Ports = link
        .send(get("/v1/ports").query("cursor", cursor))?
        .ok()?
        .json()?;
    Ok(Outcome::States(PortPage {
        ports: page.ports.into_iter().map(Port::state).collect(),
        next: page.next,
    }))
}

fn check(reference: &str, order: &Order, link: &mut Link<'_>) -> Run<Outcome> {
    let path = format!("{}/check", port_path(reference));
    // It changes nothing, so it may be asked as often as it takes.
    let answer = link.send(post(path).json(&Check { mbps: order.mbps }).repeatable())?;
    if matches!(answer.status, 404 | 422) {
        return Err(answer.json::<Reason>()?.into());
    }
    let checked: Checked = answer.ok()?.json()?;
    if checked.feasible {
        return Ok(Outcome::Feasible);
    }
    Err(rejected(
        checked.code.unwrap_or_default(),
        checked.message.unwrap_or_default(),
    ))
}

fn probe(link: &mut Link<'_>) -> Run<Outcome> {
    let account: Account = link.send(get("/v1/ping"))?.ok()?.json()?;
    Ok(Outcome::Other(Extra::new("account", account.account)))
}

fn port_path(reference: &str) -> String {
    format!("/v1/ports/{}", encode(reference))
}

fn get(path: impl Into<String>) -> Request {
    Request::get(API, path).credential(OAUTH)
}

fn post(path: impl Into<String>) -> Request {
    Request::post(API, path).credential(OAUTH)
}
