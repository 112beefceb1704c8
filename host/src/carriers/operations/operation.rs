//! What an operation is: one thing asked of a carrier, pinned to what it began with.

use std::fmt;

use nexusport_sandbox::carrier::Outcome;
use serde_json::Value;

use crate::{
    app::Timestamp,
    carriers::Destinations,
    ids::{CarrierId, ChangeId, OperationId, PortId, ReleaseId, ReturnLegId, TenantId},
    machine::machine,
    ports::port::AtCarrier,
};

/// What is asked of the carrier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The state of one port.
    ReadPort,
    /// The carrier's ports.
    ListPorts,
    /// Whether a change would be possible; changes nothing.
    CheckChange,
    /// Another speed for a port.
    ChangeBandwidth,
    /// To withdraw an order.
    Cancel,
    /// Whether destination and credential work.
    Probe,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 6] = [
        Self::ReadPort,
        Self::ListPorts,
        Self::CheckChange,
        Self::ChangeBandwidth,
        Self::Cancel,
        Self::Probe,
    ];

    /// The word in the database and on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ReadPort => "read_port",
            Self::ListPorts => "list_ports",
            Self::CheckChange => "check_change",
            Self::ChangeBandwidth => "change_bandwidth",
            Self::Cancel => "cancel",
            Self::Probe => "probe",
        }
    }

    /// The kind of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// What an operation carries out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// Nothing but itself, such as a read-back.
    None,
    /// A bandwidth change.
    Change(ChangeId),
    /// A window's return leg.
    Return(ReturnLegId),
}

/// What an operation began with and ends on, whatever is activated, set or granted meanwhile.
#[derive(Debug, Clone, PartialEq)]
pub struct Pinned {
    /// The adapter.
    pub release: ReleaseId,
    /// The adapter's settings.
    pub settings: Value,
    /// Where its destination handles lead.
    pub destinations: Destinations,
}

/// An operation to start.
#[derive(Debug, Clone)]
pub struct NewOperation {
    /// Whose: the port's tenant, or the reseller where it concerns no port. It runs as this tenant.
    pub tenant: TenantId,
    /// What is asked.
    pub kind: Kind,
    /// Of whom.
    pub carrier: CarrierId,
    /// About which port; none for [`Kind::ListPorts`] and [`Kind::Probe`].
    pub port: Option<PortId>,
    /// What for.
    pub cause: Cause,
    /// The speed believed to be there now, where the kind orders one.
    pub from_mbps: Option<u32>,
    /// The speed to order.
    pub mbps: Option<u32>,
    /// The speed that stays once it is there: this one, or the base that a window lies over.
    pub base_mbps: Option<u32>,
    /// Which page of the carrier's ports; none for the first, and where no ports are listed.
    pub cursor: Option<String>,
    /// What it stays on.
    pub pinned: Pinned,
}

machine! {
    /// Where an operation stands.
    State "operation" "an operation" {
        /// A step is under way or about to be.
        Running "running" => [Waiting, Done, GivenUp];
        /// The next step is due later.
        Waiting "waiting" => [Running, GivenUp];
        /// The carrier's answer is known.
        Done "done" => [];
        /// No true answer was found: a person must look.
        GivenUp "given_up" => [Running];
    }
}

impl State {
    /// Whether nothing more happens by itself.
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Done | Self::GivenUp)
    }
}

/// An operation.
#[derive(Debug, Clone)]
pub struct Operation {
    /// Which one; the seed of everything unique that the adapter needs.
    pub id: OperationId,
    /// Whose: its port's tenant, or the reseller where it concerns no port.
    pub tenant: TenantId,
    /// What is asked.
    pub kind: Kind,
    /// Of whom.
    pub carrier: CarrierId,
    /// About which port.
    pub port: Option<PortId>,
    /// What for.
    pub cause: Cause,
    /// The speed believed to be there when it began.
    pub from_mbps: Option<u32>,
    /// The speed ordered.
    pub mbps: Option<u32>,
    /// The speed that stays once it is there.
    pub base_mbps: Option<u32>,
    /// Which page of the carrier's ports.
    pub cursor: Option<String>,
    /// What it stays on.
    pub pinned: Pinned,
    pub(super) at_carrier: Option<AtCarrier>,
    /// Where it stands.
    pub state: State,
    /// How it ended, as the API shows it.
    pub outcome: Option<Value>,
    /// Why a person must look.
    pub attention: Option<String>,
    /// When it was started.
    pub asked_at: Timestamp,
    /// When its next step is due, while it waits.
    pub wake_at: Option<Timestamp>,
    /// When a push of the carrier's last named something that it waits for.
    pub(super) woken_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// When a person last had it taken up again.
    pub retried_at: Option<Timestamp>,
    /// When the carrier gave the answer that it ended with, as far as whoever ends it knows.
    pub answered_at: Option<Timestamp>,
}

/// How an operation ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// The adapter read this out of the carrier's answers.
    Done(Outcome),
    /// No true answer was found: a person must look.
    GivenUp(Reason),
}

/// Why an operation was given up. Shows as its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// For people: lower case, names the thing and its limit, no full stop.
    pub text: String,
    /// Whether the carrier may have carried out something all the same. False only where no request that has an
    /// effect has left the host, or the carrier refused each.
    pub may_have_happened: bool,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back_to_their_kind_and_state() {
        for kind in Kind::ALL {
            assert_eq!(Kind::parse(kind.name()), Some(kind));
        }
        for state in [State::Running, State::Waiting, State::Done, State::GivenUp] {
            assert_eq!(State::parse(state.name()), Some(state));
        }
    }
}
