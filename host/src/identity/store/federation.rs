//! Identity providers, the journeys to them, and whom they speak of.

use sqlx::PgConnection;
use uuid::Uuid;

use crate::{
    app::Timestamp,
    db::{HouseTx, ReadTx, Scope, Tx as _, WriteTx},
    fault::{Fault, Result, exactly_one},
    identity::federation::{Ended, Joins, Journey, Provider, Shown},
    ids::{IdentityProviderId, UserId},
    page::Page,
};

struct Row {
    id: Uuid,
    name: String,
    issuer: String,
    client_id: String,
    joins_tenant_id: Option<Uuid>,
    joins_role_id: Option<Uuid>,
    created_at: Timestamp,
}

impl From<Row> for Provider {
    fn from(row: Row) -> Self {
        let joins = row.joins_tenant_id.zip(row.joins_role_id);
        Self {
            id: row.id.into(),
            name: row.name,
            issuer: row.issuer,
            client_id: row.client_id,
            joins: joins.map(|(tenant, role)| Joins {
                tenant: tenant.into(),
                role: role.into(),
            }),
            created_at: row.created_at,
        }
    }
}

pub(in crate::identity) async fn insert_provider(
    tx: &mut WriteTx,
    provider: &Provider,
    sealed: &[u8],
) -> Result<()> {
    let reseller = tx.scope().reseller().uuid();
    let done = sqlx::query!(
        "insert into identity_provider (reseller_id, tenant_id, id, name, issuer, client_id, sealed,
            joins_tenant_id, joins_role_id, created_at)
        values ($1, $1, $2, $3, $4, $5, $6, $7, $8, $9)",
        reseller,
        provider.id.uuid(),
        provider.name,
        provider.issuer,
        provider.client_id,
        sealed,
        provider.joins.map(|joins| joins.tenant.uuid()),
        provider.joins.map(|joins| joins.role.uuid()),
        provider.created_at
    )
    .execute(tx.conn())
    .await?;
    exactly_one(done.rows_affected())
}

pub(in crate::identity) async fn providers(tx: &mut ReadTx, page: Page) -> Result<Vec<Provider>> {
    let reseller = tx.scope().reseller().uuid();
    let rows = sqlx::query_as!(
        Row,
        "select id, name, issuer, client_id, joins_tenant_id, joins_role_id, created_at
        from identity_provider
        where reseller_id = $1
            and id > $2
        order by id
        limit $3",
        reseller,
        page.after,
        page.fetch()
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(Into::into).collect())
}

pub(in crate::identity) async fn delete_provider(tx: &mut WriteTx, id: IdentityProviderId) -> Result<()> {
    let reseller = tx.scope().reseller().uuid();
    let done = sqlx::query!(
        "delete from identity_provider where reseller_id = $1 and id = $2",
        reseller,
        id.uuid()
    )
    .execute(tx.conn())
    .await?;
    exactly_one(done.rows_affected())
}

pub(in crate::identity) async fn provider_names(
    tx: &mut HouseTx,
) -> Result<Vec<(IdentityProviderId, String)>> {
    let reseller = tx.scope().reseller().uuid();
    let rows = sqlx::query!(
        "select id, name from identity_provider where reseller_id = $1 order by id limit 200",
        reseller
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|row| (row.id.into(), row.name)).collect())
}

/// A provider and its sealed secret.
pub(in crate::identity) async fn provider(
    tx: &mut HouseTx,
    id: IdentityProviderId,
) -> Result<(Provider, Vec<u8>)> {
    let reseller = tx.scope().reseller().uuid();
    let row = sqlx::query!(
        "select id, name, issuer, client_id, sealed, joins_tenant_id, joins_role_id, created_at
        from identity_provider
        where reseller_id = $1 and id = $2",
        reseller,
        id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    let row = row.ok_or(Fault::Missing)?;
    let provider = Row {
        id: row.id,
        name: row.name,
        issuer: row.issuer,
        client_id: row.client_id,
        joins_tenant_id: row.joins_tenant_id,
        joins_role_id: row.joins_role_id,
        created_at: row.created_at,
    };
    Ok((provider.into(), row.sealed))
}

/// Forgets journeys of the reseller's that can no longer end.
pub(in crate::identity) async fn forget_journeys(
    conn: &mut PgConnection,
    house: Scope,
    now: Timestamp,
) -> Result<()> {
    sqlx::query!(
        "delete from federated_sign_in where reseller_id = $1 and tenant_id = $1 and expires_at <= $2",
        house.reseller().uuid(),
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub(in crate::identity) async fn insert_journey(
    conn: &mut PgConnection,
    house: Scope,
    journey: &Journey,
) -> Result<()> {
    let done = sqlx::query!(
        "insert into federated_sign_in (reseller_id, tenant_id, id, provider_id, state_hash, asker_hash, sealed,
            invitation_hash, redirect_uri, created_at, expires_at)
        values ($1, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        house.reseller().uuid(),
        journey.id,
        journey.provider.uuid(),
        journey.state_hash,
        journey.asker_hash,
        journey.sealed,
        journey.invitation_hash,
        journey.redirect_uri,
        journey.created_at,
        journey.expires_at
    )
    .execute(conn)
    .await?;
    exactly_one(done.rows_affected())
}

/// Ends an open journey of the reseller's, if the asker is the one who began it and comes from where it led.
pub(in crate::identity) async fn end_journey(
    conn: &mut PgConnection,
    house: Scope,
    shown: &Shown,
    now: Timestamp,
) -> Result<Option<Ended>> {
    let row = sqlx::query!(
        "update federated_sign_in
        set used_at = $5
        where reseller_id = $1
            and provider_id = $2
            and state_hash = $3
            and asker_hash = $4
            and used_at is null
            and expires_at > $5
        returning id, sealed, invitation_hash, redirect_uri",
        house.reseller().uuid(),
        shown.provider.uuid(),
        shown.state_hash,
        shown.asker_hash,
        now
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| Ended {
        id: row.id,
        sealed: row.sealed,
        invitation_hash: row.invitation_hash,
        redirect_uri: row.redirect_uri,
    }))
}

/// Whether the journey is still there, which it is as long as its provider; both stay until the transaction ends.
pub(in crate::identity) async fn hold_journey(
    conn: &mut PgConnection,
    house: Scope,
    id: Uuid,
) -> Result<bool> {
    let held = sqlx::query_scalar!(
        "select id from federated_sign_in where reseller_id = $1 and id = $2 for key share",
        house.reseller().uuid(),
        id
    )
    .fetch_optional(conn)
    .await?;
    Ok(held.is_some())
}

pub(in crate::identity) async fn federated_user(
    conn: &mut PgConnection,
    house: Scope,
    issuer: &str,
    subject: &str,
) -> Result<Option<UserId>> {
    let found = sqlx::query_scalar!(
        "select user_id from federated_identity where reseller_id = $1 and issuer = $2 and subject = $3",
        house.reseller().uuid(),
        issuer,
        subject
    )
    .fetch_optional(conn)
    .await?;
    Ok(found.map(Into::into))
}

pub(in crate::identity) async fn insert_federated_user(
    conn: &mut PgConnection,
    id: UserId,
    email: &str,
    name: &str,
    now: Timestamp,
) -> Result<()> {
    let done = sqlx::query!(
        "insert into user_account (id, email, name, created_at) values ($1, $2, $3, $4)",
        id.uuid(),
        email,
        name,
        now
    )
    .execute(conn)
    .await?;
    exactly_one(done.rows_affected())
}

pub(in crate::identity) async fn insert_identity(
    conn: &mut PgConnection,
    house: Scope,
    id: Uuid,
    (issuer, subject): (&str, &str),
    user: UserId,
    now: Timestamp,
) -> Result<()> {
    let done = sqlx::query!(
        "insert into federated_identity (reseller_id, tenant_id, id, issuer, subject, user_id, created_at)
        values ($1, $1, $2, $3, $4, $5, $6)",
        house.reseller().uuid(),
        id,
        issuer,
        subject,
        user.uuid(),
        now
    )
    .execute(conn)
    .await?;
    exactly_one(done.rows_affected())
}
