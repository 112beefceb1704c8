//! Whether a person may have an order asked again that was given up. Only one that nobody can tell of, whose speed the port is
//! still meant to have, and while the carrier is asked for nothing else.

use super::{
    change::{ChangeState, store},
    port,
    steps::Steps,
};
use crate::{
    carriers::operations::{self, Cause, Operation},
    db::WriteTx,
    fault::{Fault, Result},
};

/// Lets the change go on that a given-up order carries out, or says why it cannot. Whatever asks for no speed can always be asked
/// again.
pub async fn asked_again(tx: &mut WriteTx, operation: &Operation) -> Result<()> {
    let (Some(port), operations::Kind::ChangeBandwidth) = (operation.port, operation.kind) else {
        return Ok(());
    };
    let change = match operation.cause {
        Cause::None => {
            let message = "a correction is ordered anew, as long as the drift is open";
            return Err(Fault::conflict("correction", message));
        }
        Cause::Return(_) => {
            let message = "a return leg is tried again by itself until the port is back down";
            return Err(Fault::conflict("return_leg", message));
        }
        Cause::Change(change) => change,
    };
    let port = port::store::lock(tx, port).await?;
    if store::busy(tx, port.id).await? {
        let message = "the carrier is asked for another speed of the port";
        return Err(Fault::conflict("port_busy", message));
    }
    let change = store::find(tx, change).await?;
    if change.state != ChangeState::Indeterminate {
        let message = format!(
            "the bandwidth change that it carries out is {}",
            change.state.name()
        );
        return Err(Fault::conflict("state_forbids", message));
    }
    let mut steps = Steps::new(tx, port);
    let now = steps.now();
    let change = steps.change(change, ChangeState::Applying, None).await?;
    // Only now it is part of what the port is meant to have.
    if steps.plan().await?.intended_mbps(now) != Some(change.mbps) {
        let message = format!("the port is not meant to have {} Mbps now", change.mbps);
        return Err(Fault::conflict("no_longer_meant", message));
    }
    let events = steps.events;
    for event in events {
        tx.record(event).await?;
    }
    Ok(())
}
