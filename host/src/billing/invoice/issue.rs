//! Making out an invoice: its lines rounded, its number the seller's next.

use rust_decimal::Decimal;
use serde_json::json;

use super::{Brand, Invoice, store};
use crate::{
    app::App,
    audit,
    billing::{charge::Charge, money, run::Run},
    db::WriteTx,
    fault::{Fault, Result},
    ids::{InvoiceId, TenantId},
};

/// Digits of a total before the point that the database keeps.
const TOTAL_DIGITS_MAX: u32 = 15;

/// What an invoice is made out of.
pub(in crate::billing) struct Sale<'a> {
    pub run: &'a Run,
    pub seller: TenantId,
    pub brand: Option<Brand>,
    pub charges: &'a [Charge],
}

/// Issues the invoice of a run. The number is taken last: taking it holds up the seller's other invoices until the
/// transaction ends, and an invoice that is not kept leaves no gap.
pub(in crate::billing) async fn issue(app: &App, tx: &mut WriteTx, sale: Sale<'_>) -> Result<InvoiceId> {
    let Sale {
        run,
        seller,
        brand,
        charges,
    } = sale;
    let exact = charges.iter().map(|charge| charge.what.amount);
    let (amounts, total) = money::bill(exact, &run.currency);
    check_total(total)?;
    let invoice = Invoice {
        id: app.id(),
        buyer: run.buyer,
        seller,
        run: run.id,
        number: number(store::next_number(tx, seller).await?),
        period: run.period,
        time_zone: run.time_zone,
        currency: run.currency.clone(),
        total,
        brand,
        issued_at: tx.now(),
    };
    store::insert(tx, &invoice).await?;
    store::insert_lines(tx, &invoice, charges, &amounts).await?;
    let detail = json!({
        "number": invoice.number, "buyer": invoice.buyer.tenant().uuid(), "total": invoice.total,
        "currency": invoice.currency, "lines": amounts.len(),
    });
    tx.record(audit::Event::done("invoice.issue", invoice.id.uuid(), detail))
        .await?;
    Ok(invoice.id)
}

fn number(n: i32) -> String {
    format!("INV-{n:06}")
}

fn check_total(total: Decimal) -> Result<()> {
    let limit = Decimal::from(10_u64.pow(TOTAL_DIGITS_MAX));
    if total.abs() < limit {
        return Ok(());
    }
    let message = format!("the total is {total}, it can have {TOTAL_DIGITS_MAX} digits before the point");
    Err(Fault::invalid("total_too_large", message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_sort_as_they_count() {
        assert_eq!(number(7), "INV-000007");
        assert!(number(99) < number(100));
    }

    #[test]
    fn a_total_that_the_database_cannot_keep_is_refused() {
        let total = |text: &str| check_total(text.parse().unwrap());
        assert!(total("999999999999999.99").is_ok());
        assert!(total("-999999999999999.99").is_ok());
        for too_large in ["1000000000000000", "-1000000000000000"] {
            let Err(Fault::Refused(refusal)) = total(too_large) else {
                panic!("{too_large} passed")
            };
            assert_eq!(refusal.code, "total_too_large");
        }
    }
}
