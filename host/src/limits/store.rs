//! The tables of limits and of what was used.

use chrono::{DateTime, NaiveDate};
use serde_json::Value;
use sqlx::PgConnection;

use super::{
    Limit, Use,
    effective::{Grounds, Values},
    operator::{self, Plan},
    rate::{Grant, WINDOW_S},
};
use crate::{
    app::Timestamp,
    db::{HouseTx, OperatorTx, ReadTx, Scope, Tx as _, WriteTx},
    fault::{Fault, Result, exactly_one},
    page::Page,
};

/// Everything that was said about a tenant's limits.
pub(super) async fn grounds(conn: &mut PgConnection, of: Scope) -> Result<Grounds> {
    let row = sqlx::query!(
        r#"with chosen as (
            select coalesce(
                (select plan from reseller_plan where reseller_id = $1 and tenant_id = $1), 'standard') as plan
        )
        select chosen.plan as "plan!",
            coalesce((select limits from plan where name = chosen.plan), '{}') as "of_plan!",
            coalesce((select jsonb_object_agg(name, value) from limit_override
                where reseller_id = $1 and tenant_id = $1), '{}') as "of_house!",
            coalesce((select jsonb_object_agg(name, value) from limit_override
                where reseller_id = $1 and tenant_id = $2), '{}') as "of_tenant!",
            coalesce((select jsonb_object_agg(name, value) from limit_lowered
                where reseller_id = $1 and tenant_id = $2), '{}') as "lowered!"
        from chosen"#,
        of.reseller().uuid(),
        of.tenant().uuid()
    )
    .fetch_one(conn)
    .await?;
    Ok(Grounds {
        plan: row.plan,
        of_plan: values(row.of_plan)?,
        of_house: values(row.of_house)?,
        of_tenant: values(row.of_tenant)?,
        lowered: values(row.lowered)?,
    })
}

fn values(stored: Value) -> Result<Values> {
    Ok(serde_json::from_value(stored)?)
}

/// Takes at most `chunk` of a minute of which `limit` can be had. A row that is ahead of this minute stays so.
pub(super) async fn take(tx: &mut HouseTx, of: Scope, minute: i64, chunk: u64, limit: u64) -> Result<Grant> {
    let window_at = DateTime::from_timestamp(minute * WINDOW_S, 0)
        .ok_or_else(|| Fault::broken("a minute outside of time"))?;
    let row = sqlx::query!(
        "insert into rate_window as w (reseller_id, tenant_id, window_at, taken, granted)
        values ($1, $2, $3, least($4::bigint, $5::bigint), least($4, $5))
        on conflict (reseller_id, tenant_id) do update
        set window_at = greatest(w.window_at, excluded.window_at),
            granted = case
                when w.window_at < excluded.window_at then excluded.granted
                else greatest(0, least($4, $5 - w.taken))
            end,
            taken = case
                when w.window_at < excluded.window_at then excluded.taken
                else w.taken + greatest(0, least($4, $5 - w.taken))
            end
        returning window_at, taken, granted, set_config('synchronous_commit', 'off', true)",
        of.reseller().uuid(),
        of.tenant().uuid(),
        window_at,
        i64::try_from(chunk)?,
        i64::try_from(limit)?
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(Grant {
        minute: row.window_at.timestamp().div_euclid(WINDOW_S),
        limit,
        taken: row.taken.unsigned_abs(),
        granted: row.granted.unsigned_abs(),
    })
}

/// What a house's plugins burned in a day.
pub(super) async fn fuel(conn: &mut PgConnection, house: Scope, day: NaiveDate) -> Result<u64> {
    let burned = sqlx::query_scalar!(
        "select fuel from plugin_fuel where reseller_id = $1 and tenant_id = $1 and day = $2",
        house.reseller().uuid(),
        day
    )
    .fetch_optional(conn)
    .await?;
    Ok(burned.unwrap_or(0).unsigned_abs())
}

pub(super) async fn burn(tx: &mut HouseTx, fuel: u64, day: NaiveDate) -> Result<()> {
    let done = sqlx::query!(
        "insert into plugin_fuel (reseller_id, tenant_id, day, fuel)
        values ($1, $1, $2, $3)
        on conflict (reseller_id, tenant_id, day) do update
        set fuel = plugin_fuel.fuel + excluded.fuel",
        tx.scope().reseller().uuid(),
        day,
        i64::try_from(fuel)?
    )
    .execute(tx.conn())
    .await?;
    exactly_one(done.rows_affected())
}

/// Adds to what calls for the transaction's tenant burned in a day.
pub(super) async fn use_of_tenant(tx: &mut HouseTx, day: NaiveDate, calls: u64, fuel: u64) -> Result<()> {
    let scope = tx.scope();
    let done = sqlx::query!(
        "insert into plugin_use (reseller_id, tenant_id, day, calls, fuel)
        values ($1, $2, $3, $4, $5)
        on conflict (reseller_id, day, tenant_id) do update
        set calls = plugin_use.calls + excluded.calls, fuel = plugin_use.fuel + excluded.fuel",
        scope.reseller().uuid(),
        scope.tenant().uuid(),
        day,
        i64::try_from(calls)?,
        i64::try_from(fuel)?
    )
    .execute(tx.conn())
    .await?;
    exactly_one(done.rows_affected())
}

/// What calls for each tenant of the house burned in a day, in the order of tenants' ids.
pub(super) async fn uses(tx: &mut ReadTx, day: NaiveDate, page: Page) -> Result<Vec<Use>> {
    let scope = tx.scope();
    let rows = sqlx::query!(
        "select tenant_id, calls, fuel
        from plugin_use
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2)
            and day = $3
            and tenant_id > $4
        order by tenant_id
        limit $5",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        day,
        page.after,
        page.fetch()
    )
    .fetch_all(tx.conn())
    .await?;
    let used = rows.into_iter().map(|row| Use {
        tenant: row.tenant_id.into(),
        day,
        calls: row.calls.unsigned_abs(),
        fuel: row.fuel.unsigned_abs(),
    });
    Ok(used.collect())
}

pub(super) async fn lower(
    tx: &mut WriteTx,
    customer: Scope,
    limit: Limit,
    value: u64,
    now: Timestamp,
) -> Result<()> {
    let done = sqlx::query!(
        "insert into limit_lowered (reseller_id, tenant_id, name, value, changed_at)
        values ($1, $2, $3, $4, $5)
        on conflict (reseller_id, tenant_id, name) do update
        set value = excluded.value, changed_at = excluded.changed_at",
        customer.reseller().uuid(),
        customer.tenant().uuid(),
        limit.name(),
        i64::try_from(value)?,
        now
    )
    .execute(tx.conn())
    .await?;
    exactly_one(done.rows_affected())
}

pub(super) async fn restore(tx: &mut WriteTx, customer: Scope, limit: Limit) -> Result<()> {
    let done = sqlx::query!(
        "delete from limit_lowered where reseller_id = $1 and tenant_id = $2 and name = $3",
        customer.reseller().uuid(),
        customer.tenant().uuid(),
        limit.name()
    )
    .execute(tx.conn())
    .await?;
    exactly_one(done.rows_affected())
}

pub(super) async fn plans(tx: &mut OperatorTx) -> Result<Vec<Plan>> {
    let rows = sqlx::query!("select name, limits, changed_at from plan order by name")
        .fetch_all(tx.conn())
        .await?;
    let plan = |(name, limits, changed_at)| {
        let limits = values(limits)?;
        // What an earlier release knew and this one does not limits nothing.
        let known = Limit::ALL.iter().copied();
        let limits = known.filter_map(|limit| Some((limit, *limits.get(limit.name())?)));
        Ok(Plan {
            name,
            limits: limits.collect(),
            changed_at,
        })
    };
    rows.into_iter()
        .map(|row| plan((row.name, row.limits, row.changed_at)))
        .collect()
}

pub(super) async fn put_plan(tx: &mut OperatorTx, plan: &Plan) -> Result<()> {
    let done = sqlx::query!(
        "insert into plan (name, limits, changed_at)
        values ($1, $2, $3)
        on conflict (name) do update
        set limits = excluded.limits, changed_at = excluded.changed_at",
        plan.name,
        serde_json::to_value(operator::values(&plan.limits))?,
        plan.changed_at
    )
    .execute(tx.conn())
    .await?;
    exactly_one(done.rows_affected())
}

pub(super) async fn choose_plan(
    tx: &mut OperatorTx,
    reseller: Scope,
    plan: &str,
    now: Timestamp,
) -> Result<()> {
    let done = sqlx::query!(
        "insert into reseller_plan (reseller_id, tenant_id, plan, changed_at)
        values ($1, $1, $2, $3)
        on conflict (reseller_id, tenant_id) do update
        set plan = excluded.plan, changed_at = excluded.changed_at",
        reseller.reseller().uuid(),
        plan,
        now
    )
    .execute(tx.conn())
    .await?;
    exactly_one(done.rows_affected())
}

pub(super) async fn set_override(
    tx: &mut OperatorTx,
    tenant: Scope,
    limit: Limit,
    value: u64,
    now: Timestamp,
) -> Result<()> {
    let done = sqlx::query!(
        "insert into limit_override (reseller_id, tenant_id, name, value, changed_at)
        values ($1, $2, $3, $4, $5)
        on conflict (reseller_id, tenant_id, name) do update
        set value = excluded.value, changed_at = excluded.changed_at",
        tenant.reseller().uuid(),
        tenant.tenant().uuid(),
        limit.name(),
        i64::try_from(value)?,
        now
    )
    .execute(tx.conn())
    .await?;
    exactly_one(done.rows_affected())
}

pub(super) async fn drop_override(tx: &mut OperatorTx, tenant: Scope, limit: Limit) -> Result<()> {
    let done = sqlx::query!(
        "delete from limit_override where reseller_id = $1 and tenant_id = $2 and name = $3",
        tenant.reseller().uuid(),
        tenant.tenant().uuid(),
        limit.name()
    )
    .execute(tx.conn())
    .await?;
    exactly_one(done.rows_affected())
}
