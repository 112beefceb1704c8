//! The table of alerts.

use uuid::Uuid;

use super::{Alert, State, Subject};
use crate::{
    app::Timestamp,
    db::{Tx, WriteTx},
    fault::{Fault, Result, exactly_one},
    identity::Initiator,
    ids::AlertId,
    page::Page,
};

struct Row {
    tenant_id: Uuid,
    id: Uuid,
    kind: String,
    subject_id: Uuid,
    port_id: Option<Uuid>,
    text: String,
    state: String,
    called: Vec<Uuid>,
    step: i32,
    raised_at: Timestamp,
    acknowledged_at: Option<Timestamp>,
    resolved_at: Option<Timestamp>,
}

impl From<Row> for Alert {
    fn from(row: Row) -> Self {
        Self {
            id: row.id.into(),
            tenant: row.tenant_id.into(),
            subject: match &*row.kind {
                "return_leg" => Subject::ReturnLeg(row.subject_id),
                "activation" => Subject::Activation(row.subject_id),
                "carrier" => Subject::Carrier(row.subject_id),
                "drift" => Subject::Drift(row.subject_id),
                _ => Subject::Operation(row.subject_id),
            },
            port: row.port_id.map(Into::into),
            text: row.text,
            state: match &*row.state {
                "open" => State::Open,
                "acknowledged" => State::Acknowledged,
                _ => State::Resolved,
            },
            called: row.called.into_iter().map(Into::into).collect(),
            step: usize::try_from(row.step).unwrap_or(0),
            raised_at: row.raised_at,
            acknowledged_at: row.acknowledged_at,
            resolved_at: row.resolved_at,
        }
    }
}

/// The alert's id: that of the one before, where it was settled. None where there is one of the subject already.
pub(super) async fn insert(tx: &mut WriteTx, alert: &Alert) -> Result<Option<AlertId>> {
    let reseller = tx.scope().reseller().uuid();
    let called = super::called(alert);
    let id = sqlx::query_scalar!(
        "insert into alert (reseller_id, tenant_id, id, kind, subject_id, port_id, text, state, called, step, raised_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, $10)
        on conflict on constraint alert_once do update
        set text = excluded.text, port_id = excluded.port_id, state = excluded.state, called = excluded.called, step = 0,
            raised_at = excluded.raised_at, acknowledged_at = null, acknowledged_by_kind = null, acknowledged_by = null,
            resolved_at = null
        where alert.state = 'resolved'
        returning id",
        reseller,
        alert.tenant.uuid(),
        alert.id.uuid(),
        alert.subject.kind(),
        alert.subject.id(),
        alert.port.map(|id| id.uuid()),
        alert.text,
        alert.state.name(),
        &called,
        alert.raised_at
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(id.map(Into::into))
}

pub(super) async fn list(tx: &mut impl Tx, page: Page) -> Result<Vec<Alert>> {
    let scope = tx.scope();
    let rows = sqlx::query_as!(
        Row,
        "select tenant_id, id, kind, subject_id, port_id, text, state, called, step, raised_at, acknowledged_at,
            resolved_at
        from alert
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2)
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
    Ok(rows.into_iter().map(Alert::from).collect())
}

/// The alert, kept from others' changes until the transaction ends.
pub(super) async fn lock(tx: &mut WriteTx, id: AlertId) -> Result<Alert> {
    let scope = tx.scope();
    let row = sqlx::query_as!(
        Row,
        "select tenant_id, id, kind, subject_id, port_id, text, state, called, step, raised_at, acknowledged_at,
            resolved_at
        from alert
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2)
            and id = $3
        for update",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(Alert::from).ok_or(Fault::Missing)
}

pub(super) async fn call(tx: &mut WriteTx, alert: &Alert) -> Result<()> {
    let scope = tx.scope();
    let called = super::called(alert);
    let done = sqlx::query!(
        "update alert
        set called = $4, step = $5
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2)
            and id = $3",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        alert.id.uuid(),
        &called,
        i32::try_from(alert.step).unwrap_or(i32::MAX)
    )
    .execute(tx.conn())
    .await?;
    exactly_one(done.rows_affected())
}

pub(super) async fn acknowledge(tx: &mut WriteTx, alert: &Alert, by: Initiator) -> Result<()> {
    let scope = tx.scope();
    let done = sqlx::query!(
        "update alert
        set state = $4, acknowledged_at = $5, acknowledged_by_kind = $6, acknowledged_by = $7
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2)
            and id = $3",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        alert.id.uuid(),
        alert.state.name(),
        alert.acknowledged_at,
        by.kind.name(),
        by.id
    )
    .execute(tx.conn())
    .await?;
    exactly_one(done.rows_affected())
}

/// Which alert that was; none where the subject has none that is not settled.
pub(super) async fn resolve(tx: &mut WriteTx, subject: Subject) -> Result<Option<Uuid>> {
    let (scope, now) = (tx.scope(), tx.now());
    Ok(sqlx::query_scalar!(
        "update alert
        set state = 'resolved', resolved_at = $5
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2)
            and kind = $3
            and subject_id = $4
            and state <> 'resolved'
        returning id",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        subject.kind(),
        subject.id(),
        now
    )
    .fetch_optional(tx.conn())
    .await?)
}
