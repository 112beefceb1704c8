//! Carrying out an order: which of modify and burst it takes, and when a burst has to go first.

use nexusport_sdk::carrier::{Halt, Link, Operation, Order, Outcome, Run, rejected};
use nexusport_sdk::serde_json;
use serde::{Deserialize, Serialize};

use crate::circuit;
use crate::wire::Service;

/// What this adapter keeps with a port.
#[derive(Default, Deserialize, Serialize)]
pub struct Kept {
    /// The burst that it put on the circuit.
    pub burst_mbps: u32,
}

pub fn change(operation: &Operation, order: &Order, link: &mut Link<'_>) -> Run<Outcome> {
    let circuit = circuit(operation)?;
    let kept: Kept = serde_json::from_slice(&operation.port()?.carrier_data).unwrap_or_default();
    circuit.rest(link)?;
    let mut service = circuit.service(link)?;
    let bought_mbps = service.mbps.saturating_sub(kept.burst_mbps);
    let base_mbps = base_mbps(order).unwrap_or(bought_mbps);
    let burst_mbps = order.mbps.saturating_sub(base_mbps);
    if service.mbps == order.mbps {
        return Ok(applied(&service, burst_mbps));
    }
    if order.mbps < base_mbps {
        return Err(not_lowered(base_mbps));
    }
    // A burst is made smaller by taking it off, and nothing can be bought under one.
    if order.mbps < service.mbps || (burst_mbps == 0 && kept.burst_mbps > 0) {
        let lower = |mbps| mbps < service.mbps;
        match circuit.place(&circuit.remove_burst(), lower, |no| Ok(Some(no)), link)? {
            Ok(without) => service = without,
            Err(no) if order.mbps < service.mbps => return Err(no),
            // Somebody has taken it off before.
            Err(_) => {}
        }
        if service.mbps == order.mbps {
            return Ok(applied(&service, burst_mbps));
        }
    }
    if order.mbps < service.mbps {
        return Err(not_lowered(service.mbps));
    }
    let request = match burst_mbps {
        0 => circuit.modify(order.mbps),
        _ => circuit.burst(burst_mbps),
    };
    circuit
        .place(&request, |mbps| mbps == order.mbps, Err, link)?
        .map(|service| applied(&service, burst_mbps))
}

fn not_lowered(bought_mbps: u32) -> Halt {
    let text = format!("PacketFabric lowers nothing that is bought, and that is {bought_mbps} Mbps");
    rejected("decrease_not_allowed", text)
}

/// The port's speed for good, if the host tells it; without it, an order is for a while, which can be undone.
fn base_mbps(order: &Order) -> Option<u32> {
    let base = order.extras.iter().find(|extra| extra.name == "base_mbps")?;
    base.value.parse().ok()
}

fn applied(service: &Service, burst_mbps: u32) -> Outcome {
    let kept = match burst_mbps {
        0 => Vec::new(),
        _ => serde_json::to_vec(&Kept { burst_mbps }).expect("a number has a JSON form"),
    };
    Outcome::Applied(service.state(kept))
}
