//! The doors to the database. Nothing reaches a table without saying for whom and by which permission; the pools
//! never leave this module. What a door lets through is decided by PostgreSQL's row-level security, for the role of its
//! connections and the tenant that the door sets in the same round trip as BEGIN.

mod ask;
mod begin;
mod doors;
mod embedded;
mod fence;
mod migrate;
mod pools;
mod scope;
mod whole;

use std::sync::Arc;

use tokio::sync::Notify;

pub(crate) use ask::{Ask, ByKey, Look};
pub use doors::{EntranceTx, HouseTx, Housekeeping, OperatorTx, ReadTx, Tx, WorkerTx, WriteTx};
pub use embedded::Embedded;
pub use fence::Fence;
pub use migrate::{ROLES_SQL, Refused, check_url, migrate, schema_version};
pub use scope::Scope;
pub use whole::{Column, Emptied, Form, Keep, Leave, LeftOut, Load, Row, Table, Whole, left_out};

use crate::app::Clock;
use pools::Pools;

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
    pools: Arc<Pools>,
    clock: Arc<dyn Clock>,
    /// Rung when a job was enqueued in this process.
    queue: Arc<Notify>,
}

impl Db {
    /// Connects and refuses logins that could get around row-level security.
    pub async fn connect(urls: &Urls, clock: Arc<dyn Clock>, connections: u32) -> Result<Self, Refused> {
        let pools = Pools::connect(urls, connections).await?;
        Ok(Self {
            pools: Arc::new(pools),
            clock,
            queue: Arc::default(),
        })
    }

    /// Whether the database answers.
    pub async fn ready(&self) -> bool {
        begin::begin_any(&self.pools.resellers).await.is_ok()
    }
}
