//! What serves, found by index: the newest activation in effect that was not withdrawn, one for the customer before one for
//! all, and none of the customer's own that one for all replaced.

use crate::{
    app::Timestamp,
    db::Tx,
    fault::Result,
    ids::{ActivationId, PluginId, ReleaseId},
    plugins::{Serves, Serving},
};

/// A question about what serves.
#[derive(Debug, Clone, Copy)]
pub(in crate::plugins::activations) struct Asked {
    pub what: Serves,
    pub at: Timestamp,
    /// What is withdrawn by then counts as withdrawn; none for whatever was ever withdrawn.
    pub withdrawn_by: Option<Timestamp>,
    /// As if this one had never been.
    pub without: Option<ActivationId>,
}

impl Asked {
    /// What served at a time, whatever came of it later.
    pub(in crate::plugins::activations) const fn at(what: Serves, at: Timestamp) -> Self {
        Self {
            what,
            at,
            withdrawn_by: Some(at),
            without: None,
        }
    }
}

pub(in crate::plugins::activations) async fn serving(
    tx: &mut impl Tx,
    asked: Asked,
) -> Result<Option<Serving>> {
    let reseller = tx.scope().reseller().uuid();
    let row = sqlx::query!(
        r#"select coalesce(a.decision_id, a.id) as "activation_id!", a.release_id, r.digest, a.settings
        from activation a
        join release r on r.reseller_id = a.reseller_id and r.id = a.release_id
        where a.reseller_id = $1
            and a.world = $2
            and a.carrier_id is not distinct from $3
            and (a.customer_id is null or a.customer_id = $4)
            and a.effective_at <= $5
            and ($7::uuid is null or coalesce(a.decision_id, a.id) <> $7)
            and not exists (
                select from activation_withdrawal w
                where w.reseller_id = a.reseller_id
                    and w.activation_id = coalesce(a.decision_id, a.id)
                    and ($6::timestamptz is null or w.at <= $6))
            and (a.customer_id is null or not exists (
                select from activation e
                where e.reseller_id = a.reseller_id
                    and e.world = a.world
                    and e.carrier_id is not distinct from a.carrier_id
                    and e.replaces_own
                    and e.effective_at <= $5
                    and (e.effective_at, e.created_at, e.id) > (a.effective_at, a.created_at, a.id)
                    and ($7::uuid is null or e.id <> $7)
                    and not exists (
                        select from activation_withdrawal w
                        where w.reseller_id = e.reseller_id
                            and w.activation_id = e.id
                            and ($6::timestamptz is null or w.at <= $6))))
        order by a.customer_id is null, a.effective_at desc, a.created_at desc, a.id desc
        limit 1"#,
        reseller,
        asked.what.world().name(),
        asked.what.carrier().map(|id| id.uuid()),
        asked.what.customer().uuid(),
        asked.at,
        asked.withdrawn_by,
        asked.without.map(|id| id.uuid())
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|row| Serving {
        activation: row.activation_id.into(),
        release: row.release_id.into(),
        digest: row.digest,
        settings: row.settings,
    }))
}

/// When the first activation that is not in effect yet at the time asked about takes effect, of those never withdrawn.
pub(in crate::plugins::activations) async fn first_effective(
    tx: &mut impl Tx,
    asked: Asked,
) -> Result<Option<Timestamp>> {
    let reseller = tx.scope().reseller().uuid();
    Ok(sqlx::query_scalar!(
        "select min(a.effective_at)
        from activation a
        where a.reseller_id = $1
            and a.world = $2
            and a.carrier_id is not distinct from $3
            and (a.customer_id is null or a.customer_id = $4)
            and a.effective_at > $5
            and ($6::uuid is null or coalesce(a.decision_id, a.id) <> $6)
            and not exists (
                select from activation_withdrawal w
                where w.reseller_id = a.reseller_id and w.activation_id = coalesce(a.decision_id, a.id))",
        reseller,
        asked.what.world().name(),
        asked.what.carrier().map(|id| id.uuid()),
        asked.what.customer().uuid(),
        asked.at,
        asked.without.map(|id| id.uuid())
    )
    .fetch_one(tx.conn())
    .await?)
}

/// The release of a plugin that was activated last, of those in effect.
pub(in crate::plugins::activations) async fn active_of_plugin(
    tx: &mut impl Tx,
    plugin: PluginId,
    at: Timestamp,
) -> Result<Option<ReleaseId>> {
    let reseller = tx.scope().reseller().uuid();
    let release = sqlx::query_scalar!(
        "select a.release_id
        from activation a
        join release r on r.reseller_id = a.reseller_id and r.id = a.release_id
        where a.reseller_id = $1
            and r.plugin_id = $2
            and a.effective_at <= $3
            and not exists (
                select from activation_withdrawal w
                where w.reseller_id = a.reseller_id
                    and w.activation_id = coalesce(a.decision_id, a.id)
                    and w.at <= $3)
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
