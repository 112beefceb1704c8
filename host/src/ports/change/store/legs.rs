//! The table of return legs.

use uuid::Uuid;

use super::super::{Leg, LegState};
use crate::{
    app::Timestamp,
    db::{Scope, Tx, WriteTx},
    fault::{Fault, Result, exactly_one},
    ids::{ChangeId, PortId, ReturnLegId},
    ports::{mbps, to_db},
};

struct LegRow {
    reseller_id: Uuid,
    tenant_id: Uuid,
    id: Uuid,
    change_id: Uuid,
    port_id: Uuid,
    due_at: Timestamp,
    target_mbps: Option<i32>,
    state: String,
    reason: Option<String>,
}

impl TryFrom<LegRow> for Leg {
    type Error = Fault;

    fn try_from(row: LegRow) -> Result<Self> {
        let unknown = || Fault::broken(format!("return leg {} has an unknown state", row.id));
        Ok(Self {
            scope: Scope::new(row.reseller_id.into(), row.tenant_id.into()),
            id: row.id.into(),
            change: row.change_id.into(),
            port: row.port_id.into(),
            due_at: row.due_at,
            target_mbps: row.target_mbps.map(mbps),
            state: LegState::parse(&row.state).ok_or_else(unknown)?,
            reason: row.reason,
        })
    }
}

pub(in crate::ports) async fn insert_leg(tx: &mut WriteTx, leg: &Leg) -> Result<()> {
    let done = sqlx::query!(
        "insert into return_leg (reseller_id, tenant_id, id, change_id, port_id, due_at, target_mbps, state, reason)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        leg.scope.reseller().uuid(),
        leg.scope.tenant().uuid(),
        leg.id.uuid(),
        leg.change.uuid(),
        leg.port.uuid(),
        leg.due_at,
        leg.target_mbps.map(to_db),
        leg.state.name(),
        leg.reason
    )
    .execute(tx.conn())
    .await?;
    exactly_one(done.rows_affected())
}

pub(in crate::ports) async fn update_leg(tx: &mut WriteTx, leg: &Leg) -> Result<()> {
    let scope = tx.scope();
    let done = sqlx::query!(
        "update return_leg
        set state = $4, reason = $5, target_mbps = $6
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2)
            and id = $3",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        leg.id.uuid(),
        leg.state.name(),
        leg.reason,
        leg.target_mbps.map(to_db)
    )
    .execute(tx.conn())
    .await?;
    exactly_one(done.rows_affected())
}

pub(in crate::ports) async fn find_leg(tx: &mut impl Tx, id: ReturnLegId) -> Result<Leg> {
    let scope = tx.scope();
    let row = sqlx::query_as!(
        LegRow,
        "select reseller_id, tenant_id, id, change_id, port_id, due_at, target_mbps, state, reason
        from return_leg
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2)
            and id = $3",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    row.ok_or(Fault::Missing)?.try_into()
}

pub(in crate::ports) async fn leg_of(tx: &mut impl Tx, change: ChangeId) -> Result<Option<Leg>> {
    let scope = tx.scope();
    let row = sqlx::query_as!(
        LegRow,
        "select reseller_id, tenant_id, id, change_id, port_id, due_at, target_mbps, state, reason
        from return_leg
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2)
            and change_id = $3",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        change.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(Leg::try_from).transpose()
}

/// The reserved return legs of the port whose time has come: their window has ended, or never took effect.
pub(in crate::ports) async fn due_legs(tx: &mut impl Tx, port: PortId, now: Timestamp) -> Result<Vec<Leg>> {
    let scope = tx.scope();
    let rows = sqlx::query_as!(
        LegRow,
        "select leg.reseller_id, leg.tenant_id, leg.id, leg.change_id, leg.port_id, leg.due_at, leg.target_mbps,
            leg.state, leg.reason
        from return_leg leg
        join bandwidth_change change on change.reseller_id = leg.reseller_id and change.id = leg.change_id
        where leg.reseller_id = $1 and ($2::uuid is null or leg.tenant_id = $2)
            and leg.port_id = $3
            and leg.state = 'reserved'
            and (leg.due_at <= $4 or change.state in ('rejected', 'failed'))
            and change.state not in ('quoted', 'awaiting_approval')
        order by leg.due_at, leg.id",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        port.uuid(),
        now
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter().map(Leg::try_from).collect()
}
