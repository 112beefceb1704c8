//! The tables of shadows. They are the reseller's house, so the second fence is the reseller alone.

use nexusport_sandbox::clean;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Compared, Line, Shadow, State, Total};
use crate::{
    app::Timestamp,
    billing::rate::Month,
    db::{Tx, WriteTx},
    fault::{Fault, OnConstraint as _, Result, exactly_one},
    ids::{ReleaseId, ShadowId},
    page::Page,
};

/// Characters of a failure that are kept.
const FAILURE_MAX: usize = 500;

struct Row {
    id: Uuid,
    release_id: Uuid,
    settings: Value,
    period: String,
    state: String,
    customers_total: i32,
    customers_done: i32,
    requested_at: Timestamp,
    finished_at: Option<Timestamp>,
}

impl Row {
    fn shadow(self) -> Result<Shadow> {
        Ok(Shadow {
            id: self.id.into(),
            release: self.release_id.into(),
            settings: self.settings,
            month: Month::parse(&self.period)?,
            state: State::parse(&self.state)?,
            customers_total: self.customers_total.unsigned_abs(),
            customers_done: self.customers_done.unsigned_abs(),
            requested_at: self.requested_at,
            finished_at: self.finished_at,
        })
    }
}

pub(super) async fn insert(tx: &mut WriteTx, shadow: &Shadow) -> Result<()> {
    let (reseller, by) = (tx.scope().reseller().uuid(), tx.initiator());
    let done = sqlx::query!(
        "insert into shadow (reseller_id, tenant_id, id, release_id, settings, period, requested_by_kind, requested_by,
            requested_at)
        values ($1, $1, $2, $3, $4, $5, $6, $7, $8)",
        reseller,
        shadow.id.uuid(),
        shadow.release.uuid(),
        shadow.settings,
        shadow.month.to_string(),
        by.kind.name(),
        by.id,
        shadow.requested_at
    )
    .execute(tx.conn())
    .await
    .on_constraint("shadow_one_at_a_time", || {
        Fault::conflict(
            "shadow_running",
            "a shadow is under way, and there is one at a time",
        )
    })?;
    exactly_one(done.rows_affected())
}

pub(super) async fn list(tx: &mut impl Tx, page: Page) -> Result<Vec<Shadow>> {
    let reseller = tx.scope().reseller().uuid();
    let rows = sqlx::query_as!(
        Row,
        "select id, release_id, settings, period, state, customers_total, customers_done, requested_at, finished_at
        from shadow
        where reseller_id = $1 and id > $2
        order by id
        limit $3",
        reseller,
        page.after,
        page.fetch()
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter().map(Row::shadow).collect()
}

pub(super) async fn find(tx: &mut impl Tx, id: ShadowId) -> Result<Shadow> {
    let reseller = tx.scope().reseller().uuid();
    let row = sqlx::query_as!(
        Row,
        "select id, release_id, settings, period, state, customers_total, customers_done, requested_at, finished_at
        from shadow
        where reseller_id = $1 and id = $2",
        reseller,
        id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    row.ok_or(Fault::Missing)?.shadow()
}

/// The shadow, kept from others' changes until the transaction ends.
pub(super) async fn lock(tx: &mut WriteTx, id: ShadowId) -> Result<Shadow> {
    let reseller = tx.scope().reseller().uuid();
    let row = sqlx::query_as!(
        Row,
        "select id, release_id, settings, period, state, customers_total, customers_done, requested_at, finished_at
        from shadow
        where reseller_id = $1 and id = $2
        for update",
        reseller,
        id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    row.ok_or(Fault::Missing)?.shadow()
}

/// Keeps how far it has come.
pub(super) async fn advance(tx: &mut WriteTx, shadow: &Shadow) -> Result<()> {
    let reseller = tx.scope().reseller().uuid();
    let done = sqlx::query!(
        "update shadow
        set state = $3, customers_total = $4, customers_done = $5, finished_at = $6
        where reseller_id = $1 and id = $2",
        reseller,
        shadow.id.uuid(),
        shadow.state.name(),
        i32::try_from(shadow.customers_total)?,
        i32::try_from(shadow.customers_done)?,
        shadow.finished_at
    )
    .execute(tx.conn())
    .await?;
    exactly_one(done.rows_affected())
}

pub(super) async fn finished(tx: &mut impl Tx, release: ReleaseId, settings: &Value) -> Result<bool> {
    let reseller = tx.scope().reseller().uuid();
    Ok(sqlx::query_scalar!(
        r#"select exists (
            select from shadow
            where reseller_id = $1 and release_id = $2 and settings = $3 and state = 'finished') as "finished!""#,
        reseller,
        release.uuid(),
        settings
    )
    .fetch_one(tx.conn())
    .await?)
}

pub(super) async fn keep(tx: &mut WriteTx, id: Uuid, of: ShadowId, compared: &Compared) -> Result<()> {
    let reseller = tx.scope().reseller().uuid();
    let failure = |text: &Option<String>| text.as_ref().map(|text| clean(text, FAILURE_MAX));
    let lines: Vec<_> = compared.lines.iter().map(to_stored).collect();
    let done = sqlx::query!(
        "insert into shadow_customer (reseller_id, tenant_id, id, shadow_id, customer_id, currency, active_digest,
            active_total, total, difference, active_failure, failure, lines, lines_left_out)
        values ($1, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        reseller,
        id,
        of.uuid(),
        compared.customer.uuid(),
        compared.currency,
        compared.active_digest,
        compared.active_total,
        compared.total,
        compared.difference,
        failure(&compared.active_failure),
        failure(&compared.failure),
        Value::from(lines),
        i32::try_from(compared.lines_left_out)?
    )
    .execute(tx.conn())
    .await
    .on_constraint("shadow_customer_once", || {
        Fault::broken("a customer was looked at twice in one shadow")
    })?;
    exactly_one(done.rows_affected())
}

/// Those that failed first, then the largest differences, with the id that a cursor names.
pub(super) async fn worst(tx: &mut impl Tx, of: ShadowId, page: Page) -> Result<Vec<(Uuid, Compared)>> {
    let reseller = tx.scope().reseller().uuid();
    let rows = sqlx::query!(
        "select c.id, c.customer_id, c.currency, c.active_digest, c.active_total, c.total, c.difference,
            c.active_failure, c.failure, c.lines, c.lines_left_out
        from shadow_customer c
        left join shadow_customer last on last.reseller_id = c.reseller_id and last.shadow_id = c.shadow_id and last.id = $3
        where c.reseller_id = $1
            and c.shadow_id = $2
            and (last.id is null
                or (c.failure is null, -abs(coalesce(c.difference, 0)), c.id)
                    > (last.failure is null, -abs(coalesce(last.difference, 0)), last.id))
        order by c.failure is null, -abs(coalesce(c.difference, 0)), c.id
        limit $4",
        reseller,
        of.uuid(),
        page.after,
        page.fetch()
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter()
        .map(|row| {
            let lines = row.lines.as_array().into_iter().flatten();
            let compared = Compared {
                customer: row.customer_id.into(),
                currency: row.currency,
                active_digest: row.active_digest,
                active_total: row.active_total,
                total: row.total,
                difference: row.difference,
                active_failure: row.active_failure,
                failure: row.failure,
                lines: lines.map(from_stored).collect::<Result<_>>()?,
                lines_left_out: row.lines_left_out.unsigned_abs(),
            };
            Ok((row.id, compared))
        })
        .collect()
}

pub(super) async fn totals(tx: &mut impl Tx, of: ShadowId) -> Result<Vec<Total>> {
    let reseller = tx.scope().reseller().uuid();
    let rows = sqlx::query!(
        r#"select currency, count(*) as "customers!", count(failure) as "failures!",
            coalesce(sum(active_total) filter (where difference is not null), 0) as "active_total!",
            coalesce(sum(total) filter (where difference is not null), 0) as "total!"
        from shadow_customer
        where reseller_id = $1 and shadow_id = $2
        group by currency
        order by currency"#,
        reseller,
        of.uuid()
    )
    .fetch_all(tx.conn())
    .await?;
    let total = rows.into_iter().map(|row| Total {
        currency: row.currency,
        customers: row.customers.unsigned_abs(),
        failures: row.failures.unsigned_abs(),
        active_total: row.active_total,
        total: row.total,
    });
    Ok(total.collect())
}

fn to_stored(line: &Line) -> Value {
    json!({
        "port": line.port.uuid(), "from": line.starts_at, "to": line.ends_at, "code": line.code,
        "active": line.active_amount.to_string(), "amount": line.amount.to_string(),
    })
}

fn from_stored(stored: &Value) -> Result<Line> {
    let text = |name: &str| {
        let text = stored[name].as_str();
        text.ok_or_else(|| Fault::broken(format!("a line of a shadow has no {name}")))
    };
    Ok(Line {
        port: text("port")?.parse::<Uuid>()?.into(),
        starts_at: text("from")?.parse()?,
        ends_at: text("to")?.parse()?,
        code: text("code")?.to_owned(),
        active_amount: text("active")?.parse::<Decimal>()?,
        amount: text("amount")?.parse::<Decimal>()?,
    })
}
