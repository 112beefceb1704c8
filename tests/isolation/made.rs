//! Single things of the world, by the way that makes them.

use serde_json::{Value, json};

use crate::harness::{Client, Host, PASSWORD, Shop, text};

pub async fn first(client: &Client, path: &str) -> Value {
    client.get(path).await.expect(200)["items"][0].clone()
}

/// The owner of the first customer signs in.
pub async fn session(host: &Host) -> String {
    let who = json!({ "email": "owner@alpine.northlight.example", "password": PASSWORD });
    let at = host.client.at("northlight.localhost");
    text(&at.post("/v1/sessions", who).await.expect(201)["session"])
}

/// An alert about the customer: nothing goes wrong in this world.
pub async fn alert(host: &Host, reseller: &str, customer: &str) -> String {
    let id: uuid::Uuid = nexusport::app::new_id(host.app.now());
    let ids = [reseller, customer].map(|id| id.parse::<uuid::Uuid>().unwrap());
    sqlx::query(
        "insert into alert (reseller_id, tenant_id, id, kind, subject_id, text, state, called, step, raised_at)
        values ($1, $2, $3, 'operation', $3, 'given up', 'open', '{}', 0, $4)",
    )
    .bind(ids[0])
    .bind(ids[1])
    .bind(id)
    .bind(host.app.now())
    .execute(&mut host.database.superuser().await)
    .await
    .unwrap();
    id.to_string()
}

/// A drift of the customer's port: no carrier changes anything by itself in this world.
pub async fn drift(host: &Host, reseller: &str, customer: &str, port: &str) -> String {
    let id: uuid::Uuid = nexusport::app::new_id(host.app.now());
    let ids = [reseller, customer, port].map(|id| id.parse::<uuid::Uuid>().unwrap());
    sqlx::query(
        "insert into drift (reseller_id, tenant_id, id, port_id, state, intended_mbps, observed_mbps, since, since_basis, seen_at)
        values ($1, $2, $3, $4, 'open', 1000, 3000, $5, 'carrier', $5)",
    )
    .bind(ids[0])
    .bind(ids[1])
    .bind(id)
    .bind(ids[2])
    .bind(host.app.now())
    .execute(&mut host.database.superuser().await)
    .await
    .unwrap();
    id.to_string()
}

/// Work for the customer that was set aside: nothing fails in this world.
pub async fn dead_letter(host: &Host, reseller: &str, customer: &str) -> String {
    let id: uuid::Uuid = nexusport::app::new_id(host.app.now());
    let ids = [reseller, customer].map(|id| id.parse::<uuid::Uuid>().unwrap());
    sqlx::query(
        "insert into job (reseller_id, tenant_id, id, kind, subject_id, initiated_by_kind, initiated_by, due_at, state, last_error)
        values ($1, $2, $3, 'start_change', $3, 'system', $3, $4, 'dead', 'x')",
    )
    .bind(ids[0])
    .bind(ids[1])
    .bind(id)
    .bind(host.app.now())
    .execute(&mut host.database.superuser().await)
    .await
    .unwrap();
    id.to_string()
}

/// A run that was asked for the customer and is kept.
pub async fn kept_run(shop: &Shop) -> String {
    let path = "/v1/plugin-runs?function=pricing.price&limit=200";
    let runs = shop.reseller.client.get(path).await.expect(200);
    let mut kept = runs["items"].as_array().unwrap().iter();
    text(&kept.find(|run| run["keeping"] == "kept").unwrap()["id"])
}

/// The release's id and digest.
pub async fn upload(shop: &Shop, plugin: &str, component: &[u8]) -> (String, String) {
    let path = format!("/v1/plugins/{plugin}/releases");
    let release = shop.reseller.client.upload(&path, component).await.expect(201);
    (text(&release["id"]), text(&release["digest"]))
}

/// The id of the second of two hosts that the reseller claims.
pub async fn domains(shop: &Shop, name: &str) -> String {
    let mut id = String::new();
    for host in ["one", "two"] {
        let claim = json!({ "host": format!("{host}.{name}.example") });
        id = text(&shop.reseller.client.post("/v1/domains", claim).await.expect(201)["id"]);
    }
    id
}

/// The id of the second of two identity providers of the reseller.
pub async fn providers(shop: &Shop) -> String {
    let mut id = String::new();
    for name in ["one", "two"] {
        let new = json!({ "name": name, "issuer": "https://login.example.com", "client_id": "c", "client_secret": "s" });
        id = text(
            &shop
                .reseller
                .client
                .post("/v1/identity-providers", new)
                .await
                .expect(201)["id"],
        );
    }
    id
}

/// The id of a location of the reseller's carrier.
pub async fn location(shop: &Shop) -> String {
    let path = format!("/v1/carriers/{}/locations", shop.carrier_id);
    let new = json!({ "name": "FR5", "capacity_mbps": 100_000 });
    text(&shop.reseller.client.post(&path, new).await.expect(201)["id"])
}
