//! The hosts that resellers claim and prove.

use sqlx::PgConnection;

use crate::{
    app::Timestamp,
    db::{ReadTx, Scope, Tx, WriteTx},
    fault::{Fault, Result, exactly_one},
    identity::domains::Domain,
    ids::{DomainId, TenantId},
    page::Page,
};

struct Row {
    id: uuid::Uuid,
    host: String,
    proof: Option<String>,
    created_at: Timestamp,
    proven_at: Option<Timestamp>,
    checked_at: Option<Timestamp>,
    misses: i16,
    withdrawn_at: Option<Timestamp>,
}

impl From<Row> for Domain {
    fn from(row: Row) -> Self {
        let Row {
            id,
            host,
            proof,
            created_at,
            proven_at,
            checked_at,
            misses,
            withdrawn_at,
        } = row;
        Self {
            id: id.into(),
            host,
            proof,
            created_at,
            proven_at,
            checked_at,
            misses,
            withdrawn_at,
        }
    }
}

pub(in crate::identity) async fn count_claims(tx: &mut WriteTx) -> Result<i64> {
    let reseller = tx.scope().reseller().uuid();
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from domain where reseller_id = $1 and origin = 'claim'"#,
        reseller
    );
    Ok(count.fetch_one(tx.conn()).await?)
}

pub(in crate::identity) async fn insert_claim(tx: &mut WriteTx, domain: &Domain) -> Result<()> {
    let reseller = tx.scope().reseller().uuid();
    let done = sqlx::query!(
        "insert into domain (reseller_id, tenant_id, id, host, origin, proof, created_at)
        values ($1, $1, $2, $3, 'claim', $4, $5)",
        reseller,
        domain.id.uuid(),
        domain.host,
        domain.proof,
        domain.created_at
    )
    .execute(tx.conn())
    .await?;
    exactly_one(done.rows_affected())
}

pub(in crate::identity) async fn domains(tx: &mut ReadTx, page: Page) -> Result<Vec<Domain>> {
    let reseller = tx.scope().reseller().uuid();
    let rows = sqlx::query_as!(
        Row,
        "select id, host, proof, created_at, proven_at, checked_at, misses, withdrawn_at
        from domain
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

pub(in crate::identity) async fn domain(tx: &mut impl Tx, id: DomainId) -> Result<Domain> {
    let reseller = tx.scope().reseller().uuid();
    let row = sqlx::query_as!(
        Row,
        "select id, host, proof, created_at, proven_at, checked_at, misses, withdrawn_at
        from domain
        where reseller_id = $1 and id = $2",
        reseller,
        id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(Into::into).ok_or(Fault::Missing)
}

pub(in crate::identity) async fn mark_proven(tx: &mut WriteTx, id: DomainId, now: Timestamp) -> Result<()> {
    let reseller = tx.scope().reseller().uuid();
    let done = sqlx::query!(
        "update domain
        set proven_at = coalesce(proven_at, $3), checked_at = $3, misses = 0, withdrawn_at = null
        where reseller_id = $1
            and id = $2
            and origin = 'claim'",
        reseller,
        id.uuid(),
        now
    )
    .execute(tx.conn())
    .await?;
    exactly_one(done.rows_affected())
}

/// What a check of a proven host showed; `withdrawn` ends the proof.
pub(in crate::identity) async fn mark_checked(
    tx: &mut WriteTx,
    id: DomainId,
    now: Timestamp,
    misses: i16,
    withdrawn: Option<Timestamp>,
) -> Result<()> {
    let reseller = tx.scope().reseller().uuid();
    let done = sqlx::query!(
        "update domain
        set checked_at = $3,
            misses = $4,
            withdrawn_at = $5,
            proven_at = case when $5::timestamptz is null then proven_at end
        where reseller_id = $1
            and id = $2
            and proven_at is not null",
        reseller,
        id.uuid(),
        now,
        misses,
        withdrawn
    )
    .execute(tx.conn())
    .await?;
    exactly_one(done.rows_affected())
}

pub(in crate::identity) async fn delete_claim(tx: &mut WriteTx, id: DomainId) -> Result<()> {
    let reseller = tx.scope().reseller().uuid();
    let done = sqlx::query!(
        "delete from domain where reseller_id = $1 and id = $2 and origin = 'claim'",
        reseller,
        id.uuid()
    )
    .execute(tx.conn())
    .await?;
    exactly_one(done.rows_affected())
}

/// Ends another reseller's proof of this host unless its record is among the texts; says whose and which it was.
pub(in crate::identity) async fn withdraw_from_others(
    conn: &mut PgConnection,
    prover: Scope,
    host: &str,
    texts: &[String],
    now: Timestamp,
) -> Result<Option<(TenantId, DomainId)>> {
    let row = sqlx::query!(
        "update domain
        set proven_at = null, withdrawn_at = $4
        where host = $2
            and reseller_id <> $1
            and proven_at is not null
            and not (proof = any($3))
        returning reseller_id, id",
        prover.reseller().uuid(),
        host,
        texts,
        now
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| (row.reseller_id.into(), row.id.into())))
}
