//! The table activation. It is the reseller's house, so the second fence is the reseller alone: the house door acts for
//! a customer and reads its reseller's rows.

use super::{Activation, Serves, Serving};
use crate::{
    app::Timestamp,
    db::{Tx, WriteTx},
    fault::{Fault, OnConstraint as _, Result, exactly_one},
    ids::{PluginId, ReleaseId},
    page::Page,
    plugins::world_named,
};

pub(super) async fn insert(tx: &mut WriteTx, activation: &Activation) -> Result<()> {
    let reseller = tx.scope().reseller().uuid();
    let done = sqlx::query!(
        "insert into activation (reseller_id, tenant_id, id, world, carrier_id, customer_id, release_id, settings,
            effective_at, created_at, created_by)
        values ($1, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        reseller,
        activation.id.uuid(),
        activation.world.name(),
        activation.carrier.map(|id| id.uuid()),
        activation.customer.map(|id| id.uuid()),
        activation.release.uuid(),
        activation.settings,
        activation.effective_at,
        activation.created_at,
        activation.created_by
    )
    .execute(tx.conn())
    .await
    .on_constraint("activation_carrier", || Fault::Missing)
    .on_constraint("activation_customer", || Fault::Missing)?;
    exactly_one(done.rows_affected())
}

pub(super) async fn list(tx: &mut impl Tx, page: Page) -> Result<Vec<Activation>> {
    let reseller = tx.scope().reseller().uuid();
    let rows = sqlx::query!(
        "select id, world, carrier_id, customer_id, release_id, settings, effective_at, created_at, created_by
        from activation
        where reseller_id = $1 and id > $2
        order by id
        limit $3",
        reseller,
        page.after,
        page.fetch()
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Activation {
                id: row.id.into(),
                world: world_named(&row.world)?,
                carrier: row.carrier_id.map(Into::into),
                customer: row.customer_id.map(Into::into),
                release: row.release_id.into(),
                settings: row.settings,
                effective_at: row.effective_at,
                created_at: row.created_at,
                created_by: row.created_by,
            })
        })
        .collect()
}

pub(super) async fn serving(tx: &mut impl Tx, what: Serves, at: Timestamp) -> Result<Option<Serving>> {
    let reseller = tx.scope().reseller().uuid();
    let row = sqlx::query!(
        "select a.id, a.release_id, r.digest, a.settings
        from activation a
        join release r on r.reseller_id = a.reseller_id and r.id = a.release_id
        where a.reseller_id = $1
            and a.world = $2
            and a.carrier_id is not distinct from $3
            and (a.customer_id is null or a.customer_id = $4)
            and a.effective_at <= $5
        order by a.customer_id is null, a.effective_at desc, a.created_at desc, a.id desc
        limit 1",
        reseller,
        what.world().name(),
        what.carrier().map(|id| id.uuid()),
        what.customer().uuid(),
        at
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|row| Serving {
        activation: row.id.into(),
        release: row.release_id.into(),
        digest: row.digest,
        settings: row.settings,
    }))
}

/// When the first activation that is not in effect yet at `after` takes effect.
pub(super) async fn first_effective(
    tx: &mut impl Tx,
    what: Serves,
    after: Timestamp,
) -> Result<Option<Timestamp>> {
    let reseller = tx.scope().reseller().uuid();
    Ok(sqlx::query_scalar!(
        "select min(effective_at)
        from activation
        where reseller_id = $1
            and world = $2
            and carrier_id is not distinct from $3
            and (customer_id is null or customer_id = $4)
            and effective_at > $5",
        reseller,
        what.world().name(),
        what.carrier().map(|id| id.uuid()),
        what.customer().uuid(),
        after
    )
    .fetch_one(tx.conn())
    .await?)
}

/// The release of a plugin that was activated last, of those in effect.
pub(super) async fn active_of_plugin(
    tx: &mut impl Tx,
    plugin: PluginId,
    at: Timestamp,
) -> Result<Option<ReleaseId>> {
    let reseller = tx.scope().reseller().uuid();
    let release = sqlx::query_scalar!(
        "select a.release_id
        from activation a
        join release r on r.reseller_id = a.reseller_id and r.id = a.release_id
        where a.reseller_id = $1 and r.plugin_id = $2 and a.effective_at <= $3
        order by a.effective_at desc, a.created_at desc, a.id desc
        limit 1",
        reseller,
        plugin.uuid(),
        at
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(release.map(Into::into))
}
