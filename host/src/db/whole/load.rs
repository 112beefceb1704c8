//! Fills one reseller that is not there yet, in one transaction of the tables' owner, and reads it back in the same.

use futures::Stream;
use sqlx::{Connection as _, PgConnection, Row as _};

use super::{Row, Table, catalog, read, sql};
use crate::{
    app::Timestamp,
    audit,
    db::{Scope, Tx},
    fault::{Fault, Result},
    identity::moving::Mover,
    ids::TenantId,
};

/// A reseller being loaded. Dropped before it is kept, nothing was.
pub struct Load {
    conn: PgConnection,
    scope: Scope,
    now: Timestamp,
    tables: Vec<Table>,
}

impl Load {
    /// Begins with a place that must be empty (`tenant_exists`).
    pub async fn begin(owner_url: &str, mover: &Mover, now: Timestamp) -> Result<Self> {
        let scope = mover.scope();
        let mut conn = PgConnection::connect(owner_url).await?;
        sqlx::query("begin").execute(&mut conn).await?;
        sqlx::query(
            "select set_config('role', 'app_loader', true), set_config('app.reseller_id', $1, true),
                set_config('app.tenant_id', $1, true)",
        )
        .bind(scope.reseller().to_string())
        .execute(&mut conn)
        .await?;
        let known: bool = sqlx::query("select exists (select from tenant where reseller_id = $1)")
            .bind(scope.reseller().uuid())
            .fetch_one(&mut conn)
            .await?
            .get(0);
        if known {
            let message = format!("tenant {} is here already", scope.reseller());
            return Err(Fault::conflict("tenant_exists", message));
        }
        let tables = catalog::tables(&mut conn, scope).await?;
        Ok(Self {
            conn,
            scope,
            now,
            tables,
        })
    }

    /// The tables, each after those that its rows point at.
    pub fn tables(&self) -> Vec<Table> {
        self.tables.clone()
    }

    /// Adds rows to a table: lines of JSON, separated by commas.
    pub async fn add(&mut self, table: &Table, lines: &str, count: u64) -> Result<()> {
        let done = sqlx::query(sql::insert(table))
            .bind(format!("[{lines}]"))
            .bind(self.now)
            .execute(&mut self.conn)
            .await
            .map_err(|error| refused(table, error))?;
        match done.rows_affected() == count {
            true => Ok(()),
            false => Err(Fault::broken(format!(
                "not every row of {} was added",
                table.name
            ))),
        }
    }

    /// The tenants that were added and are not gone.
    pub async fn present(&mut self) -> Result<Vec<TenantId>> {
        let rows = sqlx::query("select tenant_id from tenant where reseller_id = $1 and state <> 'gone'")
            .bind(self.scope.reseller().uuid())
            .fetch_all(&mut self.conn)
            .await?;
        Ok(rows
            .iter()
            .map(|row| row.get::<uuid::Uuid, _>(0).into())
            .collect())
    }

    /// A person that another tenant brought here before is not added again; true if that is so. Somebody else with
    /// the same address is refused (`person_differs`).
    pub async fn knows_person(&mut self, id: uuid::Uuid, email: &str) -> Result<bool> {
        let rows = sqlx::query(
            "select id, email
            from user_account
            where id = $1 or (email = $2 and email_proven_at is not null)",
        )
        .bind(id)
        .bind(email)
        .fetch_all(&mut self.conn)
        .await?;
        let known: Vec<(uuid::Uuid, String)> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
        match &known[..] {
            [] => Ok(false),
            [(there, address)] if *there == id && address == email => Ok(true),
            _ => {
                let message = format!("person {id} has another id or address here");
                Err(Fault::conflict("person_differs", message))
            }
        }
    }

    /// What was added, as it is read back.
    pub fn rows(&mut self, table: &Table) -> impl Stream<Item = Result<Row>> + Send + use<'_> {
        read::rows(&mut self.conn, self.scope, table)
    }

    /// Keeps what was added, together with the event that tells of it.
    pub async fn commit(mut self, mover: &Mover, event: audit::Event) -> Result<()> {
        audit::record(&mut self.conn, self.scope, &mover.actor(), self.now, event).await?;
        sqlx::query("commit").execute(&mut self.conn).await?;
        Ok(self.conn.close().await?)
    }
}

impl Tx for Load {
    fn conn(&mut self) -> &mut PgConnection {
        &mut self.conn
    }

    fn scope(&self) -> Scope {
        self.scope
    }
}

/// What the database's own rules say against a row is the archive's fault, not ours.
fn refused(table: &Table, error: sqlx::Error) -> Fault {
    let code = error
        .as_database_error()
        .and_then(|error| error.code())
        .unwrap_or_default()
        .into_owned();
    // Classes 22 (data exception), 23 (integrity) and 42501, row-level security: SQLSTATE, PostgreSQL's appendix A.
    if code.starts_with("22") || code.starts_with("23") || code == "42501" {
        let rule = error
            .as_database_error()
            .and_then(|error| error.constraint())
            .unwrap_or("its types");
        let message = format!(
            "a row of {} cannot be stored here: it is against {rule}",
            table.name
        );
        return Fault::invalid("archive_row_refused", message);
    }
    error.into()
}
