//! The table plugin_run. It is the reseller's house, so the second fence is the reseller alone.

use uuid::Uuid;

use super::{Attempt, Called, Keeping, Run, RunFilter};
use crate::{
    app::Timestamp,
    db::{HouseTx, ReadTx, Tx, WriteTx},
    fault::{Fault, Result, exactly_one},
    ids::ReleaseId,
    page::Page,
};

/// A run as it is written.
pub(super) struct New<'a> {
    pub id: Uuid,
    pub called: &'a Called,
    pub attempt: &'a Attempt,
    pub release: Option<ReleaseId>,
    pub keeping: Keeping,
    /// Sealed.
    pub kept: Option<Vec<u8>>,
    /// Sealed.
    pub log: Option<Vec<u8>>,
    pub replay_of: Option<Uuid>,
    pub at: Timestamp,
}

/// What is sealed of a run.
pub(super) struct Sealed {
    pub kept: Option<Vec<u8>>,
    pub log: Option<Vec<u8>>,
}

pub(super) async fn insert(tx: &mut HouseTx, new: New<'_>) -> Result<()> {
    let scope = tx.scope();
    let usage = &new.attempt.usage;
    let done = sqlx::query!(
        "insert into plugin_run (reseller_id, tenant_id, id, digest, function, for_tenant_id, fuel, wall_us,
            memory_bytes, outcome, input_hash, at, release_id, output_hash, build, keeping, kept, log, replay_of)
        values ($1, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)",
        scope.reseller().uuid(),
        new.id,
        new.called.digest,
        new.called.function,
        scope.tenant().uuid(),
        i64::try_from(usage.fuel)?,
        i64::try_from(usage.wall.as_micros())?,
        i64::try_from(usage.memory_bytes)?,
        new.attempt.outcome,
        &new.called.input_hash[..],
        new.at,
        new.release.map(|id| id.uuid()),
        new.attempt.output_hash.as_ref().map(|hash| &hash[..]),
        nexusport_sandbox::BUILD,
        new.keeping.name(),
        new.kept,
        new.log,
        new.replay_of
    )
    .execute(tx.conn())
    .await?;
    exactly_one(done.rows_affected())
}

struct Row {
    id: Uuid,
    digest: String,
    release_id: Option<Uuid>,
    function: String,
    for_tenant_id: Uuid,
    fuel: i64,
    wall_us: i64,
    memory_bytes: i64,
    outcome: String,
    input_hash: Vec<u8>,
    output_hash: Option<Vec<u8>>,
    build: String,
    keeping: String,
    replay_of: Option<Uuid>,
    at: Timestamp,
}

impl Row {
    fn run(self) -> Result<Run> {
        Ok(Run {
            id: self.id,
            digest: self.digest,
            release: self.release_id.map(Into::into),
            function: self.function,
            for_tenant: self.for_tenant_id.into(),
            fuel: u64::try_from(self.fuel)?,
            wall_us: u64::try_from(self.wall_us)?,
            memory_bytes: u64::try_from(self.memory_bytes)?,
            outcome: self.outcome,
            input_hash: hex::encode(self.input_hash),
            output_hash: self.output_hash.map(hex::encode),
            build: self.build,
            keeping: Keeping::parse(&self.keeping)?,
            replay_of: self.replay_of,
            at: self.at,
        })
    }
}

pub(super) async fn list(tx: &mut ReadTx, filter: &RunFilter, page: Page) -> Result<Vec<Run>> {
    let reseller = tx.scope().reseller().uuid();
    let rows = sqlx::query_as!(
        Row,
        "select id, digest, release_id, function, for_tenant_id, fuel, wall_us, memory_bytes, outcome, input_hash,
            output_hash, build, keeping, replay_of, at
        from plugin_run
        where reseller_id = $1
            and id > $2
            and ($3::timestamptz is null or at >= $3)
            and ($4::timestamptz is null or at < $4)
            and ($5::text is null or digest = $5)
            and ($6::uuid is null or release_id = $6)
            and ($7::text is null or release_id in (
                select r.id
                from release r
                join plugin p on p.reseller_id = r.reseller_id and p.id = r.plugin_id
                where p.reseller_id = $1 and p.name = $7))
            and ($8::text is null or split_part(function, '.', 1) = $8)
            and ($9::text is null or function = $9)
            and ($10::text is null or outcome = $10)
            and (not $11 or outcome <> 'answered')
            and ($12::uuid is null or for_tenant_id = $12)
        order by id
        limit $13",
        reseller,
        page.after,
        filter.from,
        filter.until,
        filter.digest,
        filter.release.map(|id| id.uuid()),
        filter.plugin,
        filter.world.map(|world| world.name()),
        filter.function,
        filter.outcome,
        filter.failed,
        filter.customer.map(|id| id.uuid()),
        page.fetch()
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter().map(Row::run).collect()
}

pub(super) async fn find(tx: &mut impl Tx, id: Uuid) -> Result<Run> {
    let reseller = tx.scope().reseller().uuid();
    let row = sqlx::query_as!(
        Row,
        "select id, digest, release_id, function, for_tenant_id, fuel, wall_us, memory_bytes, outcome, input_hash,
            output_hash, build, keeping, replay_of, at
        from plugin_run
        where reseller_id = $1 and id = $2",
        reseller,
        id
    )
    .fetch_optional(tx.conn())
    .await?;
    row.ok_or(Fault::Missing)?.run()
}

pub(super) async fn sealed(tx: &mut impl Tx, id: Uuid) -> Result<Sealed> {
    let reseller = tx.scope().reseller().uuid();
    let row = sqlx::query_as!(
        Sealed,
        "select kept, log from plugin_run where reseller_id = $1 and id = $2",
        reseller,
        id
    )
    .fetch_optional(tx.conn())
    .await?;
    row.ok_or(Fault::Missing)
}

/// An active release.
pub(super) struct Activated {
    pub release: ReleaseId,
    pub digest: String,
    pub plugin: String,
}

/// Every release that an activation names.
pub(super) async fn activated(tx: &mut ReadTx) -> Result<Vec<Activated>> {
    let reseller = tx.scope().reseller().uuid();
    let rows = sqlx::query!(
        "select r.id, r.digest, p.name
        from release r
        join plugin p on p.reseller_id = r.reseller_id and p.id = r.plugin_id
        where r.reseller_id = $1
            and r.id in (select release_id from activation where reseller_id = $1)
        order by p.name, r.id",
        reseller
    )
    .fetch_all(tx.conn())
    .await?;
    let activated = rows.into_iter().map(|row| Activated {
        release: row.id.into(),
        digest: row.digest,
        plugin: row.name,
    });
    Ok(activated.collect())
}

/// The newest runs of a release that can be asked again.
pub(super) async fn kept_of(tx: &mut ReadTx, release: ReleaseId, at_most: i64) -> Result<Vec<Uuid>> {
    let reseller = tx.scope().reseller().uuid();
    Ok(sqlx::query_scalar!(
        "select id
        from plugin_run
        where reseller_id = $1 and release_id = $2 and keeping = 'kept'
        order by id desc
        limit $3",
        reseller,
        release.uuid(),
        at_most
    )
    .fetch_all(tx.conn())
    .await?)
}

/// Deletes at most so many runs of before a time; how many it were.
pub(super) async fn forget(tx: &mut WriteTx, before: Timestamp, at_most: i64) -> Result<u64> {
    let reseller = tx.scope().reseller().uuid();
    let done = sqlx::query!(
        "delete from plugin_run
        where reseller_id = $1
            and id in (
                select id
                from plugin_run
                where reseller_id = $1 and tenant_id = $1 and at < $2
                order by at
                limit $3)",
        reseller,
        before,
        at_most
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected())
}
