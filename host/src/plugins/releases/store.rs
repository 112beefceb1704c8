//! The tables plugin and release. Both are the reseller's house, so the second fence is the
//! reseller alone: the house door acts for a customer and reads its reseller's rows.

use nexusport_inspection::Check;
use serde_json::Value;
use uuid::Uuid;

use super::{Callable, Description, Plugin, Release, State};
use crate::{
    app::Timestamp,
    db::{Tx, WriteTx},
    fault::{Fault, OnConstraint as _, Result, exactly_one},
    ids::{PluginId, ReleaseId},
    page::Page,
    plugins::{class_named, grants, world_named},
};

/// A plugin's row as it is read.
struct PluginRow {
    id: Uuid,
    name: String,
    world: String,
    created_at: Timestamp,
}

impl PluginRow {
    fn plugin(self) -> Result<Plugin> {
        Ok(Plugin {
            id: self.id.into(),
            name: self.name,
            world: world_named(&self.world)?,
            created_at: self.created_at,
        })
    }
}

pub(super) async fn plugins(tx: &mut impl Tx, page: Page) -> Result<Vec<Plugin>> {
    let reseller = tx.scope().reseller().uuid();
    let rows = sqlx::query_as!(
        PluginRow,
        "select id, name, world, created_at
        from plugin
        where reseller_id = $1 and id > $2
        order by id
        limit $3",
        reseller,
        page.after,
        page.fetch()
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter().map(PluginRow::plugin).collect()
}

pub(super) async fn plugin(tx: &mut impl Tx, name: &str) -> Result<Option<Plugin>> {
    let reseller = tx.scope().reseller().uuid();
    let row = sqlx::query_as!(
        PluginRow,
        "select id, name, world, created_at
        from plugin
        where reseller_id = $1 and name = $2",
        reseller,
        name
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(PluginRow::plugin).transpose()
}

/// Whether the plugin is new. Somebody else may have made one of the name meanwhile.
pub(super) async fn add_plugin(tx: &mut WriteTx, plugin: &Plugin) -> Result<bool> {
    let reseller = tx.scope().reseller().uuid();
    let done = sqlx::query!(
        "insert into plugin (reseller_id, tenant_id, id, name, world, created_at)
        values ($1, $1, $2, $3, $4, $5)
        on conflict on constraint plugin_name_unique do nothing",
        reseller,
        plugin.id.uuid(),
        plugin.name,
        plugin.world.name(),
        plugin.created_at
    )
    .execute(tx.conn())
    .await
    .on_constraint("plugin_name", || super::upload::bad_name(&plugin.name))?;
    Ok(done.rows_affected() == 1)
}

/// A release's row as it is read.
struct Row {
    id: Uuid,
    plugin_id: Uuid,
    plugin_name: String,
    world: String,
    digest: String,
    size_bytes: i32,
    version: String,
    description: Value,
    state: String,
    class: String,
    created_at: Timestamp,
}

impl Row {
    fn release(self) -> Result<Release> {
        Ok(Release {
            id: self.id.into(),
            plugin: self.plugin_id.into(),
            plugin_name: self.plugin_name,
            world: world_named(&self.world)?,
            digest: self.digest,
            size_bytes: u64::try_from(self.size_bytes)?,
            version: self.version,
            description: Description::from_stored(self.description)?,
            state: State::parse(&self.state)?,
            class: class_named(&self.class)?,
            created_at: self.created_at,
        })
    }
}

pub(super) async fn releases(tx: &mut impl Tx, plugin: PluginId, page: Page) -> Result<Vec<Release>> {
    let reseller = tx.scope().reseller().uuid();
    let rows = sqlx::query_as!(
        Row,
        "select r.id, r.plugin_id, p.name as plugin_name, p.world, r.digest, r.size_bytes, r.version, r.description,
            r.state, r.class, r.created_at
        from release r
        join plugin p on p.reseller_id = r.reseller_id and p.id = r.plugin_id
        where r.reseller_id = $1 and r.plugin_id = $2 and r.id > $3
        order by r.id
        limit $4",
        reseller,
        plugin.uuid(),
        page.after,
        page.fetch()
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter().map(Row::release).collect()
}

pub(in crate::plugins) async fn release(tx: &mut impl Tx, id: ReleaseId) -> Result<Release> {
    let reseller = tx.scope().reseller().uuid();
    let row = sqlx::query_as!(
        Row,
        "select r.id, r.plugin_id, p.name as plugin_name, p.world, r.digest, r.size_bytes, r.version, r.description,
            r.state, r.class, r.created_at
        from release r
        join plugin p on p.reseller_id = r.reseller_id and p.id = r.plugin_id
        where r.reseller_id = $1 and r.id = $2",
        reseller,
        id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    row.ok_or(Fault::Missing)?.release()
}

/// The release of this digest that was not refused.
pub(super) async fn by_digest(tx: &mut impl Tx, plugin: &str, digest: &str) -> Result<Option<Release>> {
    let reseller = tx.scope().reseller().uuid();
    let row = sqlx::query_as!(
        Row,
        "select r.id, r.plugin_id, p.name as plugin_name, p.world, r.digest, r.size_bytes, r.version, r.description,
            r.state, r.class, r.created_at
        from release r
        join plugin p on p.reseller_id = r.reseller_id and p.id = r.plugin_id
        where r.reseller_id = $1 and p.name = $2 and r.digest = $3 and r.state <> 'refused'",
        reseller,
        plugin,
        digest
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(Row::release).transpose()
}

pub(super) async fn report(tx: &mut impl Tx, id: ReleaseId) -> Result<Vec<Check>> {
    let reseller = tx.scope().reseller().uuid();
    let report = sqlx::query_scalar!(
        "select report from release where reseller_id = $1 and id = $2",
        reseller,
        id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(serde_json::from_value(report.ok_or(Fault::Missing)?)?)
}

/// Whether the release is new. Somebody else may have uploaded the same component meanwhile.
pub(super) async fn add_release(
    tx: &mut WriteTx,
    release: &Release,
    report: &[Check],
    component: Option<&[u8]>,
) -> Result<bool> {
    let reseller = tx.scope().reseller().uuid();
    let description = release.description.as_ref().map(Description::to_stored);
    let done = sqlx::query!(
        "insert into release (reseller_id, tenant_id, id, plugin_id, digest, size_bytes, component, version,
            description, report, state, created_at, class)
        values ($1, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
        on conflict (reseller_id, plugin_id, digest) where state <> 'refused' do nothing",
        reseller,
        release.id.uuid(),
        release.plugin.uuid(),
        release.digest,
        i32::try_from(release.size_bytes)?,
        component,
        release.version,
        description.unwrap_or_else(|| Value::Object(Default::default())),
        serde_json::to_value(report)?,
        release.state.name(),
        release.created_at,
        release.class.name()
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

pub(super) async fn set_approved(tx: &mut WriteTx, id: ReleaseId) -> Result<()> {
    let reseller = tx.scope().reseller().uuid();
    let done = sqlx::query!(
        "update release set state = 'approved' where reseller_id = $1 and id = $2 and state = 'checked'",
        reseller,
        id.uuid()
    )
    .execute(tx.conn())
    .await?;
    exactly_one(done.rows_affected())
}

/// What calling an approved release takes; any other release is not there to be called.
pub(in crate::plugins) async fn callable(tx: &mut impl Tx, id: ReleaseId) -> Result<Callable> {
    let release = release(tx, id).await?;
    if release.state != State::Approved {
        return Err(Fault::Missing);
    }
    Ok(Callable {
        digest: release.digest,
        world: release.world,
        class: release.class,
        granted: grants::granted(tx, id).await?,
    })
}

/// The bytes of a release that was not refused.
pub(in crate::plugins) async fn component(tx: &mut impl Tx, digest: &str) -> Result<Vec<u8>> {
    let reseller = tx.scope().reseller().uuid();
    let component = sqlx::query_scalar!(
        "select component as \"component!\"
        from release
        where reseller_id = $1 and digest = $2 and component is not null
        limit 1",
        reseller,
        digest
    )
    .fetch_optional(tx.conn())
    .await?;
    component.ok_or(Fault::Missing)
}
