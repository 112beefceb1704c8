//! The doors to the database. Nothing reaches a table without saying for whom and by which permission; the pools
//! never leave this module. What a door lets through is decided by PostgreSQL's row-level security, for the role
//! and the tenant that the door sets in the same round trip as BEGIN.

mod arrival;
mod begin;
mod doors;
mod embedded;
mod fence;
mod migrate;
mod scope;
mod whole;

use std::sync::Arc;

use sqlx::{PgPool, postgres::PgPoolOptions};
use tokio::sync::Notify;

pub use arrival::Arrival;
pub use doors::{EntranceTx, HouseTx, Housekeeping, OperatorTx, ReadTx, Tx, WorkerTx, WriteTx};
pub use embedded::Embedded;
pub use fence::Fence;
pub use migrate::{ROLES_SQL, Refused, check_url, migrate, schema_version};
pub use scope::Scope;
pub use whole::{Column, Emptied, Form, Keep, Leave, LeftOut, Load, Row, Table, Whole, left_out};

use crate::app::Clock;

/// Where the database is, for each of the three logins.
#[derive(Clone, Debug)]
pub struct Urls {
    /// Owns the tables; used for migrations alone.
    pub owner: String,
    /// What serves requests. Has no grants of its own.
    pub host: String,
    /// Cross-tenant structure, for the operator.
    pub operator: String,
}

/// The database, behind its doors.
#[derive(Clone)]
pub struct Db {
    /// What is done for resellers, and before and between tenants.
    resellers: PgPool,
    customers: PgPool,
    /// Holds locks across whole requests, so it must never compete with the requests' own transactions.
    locks: PgPool,
    operator: PgPool,
    arrivals: arrival::Arrivals,
    clock: Arc<dyn Clock>,
    /// Rung when a job was enqueued in this process.
    queue: Arc<Notify>,
}

impl Db {
    /// Connects and refuses logins that could get around row-level security.
    pub async fn connect(urls: &Urls, clock: Arc<dyn Clock>, connections: u32) -> Result<Self, Refused> {
        let pool = |size: u32| {
            PgPoolOptions::new()
                .max_connections(size)
                .acquire_timeout(std::time::Duration::from_secs(20))
                // Each door begins with a statement that harms nobody, and tries another connection where one is lost.
                .test_before_acquire(false)
        };
        let resellers = pool(connections).connect(&urls.host).await?;
        migrate::check_login(&resellers).await?;
        let customers = pool(connections).connect_lazy(&urls.host)?;
        let locks = pool(connections).connect_lazy(&urls.host)?;
        let operator = pool(2).connect(&urls.operator).await?;
        migrate::check_login(&operator).await?;
        Ok(Self {
            resellers,
            customers,
            locks,
            operator,
            arrivals: arrival::Arrivals::of(connections),
            clock,
            queue: Arc::default(),
        })
    }

    /// Whether the database answers.
    pub async fn ready(&self) -> bool {
        begin::begin_any(&self.resellers).await.is_ok()
    }
}
