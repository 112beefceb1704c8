//! The table of billing runs. Rows are the buyer's and never change.

use serde_json::Value;
use uuid::Uuid;

use super::Run;
use crate::{
    app::Timestamp,
    billing::{
        deal::{Deal, Level},
        rate::Period,
        stored_zone,
    },
    db::{Scope, Tx, WriteTx},
    fault::{Fault, Result},
    page::Page,
};

struct Row {
    reseller_id: Uuid,
    tenant_id: Uuid,
    id: Uuid,
    level: String,
    period_start: Timestamp,
    period_end: Timestamp,
    currency: String,
    time_zone: String,
    release_id: Uuid,
    digest: String,
    created_at: Timestamp,
    invoice_id: Option<Uuid>,
}

impl TryFrom<Row> for Run {
    type Error = Fault;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: row.id.into(),
            buyer: Scope::new(row.reseller_id.into(), row.tenant_id.into()),
            level: Level::parse(&row.level)?,
            period: Period {
                start: row.period_start,
                end: row.period_end,
            },
            time_zone: stored_zone(&row.time_zone)?,
            currency: row.currency,
            release: row.release_id.into(),
            digest: row.digest,
            created_at: row.created_at,
            invoice: row.invoice_id.map(Into::into),
        })
    }
}

/// Whether the run was not there before. One that somebody else is keeping is waited for.
pub(super) async fn insert(tx: &mut WriteTx, run: &Run, settings: &Value) -> Result<bool> {
    let done = sqlx::query!(
        "insert into billing_run (reseller_id, tenant_id, id, level, period_start, period_end, currency, time_zone,
            release_id, digest, settings, created_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
        on conflict on constraint billing_run_once do nothing",
        run.buyer.reseller().uuid(),
        run.buyer.tenant().uuid(),
        run.id.uuid(),
        run.level.name(),
        run.period.start,
        run.period.end,
        run.currency,
        run.time_zone.name(),
        run.release.uuid(),
        run.digest,
        settings,
        run.created_at
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

pub(super) async fn find(tx: &mut impl Tx, deal: &Deal, period: Period) -> Result<Option<Run>> {
    let scope = tx.scope();
    let row = sqlx::query_as!(
        Row,
        r#"select r.reseller_id, r.tenant_id, r.id, r.level, r.period_start, r.period_end, r.currency, r.time_zone,
            r.release_id, r.digest, r.created_at, i.id as "invoice_id?"
        from billing_run r
        left join invoice i
            on i.reseller_id = r.reseller_id and i.tenant_id = r.tenant_id and i.billing_run_id = r.id
        where r.reseller_id = $1 and ($2::uuid is null or r.tenant_id = $2)
            and r.tenant_id = $3
            and r.level = $4
            and r.period_start = $5"#,
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        deal.buyer.tenant().uuid(),
        deal.level.name(),
        period.start
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(Run::try_from).transpose()
}

pub(super) async fn list(tx: &mut impl Tx, page: Page) -> Result<Vec<Run>> {
    let scope = tx.scope();
    // The page is cut before invoices are looked up: planned for any page size, a join would read all of them.
    let rows = sqlx::query_as!(
        Row,
        r#"select r.reseller_id, r.tenant_id, r.id, r.level, r.period_start, r.period_end, r.currency, r.time_zone,
            r.release_id, r.digest, r.created_at, (
            select i.id
            from invoice i
            where i.reseller_id = $1 and i.tenant_id = r.tenant_id and i.billing_run_id = r.id) as "invoice_id?"
        from (
            select reseller_id, tenant_id, id, level, period_start, period_end, currency, time_zone, release_id, digest, created_at
            from billing_run
            where reseller_id = $1 and coalesce(tenant_id = $2::uuid, true)
                and id > $3
            order by id
            limit $4) r
        order by r.id"#,
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        page.after,
        page.fetch()
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter().map(Run::try_from).collect()
}
