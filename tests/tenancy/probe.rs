//! Asks a table everything one role could ask while scoped to one tenant, and says where it saw, changed or added
//! what its class does not allow. Reads what is allowed from the class alone, never from the policies.

use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection, Row as _};
use uuid::Uuid;

use super::{
    catalog::Table,
    seed::{self, World},
};

/// The roles that serve tenants, and how each is scoped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Customer,
    Reseller,
    House,
    /// A tenant role with no scope set.
    Nobody,
}

impl Role {
    pub const ALL: [Self; 4] = [Self::Customer, Self::Reseller, Self::House, Self::Nobody];

    pub fn name(self) -> &'static str {
        match self {
            Self::Customer | Self::Nobody => "app_customer",
            Self::Reseller => "app_reseller",
            Self::House => "app_house",
        }
    }

    fn scope(self, world: &World) -> Option<(Uuid, Uuid)> {
        match self {
            Self::Customer | Self::House => Some(world.a1()),
            Self::Reseller => Some(world.a()),
            Self::Nobody => None,
        }
    }

    /// Whether the class lets this role see a row.
    fn may_see(self, table: &Table, world: &World, (reseller, tenant): (Uuid, Uuid)) -> bool {
        let (a, a1) = (world.a().0, world.a1().1);
        match (self, table.class.as_str()) {
            (Self::Nobody, _) => false,
            (Self::Customer, "own") => tenant == a1,
            (Self::Customer, "shared") => reseller == a,
            // A house caller needs its reseller's own row and key, not the customers'.
            (Self::House, "own") if ["tenant", "tenant_key"].contains(&table.name.as_str()) => tenant == a,
            (Self::Customer, _) => false,
            (Self::House | Self::Reseller, _) => reseller == a,
        }
    }
}

/// Everything wrong that a role could do to a table; nothing, if isolation holds.
pub async fn leaks(conn: &mut PgConnection, world: &World, table: &Table, role: Role) -> Vec<String> {
    let mut leaks = Vec::new();
    let name = table.quoted();
    let say = |what: &str| format!("{} as {role:?}: {what}", table.name);
    if privileged(conn, role, &name, "select").await {
        let seen = seen(conn, world, role, &name).await;
        let expected: Vec<_> = pairs(conn, &name)
            .await
            .into_iter()
            .filter(|row| role.may_see(table, world, *row))
            .collect();
        if seen != expected {
            leaks.push(say(&format!(
                "saw {} rows where its class allows {}",
                seen.len(),
                expected.len()
            )));
        }
    }
    for change in changes(conn, role, &name).await {
        let others = others(world, role, table);
        if touched(conn, world, role, &change, &name, &others).await {
            leaks.push(say(&format!("`{change}` touched rows of others")));
        }
    }
    if privileged(conn, role, &name, "insert").await && inserted(conn, world, role, table).await {
        leaks.push(say("could insert a row of another tenant"));
    }
    leaks
}

async fn privileged(conn: &mut PgConnection, role: Role, table: &str, privilege: &str) -> bool {
    sqlx::query_scalar("select has_any_column_privilege($1, $2::regclass, $3)")
        .bind(role.name())
        .bind(table)
        .bind(privilege)
        .fetch_one(conn)
        .await
        .unwrap()
}

/// Whose rows can be seen, sorted.
async fn pairs(conn: &mut PgConnection, table: &str) -> Vec<(Uuid, Uuid)> {
    let sql = format!("select reseller_id, tenant_id from {table} order by 1, 2");
    let rows = sqlx::query(AssertSqlSafe(sql)).fetch_all(conn).await.unwrap();
    rows.into_iter().map(|row| (row.get(0), row.get(1))).collect()
}

async fn seen(conn: &mut PgConnection, world: &World, role: Role, table: &str) -> Vec<(Uuid, Uuid)> {
    let mut tx = conn.begin().await.unwrap();
    become_role(&mut tx, world, role).await;
    pairs(&mut tx, table).await
}

async fn become_role(conn: &mut PgConnection, world: &World, role: Role) {
    let mut sql = format!("set local role {}", role.name());
    if let Some((reseller, tenant)) = role.scope(world) {
        sql += &format!("; set local app.reseller_id = '{reseller}'; set local app.tenant_id = '{tenant}'");
    }
    conn.execute(AssertSqlSafe(sql)).await.unwrap();
}

/// An unfiltered update of each column the role may update, and a delete if it may.
async fn changes(conn: &mut PgConnection, role: Role, table: &str) -> Vec<String> {
    let columns: Vec<String> = sqlx::query_scalar(
        "select quote_ident(attname::text) from pg_attribute where attrelid = $2::regclass and attnum > 0 and not attisdropped
            and has_column_privilege($1, attrelid, attnum, 'update') and attname <> 'state'",
    )
    .bind(role.name())
    .bind(table)
    .fetch_all(&mut *conn)
    .await
    .unwrap();
    let mut changes: Vec<_> = columns
        .iter()
        .map(|column| format!("update {table} set {column} = default"))
        .collect();
    if privileged_to_delete(conn, role, table).await {
        changes.push(format!("delete from {table}"));
    }
    changes
}

async fn privileged_to_delete(conn: &mut PgConnection, role: Role, table: &str) -> bool {
    sqlx::query_scalar("select has_table_privilege($1, $2::regclass, 'delete')")
        .bind(role.name())
        .bind(table)
        .fetch_one(conn)
        .await
        .unwrap()
}

fn others(world: &World, role: Role, table: &Table) -> Vec<Uuid> {
    world
        .tenants
        .iter()
        .filter(|scope| !role.may_see(table, world, **scope))
        .map(|scope| scope.1)
        .collect()
}

/// Whether the change reached a row of anybody else: told by the rows' versions, which every change moves.
async fn touched(
    conn: &mut PgConnection,
    world: &World,
    role: Role,
    change: &str,
    table: &str,
    others: &[Uuid],
) -> bool {
    let mut tx = conn.begin().await.unwrap();
    let before = versions(&mut tx, table, others).await;
    become_role(&mut tx, world, role).await;
    // It may fail on a rule of its own rows; what counts is what happened to others'.
    let failed = tx
        .execute(AssertSqlSafe(format!("savepoint s; {change}")))
        .await
        .is_err();
    if failed {
        tx.execute("rollback to savepoint s").await.unwrap();
        // A rule stopped it before isolation could show, so ask which rows it would have reached.
        return reached(&mut tx, change, table, others).await;
    }
    tx.execute("reset role").await.unwrap();
    versions(&mut tx, table, others).await != before
}

async fn versions(conn: &mut PgConnection, table: &str, of: &[Uuid]) -> Vec<String> {
    let sql = format!("select xmin::text || ctid::text from {table} where tenant_id = any($1) order by 1");
    sqlx::query_scalar(AssertSqlSafe(sql))
        .bind(of)
        .fetch_all(conn)
        .await
        .unwrap()
}

/// Runs the same change restricted to others' rows; without any of them in reach it succeeds with nothing done.
async fn reached(conn: &mut PgConnection, change: &str, table: &str, others: &[Uuid]) -> bool {
    let sql = format!("{change} where {table}.tenant_id = any($1)");
    match sqlx::query(AssertSqlSafe(sql)).bind(others).execute(conn).await {
        Ok(done) => done.rows_affected() > 0,
        Err(error) => error.as_database_error().and_then(|e| e.code()).as_deref() != Some("42501"),
    }
}

/// Whether a copy of B's row can be put in from here.
async fn inserted(conn: &mut PgConnection, world: &World, role: Role, table: &Table) -> bool {
    let name = table.quoted();
    let mut tx = conn.begin().await.unwrap();
    let of = world.b().1;
    let sql = format!("select to_jsonb(t) from {name} t where tenant_id = $1 limit 1");
    let row: serde_json::Value = sqlx::query_scalar(AssertSqlSafe(sql))
        .bind(of)
        .fetch_one(&mut *tx)
        .await
        .unwrap();
    become_role(&mut tx, world, role).await;
    let columns = seed::given_columns(&mut tx, &name).await;
    let sql = format!(
        "insert into {name} ({columns}) select {columns} from jsonb_populate_record(null::public.{name}, $1)"
    );
    match sqlx::query(AssertSqlSafe(sql)).bind(row).execute(&mut *tx).await {
        Ok(_) => true,
        // Row-level security refuses before any key is looked at: 42501. Anything else got past it.
        Err(error) => error.as_database_error().and_then(|e| e.code()).as_deref() != Some("42501"),
    }
}
