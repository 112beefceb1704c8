//! The table of charges.

use rust_decimal::Decimal;
use uuid::Uuid;

use super::Charge;
use crate::{
    app::Timestamp,
    billing::{deal::Level, price, receipt::Receipt, touched_all},
    db::{Scope, Tx, WriteTx},
    fault::{Fault, Result},
    ids::PortId,
    page::Page,
};

struct Row {
    reseller_id: Uuid,
    tenant_id: Uuid,
    id: Uuid,
    billing_run_id: Uuid,
    receipt_id: Uuid,
    level: String,
    seller_id: Option<Uuid>,
    customer_id: Uuid,
    port_id: Uuid,
    n: i32,
    digest: String,
    starts_at: Timestamp,
    ends_at: Timestamp,
    code: String,
    description: String,
    quantity: Decimal,
    unit: String,
    unit_price: Decimal,
    amount: Decimal,
    explanation: String,
}

impl TryFrom<Row> for Charge {
    type Error = Fault;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: row.id.into(),
            buyer: Scope::new(row.reseller_id.into(), row.tenant_id.into()),
            run: row.billing_run_id.into(),
            receipt: row.receipt_id.into(),
            level: Level::parse(&row.level)?,
            seller: row.seller_id.map(Into::into),
            customer: row.customer_id.into(),
            port: row.port_id.into(),
            n: row.n,
            digest: row.digest,
            what: price::Charge {
                starts_at: row.starts_at,
                ends_at: row.ends_at,
                code: row.code,
                description: row.description,
                quantity: row.quantity.normalize(),
                unit: row.unit,
                unit_price: row.unit_price.normalize(),
                amount: row.amount.normalize(),
                explanation: row.explanation,
            },
        })
    }
}

/// Keeps the charges of one receipt.
pub(in crate::billing) async fn insert(
    tx: &mut WriteTx,
    receipt: &Receipt,
    charges: &[Charge],
) -> Result<()> {
    let Some(first) = charges.first() else {
        return Ok(());
    };
    let texts = |field: fn(&price::Charge) -> &String| -> Vec<_> {
        charges.iter().map(|charge| field(&charge.what).clone()).collect()
    };
    let times = |field: fn(&price::Charge) -> Timestamp| -> Vec<_> {
        charges.iter().map(|charge| field(&charge.what)).collect()
    };
    let numbers = |field: fn(&price::Charge) -> Decimal| -> Vec<_> {
        charges.iter().map(|charge| field(&charge.what)).collect()
    };
    let ids: Vec<_> = charges.iter().map(|charge| charge.id.uuid()).collect();
    let places: Vec<_> = charges.iter().map(|charge| charge.n).collect();
    let done = sqlx::query!(
        "insert into charge (reseller_id, tenant_id, billing_run_id, receipt_id, level, seller_id, customer_id, port_id,
            id, n, starts_at, ends_at, code, description, quantity, unit, unit_price, amount, explanation)
        select $1, $2, $3, $4, $5, $6, $7, $8, given.*
        from unnest($9::uuid[], $10::integer[], $11::timestamptz[], $12::timestamptz[], $13::text[], $14::text[],
            $15::numeric[], $16::text[], $17::numeric[], $18::numeric[], $19::text[]) as given",
        receipt.buyer.reseller().uuid(),
        receipt.buyer.tenant().uuid(),
        receipt.run.uuid(),
        receipt.id.uuid(),
        first.level.name(),
        first.seller.map(|id| id.uuid()),
        receipt.customer.uuid(),
        receipt.port.uuid(),
        &ids,
        &places,
        &times(|what| what.starts_at),
        &times(|what| what.ends_at),
        &texts(|what| &what.code),
        &texts(|what| &what.description),
        &numbers(|what| what.quantity),
        &texts(|what| &what.unit),
        &numbers(|what| what.unit_price),
        &numbers(|what| what.amount),
        &texts(|what| &what.explanation)
    )
    .execute(tx.conn())
    .await?;
    touched_all(done.rows_affected(), charges.len())
}

pub(super) async fn list(tx: &mut impl Tx, port: Option<PortId>, page: Page) -> Result<Vec<Charge>> {
    let scope = tx.scope();
    let rows = sqlx::query_as!(
        Row,
        "select c.reseller_id, c.tenant_id, c.id, c.billing_run_id, c.receipt_id, c.level, c.seller_id, c.customer_id,
            c.port_id, c.n, r.digest, c.starts_at, c.ends_at, c.code, c.description, c.quantity, c.unit, c.unit_price,
            c.amount, c.explanation
        from charge c
        join receipt r on r.reseller_id = c.reseller_id and r.tenant_id = c.tenant_id and r.id = c.receipt_id
        where c.reseller_id = $1 and ($2::uuid is null or c.tenant_id = $2)
            and ($3::uuid is null or c.port_id = $3)
            and c.id > $4
        order by c.id
        limit $5",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        port.map(|id| id.uuid()),
        page.after,
        page.fetch()
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter().map(Charge::try_from).collect()
}
