//! Two resellers, one with two customers and one with one, and a row of theirs in every table.

use sqlx::{AssertSqlSafe, Executor as _, PgConnection};
use uuid::Uuid;

/// Every tenant that is seeded: (reseller, tenant).
pub struct World {
    pub tenants: Vec<(Uuid, Uuid)>,
}

impl World {
    /// Reseller A.
    pub fn a(&self) -> (Uuid, Uuid) {
        self.tenants[0]
    }

    /// A's first customer.
    pub fn a1(&self) -> (Uuid, Uuid) {
        self.tenants[1]
    }

    /// A's second customer.
    pub fn a2(&self) -> (Uuid, Uuid) {
        self.tenants[2]
    }

    /// Reseller B, which has one customer.
    pub fn b(&self) -> (Uuid, Uuid) {
        self.tenants[3]
    }
}

/// Fills every table, as a superuser.
pub async fn fill(conn: &mut PgConnection) -> World {
    let id = |word: &str| Uuid::from_slice(&blake3::hash(word.as_bytes()).as_bytes()[..16]).unwrap();
    let (a, b) = (id("A"), id("B"));
    let tenants = vec![(a, a), (a, id("A1")), (a, id("A2")), (b, b), (b, id("B1"))];
    let user = id("user");
    let people =
        format!("insert into user_account values ('{user}', 'someone@example.com', 'Someone', now())");
    run(conn, people).await;
    let operators = format!(
        "insert into operator_account (id, name, prefix, secret_hash, created_at, expires_at)
        values ('{user}', 'someone', 'opk_', '', now(), now())"
    );
    run(conn, operators).await;
    for (reseller, tenant) in &tenants {
        let kind = if reseller == tenant {
            "reseller"
        } else {
            "customer"
        };
        run(
            conn,
            format!(
            "insert into tenant (reseller_id, tenant_id, kind, slug, name, currency, time_zone, created_at)
            values ('{reseller}', '{tenant}', '{kind}', '{}', 'x', 'EUR', 'UTC', now())",
            &tenant.simple().to_string()[..8]
        ),
        )
        .await;
    }
    let (own, house) = include_str!("seed.sql").split_once("--- house").unwrap();
    for (reseller, tenant) in tenants.iter().filter(|(reseller, tenant)| reseller == tenant) {
        let customer = tenants
            .iter()
            .find(|(r, t)| r == reseller && t != reseller)
            .unwrap()
            .1;
        seed(conn, house, *reseller, *tenant, customer, user).await;
    }
    for (reseller, tenant) in &tenants {
        seed(conn, own, *reseller, *tenant, *tenant, user).await;
    }
    World { tenants }
}

async fn seed(
    conn: &mut PgConnection,
    script: &str,
    reseller: Uuid,
    tenant: Uuid,
    customer: Uuid,
    user: Uuid,
) {
    let level = if reseller == tenant { "wholesale" } else { "retail" };
    for line in script.lines().filter(|line| line.starts_with("insert")) {
        let mut sql = line.to_owned();
        for (call, of) in [("$id(", tenant), ("$house(", reseller)] {
            while let Some(at) = sql.find(call) {
                let end = at + sql[at..].find(')').unwrap();
                let word = sql[at + call.len()..end].to_owned();
                sql.replace_range(at..=end, &format!("'{}'::uuid", id_of(of, &word)));
            }
        }
        for (name, value) in [
            ("$reseller", format!("'{reseller}'::uuid")),
            ("$tenant", format!("'{tenant}'::uuid")),
            ("$customer", format!("'{customer}'::uuid")),
            ("$user", format!("'{user}'::uuid")),
            ("$operator", format!("'{user}'::uuid")),
            ("$level", format!("'{level}'")),
            ("$now", "'2026-03-02T12:00:00Z'::timestamptz".to_owned()),
        ] {
            sql = sql.replace(name, &value);
        }
        run(conn, sql).await;
    }
}

fn id_of(tenant: Uuid, word: &str) -> Uuid {
    Uuid::from_slice(&blake3::hash(format!("{tenant}/{word}").as_bytes()).as_bytes()[..16]).unwrap()
}

pub async fn run(conn: &mut PgConnection, sql: String) {
    let shown = sql.clone();
    conn.execute(AssertSqlSafe(sql))
        .await
        .unwrap_or_else(|error| panic!("{error}\n{shown}"));
}

/// The columns of a table that a row is given, and that are not made of others.
pub async fn given_columns(conn: &mut PgConnection, table: &str) -> String {
    sqlx::query_scalar(
        "select string_agg(quote_ident(attname::text), ', ' order by attnum)
        from pg_attribute
        where attrelid = $1::regclass and attnum > 0 and not attisdropped and attgenerated = ''",
    )
    .bind(table)
    .fetch_one(conn)
    .await
    .unwrap()
}
