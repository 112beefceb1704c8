//! One fact, priced at several levels: each is seen by its two sides alone.

use nexusport::app::new_id;
use serde_json::json;
use uuid::Uuid;

use super::{april, bursting, invoice, to_may, unbranded};
use crate::harness::{Host, Pricing, text};

#[tokio::test]
async fn a_customer_never_sees_what_its_reseller_pays() {
    let host = april().await;
    let shop = unbranded(&host, "northlight", Pricing::Committed).await;
    let customer = bursting(&host, &shop, "baker").await;
    to_may(&host);
    invoice(&shop.reseller.client, &customer.id, "2026-04").await;
    let wholesale = buy(&host, "wholesale").await;

    let levels = |answer: serde_json::Value| {
        let items = answer["items"].as_array().unwrap().iter();
        items.map(|item| text(&item["level"])).collect::<Vec<_>>()
    };
    let (seller, buyer) = (&shop.reseller.client, &customer.client);
    for list in ["/v1/charges", "/v1/billing-runs"] {
        let seen = levels(seller.get(list).await.expect(200));
        assert!(
            seen.contains(&"wholesale".to_owned()) && seen.contains(&"retail".to_owned()),
            "{seen:?}"
        );
        let seen = levels(buyer.get(list).await.expect(200));
        assert!(
            !seen.is_empty() && seen.iter().all(|level| level == "retail"),
            "{list}: {seen:?}"
        );
    }
    let receipt = format!("/v1/receipts/{wholesale}");
    assert_eq!(
        seller.get(&receipt).await.expect(200)["customer_id"],
        json!(customer.id)
    );
    buyer.get(&receipt).await.problem(404, "not_found");
}

/// The reseller pays for the same port too: the retail rows once more at this level, with the reseller as buyer. The
/// operator sells at wholesale, the carrier, who is no tenant, at cost. Gives the receipt.
pub async fn buy(host: &Host, level: &str) -> Uuid {
    let mut conn = host.database.superuser().await;
    let [run, receipt, charge]: [Uuid; 3] = std::array::from_fn(|_| new_id(host.app.now()));
    sqlx::query(
        "with run as (
            insert into billing_run
            select reseller_id, reseller_id, $1, $4, period_start, period_end, currency, time_zone, release_id,
                digest, settings, created_at
            from billing_run where level = 'retail' limit 1
            returning id),
        receipt as (
            insert into receipt
            select reseller_id, reseller_id, $2, $1, customer_id, port_id, digest, engine, input, input_hash, output,
                output_hash, created_at
            from receipt where tenant_id <> reseller_id limit 1
            returning id)
        insert into charge
        select reseller_id, reseller_id, $3, $1, $2, $4,
            (select tenant_id from tenant where kind = 'operator' and $4 = 'wholesale'), customer_id, port_id, 1, starts_at,
            ends_at, code, description, quantity, unit, unit_price, amount, explanation
        from charge
        where level = 'retail' limit 1",
    )
    .bind(run)
    .bind(receipt)
    .bind(charge)
    .bind(level)
    .execute(&mut conn)
    .await
    .unwrap();
    receipt
}
