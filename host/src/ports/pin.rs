//! What an operation on a port is pinned to: the adapter that serves the customer now, its settings, and where its
//! destinations lead. It ends on them whatever is activated or granted meanwhile.

use super::{port::Port, rules::Rules};
use crate::{
    app::App,
    carriers::{
        self,
        operations::{Cause, Kind, NewOperation, Pinned},
    },
    fault::Result,
    identity::{Caller, Purpose},
    plugins::{self, Serves},
};

/// What an operation that begins now is pinned to. Refused as `nothing_serves` where no adapter is active.
pub(super) async fn pin(app: &App, caller: &Caller, port: &Port) -> Result<Pinned> {
    let now = app.now();
    let mut tx = app.db.house(&caller.for_house(Purpose::Carrier)).await?;
    let destinations = carriers::pinned(&mut tx, port.carrier).await?;
    let serving = plugins::serving(&mut tx, Serves::Carrier(port.carrier, port.scope.tenant()), now).await?;
    Ok(Pinned {
        release: serving.release,
        settings: serving.settings,
        destinations,
    })
}

/// What the carrier allows, in the words of the adapter that serves now.
pub(super) async fn rules(app: &App, caller: &Caller, port: &Port) -> Result<Rules> {
    let release = pin(app, caller, port).await?.release;
    let description = plugins::carrier_description(app, caller, release).await?;
    Ok(Rules::from(&description.rules))
}

/// An operation that reads the port back.
pub(super) fn read_back(port: &Port, cause: Cause, pinned: Pinned) -> NewOperation {
    NewOperation {
        tenant: port.scope.tenant(),
        kind: Kind::ReadPort,
        carrier: port.carrier,
        port: Some(port.id),
        cause,
        from_mbps: None,
        mbps: None,
        base_mbps: None,
        cursor: None,
        pinned,
    }
}

/// A speed to order.
#[derive(Clone, Copy)]
pub(super) struct Aim {
    /// The speed.
    pub mbps: u32,
    /// The one that stays once it is there: the same, or the base under a window.
    pub base_mbps: u32,
}

impl Aim {
    /// A speed that stays.
    pub fn lasting(mbps: u32) -> Self {
        Self {
            mbps,
            base_mbps: mbps,
        }
    }
}

/// An operation that orders a speed.
pub(super) fn order(port: &Port, cause: Cause, from_mbps: u32, aim: Aim, pinned: Pinned) -> NewOperation {
    NewOperation {
        kind: Kind::ChangeBandwidth,
        from_mbps: Some(from_mbps),
        mbps: Some(aim.mbps),
        base_mbps: Some(aim.base_mbps),
        ..read_back(port, cause, pinned)
    }
}
