//! Operators' visits: begun by the operator's login, looked up by the entrance, seen and ended by the tenant.

use sqlx::PgConnection;
use uuid::Uuid;

use super::States;
use crate::{
    app::Timestamp,
    db::{OperatorTx, ReadTx, Scope, Tx as _, WriteTx},
    fault::{Result, exactly_one},
    identity::visits::{Extent, Visit},
    ids::{OperatorId, VisitId},
    page::Page,
};

/// Who a visit's token stands for.
pub(in crate::identity) struct Visitor {
    pub scope: Scope,
    pub states: States,
    pub operator: OperatorId,
    pub visit: VisitId,
    pub extent: Extent,
}

struct Row {
    reseller_id: Uuid,
    tenant_id: Uuid,
    id: Uuid,
    operator_id: Uuid,
    reason: String,
    may_write: bool,
    began_at: Timestamp,
    expires_at: Timestamp,
    ended_at: Option<Timestamp>,
    ended_by: Option<String>,
}

impl From<Row> for Visit {
    fn from(row: Row) -> Self {
        Self {
            id: row.id.into(),
            scope: Scope::new(row.reseller_id.into(), row.tenant_id.into()),
            operator: row.operator_id.into(),
            reason: row.reason,
            extent: extent(row.may_write),
            began_at: row.began_at,
            expires_at: row.expires_at,
            ended_at: row.ended_at,
            ended_by: row.ended_by,
        }
    }
}

fn extent(may_write: bool) -> Extent {
    if may_write { Extent::Write } else { Extent::Read }
}

pub(in crate::identity) async fn insert_visit(
    tx: &mut OperatorTx,
    visit: &Visit,
    token_hash: &[u8],
) -> Result<()> {
    let done = sqlx::query!(
        "insert into visit (reseller_id, tenant_id, id, operator_id, reason, may_write, token_hash, began_at, expires_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        visit.scope.reseller().uuid(),
        visit.scope.tenant().uuid(),
        visit.id.uuid(),
        visit.operator.uuid(),
        visit.reason,
        visit.extent == Extent::Write,
        token_hash,
        visit.began_at,
        visit.expires_at
    )
    .execute(tx.conn())
    .await?;
    exactly_one(done.rows_affected())
}

/// The visit of this token, while it lasts and its operator is one.
pub(in crate::identity) async fn visitor(
    conn: &mut PgConnection,
    token_hash: &[u8],
    now: Timestamp,
) -> Result<Option<Visitor>> {
    let row = sqlx::query!(
        "select v.reseller_id, v.tenant_id, v.id, v.operator_id, v.may_write, t.state, house.state as house
        from visit v
        join operator_account o on o.id = v.operator_id and o.revoked_at is null
        join tenant t on t.reseller_id = v.reseller_id and t.tenant_id = v.tenant_id
        join tenant house on house.reseller_id = v.reseller_id and house.tenant_id = v.reseller_id
        where v.token_hash = $1
            and v.ended_at is null
            and v.expires_at > $2",
        token_hash,
        now
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| Visitor {
        scope: Scope::new(row.reseller_id.into(), row.tenant_id.into()),
        states: States {
            tenant: row.state,
            house: row.house,
        },
        operator: row.operator_id.into(),
        visit: row.id.into(),
        extent: extent(row.may_write),
    }))
}

/// An operator's own visits, or the one that is named.
pub(in crate::identity) async fn own_visits(
    tx: &mut OperatorTx,
    operator: OperatorId,
    only: Option<VisitId>,
    page: Page,
) -> Result<Vec<Visit>> {
    let rows = sqlx::query_as!(
        Row,
        "select reseller_id, tenant_id, id, operator_id, reason, may_write, began_at, expires_at, ended_at, ended_by
        from visit
        where operator_id = $1
            and ($2::uuid is null or id = $2)
            and id > $3
        order by id
        limit $4",
        operator.uuid(),
        only.map(|id| id.uuid()),
        page.after,
        page.fetch()
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// Ends the visit for its operator, if it lasts.
pub(in crate::identity) async fn leave(tx: &mut OperatorTx, visit: &Visit, now: Timestamp) -> Result<()> {
    let done = sqlx::query!(
        "update visit
        set ended_at = $4, ended_by = 'operator'
        where reseller_id = $1
            and tenant_id = $2
            and id = $3
            and ended_at is null
            and expires_at > $4",
        visit.scope.reseller().uuid(),
        visit.scope.tenant().uuid(),
        visit.id.uuid(),
        now
    )
    .execute(tx.conn())
    .await?;
    exactly_one(done.rows_affected())
}

/// Ends a visit to the tenant, if it lasts.
pub(in crate::identity) async fn show_out(tx: &mut WriteTx, id: VisitId, now: Timestamp) -> Result<()> {
    let scope = tx.scope();
    let done = sqlx::query!(
        "update visit
        set ended_at = $4, ended_by = 'tenant'
        where reseller_id = $1
            and ($2::uuid is null or tenant_id = $2)
            and id = $3
            and ended_at is null
            and expires_at > $4",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        id.uuid(),
        now
    )
    .execute(tx.conn())
    .await?;
    exactly_one(done.rows_affected())
}

pub(in crate::identity) async fn visits(tx: &mut ReadTx, page: Page) -> Result<Vec<Visit>> {
    let scope = tx.scope();
    let rows = sqlx::query_as!(
        Row,
        "select reseller_id, tenant_id, id, operator_id, reason, may_write, began_at, expires_at, ended_at, ended_by
        from visit
        where reseller_id = $1
            and ($2::uuid is null or tenant_id = $2)
            and id > $3
        order by id
        limit $4",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        page.after,
        page.fetch()
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(Into::into).collect())
}
