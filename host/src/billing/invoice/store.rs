//! The tables of invoices, their lines and their numbers.

use rust_decimal::Decimal;
use serde_json::Value;
use uuid::Uuid;

use super::{Brand, Invoice, Line};
use crate::{
    app::Timestamp,
    billing::{charge::Charge, money, price, rate::Period, stored_zone, touched_all},
    db::{Scope, Tx, WriteTx},
    fault::{Fault, Result, exactly_one},
    ids::{InvoiceId, TenantId},
    page::Page,
};

struct Row {
    reseller_id: Uuid,
    tenant_id: Uuid,
    id: Uuid,
    seller_id: Uuid,
    billing_run_id: Uuid,
    number: String,
    period_start: Timestamp,
    period_end: Timestamp,
    time_zone: String,
    currency: String,
    total: Decimal,
    brand_release_id: Option<Uuid>,
    brand_settings: Option<Value>,
    issued_at: Timestamp,
}

impl TryFrom<Row> for Invoice {
    type Error = Fault;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: row.id.into(),
            buyer: Scope::new(row.reseller_id.into(), row.tenant_id.into()),
            seller: row.seller_id.into(),
            run: row.billing_run_id.into(),
            number: row.number,
            period: Period {
                start: row.period_start,
                end: row.period_end,
            },
            time_zone: stored_zone(&row.time_zone)?,
            total: money::round(row.total, &row.currency),
            currency: row.currency,
            brand: row.brand_release_id.map(|release| Brand {
                release: release.into(),
                settings: row.brand_settings.unwrap_or_default(),
            }),
            issued_at: row.issued_at,
        })
    }
}

/// The seller's next number. Nobody else gets one until the transaction ends.
pub(super) async fn next_number(tx: &mut WriteTx, seller: TenantId) -> Result<i32> {
    Ok(sqlx::query_scalar!(
        "insert into number_sequence (reseller_id, tenant_id, name, last)
        values ($1, $1, 'invoice', 1)
        on conflict on constraint number_sequence_pkey
        do update set last = number_sequence.last + 1
        returning last",
        seller.uuid()
    )
    .fetch_one(tx.conn())
    .await?)
}

pub(super) async fn insert(tx: &mut WriteTx, invoice: &Invoice) -> Result<()> {
    let done = sqlx::query!(
        "insert into invoice (reseller_id, tenant_id, id, seller_id, billing_run_id, number, period_start, period_end,
            time_zone, currency, total, brand_release_id, brand_settings, issued_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        invoice.buyer.reseller().uuid(),
        invoice.buyer.tenant().uuid(),
        invoice.id.uuid(),
        invoice.seller.uuid(),
        invoice.run.uuid(),
        invoice.number,
        invoice.period.start,
        invoice.period.end,
        invoice.time_zone.name(),
        invoice.currency,
        invoice.total,
        invoice.brand.as_ref().map(|brand| brand.release.uuid()),
        invoice.brand.as_ref().map(|brand| &brand.settings),
        invoice.issued_at
    )
    .execute(tx.conn())
    .await?;
    exactly_one(done.rows_affected())
}

/// Keeps a line for each charge, in their order, at the rounded amounts.
pub(super) async fn insert_lines(
    tx: &mut WriteTx,
    invoice: &Invoice,
    charges: &[Charge],
    amounts: &[Decimal],
) -> Result<()> {
    let charges: Vec<_> = charges.iter().map(|charge| charge.id.uuid()).collect();
    let done = sqlx::query!(
        "insert into invoice_line (reseller_id, tenant_id, invoice_id, charge_id, amount, n)
        select $1, $2, $3, line.charge_id, line.amount, line.n
        from unnest($4::uuid[], $5::numeric[]) with ordinality as line (charge_id, amount, n)",
        invoice.buyer.reseller().uuid(),
        invoice.buyer.tenant().uuid(),
        invoice.id.uuid(),
        &charges,
        amounts
    )
    .execute(tx.conn())
    .await?;
    touched_all(done.rows_affected(), charges.len())
}

pub(super) async fn list(tx: &mut impl Tx, page: Page) -> Result<Vec<Invoice>> {
    let scope = tx.scope();
    let rows = sqlx::query_as!(
        Row,
        "select reseller_id, tenant_id, id, seller_id, billing_run_id, number, period_start, period_end, time_zone,
            currency, total, brand_release_id, brand_settings, issued_at
        from invoice
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2)
            and id > $3
        order by id
        limit $4",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        page.after,
        page.fetch()
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter().map(Invoice::try_from).collect()
}

pub(super) async fn find(tx: &mut impl Tx, id: InvoiceId) -> Result<Invoice> {
    let scope = tx.scope();
    let row = sqlx::query_as!(
        Row,
        "select reseller_id, tenant_id, id, seller_id, billing_run_id, number, period_start, period_end, time_zone,
            currency, total, brand_release_id, brand_settings, issued_at
        from invoice
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2)
            and id = $3",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    row.ok_or(Fault::Missing)?.try_into()
}

pub(super) async fn lines(tx: &mut impl Tx, invoice: &Invoice) -> Result<Vec<Line>> {
    let scope = tx.scope();
    // Charges are looked up and not joined: planned for any invoice, a join may read them through.
    let rows = sqlx::query!(
        "select l.n, l.charge_id, l.amount as rounded, c.receipt_id, r.digest, c.port_id, c.starts_at, c.ends_at,
            c.code, c.description, c.quantity, c.unit, c.unit_price, c.amount, c.explanation
        from invoice_line l
        cross join lateral (
            select receipt_id, port_id, starts_at, ends_at, code, description, quantity, unit, unit_price, amount, explanation
            from charge
            where reseller_id = $1 and tenant_id = l.tenant_id
                and id = l.charge_id
            limit 1) c
        cross join lateral (
            select digest
            from receipt
            where reseller_id = $1 and tenant_id = l.tenant_id
                and id = c.receipt_id
            limit 1) r
        where l.reseller_id = $1 and ($2::uuid is null or l.tenant_id = $2)
            and l.invoice_id = $3
        order by l.n",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        invoice.id.uuid()
    )
    .fetch_all(tx.conn())
    .await?;
    let lines = rows.into_iter().map(|row| Line {
        n: row.n,
        charge: row.charge_id.into(),
        receipt: row.receipt_id.into(),
        digest: row.digest,
        port: row.port_id.into(),
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
        amount: money::round(row.rounded, &invoice.currency),
    });
    Ok(lines.collect())
}
