//! The table of quotes.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{Line, Quote};
use crate::{
    app::Timestamp,
    billing::{money, price::Charge, rate::Period},
    db::{Scope, Tx, WriteTx},
    fault::{Fault, Result, exactly_one},
    ids::QuoteId,
    ports::{Kind, mbps, rules::Wish, to_db},
};

/// A line as the column `lines` keeps it.
#[derive(Serialize, Deserialize)]
struct Stored {
    period_start: Timestamp,
    period_end: Timestamp,
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

impl From<&Line> for Stored {
    fn from(Line { period, charge }: &Line) -> Self {
        let charge = charge.clone();
        Self {
            period_start: period.start,
            period_end: period.end,
            starts_at: charge.starts_at,
            ends_at: charge.ends_at,
            code: charge.code,
            description: charge.description,
            quantity: charge.quantity,
            unit: charge.unit,
            unit_price: charge.unit_price,
            amount: charge.amount,
            explanation: charge.explanation,
        }
    }
}

impl From<Stored> for Line {
    fn from(stored: Stored) -> Self {
        Self {
            period: Period {
                start: stored.period_start,
                end: stored.period_end,
            },
            charge: Charge {
                starts_at: stored.starts_at,
                ends_at: stored.ends_at,
                code: stored.code,
                description: stored.description,
                quantity: stored.quantity,
                unit: stored.unit,
                unit_price: stored.unit_price,
                amount: stored.amount,
                explanation: stored.explanation,
            },
        }
    }
}

pub(in crate::ports) async fn insert(tx: &mut WriteTx, quote: &Quote) -> Result<()> {
    let lines: Vec<_> = quote.lines.iter().map(Stored::from).collect();
    let done = sqlx::query!(
        "insert into quote (reseller_id, tenant_id, id, port_id, kind, mbps, starts_at, ends_at, currency, amount,
            recurring, lines, digest, settings, created_at, expires_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
        quote.scope.reseller().uuid(),
        quote.scope.tenant().uuid(),
        quote.id.uuid(),
        quote.port.uuid(),
        quote.wish.kind.name(),
        to_db(quote.wish.mbps),
        quote.wish.starts_at,
        quote.wish.kind.ends_at(),
        quote.currency,
        quote.amount,
        quote.recurring,
        serde_json::to_value(lines)?,
        quote.digest,
        quote.settings,
        quote.created_at,
        quote.expires_at
    )
    .execute(tx.conn())
    .await?;
    exactly_one(done.rows_affected())
}

pub(in crate::ports) async fn find(tx: &mut impl Tx, id: QuoteId) -> Result<Quote> {
    let scope = tx.scope();
    let row = sqlx::query!(
        "select reseller_id, tenant_id, id, port_id, mbps, starts_at, ends_at, currency, amount, recurring, lines,
            digest, settings, created_at, expires_at
        from quote
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2)
            and id = $3",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or(Fault::Missing)?;
    let lines: Vec<Stored> = serde_json::from_value(row.lines)?;
    Ok(Quote {
        scope: Scope::new(row.reseller_id.into(), row.tenant_id.into()),
        id: row.id.into(),
        port: row.port_id.into(),
        wish: Wish {
            kind: Kind::ending(row.ends_at),
            mbps: mbps(row.mbps),
            starts_at: row.starts_at,
        },
        amount: money::round(row.amount, &row.currency),
        recurring: row.recurring.map(|amount| money::round(amount, &row.currency)),
        currency: row.currency,
        lines: lines.into_iter().map(Line::from).collect(),
        digest: row.digest,
        settings: row.settings,
        created_at: row.created_at,
        expires_at: row.expires_at,
    })
}
