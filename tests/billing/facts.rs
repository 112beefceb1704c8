//! What was delivered, put straight into the database.

use nexusport::app::{Timestamp, new_id};
use uuid::Uuid;

use crate::harness::{Host, Shop};

/// A port with one permanent speed.
pub struct Delivered<'a> {
    customer_id: &'a str,
    name: &'a str,
    base_mbps: i32,
}

impl<'a> Delivered<'a> {
    pub fn to(customer_id: &'a str, name: &'a str, base_mbps: i32) -> Self {
        Self {
            customer_id,
            name,
            base_mbps,
        }
    }

    /// Keeps a new port with verified stretches (from, to, Mbps); gives its id.
    pub async fn keep(&self, host: &Host, shop: &Shop, stretches: &[(&str, &str, i32)]) -> String {
        let mut conn = host.database.superuser().await;
        let now = host.app.now();
        let (reseller, customer, carrier) =
            (id(&shop.reseller.id), id(self.customer_id), id(&shop.carrier_id));
        let [port, base, operation, observation]: [Uuid; 4] = std::array::from_fn(|_| new_id(now));
        sqlx::query(
            "with port as (
                insert into port (reseller_id, tenant_id, id, name, carrier_id, reference, created_at)
                values ($1, $2, $3, $4, $5, $3::text, $6)
                returning id),
            base as (
                insert into port_base (reseller_id, tenant_id, id, port_id, mbps, effective_at)
                select $1, $2, $7, id, $8, $6 from port),
            operation as (
                insert into operation (reseller_id, tenant_id, id, kind, carrier_id, release_id, settings, destinations,
                    state, asked_at)
                select $1, $2, $9, 'probe', $5, (select id from release where reseller_id = $1 limit 1), '{}', '{}',
                    'done', $6
                returning id)
            insert into observation (reseller_id, tenant_id, id, port_id, operation_id, mbps, observed_at)
            select $1, $2, $10, port.id, operation.id, $8, $6 from port, operation",
        )
        .bind(reseller)
        .bind(customer)
        .bind(port)
        .bind(self.name)
        .bind(carrier)
        .bind(now)
        .bind(base)
        .bind(self.base_mbps)
        .bind(operation)
        .bind(observation)
        .execute(&mut conn)
        .await
        .unwrap();
        for (from, to, mbps) in stretches {
            sqlx::query(
                "insert into interval (reseller_id, tenant_id, id, port_id, mbps, starts_at, ends_at, start_basis,
                    end_basis, opened_by, closed_by, state)
                values ($1, $2, $3, $4, $5, $6, $7, 'carrier', 'carrier', $8, $8, 'closed')",
            )
            .bind(reseller)
            .bind(customer)
            .bind(new_id::<Uuid>(now))
            .bind(port)
            .bind(mbps)
            .bind(at(from))
            .bind(at(to))
            .bind(observation)
            .execute(&mut conn)
            .await
            .unwrap();
        }
        port.to_string()
    }
}

fn id(text: &str) -> Uuid {
    text.parse().unwrap()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}
