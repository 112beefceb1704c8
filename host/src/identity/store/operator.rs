//! What the operator's own login asks of tenants: structure across resellers.

use super::tenants::Row;
use crate::{
    db::{OperatorTx, Scope},
    fault::Result,
    identity::{
        operator::structure::{Filter, Host, Listed},
        tenants::Tenant,
    },
    ids::TenantId,
    page::Page,
};

struct ListedRow {
    reseller_id: uuid::Uuid,
    tenant_id: uuid::Uuid,
    kind: String,
    slug: String,
    name: String,
    state: String,
    currency: String,
    time_zone: String,
    created_at: crate::app::Timestamp,
    customers: i64,
}

impl TryFrom<ListedRow> for Listed {
    type Error = crate::fault::Fault;

    fn try_from(row: ListedRow) -> Result<Self> {
        Ok(Self {
            customers: row.customers.unsigned_abs(),
            tenant: Row {
                reseller_id: row.reseller_id,
                tenant_id: row.tenant_id,
                kind: row.kind,
                slug: row.slug,
                name: row.name,
                state: row.state,
                currency: row.currency,
                time_zone: row.time_zone,
                created_at: row.created_at,
            }
            .try_into()?,
        })
    }
}

/// The operator's own tenant.
pub(in crate::identity) async fn operator(tx: &mut OperatorTx) -> Result<Option<Scope>> {
    let found = sqlx::query_scalar!("select tenant_id from tenant where kind = 'operator'")
        .fetch_optional(tx.conn())
        .await?;
    Ok(found.map(|id| Scope::new(id.into(), id.into())))
}

/// Whether this call made the row: another host may be first.
pub(in crate::identity) async fn insert_operator(tx: &mut OperatorTx, row: &Tenant) -> Result<bool> {
    let done = sqlx::query!(
        "insert into tenant (reseller_id, tenant_id, kind, slug, name, state, currency, time_zone, created_at)
        values ($1, $1, 'operator', $2, $3, $4, $5, $6, $7)
        on conflict do nothing",
        row.scope.tenant().uuid(),
        row.slug,
        row.name,
        row.state,
        row.currency,
        row.time_zone.name(),
        row.created_at
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

pub(in crate::identity) async fn all_tenants(tx: &mut OperatorTx) -> Result<Vec<Tenant>> {
    let rows = sqlx::query_as!(
        Row,
        "select reseller_id, tenant_id, kind, slug, name, state, currency, time_zone, created_at
        from tenant
        where kind <> 'operator'
        order by reseller_id, tenant_id <> reseller_id, tenant_id"
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter().map(TryInto::try_into).collect()
}

pub(in crate::identity) async fn tenants(
    tx: &mut OperatorTx,
    filter: &Filter,
    page: Page,
) -> Result<Vec<Listed>> {
    let rows = sqlx::query_as!(
        ListedRow,
        r#"select reseller_id, tenant_id, kind, slug, name, state, currency, time_zone, created_at,
            (select count(*) from tenant c where c.reseller_id = t.tenant_id and c.kind = 'customer') as "customers!"
        from tenant t
        where kind <> 'operator'
            and tenant_id > $1
            and ($2::text is null or kind = $2)
            and ($3::text is null or state = $3)
            and ($4::uuid is null or reseller_id = $4)
        order by tenant_id
        limit $5"#,
        page.after,
        filter.kind,
        filter.state,
        filter.reseller.map(|id| id.uuid()),
        page.fetch()
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter().map(TryInto::try_into).collect()
}

pub(in crate::identity) async fn any_tenant(tx: &mut OperatorTx, id: TenantId) -> Result<Option<Listed>> {
    let row = sqlx::query_as!(
        ListedRow,
        r#"select reseller_id, tenant_id, kind, slug, name, state, currency, time_zone, created_at,
            (select count(*) from tenant c where c.reseller_id = t.tenant_id and c.kind = 'customer') as "customers!"
        from tenant t
        where tenant_id = $1"#,
        id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(TryInto::try_into).transpose()
}

/// The host names of a tenant itself.
pub(in crate::identity) async fn hosts(tx: &mut OperatorTx, of: Scope) -> Result<Vec<Host>> {
    Ok(sqlx::query_as!(
        Host,
        "select host, proven_at from domain where reseller_id = $1 and tenant_id = $2 order by id",
        of.reseller().uuid(),
        of.tenant().uuid()
    )
    .fetch_all(tx.conn())
    .await?)
}

/// Whether the tenant was in the state `from` and now is in `to`.
pub(in crate::identity) async fn move_tenant(
    tx: &mut OperatorTx,
    tenant: Scope,
    from: &str,
    to: &str,
) -> Result<bool> {
    let done = sqlx::query!(
        "update tenant set state = $4 where reseller_id = $1 and tenant_id = $2 and state = $3",
        tenant.reseller().uuid(),
        tenant.tenant().uuid(),
        from,
        to
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}
