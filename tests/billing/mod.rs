//! Billing from the outside: runs, charges, receipts and invoices. What was delivered is put straight into the
//! database here, to the second, so that every total can be worked out by hand; the way there is other suites' business.

mod delivered;
mod drift;
mod facts;
mod failures;
mod invoices;
pub mod levels;
mod prices;
mod receipts;
mod runs;
mod shadows;
mod trips;

use serde_json::{Value, json};

use crate::harness::{Answer, Client, Customer, Host, Pricing, Shop, text};
use facts::Delivered;

/// Midnight in Vienna, where April has 720 hours.
const APRIL: &str = "2026-03-31T22:00:00Z";
const MAY: &str = "2026-04-30T22:00:00Z";

/// A host at the first instant of April.
async fn april() -> Host {
    Host::start_at(APRIL.parse().unwrap()).await
}

/// A reseller with prices and a brand.
async fn seller(host: &Host, slug: &str, pricing: Pricing) -> Shop {
    let shop = unbranded(host, slug, pricing).await;
    let brand = match pricing {
        Pricing::Committed => nexusport_plugins::BRAND_NORTHLIGHT,
        Pricing::Burst => nexusport_plugins::BRAND_HARBOUR,
    };
    shop.activate("brand", brand, json!({ "settings": {} })).await;
    shop
}

/// A reseller with prices alone.
async fn unbranded(host: &Host, slug: &str, pricing: Pricing) -> Shop {
    let reseller = host.reseller(slug).await;
    let carrier = reseller
        .client
        .post("/v1/carriers", json!({ "name": "metro-net" }));
    let carrier_id = text(&carrier.await.expect(201)["id"]);
    let shop = Shop { reseller, carrier_id };
    let settings = json!({ "settings": pricing.settings() });
    shop.activate("pricing", pricing.component(), settings).await;
    shop
}

/// A customer to whom 1000 Mbps were delivered all April, and 5000 from 18:00 to 22:00 on the 15th.
async fn bursting(host: &Host, shop: &Shop, slug: &str) -> Customer {
    let customer = host.customer(&shop.reseller, slug).await;
    let april = [
        (APRIL, "2026-04-15T16:00:00Z", 1000),
        ("2026-04-15T16:00:00Z", "2026-04-15T20:00:00Z", 5000),
        ("2026-04-15T20:00:00Z", MAY, 1000),
    ];
    Delivered::to(&customer.id, "uplink", 1000)
        .keep(host, shop, &april)
        .await;
    customer
}

async fn bill(seller: &Client, customer_id: &str, period: &str) -> Answer {
    let run = json!({ "customer_id": customer_id, "period": period });
    seller.post("/v1/billing-runs", run).await
}

/// The invoice of a run that is made now.
async fn invoice(seller: &Client, customer_id: &str, period: &str) -> Value {
    let run = bill(seller, customer_id, period).await.expect(201);
    let path = format!("/v1/invoices/{}", text(&run["invoice_id"]));
    seller.get(&path).await.expect(200)
}

fn to_may(host: &Host) {
    host.clock.set(MAY.parse().unwrap());
}
