//! Empties a tenant that is leaving, as a role whose every policy asks whether it is. Which tables there are comes from
//! the catalog; what is kept is a short list.

use std::collections::BTreeSet;

use sqlx::{Connection as _, PgConnection, Postgres, Row as _, Transaction};
use uuid::Uuid;

use super::{catalog, rules::Keep, sql};
use crate::{
    app::Timestamp,
    audit,
    db::{Db, Scope, Tx, begin},
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
    /// Whether there is anything left of what a seller keeps.
    pub kept: Keep,
}

impl Db {
    /// The door through which a leaving tenant's rows are deleted, for accepted work alone.
    pub async fn leave(&self, caller: &Caller) -> Result<Leave> {
        self.permit(caller, Permission::AcceptedWork).await?;
        let scope = caller.scope();
        Ok(Leave {
            tx: begin::begin_leave(self, scope).await?,
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
            rows += match table.as_str() {
                "port" => self.ports(keep).await?,
                _ => self.run(sql::delete(&table, keep)).await?,
            };
        }
        let mut gone = 0;
        for person in people {
            gone += u64::from(self.forget(person).await?);
        }
        let invoices = self.ids(sql::ids("invoice", "id")).await?;
        Ok(Emptied {
            rows,
            people: gone,
            kept: match invoices.is_empty() {
                true => Keep::Nothing,
                false => Keep::Documents,
            },
        })
    }

    /// Keeps the work together with its audit event, or neither.
    pub async fn commit(mut self, event: audit::Event) -> Result<()> {
        audit::record(&mut self.tx, self.scope, &self.actor, self.now, event).await?;
        Ok(self.tx.commit().await?)
    }

    /// Everybody whom a row of the tenant's names: members of now and before, and accounts that another one stands for.
    async fn people(&mut self) -> Result<BTreeSet<Uuid>> {
        let mut people = BTreeSet::new();
        for (table, column) in naming_people(&mut self.tx, &["own", "house", "shared"]).await? {
            people.extend(self.ids(sql::ids(&table, &column)).await?);
        }
        Ok(people)
    }

    /// Deletes the ports that no document names. One that its reseller's own books name stays, without a name.
    async fn ports(&mut self, keep: Keep) -> Result<u64> {
        let mut rows = 0;
        for port in self.ids(sql::not_kept("port", keep)).await? {
            if self.try_delete("port", port).await? {
                rows += 1;
            } else {
                sqlx::query(
                    "update port set name = id::text, carrier_data = '' where reseller_id = $1 and id = $2",
                )
                .bind(self.scope.reseller().uuid())
                .bind(port)
                .execute(&mut *self.tx)
                .await?;
            }
        }
        Ok(rows)
    }

    /// Deletes a row, unless rows of others still name it: foreign keys see those, this role does not.
    async fn try_delete(&mut self, table: &str, id: Uuid) -> Result<bool> {
        let mut tx = self.tx.begin().await?;
        match sqlx::query(sql::delete_by(table, "id"))
            .bind(id)
            .execute(&mut *tx)
            .await
        {
            Ok(done) => {
                tx.commit().await?;
                Ok(done.rows_affected() == 1)
            }
            Err(sqlx::Error::Database(error)) if error.is_foreign_key_violation() => {
                tx.rollback().await?;
                Ok(false)
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn run(&mut self, words: sql::Words) -> Result<u64> {
        let done = sqlx::query(words)
            .bind(self.scope.reseller().uuid())
            .bind(self.scope.customer().map(|id| id.uuid()))
            .execute(&mut *self.tx)
            .await?;
        Ok(done.rows_affected())
    }

    async fn ids(&mut self, words: sql::Words) -> Result<Vec<Uuid>> {
        let rows = sqlx::query(words)
            .bind(self.scope.reseller().uuid())
            .bind(self.scope.customer().map(|id| id.uuid()))
            .fetch_all(&mut *self.tx)
            .await?;
        Ok(rows.iter().map(|row| row.get(0)).collect())
    }

    /// Deletes a person, unless another tenant's rows still name the person.
    async fn forget(&mut self, person: Uuid) -> Result<bool> {
        sqlx::query("select set_config('app.people', $1, true)")
            .bind(person.to_string())
            .execute(&mut *self.tx)
            .await?;
        sqlx::query("savepoint person").execute(&mut *self.tx).await?;
        for (table, column) in naming_people(&mut self.tx, &["platform"]).await? {
            let delete = sqlx::query(sql::delete_by(&table, &column)).bind(person);
            delete.execute(&mut *self.tx).await?;
        }
        let forgotten = self.try_delete("user_account", person).await?;
        if !forgotten {
            sqlx::query("rollback to person").execute(&mut *self.tx).await?;
        }
        Ok(forgotten)
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

/// Tables of these classes that name people, with the column that does.
async fn naming_people(conn: &mut PgConnection, classes: &[&str]) -> Result<Vec<(String, String)>> {
    let rows = sqlx::query(
        "select relname::text, attname::text
        from pg_constraint
        join pg_class on pg_class.oid = conrelid
        join pg_attribute on attrelid = conrelid and attnum = conkey[1]
        where contype = 'f' and confrelid = 'user_account'::regclass
            and split_part(obj_description(pg_class.oid, 'pg_class'), ':', 1) = any($1)
            and has_table_privilege(pg_class.oid, 'delete')",
    )
    .bind(classes)
    .fetch_all(conn)
    .await?;
    Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
}
