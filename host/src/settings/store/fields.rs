//! The table of fields' values.

use uuid::Uuid;

use crate::{
    app,
    db::{Tx, WriteTx},
    fault::{Result, exactly_one},
    page::Page,
    settings::fields::{Found, Subject},
};

/// A stored value.
pub(in crate::settings) struct ValueRow {
    pub subject: Subject,
    pub field: String,
    pub value: Option<String>,
    pub sealed: Option<Vec<u8>>,
}

/// How a value is kept.
pub(in crate::settings) enum Kept {
    /// As text in its normal form.
    Clear(String),
    /// Under the tenant's key.
    Sealed(Vec<u8>),
}

/// Fields and values side by side, and how many fields those are.
pub(in crate::settings) struct Wanted {
    pub fields: Vec<String>,
    pub values: Vec<String>,
    pub count: i64,
}

/// The values of subjects of one kind.
pub(in crate::settings) async fn values_of(tx: &mut impl Tx, subjects: &[Subject]) -> Result<Vec<ValueRow>> {
    let scope = tx.scope();
    let mut tenants: Vec<_> = subjects.iter().map(|subject| subject.tenant().uuid()).collect();
    tenants.sort_unstable();
    tenants.dedup();
    let ports: Vec<_> = subjects
        .iter()
        .filter_map(|subject| subject.port())
        .map(|id| id.uuid())
        .collect();
    let rows = sqlx::query!(
        "select tenant_id, port_id, field, value, sealed
        from field_value
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2)
            and tenant_id = any($3)
            and (port_id = any($4) or (port_id is null and cardinality($4) = 0))
        order by field",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        &tenants,
        &ports
    )
    .fetch_all(tx.conn())
    .await?;
    let rows = rows.into_iter().map(|row| ValueRow {
        subject: match row.port_id {
            Some(port) => Subject::Port(row.tenant_id.into(), port.into()),
            None => Subject::Customer(row.tenant_id.into()),
        },
        field: row.field,
        value: row.value,
        sealed: row.sealed,
    });
    Ok(rows.collect())
}

pub(in crate::settings) async fn ports_with(tx: &mut impl Tx, wanted: &Wanted, page: Page) -> Result<Found> {
    let scope = tx.scope();
    Ok(sqlx::query_scalar!(
        r#"select port_id as "port_id!"
        from field_value
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2)
            and port_id > $3
            and (field, value) in (select * from unnest($4::text[], $5::text[]))
        group by port_id
        having count(*) = $6
        order by port_id
        limit $7"#,
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        page.after,
        &wanted.fields,
        &wanted.values,
        wanted.count,
        page.fetch()
    )
    .fetch_all(tx.conn())
    .await?)
}

pub(in crate::settings) async fn customers_with(
    tx: &mut impl Tx,
    wanted: &Wanted,
    page: Page,
) -> Result<Found> {
    let scope = tx.scope();
    Ok(sqlx::query_scalar!(
        "select tenant_id
        from field_value
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2)
            and port_id is null
            and tenant_id > $3
            and (field, value) in (select * from unnest($4::text[], $5::text[]))
        group by tenant_id
        having count(*) = $6
        order by tenant_id
        limit $7",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        page.after,
        &wanted.fields,
        &wanted.values,
        wanted.count,
        page.fetch()
    )
    .fetch_all(tx.conn())
    .await?)
}

pub(in crate::settings) async fn keep_value(
    tx: &mut WriteTx,
    subject: Subject,
    field: &str,
    value: Kept,
) -> Result<()> {
    let (scope, id): (_, Uuid) = (tx.scope(), app::new_id(tx.now()));
    let (clear, sealed) = match value {
        Kept::Clear(text) => (Some(text), None),
        Kept::Sealed(bytes) => (None, Some(bytes)),
    };
    let done = sqlx::query!(
        "insert into field_value (reseller_id, tenant_id, id, port_id, field, value, sealed)
        values ($1, $2, $3, $4, $5, $6, $7)
        on conflict on constraint field_value_once do update
        set value = excluded.value, sealed = excluded.sealed",
        scope.reseller().uuid(),
        subject.tenant().uuid(),
        id,
        subject.port().map(|port| port.uuid()),
        field,
        clear,
        sealed
    )
    .execute(tx.conn())
    .await?;
    exactly_one(done.rows_affected())
}

pub(in crate::settings) async fn remove_value(tx: &mut WriteTx, subject: Subject, field: &str) -> Result<()> {
    let scope = tx.scope();
    let done = sqlx::query!(
        "delete from field_value
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2)
            and tenant_id = $3
            and port_id is not distinct from $4
            and field = $5",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        subject.tenant().uuid(),
        subject.port().map(|port| port.uuid()),
        field
    )
    .execute(tx.conn())
    .await?;
    exactly_one(done.rows_affected())
}
