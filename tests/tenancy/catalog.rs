//! What PostgreSQL itself says of the tables, and the promises that follow from it (C3, C5, C6).

use sqlx::{PgConnection, Row as _};

use crate::harness::Database;

/// A table with its class and the reason its comment gives.
#[derive(Debug, Clone)]
pub struct Table {
    pub name: String,
    pub class: String,
    pub why: String,
}

impl Table {
    /// Quoted, since one table is called interval.
    pub fn quoted(&self) -> String {
        format!("\"{}\"", self.name)
    }

    pub fn is_platform(&self) -> bool {
        self.class == "platform"
    }
}

/// Every table of the product, from the catalog.
pub async fn tables(conn: &mut PgConnection) -> Vec<Table> {
    let rows = sqlx::query(
        "select relname::text, coalesce(obj_description(oid), '') from pg_class
        where relkind = 'r' and relnamespace = 'public'::regnamespace and relname <> '_sqlx_migrations' order by relname",
    );
    let table = |row: sqlx::postgres::PgRow| {
        let comment: String = row.get(1);
        let (class, why) = comment.split_once(": ").unwrap_or((&comment, ""));
        Table {
            name: row.get(0),
            class: class.to_owned(),
            why: why.to_owned(),
        }
    };
    rows.fetch_all(conn)
        .await
        .unwrap()
        .into_iter()
        .map(table)
        .collect()
}

#[tokio::test]
async fn every_table_states_its_class_and_forces_row_level_security() {
    let database = Database::new().await;
    let mut conn = database.superuser().await;
    for table in tables(&mut conn).await {
        assert!(
            ["own", "house", "shared", "platform"].contains(&table.class.as_str()),
            "{table:?}"
        );
        assert_eq!(
            table.is_platform(),
            !table.why.is_empty(),
            "{table:?} must say why it has no tenant"
        );
        let forced: bool = sqlx::query_scalar(
            "select relrowsecurity and relforcerowsecurity from pg_class where oid = $1::regclass",
        )
        .bind(table.quoted())
        .fetch_one(&mut conn)
        .await
        .unwrap();
        assert!(forced, "{table:?}");
    }
}

#[tokio::test]
async fn every_tenant_table_names_its_tenant_and_is_tied_to_it() {
    let database = Database::new().await;
    let mut conn = database.superuser().await;
    for table in tables(&mut conn)
        .await
        .into_iter()
        .filter(|t| !t.is_platform() && t.name != "tenant")
    {
        let not_null: i64 = sqlx::query_scalar(
            "select count(*) from pg_attribute
            where attrelid = $1::regclass and attname in ('reseller_id', 'tenant_id') and attnotnull",
        )
        .bind(table.quoted())
        .fetch_one(&mut conn)
        .await
        .unwrap();
        assert_eq!(not_null, 2, "{} needs reseller_id and tenant_id", table.name);
        let tied: bool = sqlx::query_scalar(
            "select exists (select from pg_constraint c where contype = 'f' and conrelid = $1::regclass
                and array['reseller_id', 'tenant_id'] <@ (select array_agg(attname::text) from pg_attribute
                    where attrelid = conrelid and attnum = any(conkey)))",
        )
        .bind(table.quoted())
        .fetch_one(&mut conn)
        .await
        .unwrap();
        assert!(tied, "{} has no foreign key to its tenant", table.name);
    }
}

#[tokio::test]
async fn every_tenant_table_has_an_index_led_by_its_tenant() {
    let database = Database::new().await;
    let mut conn = database.superuser().await;
    for table in tables(&mut conn)
        .await
        .into_iter()
        .filter(|table| !table.is_platform())
    {
        let led: bool = sqlx::query_scalar(
            "select exists (select from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
                where i.indrelid = $1::regclass and a.attname = 'tenant_id')",
        )
        .bind(table.quoted())
        .fetch_one(&mut conn)
        .await
        .unwrap();
        assert!(led, "{} has no index led by tenant_id", table.name);
    }
}

/// Else a tenant's rows look a hundred times fewer than they are, and plans read them through.
#[tokio::test]
async fn postgresql_knows_of_every_tenant_table_that_a_tenant_has_one_reseller() {
    let database = Database::new().await;
    let mut conn = database.superuser().await;
    let related: Vec<String> = sqlx::query_scalar(
        "select c.relname::text
        from pg_statistic_ext s
        join pg_class c on c.oid = s.stxrelid
        where 'f' = any(s.stxkind)
            and array(select attname::text from pg_attribute
                where attrelid = c.oid and attnum = any(s.stxkeys::smallint[]) order by attname) = '{reseller_id,tenant_id}'
        order by c.relname",
    )
    .fetch_all(&mut conn)
    .await
    .unwrap();
    let tables = tables(&mut conn).await.into_iter();
    let of_tenants: Vec<_> = tables
        .filter(|table| !table.is_platform())
        .map(|table| table.name)
        .collect();
    assert_eq!(related, of_tenants);
}

#[tokio::test]
async fn no_login_or_role_of_the_host_can_get_around_row_level_security() {
    let database = Database::new().await;
    let mut conn = database.superuser().await;
    let strong: Vec<String> = sqlx::query_scalar(
        "select rolname::text from pg_roles r
        where (rolname like 'app\\_%' or rolname in ('nexusport_host', 'nexusport_operator'))
            and (rolsuper or rolbypassrls or rolcreaterole or rolcreatedb
                or exists (select from pg_class where relowner = r.oid))",
    )
    .fetch_all(&mut conn)
    .await
    .unwrap();
    assert_eq!(strong, Vec::<String>::new());
    let granted: Vec<String> = sqlx::query_scalar(
        "select grantee || ' ' || privilege_type || ' ' || table_name from information_schema.role_table_grants
        where grantee in ('nexusport_host', 'nexusport_operator', 'PUBLIC') and table_schema = 'public'
            or privilege_type in ('TRUNCATE', 'TRIGGER') and grantee like 'app\\_%'",
    )
    .fetch_all(&mut conn)
    .await
    .unwrap();
    assert_eq!(
        granted,
        Vec::<String>::new(),
        "logins have no grants of their own, and nobody may truncate"
    );
}

#[tokio::test]
async fn the_host_refuses_a_login_that_is_too_strong() {
    let database = Database::new().await;
    for login in ["postgres", "nexusport_owner"] {
        let refused = nexusport::db::check_url(&database.url(login))
            .await
            .unwrap_err()
            .to_string();
        assert!(
            refused.contains(login) && refused.contains("nexusport roles"),
            "{refused}"
        );
    }
    nexusport::db::check_url(&database.url("nexusport_host"))
        .await
        .unwrap();
}

#[tokio::test]
async fn audit_events_and_issued_documents_cannot_be_changed_by_any_role_the_host_can_take() {
    let database = Database::new().await;
    let mut conn = database.superuser().await;
    let changeable: Vec<String> = sqlx::query_scalar(
        "select c.relname::text || ' by ' || r.rolname from pg_class c, pg_roles r
        where c.relname in ('audit_event', 'observation', 'charge', 'receipt', 'invoice', 'invoice_line', 'billing_run', 'activation')
            and r.rolname like 'app\\_%'
            and (has_any_column_privilege(r.oid, c.oid, 'update') or has_table_privilege(r.oid, c.oid, 'delete')
                -- It empties a tenant that is leaving and nothing else, which tests/leaving shows.
                and not (r.rolname = 'app_leaver' and c.relname <> 'audit_event'))",
    )
    .fetch_all(&mut conn)
    .await
    .unwrap();
    assert_eq!(changeable, Vec::<String>::new());
}
