//! Looks at every table as one caller, without any condition of the code's own, and says whose rows came through.
//! What row-level security alone lets pass: the demo and `doctor` run it, and it needs no right that a caller lacks.

use sqlx::{AssertSqlSafe, Row as _};

use super::{Db, Scope};
use crate::{fault::Result, identity::Caller};

/// What an unfiltered look at every table showed.
#[derive(Debug, Default, Clone)]
pub struct Fence {
    /// Tables looked at.
    pub tables: usize,
    /// Tables where rows of others came through, with how many.
    pub leaks: Vec<(String, i64)>,
}

impl Db {
    /// Counts the rows of others that this caller could see in each table.
    pub async fn fence(&self, caller: &Caller) -> Result<Fence> {
        let scope = caller.scope();
        let mut tx = super::begin::begin_read(self, scope).await?;
        let tables = sqlx::query(
            "select relname::text, split_part(obj_description(oid), ':', 1)
            from pg_class
            where relkind = 'r' and relnamespace = 'public'::regnamespace and has_any_column_privilege(oid, 'select')
                and obj_description(oid) is not null
            order by relname",
        )
        .fetch_all(&mut *tx)
        .await?;
        let mut fence = Fence::default();
        for table in tables {
            let (name, class): (String, String) = (table.get(0), table.get(1));
            let Some(others) = others(&class, scope) else {
                continue;
            };
            let sql = format!("select count(*) from \"{name}\" where {others}");
            let seen: i64 = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&mut *tx).await?;
            fence.tables += 1;
            if seen > 0 {
                fence.leaks.push((name, seen));
            }
        }
        Ok(fence)
    }
}

/// Which rows of a table of this class are somebody else's; none for tables without a tenant.
fn others(class: &str, scope: Scope) -> Option<String> {
    let (reseller, tenant) = (scope.reseller(), scope.tenant());
    match (class, scope.customer()) {
        ("own", Some(_)) => Some(format!("tenant_id <> '{tenant}'")),
        ("house", Some(_)) => Some("true".to_owned()),
        ("own" | "house" | "shared", _) => Some(format!("reseller_id <> '{reseller}'")),
        _ => None,
    }
}
