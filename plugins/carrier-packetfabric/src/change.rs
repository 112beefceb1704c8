//! Carrying out an order: which of modify and burst it takes, and when a burst has to go first.

use nexusport_sdk::carrier::{Halt, Link, Operation, Order, Outcome, Run, rejected};
use nexusport_sdk::serde_json;
use serde::{Deserialize, Serialize};

use crate::circuit;
use crate::wire::{Circuit, Delivered};

/// What this adapter keeps with a port.
#[derive(Default, Deserialize, Serialize)]
pub struct Kept {
    /// The burst that it put on the circuit.
    pub burst_mbps: u32,
}

impl Kept {
    /// How large the burst is on a circuit that has the speed already. A base that is only told yet is bought once the burst is
    /// off, which thus is as large as it was.
    fn still(&self, asked_mbps: u32) -> u32 {
        match (asked_mbps, self.burst_mbps) {
            (0, _) | (_, 0) => asked_mbps,
            (_, there) => there,
        }
    }
}

pub fn change(operation: &Operation, order: &Order, link: &mut Link<'_>) -> Run<Outcome> {
    let circuit = circuit(operation)?;
    let kept: Kept = serde_json::from_slice(&operation.port()?.carrier_data).unwrap_or_default();
    circuit.rest(link)?;
    let mut delivered = circuit.delivered(link)?;
    let bought_mbps = delivered.mbps.saturating_sub(kept.burst_mbps);
    // Without it an order is for a while, which can be undone.
    let base_mbps = base_mbps(order).unwrap_or(bought_mbps);
    if delivered.mbps == order.mbps {
        let burst_mbps = order.mbps.saturating_sub(base_mbps);
        return Ok(applied(&delivered, kept.still(burst_mbps)));
    }
    if order.mbps < base_mbps {
        return Err(not_lowered(base_mbps));
    }
    // A burst is made smaller by taking it off, and nothing can be bought under one. What there is more than should be bought
    // is a burst of somebody else's, or was bought by them.
    let bought_under_burst = bought_mbps < base_mbps && kept.burst_mbps > 0;
    let mut base_mbps = base_mbps;
    if order.mbps < delivered.mbps || bought_under_burst || bought_mbps > base_mbps {
        delivered = without_burst(&circuit, delivered, order, link)?;
        base_mbps = base_mbps.max(delivered.mbps);
    }
    let burst_mbps = order.mbps - base_mbps;
    let bought = (delivered.mbps < base_mbps).then(|| (circuit.modify(base_mbps), base_mbps));
    let burst = (burst_mbps > 0).then(|| (circuit.burst(burst_mbps), order.mbps));
    for (request, mbps) in bought.into_iter().chain(burst) {
        if delivered.mbps != order.mbps {
            delivered = circuit.place(&request, |it| it == mbps, Err, link)??;
        }
    }
    Ok(applied(&delivered, burst_mbps))
}

/// Takes the burst off, if there is one. What then is more than the order is bought.
fn without_burst(
    circuit: &Circuit<'_>,
    delivered: Delivered,
    order: &Order,
    link: &mut Link<'_>,
) -> Run<Delivered> {
    let lower = |mbps| mbps < delivered.mbps;
    let left = match circuit.place(&circuit.remove_burst(), lower, |no| Ok(Some(no)), link)? {
        Ok(without) => without,
        Err(no) if order.mbps < delivered.mbps => return Err(no),
        // Somebody has taken it off before, or there never was one.
        Err(_) => delivered,
    };
    match order.mbps < left.mbps {
        true => Err(not_lowered(left.mbps)),
        false => Ok(left),
    }
}

/// PacketFabric does not say beforehand what it would take. What it would refuse can be seen: a speed below what is bought, and
/// one above the circuit's smaller port.
pub fn check(operation: &Operation, order: &Order, link: &mut Link<'_>) -> Run<Outcome> {
    let delivered = circuit(operation)?.delivered(link)?;
    match (base_mbps(order), delivered.port_mbps) {
        (Some(base_mbps), _) if order.mbps < base_mbps => Err(not_lowered(base_mbps)),
        (_, Some(port_mbps)) if order.mbps > port_mbps => {
            let text = format!("the smaller port of the circuit has {port_mbps} Mbps");
            Err(rejected("more_than_its_port", text))
        }
        _ => Ok(Outcome::Feasible),
    }
}

fn base_mbps(order: &Order) -> Option<u32> {
    order.extra("base_mbps")?.parse().ok()
}

fn not_lowered(bought_mbps: u32) -> Halt {
    let text = format!("PacketFabric lowers nothing that is bought, and that is {bought_mbps} Mbps");
    rejected("decrease_not_allowed", text)
}

fn applied(delivered: &Delivered, burst_mbps: u32) -> Outcome {
    let kept = match burst_mbps {
        0 => Vec::new(),
        _ => serde_json::to_vec(&Kept { burst_mbps }).expect("a number has a JSON form"),
    };
    Outcome::Applied(delivered.state(kept))
}
