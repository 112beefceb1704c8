//! The table of bandwidth changes.

use uuid::Uuid;

use super::super::{Change, ChangeState};
use crate::{
    app::Timestamp,
    db::{Scope, Tx, WriteTx},
    fault::{Fault, Result, exactly_one},
    identity::{ActorKind, Initiator},
    ids::{ChangeId, PortId, QuoteId},
    page::Page,
    ports::{Kind, mbps, to_db},
};

pub(super) struct ChangeRow {
    pub reseller_id: Uuid,
    pub tenant_id: Uuid,
    pub id: Uuid,
    pub port_id: Uuid,
    pub quote_id: Uuid,
    pub mbps: i32,
    pub starts_at: Timestamp,
    pub ends_at: Option<Timestamp>,
    pub state: String,
    pub reason: Option<String>,
    pub held_until: Option<Timestamp>,
    pub initiated_by_kind: String,
    pub initiated_by: Uuid,
    pub created_at: Timestamp,
}

impl TryFrom<ChangeRow> for Change {
    type Error = Fault;

    fn try_from(row: ChangeRow) -> Result<Self> {
        let unknown = |what| Fault::broken(format!("bandwidth change {} has an unknown {what}", row.id));
        Ok(Self {
            scope: Scope::new(row.reseller_id.into(), row.tenant_id.into()),
            id: row.id.into(),
            port: row.port_id.into(),
            quote: row.quote_id.into(),
            kind: Kind::ending(row.ends_at),
            mbps: mbps(row.mbps),
            starts_at: row.starts_at,
            state: ChangeState::parse(&row.state).ok_or_else(|| unknown("state"))?,
            reason: row.reason,
            held_until: row.held_until,
            initiator: Initiator {
                kind: ActorKind::parse(&row.initiated_by_kind).ok_or_else(|| unknown("initiator"))?,
                id: row.initiated_by,
            },
            created_at: row.created_at,
        })
    }
}

pub(in crate::ports) async fn insert(tx: &mut WriteTx, change: &Change) -> Result<()> {
    let done = sqlx::query!(
        "insert into bandwidth_change (reseller_id, tenant_id, id, port_id, quote_id, kind, mbps, starts_at, ends_at,
            state, reason, held_until, initiated_by_kind, initiated_by, created_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
        change.scope.reseller().uuid(),
        change.scope.tenant().uuid(),
        change.id.uuid(),
        change.port.uuid(),
        change.quote.uuid(),
        change.kind.name(),
        to_db(change.mbps),
        change.starts_at,
        change.ends_at(),
        change.state.name(),
        change.reason,
        change.held_until,
        change.initiator.kind.name(),
        change.initiator.id,
        change.created_at
    )
    .execute(tx.conn())
    .await?;
    exactly_one(done.rows_affected())
}

pub(in crate::ports) async fn update(tx: &mut WriteTx, change: &Change) -> Result<()> {
    let scope = tx.scope();
    let done = sqlx::query!(
        "update bandwidth_change
        set state = $4, reason = $5
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2)
            and id = $3",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        change.id.uuid(),
        change.state.name(),
        change.reason
    )
    .execute(tx.conn())
    .await?;
    exactly_one(done.rows_affected())
}

pub(in crate::ports) async fn find(tx: &mut impl Tx, id: ChangeId) -> Result<Change> {
    let scope = tx.scope();
    let row = sqlx::query_as!(
        ChangeRow,
        "select reseller_id, tenant_id, id, port_id, quote_id, mbps, starts_at, ends_at, state, reason, held_until,
            initiated_by_kind, initiated_by, created_at
        from bandwidth_change
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

pub(in crate::ports) async fn list(
    tx: &mut impl Tx,
    port: Option<PortId>,
    page: Page,
) -> Result<Vec<Change>> {
    let scope = tx.scope();
    let rows = sqlx::query_as!(
        ChangeRow,
        "select reseller_id, tenant_id, id, port_id, quote_id, mbps, starts_at, ends_at, state, reason, held_until,
            initiated_by_kind, initiated_by, created_at
        from bandwidth_change
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2)
            and ($3::uuid is null or port_id = $3)
            and id > $4
        order by id
        limit $5",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        port.map(|id| id.uuid()),
        page.after,
        page.fetch()
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter().map(Change::try_from).collect()
}

pub(in crate::ports) async fn of_quote(tx: &mut impl Tx, quote: QuoteId) -> Result<Option<ChangeId>> {
    let scope = tx.scope();
    let id = sqlx::query_scalar!(
        "select id
        from bandwidth_change
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2)
            and quote_id = $3",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        quote.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(id.map(Into::into))
}
