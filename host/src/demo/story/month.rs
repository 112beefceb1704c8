//! The month is over: every customer is billed, and every receipt is run again.

use serde_json::{Value, json};

use super::Cast;
use crate::demo::{
    house::{House, text},
    narrator::Narrator,
    report::{Invoice, Line},
    stage::Stage,
};

pub(super) async fn bill(stage: &Stage, cast: &Cast, tell: &Narrator) -> anyhow::Result<Vec<Invoice>> {
    stage.pass("2026-04-01T09:00:00Z".parse()?).await?;
    tell.time(stage.now());
    let mut invoices = Vec::new();
    for (house, customer, name) in [
        (&cast.northlight, &cast.alpine, "Alpine Video"),
        (&cast.northlight, &cast.danube, "Danube Press"),
        (&cast.harbour, &cast.thames, "Thames Post"),
    ] {
        house
            .reseller
            .post(
                "/v1/billing-runs",
                json!({ "customer_id": customer.id, "period": "2026-03" }),
            )
            .await?;
        let listed = customer.caller.get("/v1/invoices").await?;
        let id = text(&listed["items"][0]["id"])?;
        let invoice = customer.caller.get(&format!("/v1/invoices/{id}")).await?;
        let invoice = read_invoice(house, &invoice).await?;
        tell.step(
            house.plan.name,
            &format!(
                "bills {name} for March: invoice {}, {} {}, {} lines, every receipt run again: {}",
                invoice.number,
                invoice.total,
                invoice.currency,
                invoice.lines.len(),
                if invoice.receipts_verified {
                    "same price"
                } else {
                    "ANOTHER PRICE"
                }
            ),
        );
        invoices.push(invoice);
    }
    Ok(invoices)
}

async fn read_invoice(house: &House, invoice: &Value) -> anyhow::Result<Invoice> {
    let (mut lines, mut receipts_verified) = (Vec::new(), true);
    for line in invoice["lines"].as_array().into_iter().flatten() {
        let receipt = text(&line["receipt_id"])?;
        let verified = house
            .reseller
            .post(&format!("/v1/receipts/{receipt}/verify"), json!({}))
            .await?;
        receipts_verified &= verified["matches"] == true;
        lines.push(Line {
            port: text(&line["port"])?,
            from: line["from"].clone(),
            to: line["to"].clone(),
            amount: text(&line["amount"])?,
            digest: text(&line["digest"])?,
        });
    }
    Ok(Invoice {
        reseller: house.plan.slug.to_owned(),
        number: text(&invoice["number"])?,
        currency: text(&invoice["currency"])?,
        total: text(&invoice["total"])?,
        lines,
        receipts_verified,
    })
}
