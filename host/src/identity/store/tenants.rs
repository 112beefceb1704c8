//! Tenants and the host names they are served at.

use sqlx::PgConnection;

use crate::{
    app::Timestamp,
    db::{HouseTx, Leave, ReadTx, Scope, Tx, WriteTx},
    fault::{Fault, Result, exactly_one},
    identity::tenants::{House, Tenant},
    ids::TenantId,
    page::Page,
};

pub(super) struct Row {
    pub reseller_id: uuid::Uuid,
    pub tenant_id: uuid::Uuid,
    pub kind: String,
    pub slug: String,
    pub name: String,
    pub state: String,
    pub currency: String,
    pub time_zone: String,
    pub created_at: Timestamp,
}

impl TryFrom<Row> for Tenant {
    type Error = Fault;

    fn try_from(row: Row) -> Result<Self> {
        let Row {
            reseller_id,
            tenant_id,
            kind,
            slug,
            name,
            state,
            currency,
            time_zone,
            created_at,
        } = row;
        let time_zone = time_zone
            .parse()
            .map_err(|_| Fault::broken(format!("stored time zone {time_zone}")))?;
        let scope = Scope::new(reseller_id.into(), tenant_id.into());
        Ok(Self {
            scope,
            kind,
            slug,
            name,
            state,
            currency,
            time_zone,
            created_at,
        })
    }
}

pub(in crate::identity) async fn insert_tenant(conn: &mut PgConnection, tenant: &Tenant) -> Result<()> {
    let done = sqlx::query!(
        "insert into tenant (reseller_id, tenant_id, kind, slug, name, state, currency, time_zone, created_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        tenant.scope.reseller().uuid(),
        tenant.scope.tenant().uuid(),
        tenant.kind,
        tenant.slug,
        tenant.name,
        tenant.state,
        tenant.currency,
        tenant.time_zone.name(),
        tenant.created_at
    )
    .execute(conn)
    .await?;
    exactly_one(done.rows_affected())
}

pub(in crate::identity) async fn tenant(tx: &mut impl Tx, id: TenantId) -> Result<Tenant> {
    let scope = tx.scope();
    let row = sqlx::query_as!(
        Row,
        "select reseller_id, tenant_id, kind, slug, name, state, currency, time_zone, created_at
        from tenant
        where reseller_id = $1
            and ($2::uuid is null or tenant_id = $2)
            and tenant_id = $3",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    row.ok_or(Fault::Missing)?.try_into()
}

pub(in crate::identity) async fn lock_tenant(tx: &mut WriteTx) -> Result<()> {
    let scope = tx.scope();
    sqlx::query_scalar!(
        "select tenant_id from tenant where reseller_id = $1 and tenant_id = $2 for no key update",
        scope.reseller().uuid(),
        scope.tenant().uuid()
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(())
}

/// How many customers the transaction's reseller has.
pub(in crate::identity) async fn count_customers(tx: &mut WriteTx) -> Result<u64> {
    let scope = tx.scope();
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!"
        from tenant
        where reseller_id = $1
            and ($2::uuid is null or tenant_id = $2)
            and kind = 'customer'"#,
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid())
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(count.unsigned_abs())
}

pub(in crate::identity) async fn list_customers(tx: &mut ReadTx, page: Page) -> Result<Vec<Tenant>> {
    let scope = tx.scope();
    let rows = sqlx::query_as!(
        Row,
        "select reseller_id, tenant_id, kind, slug, name, state, currency, time_zone, created_at
        from tenant
        where reseller_id = $1
            and ($2::uuid is null or tenant_id = $2)
            and kind = 'customer'
            and tenant_id > $3
        order by tenant_id
        limit $4",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        page.after,
        page.fetch()
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter().map(TryInto::try_into).collect()
}

pub(in crate::identity) async fn house(tx: &mut HouseTx) -> Result<House> {
    let reseller = tx.scope().reseller();
    sqlx::query_as!(
        House,
        "select t.name, d.host
        from tenant t
        join domain d on d.reseller_id = t.reseller_id and d.proven_at is not null
        where t.reseller_id = $1
            and t.tenant_id = $1
        order by d.origin = 'claim' desc, d.created_at, d.id
        limit 1",
        reseller.uuid()
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or_else(|| Fault::broken(format!("reseller {reseller} has no host")))
}

pub(in crate::identity) async fn house_state(tx: &mut HouseTx) -> Result<String> {
    Ok(sqlx::query_scalar!(
        "select state from tenant where reseller_id = $1 and tenant_id = $1",
        tx.scope().reseller().uuid()
    )
    .fetch_one(tx.conn())
    .await?)
}

pub(in crate::identity) async fn reseller_at(
    conn: &mut PgConnection,
    host: &str,
) -> Result<Option<TenantId>> {
    let found = sqlx::query_scalar!(
        "select reseller_id from domain where host = $1 and proven_at is not null",
        host
    )
    .fetch_optional(conn)
    .await?;
    Ok(found.map(Into::into))
}

pub(in crate::identity) async fn insert_domain(
    conn: &mut PgConnection,
    scope: Scope,
    id: uuid::Uuid,
    host: &str,
    now: Timestamp,
) -> Result<()> {
    let done = sqlx::query!(
        "insert into domain (reseller_id, tenant_id, id, host, created_at, proven_at)
        values ($1, $2, $3, $4, $5, $5)",
        scope.reseller().uuid(),
        scope.tenant().uuid(),
        id,
        host,
        now
    )
    .execute(conn)
    .await?;
    exactly_one(done.rows_affected())
}

pub(in crate::identity) async fn stand(tx: &mut WriteTx, id: TenantId, from: &str, to: &str) -> Result<()> {
    let scope = tx.scope();
    let done = sqlx::query!(
        "update tenant
        set state = $5
        where reseller_id = $1
            and ($2::uuid is null or tenant_id = $2)
            and tenant_id = $3
            and state = $4",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        id.uuid(),
        from,
        to
    )
    .execute(tx.conn())
    .await?;
    exactly_one(done.rows_affected())
}

/// A reseller's customers leave with it, wherever they stand.
pub(in crate::identity) async fn let_go(tx: &mut Leave) -> Result<()> {
    let scope = tx.scope();
    sqlx::query!(
        "update tenant
        set state = 'leaving'
        where reseller_id = $1
            and ($2::uuid is null or tenant_id = $2)
            and state in ('active', 'suspended')",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid())
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The slug stays unique, and is nobody's name.
pub(in crate::identity) async fn entomb(tx: &mut Leave) -> Result<u64> {
    let scope = tx.scope();
    let done = sqlx::query!(
        "update tenant
        set state = 'gone', slug = 'gone-' || replace(tenant_id::text, '-', '')
        where reseller_id = $1
            and ($2::uuid is null or tenant_id = $2)
            and state = 'leaving'",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid())
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected())
}

pub(in crate::identity) async fn forget_name(tx: &mut Leave) -> Result<()> {
    let scope = tx.scope();
    sqlx::query!(
        "update tenant
        set name = 'gone'
        where reseller_id = $1
            and ($2::uuid is null or tenant_id = $2)
            and state = 'gone'",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid())
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
