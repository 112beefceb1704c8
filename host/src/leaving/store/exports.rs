//! The tables of exports and their parts.

use uuid::Uuid;

use crate::{
    app::Timestamp,
    db::{Scope, Tx, WriteTx},
    fault::{Fault, Result, exactly_one},
    ids::{ExportId, TenantId},
    leaving::export::Export,
    page::Page,
};

/// The table's columns.
struct Row {
    reseller_id: Uuid,
    tenant_id: Uuid,
    id: Uuid,
    state: String,
    requested_at: Timestamp,
    finished_at: Option<Timestamp>,
    expires_at: Option<Timestamp>,
    size_bytes: Option<i64>,
    sha256: Option<Vec<u8>>,
}

impl From<Row> for Export {
    fn from(row: Row) -> Self {
        Self {
            scope: Scope::new(row.reseller_id.into(), row.tenant_id.into()),
            id: row.id.into(),
            state: row.state,
            requested_at: row.requested_at,
            finished_at: row.finished_at,
            expires_at: row.expires_at,
            size_bytes: row.size_bytes.map(i64::unsigned_abs),
            sha256: row.sha256,
        }
    }
}

pub(in crate::leaving) async fn insert(tx: &mut WriteTx, id: ExportId) -> Result<()> {
    let (scope, initiator, now) = (tx.scope(), tx.initiator(), tx.now());
    let done = sqlx::query!(
        "insert into export (reseller_id, tenant_id, id, requested_by_kind, requested_by, requested_at)
        values ($1, $2, $3, $4, $5, $6)",
        scope.reseller().uuid(),
        scope.tenant().uuid(),
        id.uuid(),
        initiator.kind.name(),
        initiator.id,
        now
    )
    .execute(tx.conn())
    .await?;
    exactly_one(done.rows_affected())
}

pub(in crate::leaving) async fn find(tx: &mut impl Tx, id: ExportId) -> Result<Export> {
    let scope = tx.scope();
    let row = sqlx::query_as!(
        Row,
        "select reseller_id, tenant_id, id, state, requested_at, finished_at, expires_at, size_bytes, sha256
        from export
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2) and id = $3",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.ok_or(Fault::Missing)?.into())
}

pub(in crate::leaving) async fn list(tx: &mut impl Tx, page: Page) -> Result<Vec<Export>> {
    let scope = tx.scope();
    let rows = sqlx::query_as!(
        Row,
        "select reseller_id, tenant_id, id, state, requested_at, finished_at, expires_at, size_bytes, sha256
        from export
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2) and id > $3
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

/// What an archive turned out to be.
pub(in crate::leaving) struct Made {
    pub size_bytes: u64,
    pub sha256: Vec<u8>,
    pub expires_at: Timestamp,
}

pub(in crate::leaving) async fn made(tx: &mut WriteTx, id: ExportId, made: &Made) -> Result<()> {
    let (scope, now) = (tx.scope(), tx.now());
    let done = sqlx::query!(
        "update export
        set state = 'ready', finished_at = $4, size_bytes = $5, sha256 = $6, expires_at = $7
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2) and id = $3 and state = 'waiting'",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        id.uuid(),
        now,
        i64::try_from(made.size_bytes).unwrap_or(i64::MAX),
        made.sha256,
        made.expires_at
    )
    .execute(tx.conn())
    .await?;
    exactly_one(done.rows_affected())
}

pub(in crate::leaving) async fn become_(tx: &mut WriteTx, id: ExportId, state: &str) -> Result<()> {
    let (scope, now) = (tx.scope(), tx.now());
    let done = sqlx::query!(
        "update export
        set state = $4, finished_at = coalesce(finished_at, $5)
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2) and id = $3",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        id.uuid(),
        state,
        now
    )
    .execute(tx.conn())
    .await?;
    exactly_one(done.rows_affected())
}

pub(in crate::leaving) async fn insert_part(
    tx: &mut WriteTx,
    id: ExportId,
    n: i32,
    sealed: &[u8],
) -> Result<()> {
    let scope = tx.scope();
    let done = sqlx::query!(
        "insert into export_part (reseller_id, tenant_id, export_id, n, sealed)
        values ($1, $2, $3, $4, $5)",
        scope.reseller().uuid(),
        scope.tenant().uuid(),
        id.uuid(),
        n,
        sealed
    )
    .execute(tx.conn())
    .await?;
    exactly_one(done.rows_affected())
}

pub(in crate::leaving) async fn part(tx: &mut impl Tx, id: ExportId, n: i32) -> Result<Option<Vec<u8>>> {
    let scope = tx.scope();
    Ok(sqlx::query_scalar!(
        "select sealed
        from export_part
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2) and export_id = $3 and n = $4",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        id.uuid(),
        n
    )
    .fetch_optional(tx.conn())
    .await?)
}

pub(in crate::leaving) async fn delete_parts(tx: &mut WriteTx, id: ExportId) -> Result<()> {
    let scope = tx.scope();
    sqlx::query!(
        "delete from export_part
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2) and export_id = $3",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        id.uuid()
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Whether an archive of the tenant, or of its reseller, was made since.
pub(in crate::leaving) async fn archived_since(
    tx: &mut impl Tx,
    tenant: TenantId,
    since: Timestamp,
) -> Result<bool> {
    let scope = tx.scope();
    Ok(sqlx::query_scalar!(
        r#"select exists (
            select
            from export
            where reseller_id = $1 and tenant_id in ($2, reseller_id) and finished_at >= $3
                and state in ('ready', 'expired')) as "made!""#,
        scope.reseller().uuid(),
        tenant.uuid(),
        since
    )
    .fetch_one(tx.conn())
    .await?)
}
