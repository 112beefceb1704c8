//! Empties a tenant that is leaving, as a role whose every policy asks whether it is. Which tables there are comes from
//! the catalog; what is kept is a short list.

use std::collections::BTreeSet;

use sqlx::{Connection as _, PgConnection, Postgres, Row as _, Transaction};
use uuid::Uuid;

use super::{catalog, rules::Keep, sql};
use crate::{
    app::Timestamp,
    audit,
    db::{Db, Scope, Tx, doors},
    fault::{Fault, Result},
    identity::{Actor, Caller, Permission},
};

/// A tenant being emptied.
pub struct Leave {
    tx: Transaction<'static, Postgres>,
    scope: Scope,
    actor: Actor,
    now: Timestamp,
}

/// What was deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Emptied {
    /// Rows of the tenant's tables.
    pub rows: u64,
    /// People who were nowhere else.
    pub people: u64,
}

impl Db {
    /// The door through which a leaving tenant's rows are deleted, for accepted work alone.
    pub async fn leave(&self, caller: &Caller) -> Result<Leave> {
        self.permit(caller, Permission::AcceptedWork).await?;
        let scope = caller.scope();
        Ok(Leave {
            tx: doors::begin_leave(self, scope).await?,
            scope,
            actor: caller.actor(),
            now: self.clock.now(),
        })
    }
}

impl Leave {
    /// When this was begun, in business time.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Deletes everything that is the tenant's but for what is kept, and the accounts of those who are nowhere else.
    pub async fn empty(&mut self, keep: Keep) -> Result<Emptied> {
        let people = self.people().await?;
        let mut rows = 0;
        for table in order(&mut self.tx).await?.into_iter().rev() {
            let done = sqlx::query(sql::delete(&table, keep))
                .bind(self.scope.reseller().uuid())
                .bind(self.scope.customer().map(|id| id.uuid()))
                .execute(&mut *self.tx)
                .await?;
            rows += done.rows_affected();
        }
        sqlx::query(
            "update port
            set name = id::text, carrier_data = ''
            where reseller_id = $1 and ($2::uuid is null or tenant_id = $2)",
        )
        .bind(self.scope.reseller().uuid())
        .bind(self.scope.customer().map(|id| id.uuid()))
        .execute(&mut *self.tx)
        .await?;
        let mut gone = 0;
        for person in people {
            gone += u64::from(self.forget(person).await?);
        }
        Ok(Emptied { rows, people: gone })
    }

    /// Keeps the work together with its audit event, or neither.
    pub async fn commit(mut self, event: audit::Event) -> Result<()> {
        audit::record(&mut self.tx, self.scope, &self.actor, self.now, event).await?;
        Ok(self.tx.commit().await?)
    }

    async fn people(&mut self) -> Result<Vec<Uuid>> {
        let rows = sqlx::query(
            "select distinct user_id
            from membership
            where reseller_id = $1 and ($2::uuid is null or tenant_id = $2)",
        )
        .bind(self.scope.reseller().uuid())
        .bind(self.scope.customer().map(|id| id.uuid()))
        .fetch_all(&mut *self.tx)
        .await?;
        Ok(rows.iter().map(|row| row.get(0)).collect())
    }

    /// Deletes a person, unless another tenant's rows still name the person: foreign keys see those, this role does not.
    async fn forget(&mut self, person: Uuid) -> Result<bool> {
        let mut tx = self.tx.begin().await?;
        sqlx::query("select set_config('app.people', $1, true)")
            .bind(person.to_string())
            .execute(&mut *tx)
            .await?;
        for (table, column) in of_people(&mut tx).await? {
            sqlx::query(sql::delete_person(&table, &column))
                .bind(person)
                .execute(&mut *tx)
                .await?;
        }
        let deleted = sqlx::query("delete from user_account where id = $1")
            .bind(person)
            .execute(&mut *tx)
            .await;
        match deleted {
            Ok(done) => {
                tx.commit().await?;
                Ok(done.rows_affected() == 1)
            }
            Err(error)
                if error
                    .as_database_error()
                    .is_some_and(|error| error.is_foreign_key_violation()) =>
            {
                tx.rollback().await?;
                Ok(false)
            }
            Err(error) => Err(error.into()),
        }
    }
}

impl Tx for Leave {
    fn conn(&mut self) -> &mut PgConnection {
        &mut self.tx
    }

    fn scope(&self) -> Scope {
        self.scope
    }
}

/// Every table of tenants that this role can delete from, parents before their children.
async fn order(conn: &mut PgConnection) -> Result<Vec<String>> {
    let rows = sqlx::query(
        "select relname::text
        from pg_class
        where relkind = 'r' and relnamespace = 'public'::regnamespace
            and split_part(obj_description(oid, 'pg_class'), ':', 1) in ('own', 'house', 'shared')
            and has_table_privilege(oid, 'delete')",
    )
    .fetch_all(&mut *conn)
    .await?;
    let names: BTreeSet<String> = rows.iter().map(|row| row.get(0)).collect();
    catalog::in_order(names, &catalog::edges(conn).await?)
        .ok_or_else(|| Fault::broken("the tables' foreign keys go in a circle"))
}

/// Tables about people, with the column that names them.
async fn of_people(conn: &mut PgConnection) -> Result<Vec<(String, String)>> {
    let rows = sqlx::query(
        "select relname::text, attname::text
        from pg_constraint
        join pg_class on pg_class.oid = conrelid
        join pg_attribute on attrelid = conrelid and attnum = conkey[1]
        where contype = 'f' and confrelid = 'user_account'::regclass
            and split_part(obj_description(pg_class.oid, 'pg_class'), ':', 1) = 'platform'
            and has_table_privilege(pg_class.oid, 'delete')",
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
}
