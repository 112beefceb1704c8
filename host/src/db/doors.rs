//! The transactions that doors open. Each has its own type, so a function's signature says which door it needs.

use std::sync::Arc;

use sqlx::{PgConnection, Postgres, Transaction};
use tokio::sync::Notify;

use super::{Db, Scope, begin};
use crate::{
    app::Timestamp,
    audit,
    fault::{Fault, Result},
    identity::{
        Actor, ActorKind, AtTheEntrance, Caller, HouseCaller, Initiator, Permission, TenantState, suspensions,
    },
    jobs::Claimer,
};

/// A transaction limited to one tenant.
pub trait Tx: Send {
    /// For queries; only `store` files use it.
    fn conn(&mut self) -> &mut PgConnection;
    /// For the queries' own tenant condition, the second fence.
    fn scope(&self) -> Scope;
}

/// Sees what its caller may see and changes nothing.
pub struct ReadTx {
    tx: Transaction<'static, Postgres>,
    scope: Scope,
}

/// Changes things, and can only be kept together with the audit event that tells of it.
pub struct WriteTx {
    tx: Transaction<'static, Postgres>,
    scope: Scope,
    actor: Actor,
    initiator: Initiator,
    now: Timestamp,
    queue: Arc<Notify>,
    enqueued: bool,
}

/// Reads the reseller's house rows while acting for one of its tenants, and records plugin runs.
pub struct HouseTx {
    tx: Transaction<'static, Postgres>,
    scope: Scope,
}

/// Before a tenant is known. Sees single columns of a few tables, by unique hash, address or host.
pub struct EntranceTx {
    tx: Transaction<'static, Postgres>,
}

/// Sees every tenant's due jobs, and of them only what claiming needs.
pub struct WorkerTx {
    tx: Transaction<'static, Postgres>,
}

/// Sees the structure of tenants across resellers, none of their content.
pub struct OperatorTx {
    tx: Transaction<'static, Postgres>,
}

/// The few writes that change nothing anyone owns and so need no audit event.
#[derive(Debug, Clone, Copy)]
pub enum Housekeeping {
    /// The journal of an operation: itself the record of what was done.
    Journal,
    /// A plugin's run record.
    PluginRun,
    /// A job's lease and outcome.
    Lease,
    /// A stored answer for an idempotency key.
    StoredAnswer,
    /// That a mail could not be sent this time.
    MailAttempt,
    /// A part of an archive, which nobody has until it is finished.
    ExportPart,
    /// What a carrier said by itself: itself the record of that.
    Notification,
    /// What a customer would have been charged, and is not.
    ShadowResult,
}

impl Db {
    /// A read-only transaction for a caller that has the permission.
    pub async fn read(&self, caller: &Caller, permission: Permission) -> Result<ReadTx> {
        self.permit(caller, permission).await?;
        let scope = caller.scope();
        let tx = begin::begin_tenant(self, "begin read only", scope).await?;
        Ok(ReadTx { tx, scope })
    }

    /// A transaction for a caller that has the permission; kept by `commit`.
    pub async fn write(&self, caller: &Caller, permission: Permission) -> Result<WriteTx> {
        self.permit(caller, permission).await?;
        self.open_write(caller).await
    }

    /// The reseller's house, for one stated purpose.
    pub async fn house(&self, caller: &HouseCaller) -> Result<HouseTx> {
        let tx = begin::begin(&self.pools.resellers, "begin", "app_house", Some(caller.scope())).await?;
        Ok(HouseTx {
            tx,
            scope: caller.scope(),
        })
    }

    /// The door before a tenant is known; only `identity` can open it.
    pub async fn entrance(&self, _: AtTheEntrance) -> Result<EntranceTx> {
        let tx = begin::begin(&self.pools.resellers, "begin", "app_entrance", None).await?;
        Ok(EntranceTx { tx })
    }

    /// What began at the entrance goes on as a tenant's own transaction, for whoever showed what lets them in.
    pub(crate) async fn admit(&self, entrance: EntranceTx, scope: Scope, actor: Actor) -> Result<WriteTx> {
        let mut tx = entrance.tx;
        begin::become_tenant(&mut tx, scope).await?;
        let initiator = match actor.id {
            Some(id) => Initiator { kind: actor.kind, id },
            None => Initiator {
                kind: ActorKind::System,
                id: scope.tenant().uuid(),
            },
        };
        Ok(WriteTx {
            tx,
            scope,
            actor,
            initiator,
            now: self.clock.now(),
            queue: self.queue.clone(),
            enqueued: false,
        })
    }

    /// The queue across tenants; only `jobs` can open it.
    pub async fn worker(&self, _: Claimer) -> Result<WorkerTx> {
        Ok(WorkerTx {
            tx: begin::begin(&self.pools.resellers, "begin", "app_worker", None).await?,
        })
    }

    /// Returns once a job was enqueued in this process.
    pub(crate) async fn enqueued(&self) {
        self.queue.notified().await;
    }

    /// Structure across resellers, on the operator's own login and pool.
    pub async fn operator(&self) -> Result<OperatorTx> {
        Ok(OperatorTx {
            tx: begin::begin(&self.pools.operator, "begin", "app_operator", None).await?,
        })
    }

    /// A transaction that holds one advisory lock of the caller's tenant until it is dropped; none when somebody
    /// else holds it. On a pool of its own: it stays open while a whole request runs.
    pub async fn lock(&self, caller: &Caller, name: &str) -> Result<Option<WriteTx>> {
        let scope = caller.scope();
        let mut tx = begin::begin(&self.pools.locks, "begin", begin::tenant_role(scope), Some(scope)).await?;
        let mut hasher = blake3::Hasher::new();
        hasher
            .update(scope.tenant().uuid().as_bytes())
            .update(name.as_bytes());
        let key = i64::from_le_bytes(hasher.finalize().as_bytes()[..8].try_into().expect("eight bytes"));
        let got = sqlx::query_scalar!("select pg_try_advisory_xact_lock($1) as \"got!\"", key)
            .fetch_one(&mut *tx)
            .await?;
        let now = self.clock.now();
        Ok(got.then(|| WriteTx {
            tx,
            scope,
            actor: caller.actor(),
            initiator: caller.initiator(),
            now,
            queue: self.queue.clone(),
            enqueued: false,
        }))
    }

    pub(super) async fn permit(&self, caller: &Caller, permission: Permission) -> Result<()> {
        let (event, fault) = if !caller.may(permission) {
            (audit::Event::denied(permission), Fault::Denied(permission))
        } else if caller.tenant_state() == TenantState::Suspended && !permission.is_read() {
            (audit::Event::suspended(permission), suspensions::suspended())
        } else if caller.tenant_state() == TenantState::Leaving && !permission.is_for_leaving() {
            (audit::Event::leaving(permission), suspensions::leaving())
        } else {
            return Ok(());
        };
        self.open_write(caller).await?.commit(event).await?;
        Err(fault)
    }

    async fn open_write(&self, caller: &Caller) -> Result<WriteTx> {
        let scope = caller.scope();
        let tx = begin::begin_tenant(self, "begin", scope).await?;
        Ok(WriteTx {
            tx,
            scope,
            actor: caller.actor(),
            initiator: caller.initiator(),
            now: self.clock.now(),
            queue: self.queue.clone(),
            enqueued: false,
        })
    }
}

impl WriteTx {
    /// Keeps the work together with its audit event, or neither.
    pub async fn commit(mut self, event: audit::Event) -> Result<()> {
        audit::record(&mut self.tx, self.scope, &self.actor, self.now, event).await?;
        self.keep().await
    }

    /// Adds an audit event without committing: for work that tells of several things.
    pub async fn record(&mut self, event: audit::Event) -> Result<()> {
        audit::record(&mut self.tx, self.scope, &self.actor, self.now, event).await
    }

    /// Keeps work that needs no audit event.
    pub async fn commit_housekeeping(self, what: Housekeeping) -> Result<()> {
        tracing::trace!(?what, tenant = %self.scope.tenant(), "housekeeping");
        self.keep().await
    }

    /// Ends it without keeping anything, and returns once what it held is free.
    pub async fn let_go(self) -> Result<()> {
        Ok(self.tx.rollback().await?)
    }

    /// Has this process's worker look for jobs as soon as the transaction is kept.
    pub(crate) fn wakes_the_worker(&mut self) {
        self.enqueued = true;
    }

    /// Whom work accepted in this transaction is done for.
    pub fn initiator(&self) -> Initiator {
        self.initiator
    }

    /// When this transaction was opened, in business time.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    async fn keep(self) -> Result<()> {
        self.tx.commit().await?;
        if self.enqueued {
            self.queue.notify_one();
        }
        Ok(())
    }
}

impl HouseTx {
    /// Adds an event to the reseller's own trail: what its house refused is no business of the customer whose work
    /// met it.
    pub async fn record(&mut self, actor: &Actor, now: Timestamp, event: audit::Event) -> Result<()> {
        let house = Scope::new(self.scope.reseller(), self.scope.reseller());
        audit::record(&mut self.tx, house, actor, now, event).await
    }

    /// Keeps run records, audit events, and that the reseller has something to judge; nothing else can be written through
    /// this door.
    pub async fn commit(self) -> Result<()> {
        Ok(self.tx.commit().await?)
    }
}

impl EntranceTx {
    /// For `identity`'s queries.
    pub(crate) fn conn(&mut self) -> &mut PgConnection {
        &mut self.tx
    }

    /// Keeps a sign-up or a sign-in together with its audit event.
    pub(crate) async fn commit(
        mut self,
        scope: Scope,
        actor: &Actor,
        now: Timestamp,
        event: audit::Event,
    ) -> Result<()> {
        audit::record(&mut self.tx, scope, actor, now, event).await?;
        Ok(self.tx.commit().await?)
    }

    /// Keeps only that something was tried, or worked.
    pub(crate) async fn commit_attempt(self) -> Result<()> {
        Ok(self.tx.commit().await?)
    }

    /// Keeps only that a credential was used.
    pub(crate) async fn commit_last_used(self) -> Result<()> {
        Ok(self.tx.commit().await?)
    }
}

impl WorkerTx {
    /// For `jobs`' queries.
    pub(crate) fn conn(&mut self) -> &mut PgConnection {
        &mut self.tx
    }

    /// Keeps claims.
    pub(crate) async fn commit(self) -> Result<()> {
        Ok(self.tx.commit().await?)
    }
}

impl OperatorTx {
    /// For the operator's queries.
    pub(crate) fn conn(&mut self) -> &mut PgConnection {
        &mut self.tx
    }

    /// Keeps the master key's fingerprint, left by the first host to start: before that no tenant can exist, so
    /// there is none whose trail could tell of it.
    pub(crate) async fn commit_master_key(self) -> Result<()> {
        Ok(self.tx.commit().await?)
    }

    /// Keeps the work together with its audit event in the tenant it concerns.
    pub(crate) async fn commit(
        mut self,
        scope: Scope,
        actor: &Actor,
        now: Timestamp,
        event: audit::Event,
    ) -> Result<()> {
        audit::record(&mut self.tx, scope, actor, now, event).await?;
        Ok(self.tx.commit().await?)
    }
}

macro_rules! tenant_tx {
    ($($tx:ty),*) => {$(
        impl Tx for $tx {
            fn conn(&mut self) -> &mut PgConnection {
                &mut self.tx
            }

            fn scope(&self) -> Scope {
                self.scope
            }
        }
    )*};
}

tenant_tx!(ReadTx, WriteTx, HouseTx);
