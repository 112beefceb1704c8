//! A release tried over a past month: what it would have charged, and that nobody is charged it.

use nexusport::worker;
use serde_json::{Value, json};

use super::{APRIL, MAY, april, bursting, facts::Delivered, invoice, to_may, unbranded};
use crate::harness::{Answer, Client, Host, Pricing, Reseller, Shop, text};

/// Has this release tried over April.
async fn ask(client: &Client, release: &str, settings: Value) -> Answer {
    let new = json!({ "release_id": release, "settings": settings, "period": "2026-04" });
    client.post("/v1/shadows", new).await
}

/// Has it tried to the end; gives the shadow.
async fn tried(host: &Host, reseller: &Reseller, release: &str, settings: Value) -> Value {
    let shadow = ask(&reseller.client, release, settings).await.expect(201);
    assert_eq!(shadow["state"], "waiting");
    worker::drain(&host.app).await.unwrap();
    let path = format!("/v1/shadows/{}", text(&shadow["id"]));
    reseller.client.get(&path).await.expect(200)
}

/// An approved release of the other rule, which serves nobody.
async fn other(shop: &Shop) -> String {
    approved(&shop.reseller.client, "other", Pricing::Burst).await
}

async fn approved(client: &Client, plugin: &str, pricing: Pricing) -> String {
    let path = format!("/v1/plugins/{plugin}/releases");
    let release = client.upload(&path, pricing.component()).await.expect(201);
    let id = text(&release["id"]);
    let yes = json!({ "digest": release["digest"] });
    client
        .post(&format!("/v1/releases/{id}/approve"), yes)
        .await
        .expect(200);
    id
}

async fn customers(client: &Client, shadow: &Value, query: &str) -> Value {
    let path = format!("/v1/shadows/{}/customers{query}", text(&shadow["id"]));
    client.get(&path).await.expect(200)
}

/// After the end of April everywhere on earth.
fn to_shadows(host: &Host) {
    host.clock.set("2026-05-01T12:00:00Z".parse().unwrap());
}

#[tokio::test]
async fn a_shadow_tells_each_customers_difference_and_bills_nothing() {
    let host = april().await;
    let shop = unbranded(&host, "northlight", Pricing::Committed).await;
    let bursts = bursting(&host, &shop, "bursts").await;
    let steady = host.customer(&shop.reseller, "steady").await;
    Delivered::to(&steady.id, "uplink", 1000)
        .keep(&host, &shop, &[(APRIL, MAY, 1000)])
        .await;
    host.customer(&shop.reseller, "nothing").await;
    let client = &shop.reseller.client;
    let release = other(&shop).await;
    to_shadows(&host);
    let shadow = tried(&host, &shop.reseller, &release, Pricing::Burst.settings()).await;
    assert_eq!(
        (
            &shadow["state"],
            &shadow["customers_total"],
            &shadow["customers_done"]
        ),
        (&json!("finished"), &json!(3), &json!(3))
    );
    // The totals of tests/billing/prices: 408.89 and 400.00 under the one, 364.00 and 300.00 under the other.
    let total = json!({ "currency": "EUR", "customers": 2, "failures": 0,
        "active_total": "808.89", "total": "664", "difference": "-144.89" });
    assert_eq!(shadow["totals"], json!([total]));

    let worst = customers(client, &shadow, "").await;
    let worst = worst["items"].as_array().unwrap();
    let told: Vec<_> = worst
        .iter()
        .map(|row| (text(&row["customer_id"]), text(&row["difference"])))
        .collect();
    assert_eq!(
        told,
        [
            (steady.id.clone(), "-100".to_owned()),
            (bursts.id.clone(), "-44.89".to_owned())
        ]
    );
    let lines = worst[1]["lines"].as_array().unwrap();
    let burst = lines.iter().find(|line| line["code"] == "burst").unwrap();
    assert_eq!(
        (&burst["active_amount"], &burst["amount"], &burst["starts_at"]),
        (&json!("0"), &json!("64.00"), &json!("2026-04-15T16:00:00Z"))
    );
    // By the page, in the same order.
    let first = customers(client, &shadow, "?limit=1").await;
    let next = format!("?limit=1&cursor={}", text(&first["next"]));
    let second = customers(client, &shadow, &next).await;
    assert_eq!((&first["items"][0], &second["items"][0]), (&worst[0], &worst[1]));
    assert_eq!(second["next"], Value::Null);

    for nothing in ["/v1/invoices", "/v1/billing-runs", "/v1/charges"] {
        assert_eq!(
            client.get(nothing).await.expect(200)["items"],
            json!([]),
            "{nothing}"
        );
    }
    let invoice = invoice(client, &bursts.id, "2026-04").await;
    assert_eq!(
        (&invoice["total"], &invoice["number"]),
        (&json!("408.89"), &json!("INV-000001"))
    );
    for path in [
        "/v1/shadows".to_owned(),
        format!("/v1/shadows/{}", text(&shadow["id"])),
    ] {
        bursts.client.get(&path).await.problem(403, "permission_missing");
    }
}

#[tokio::test]
async fn a_customer_that_cannot_be_priced_is_told_first_and_stops_nobody() {
    let host = april().await;
    let shop = unbranded(&host, "northlight", Pricing::Committed).await;
    let thick = host.customer(&shop.reseller, "thick").await;
    Delivered::to(&thick.id, "uplink", 5000)
        .keep(&host, &shop, &[(APRIL, MAY, 5000)])
        .await;
    let thin = host.customer(&shop.reseller, "thin").await;
    Delivered::to(&thin.id, "uplink", 10)
        .keep(&host, &shop, &[(APRIL, MAY, 10)])
        .await;
    let release = approved(&shop.reseller.client, "dear", Pricing::Committed).await;
    to_shadows(&host);
    let settings = json!({ "price_per_mbps": "999999999" });
    let shadow = tried(&host, &shop.reseller, &release, settings).await;
    assert_eq!(shadow["state"], "finished");
    assert_eq!(
        (
            &shadow["totals"][0]["customers"],
            &shadow["totals"][0]["failures"]
        ),
        (&json!(2), &json!(1))
    );
    let worst = customers(&shop.reseller.client, &shadow, "").await;
    let (failed, other) = (&worst["items"][0], &worst["items"][1]);
    assert_eq!(failed["customer_id"], json!(thick.id));
    assert!(
        text(&failed["failure"]).contains("pricing_answer_invalid"),
        "{failed}"
    );
    assert_eq!(
        (&failed["total"], &failed["active_total"]),
        (&Value::Null, &json!("2000"))
    );
    assert_eq!(
        (&other["customer_id"], &other["total"]),
        (&json!(thin.id), &json!("9999999990"))
    );
}

#[tokio::test]
async fn a_shadow_is_one_at_a_time_and_can_be_stopped() {
    let host = april().await;
    let shop = unbranded(&host, "northlight", Pricing::Committed).await;
    bursting(&host, &shop, "bursts").await;
    let client = &shop.reseller.client;
    let release = other(&shop).await;
    let settings = Pricing::Burst.settings();
    to_may(&host);
    // April is over in Vienna, and not everywhere.
    ask(client, &release, settings.clone())
        .await
        .problem(409, "period_not_over");
    to_shadows(&host);
    let shadow = ask(client, &release, settings.clone()).await.expect(201);
    ask(client, &release, settings.clone())
        .await
        .problem(409, "shadow_running");
    let cancel = format!("/v1/shadows/{}/cancel", text(&shadow["id"]));
    let cancelled = client.post(&cancel, json!({})).await.expect(200);
    assert_eq!(cancelled["state"], "cancelled");
    client
        .post(&cancel, json!({}))
        .await
        .problem(409, "state_forbids");
    worker::drain(&host.app).await.unwrap();
    assert_eq!(customers(client, &shadow, "").await["items"], json!([]));

    let told = ask(client, &release, json!({ "base_per_mbps": "free" })).await;
    told.problem(422, "settings_invalid");
    let path = "/v1/plugins/brand/releases";
    let brand = client
        .upload(path, nexusport_plugins::BRAND_HARBOUR)
        .await
        .expect(201);
    ask(client, &text(&brand["id"]), json!({}))
        .await
        .problem(409, "release_not_approved");
    let yes = json!({ "digest": brand["digest"] });
    let path = format!("/v1/releases/{}/approve", text(&brand["id"]));
    client.post(&path, yes).await.expect(200);
    ask(client, &text(&brand["id"]), json!({}))
        .await
        .problem(422, "shadow_of_no_price");
    let stranger = host.reseller("harbour").await;
    ask(&stranger.client, &release, settings)
        .await
        .problem(404, "not_found");
}

#[tokio::test]
async fn where_the_reseller_demands_it_a_price_serves_only_after_a_shadow_of_just_that() {
    let host = april().await;
    let shop = unbranded(&host, "northlight", Pricing::Committed).await;
    bursting(&host, &shop, "bursts").await;
    let client = &shop.reseller.client;
    let release = other(&shop).await;
    let settings = Pricing::Burst.settings();
    let version = client.get("/v1/settings/shadow").await.etag();
    let path = "/v1/settings/shadow";
    let demand = json!({ "required": true });
    let set = client.edit(reqwest::Method::PUT, path, &version, demand).await;
    set.expect(200);
    let activate = |settings: Value| {
        let new = json!({ "release_id": release, "settings": settings });
        client.post("/v1/activations", new)
    };
    let told = activate(settings.clone()).await.problem(409, "shadow_required");
    assert!(told.contains("setting shadow"), "{told}");
    to_shadows(&host);
    tried(&host, &shop.reseller, &release, settings.clone()).await;
    let mut others = settings.clone();
    others["base_per_mbps"] = json!("0.31");
    activate(others).await.problem(409, "shadow_required");
    activate(settings).await.expect(201);
    // It is demanded of prices alone.
    shop.activate(
        "brand",
        nexusport_plugins::BRAND_HARBOUR,
        json!({ "settings": {} }),
    )
    .await;
}
