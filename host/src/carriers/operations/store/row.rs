//! A row of the operation table.

use serde_json::Value;
use uuid::Uuid;

use super::super::{Cause, Kind, Operation, Pinned, State};
use crate::{
    app::Timestamp,
    fault::{Fault, Result},
    ids::PortId,
    ports::port::AtCarrier,
};

/// The table's columns.
pub(super) struct Row {
    pub(super) id: Uuid,
    pub(super) tenant_id: Uuid,
    pub(super) kind: String,
    pub(super) carrier_id: Uuid,
    pub(super) port_id: Option<Uuid>,
    pub(super) change_id: Option<Uuid>,
    pub(super) return_leg_id: Option<Uuid>,
    pub(super) release_id: Uuid,
    pub(super) settings: Value,
    pub(super) destinations: Value,
    pub(super) port_reference: Option<String>,
    pub(super) port_data: Option<Vec<u8>>,
    pub(super) from_mbps: Option<i32>,
    pub(super) mbps: Option<i32>,
    pub(super) base_mbps: Option<i32>,
    pub(super) state: String,
    pub(super) outcome: Option<Value>,
    pub(super) attention: Option<String>,
    pub(super) asked_at: Timestamp,
    pub(super) wake_at: Option<Timestamp>,
    pub(super) woken_at: Option<Timestamp>,
    pub(super) ended_at: Option<Timestamp>,
    pub(super) cursor: Option<String>,
    pub(super) retried_at: Option<Timestamp>,
}

impl TryFrom<Row> for Operation {
    type Error = Fault;

    fn try_from(row: Row) -> Result<Self> {
        let destinations = serde_json::from_value(row.destinations)?;
        let unknown = |what: &str| Fault::broken(format!("operation {} has an unknown {what}", row.id));
        let unsigned = |mbps: Option<i32>| mbps.map(i32::unsigned_abs);
        Ok(Self {
            id: row.id.into(),
            tenant: row.tenant_id.into(),
            kind: Kind::parse(&row.kind).ok_or_else(|| unknown("kind"))?,
            carrier: row.carrier_id.into(),
            port: row.port_id.map(PortId::from),
            cause: match (row.change_id, row.return_leg_id) {
                (Some(id), _) => Cause::Change(id.into()),
                (None, Some(id)) => Cause::Return(id.into()),
                (None, None) => Cause::None,
            },
            from_mbps: unsigned(row.from_mbps),
            mbps: unsigned(row.mbps),
            base_mbps: unsigned(row.base_mbps),
            cursor: row.cursor,
            pinned: Pinned {
                release: row.release_id.into(),
                settings: row.settings,
                destinations,
            },
            at_carrier: row
                .port_reference
                .zip(row.port_data)
                .map(|(reference, carrier_data)| AtCarrier {
                    reference,
                    carrier_data,
                }),
            state: State::parse(&row.state).ok_or_else(|| unknown("state"))?,
            outcome: row.outcome,
            attention: row.attention,
            asked_at: row.asked_at,
            wake_at: row.wake_at,
            woken_at: row.woken_at,
            ended_at: row.ended_at,
            retried_at: row.retried_at,
            answered_at: None,
        })
    }
}
