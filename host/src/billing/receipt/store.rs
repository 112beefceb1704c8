//! The table of receipts. A customer's role cannot read the input, so it is asked for by itself.

use nexusport_sandbox::pricing::Request;
use serde_json::Value;
use uuid::Uuid;

use super::{Receipt, form};
use crate::{
    app::Timestamp,
    db::{Scope, Tx, WriteTx},
    fault::{Fault, Result, exactly_one},
    ids::{ReceiptId, ReleaseId},
};

struct Row {
    reseller_id: Uuid,
    tenant_id: Uuid,
    id: Uuid,
    billing_run_id: Uuid,
    customer_id: Uuid,
    port_id: Uuid,
    digest: String,
    engine: String,
    input_hash: Vec<u8>,
    output: Value,
    output_hash: Vec<u8>,
    created_at: Timestamp,
}

/// What running a receipt again takes.
pub(super) struct Replay {
    pub input: Value,
    pub release: ReleaseId,
}

impl From<Row> for Receipt {
    fn from(row: Row) -> Self {
        Self {
            id: row.id.into(),
            buyer: Scope::new(row.reseller_id.into(), row.tenant_id.into()),
            run: row.billing_run_id.into(),
            customer: row.customer_id.into(),
            port: row.port_id.into(),
            digest: row.digest,
            engine: row.engine,
            input_hash: row.input_hash,
            output: row.output,
            output_hash: row.output_hash,
            created_at: row.created_at,
        }
    }
}

pub(in crate::billing) async fn insert(tx: &mut WriteTx, receipt: &Receipt, input: &Request) -> Result<()> {
    let done = sqlx::query!(
        "insert into receipt (reseller_id, tenant_id, id, billing_run_id, customer_id, port_id, digest, engine, input,
            input_hash, output, output_hash, created_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        receipt.buyer.reseller().uuid(),
        receipt.buyer.tenant().uuid(),
        receipt.id.uuid(),
        receipt.run.uuid(),
        receipt.customer.uuid(),
        receipt.port.uuid(),
        receipt.digest,
        receipt.engine,
        form::input(input)?,
        receipt.input_hash,
        receipt.output,
        receipt.output_hash,
        receipt.created_at
    )
    .execute(tx.conn())
    .await?;
    exactly_one(done.rows_affected())
}

pub(super) async fn find(tx: &mut impl Tx, id: ReceiptId) -> Result<Receipt> {
    let scope = tx.scope();
    let row = sqlx::query_as!(
        Row,
        "select reseller_id, tenant_id, id, billing_run_id, customer_id, port_id, digest, engine, input_hash, output,
            output_hash, created_at
        from receipt
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2)
            and id = $3",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(Receipt::from).ok_or(Fault::Missing)
}

pub(super) async fn replay(tx: &mut impl Tx, id: ReceiptId) -> Result<Replay> {
    let scope = tx.scope();
    let row = sqlx::query!(
        "select t.input, r.release_id
        from receipt t
        join billing_run r
            on r.reseller_id = t.reseller_id and r.tenant_id = t.tenant_id and r.id = t.billing_run_id
        where t.reseller_id = $1 and ($2::uuid is null or t.tenant_id = $2)
            and t.id = $3",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or(Fault::Missing)?;
    Ok(Replay {
        input: row.input,
        release: row.release_id.into(),
    })
}
