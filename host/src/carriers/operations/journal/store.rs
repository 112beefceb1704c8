//! The exchange tables.

use nexusport_sandbox::carrier::{Answer, Request};

use super::Hash;
use crate::{
    app::Timestamp,
    carriers::operations::Operation,
    db::{Tx, WriteTx},
    fault::{Fault, OnConstraint as _, Result, exactly_one},
    ids::OperationId,
};

/// An exchange, sealed.
pub(super) struct Row {
    pub n: i32,
    pub request: Vec<u8>,
    pub state: String,
    pub answer: Option<Vec<u8>>,
    pub first_at: Timestamp,
    pub at: Timestamp,
    pub repeats: i32,
}

/// An answer to keep.
pub(super) struct NewAnswer {
    pub state: &'static str,
    pub status: Option<i16>,
    pub hash: Hash,
    pub sealed: Vec<u8>,
    pub at: Timestamp,
}

/// An exchange, for people.
#[derive(Debug, Clone)]
pub struct Listed {
    /// Its place in the journal, from 0.
    pub n: u32,
    /// HTTP method.
    pub method: String,
    /// Destination handle.
    pub destination: String,
    /// Path and query.
    pub target: String,
    /// Credential handle.
    pub credential: Option<String>,
    /// Whether sending twice has the effect of sending once.
    pub repeatable: bool,
    /// `sending`, `answered`, `lost` or `not_sent`.
    pub state: String,
    /// HTTP status of the latest answer.
    pub status: Option<u16>,
    /// When it was first sent.
    pub first_at: Timestamp,
    /// When the latest answer came.
    pub at: Timestamp,
    /// How often it was repeated after the first time.
    pub repeats: u32,
    /// Every answer in order, identical ones once.
    pub answers: Vec<Answered>,
    /// The request, for those who may see it.
    pub request: Option<Request>,
    /// The latest answer, for those who may see it.
    pub answer: Option<Answer>,
}

/// One or more identical answers in a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// `answered`, `lost` or `not_sent`.
    pub state: String,
    /// HTTP status.
    pub status: Option<u16>,
    /// How many in a row.
    pub count: u32,
    /// When the first came.
    pub first_at: Timestamp,
    /// When the last came.
    pub last_at: Timestamp,
}

pub(super) async fn load(tx: &mut impl Tx, operation: OperationId) -> Result<Vec<Row>> {
    let scope = tx.scope();
    Ok(sqlx::query_as!(
        Row,
        "select n, request, state, answer, first_at, at, repeats
        from exchange
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2) and operation_id = $3
        order by n",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        operation.uuid()
    )
    .fetch_all(tx.conn())
    .await?)
}

/// A second row of one number is somebody else's: the operation is run twice, and this run must stop.
pub(super) async fn insert(
    tx: &mut WriteTx,
    operation: &Operation,
    n: i32,
    request: &Request,
    hash: Hash,
    sealed: Vec<u8>,
) -> Result<()> {
    let done = sqlx::query!(
        "insert into exchange (reseller_id, tenant_id, operation_id, n, method, destination, target, credential,
            repeatable, request_hash, request, state, first_at, at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'sending', $12, $12)",
        tx.scope().reseller().uuid(),
        operation.tenant.uuid(),
        operation.id.uuid(),
        n,
        request.method,
        request.destination,
        request.target,
        request.credential,
        request.repeatable,
        &hash.0[..],
        sealed,
        tx.now()
    )
    .execute(tx.conn())
    .await
    .on_constraint("exchange_pkey", || {
        Fault::broken(format!("exchange {n} of operation {} was written by another run", operation.id))
    })?;
    exactly_one(done.rows_affected())
}

pub(super) async fn reopen(tx: &mut WriteTx, operation: OperationId, n: i32, repeats: u32) -> Result<()> {
    let scope = tx.scope();
    let done = sqlx::query!(
        "update exchange
        set state = 'sending', repeats = repeats + 1
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2)
            and operation_id = $3 and n = $4 and repeats = $5",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        operation.uuid(),
        n,
        repeats.cast_signed()
    )
    .execute(tx.conn())
    .await?;
    exactly_one(done.rows_affected())
}

/// Keeps an answer for a `sending` exchange: as its latest, and in the list of all of them.
pub(super) async fn record(
    tx: &mut WriteTx,
    operation: &Operation,
    n: i32,
    repeats: u32,
    answer: &NewAnswer,
) -> Result<()> {
    let scope = tx.scope();
    let done = sqlx::query!(
        "update exchange
        set state = $6, status = $7, answer = $8, at = $9
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2)
            and operation_id = $3 and n = $4 and repeats = $5 and state = 'sending'",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        operation.id.uuid(),
        n,
        repeats.cast_signed(),
        answer.state,
        answer.status,
        answer.sealed,
        answer.at
    )
    .execute(tx.conn())
    .await?;
    exactly_one(done.rows_affected())?;
    if !count_again(tx, operation.id, n, answer).await? {
        insert_answer(tx, operation, n, answer).await?;
    }
    Ok(())
}

/// Counts an answer that is the same as the one before; false where it is another.
async fn count_again(tx: &mut WriteTx, operation: OperationId, n: i32, answer: &NewAnswer) -> Result<bool> {
    let scope = tx.scope();
    let done = sqlx::query!(
        "update exchange_answer
        set count = count + 1, last_at = $6
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2)
            and operation_id = $3 and n = $4 and answer_hash = $5
            and seq = (
                select max(seq) from exchange_answer
                where reseller_id = $1 and operation_id = $3 and n = $4)",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        operation.uuid(),
        n,
        &answer.hash.0[..],
        answer.at
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

async fn insert_answer(tx: &mut WriteTx, operation: &Operation, n: i32, answer: &NewAnswer) -> Result<()> {
    let done = sqlx::query!(
        "insert into exchange_answer (reseller_id, tenant_id, operation_id, n, seq, state, status, answer_hash,
            answer, count, first_at, last_at)
        select $1, $2, $3, $4, coalesce(max(seq), 0) + 1, $5, $6, $7, $8, 1, $9, $9
        from exchange_answer
        where reseller_id = $1 and tenant_id = $2 and operation_id = $3 and n = $4",
        tx.scope().reseller().uuid(),
        operation.tenant.uuid(),
        operation.id.uuid(),
        n,
        answer.state,
        answer.status,
        &answer.hash.0[..],
        answer.sealed,
        answer.at
    )
    .execute(tx.conn())
    .await?;
    exactly_one(done.rows_affected())
}

pub(super) async fn list(tx: &mut impl Tx, operation: OperationId) -> Result<Vec<Listed>> {
    let scope = tx.scope();
    let rows = sqlx::query!(
        "select n, method, destination, target, credential, repeatable, state, status, first_at, at, repeats
        from exchange
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2) and operation_id = $3
        order by n",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        operation.uuid()
    )
    .fetch_all(tx.conn())
    .await?;
    let mut listed: Vec<Listed> = rows
        .into_iter()
        .map(|row| Listed {
            n: row.n.unsigned_abs(),
            method: row.method,
            destination: row.destination,
            target: row.target,
            credential: row.credential,
            repeatable: row.repeatable,
            state: row.state,
            status: row.status.map(i16::cast_unsigned),
            first_at: row.first_at,
            at: row.at,
            repeats: row.repeats.unsigned_abs(),
            answers: Vec::new(),
            request: None,
            answer: None,
        })
        .collect();
    for (n, answer) in answers(tx, operation).await? {
        if let Some(exchange) = listed.get_mut(n) {
            exchange.answers.push(answer);
        }
    }
    Ok(listed)
}

async fn answers(tx: &mut impl Tx, operation: OperationId) -> Result<Vec<(usize, Answered)>> {
    let scope = tx.scope();
    let rows = sqlx::query!(
        "select n, state, status, count, first_at, last_at
        from exchange_answer
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2) and operation_id = $3
        order by n, seq",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        operation.uuid()
    )
    .fetch_all(tx.conn())
    .await?;
    let answers = rows.into_iter().map(|row| {
        let answer = Answered {
            state: row.state,
            status: row.status.map(i16::cast_unsigned),
            count: row.count.unsigned_abs(),
            first_at: row.first_at,
            last_at: row.last_at,
        };
        (row.n.unsigned_abs() as usize, answer)
    });
    Ok(answers.collect())
}
