//! The host's hands: every write under the job's lease, every request through the carrier's one way out, every question
//! to the release that the operation is pinned to.

use std::time::Duration;

use nexusport_sandbox::carrier::{self, Answer, Request};

use super::{
    End, Kind, Operation,
    journal::Journal,
    rules::{Bounds, Moment, REQUEST_TIMEOUT_S, Slot},
    run::{Asked, Hands},
    settle, store, told,
};
use crate::{
    app::{App, Timestamp},
    carriers,
    crash::{self, Point},
    db::{Housekeeping, WriteTx},
    fault::{Fault, RefusalKind, Result},
    identity::{Caller, Permission},
    jobs::{self, Lease},
    plugins,
    vault::TenantKey,
};

/// How long an exchange may take in all: the request, and the tokens it may need.
pub(super) const EXCHANGE: Duration = Duration::from_secs(2 * REQUEST_TIMEOUT_S as u64);

/// A run of one operation.
pub(super) struct Host<'a> {
    app: &'a App,
    caller: &'a Caller,
    lease: &'a mut Lease,
    operation: Operation,
    told: carrier::Operation,
    journal: Journal,
    key: TenantKey,
    bounds: Bounds,
}

impl<'a> Host<'a> {
    /// Takes the operation up from its journal.
    pub async fn load(
        app: &'a App,
        caller: &'a Caller,
        lease: &'a mut Lease,
        operation: Operation,
    ) -> Result<Self> {
        let mut tx = app.db.read(caller, Permission::AcceptedWork).await?;
        let key = app.vault.key(&mut tx, operation.tenant).await?;
        let journal = Journal::load(&mut tx, &operation, &key).await?;
        drop(tx);
        let description = plugins::carrier_description(app, caller, operation.pinned.release).await?;
        let limits = app.plugins.limits();
        let bounds = Bounds {
            exchanges: limits.journal_exchanges as usize,
            request_bytes: limits.request_bytes,
            settle_s: description.rules.settle_seconds,
        };
        Ok(Self {
            app,
            caller,
            lease,
            told: told::told(&operation)?,
            operation,
            journal,
            key,
            bounds,
        })
    }

    /// A transaction that only the holder of the job's lease gets.
    async fn write(&mut self) -> Result<WriteTx> {
        let mut tx = self.app.db.write(self.caller, Permission::AcceptedWork).await?;
        jobs::hold(&mut tx, self.lease).await?;
        Ok(tx)
    }

    /// A transaction to write a request in as `sending`. The lease outlasts what it may take to arrive and to take
    /// effect, so whoever takes the job over if we die finds the carrier settled.
    async fn write_before_sending(&mut self) -> Result<WriteTx> {
        self.lease.last(self.app, before_sending(&self.bounds)).await?;
        let mut tx = self.write().await?;
        store::resume(&mut tx, self.operation.id).await?;
        Ok(tx)
    }

    async fn exchange(&self, request: &Request) -> Result<Answer> {
        let (app, caller, carrier) = (self.app, self.caller, self.operation.carrier);
        let destinations = &self.operation.pinned.destinations;
        match self.operation.kind {
            Kind::ListPorts => carriers::send_page(app, caller, carrier, destinations, request).await,
            _ => carriers::send(app, caller, carrier, destinations, request).await,
        }
    }
}

/// How much of the lease must be left before a request is written: enough for the exchange, and for what was lost in it to
/// arrive and to take effect.
pub(super) fn before_sending(bounds: &Bounds) -> Duration {
    EXCHANGE + Duration::from_secs(u64::from(REQUEST_TIMEOUT_S) + u64::from(bounds.settle_s))
}

impl Hands for Host<'_> {
    fn moment(&self) -> Moment {
        Moment {
            asked_at: self.operation.asked_at,
            retried_at: self.operation.retried_at,
            now: self.app.now(),
            woken_at: self.operation.woken_at,
        }
    }

    fn bounds(&self) -> Bounds {
        self.bounds
    }

    fn is_stopping(&self) -> bool {
        self.app.stop.is_cancelled()
    }

    fn slots(&self) -> Vec<Slot> {
        self.journal.slots()
    }

    async fn ask(&mut self, exchanges: usize) -> Result<Asked> {
        let journal = self.journal.exchanges(exchanges);
        let release = self.operation.pinned.release;
        match plugins::carrier_next(self.app, self.caller, release, &self.told, &journal).await {
            Ok(step) => Ok(Asked::Step(step)),
            Err(fault) => failed(fault),
        }
    }

    async fn append(&mut self, request: Request) -> Result<()> {
        let mut tx = self.write_before_sending().await?;
        self.journal
            .append(&mut tx, &self.operation, &self.key, request)
            .await?;
        keep(tx, Point::WritingRequest, Point::WrittenRequest).await
    }

    async fn reopen(&mut self) -> Result<()> {
        let mut tx = self.write_before_sending().await?;
        self.journal.reopen(&mut tx, &self.operation).await?;
        keep(tx, Point::WritingRepeat, Point::WrittenRepeat).await
    }

    async fn send(&mut self) -> Result<Answer> {
        let request = self
            .journal
            .last()
            .ok_or_else(|| Fault::broken("there is nothing to send"))?;
        // The host may have been held up since the row was written, long enough for another to take over.
        if self.lease.left() < EXCHANGE {
            return Err(Fault::broken(
                "the host was held up before sending; the lease no longer covers the exchange",
            ));
        }
        self.lease.pause();
        let sent = tokio::time::timeout(EXCHANGE, self.exchange(request)).await;
        sent.unwrap_or_else(|_| {
            Ok(Answer::Lost(format!(
                "no answer came within {} s",
                EXCHANGE.as_secs()
            )))
        })
    }

    async fn record(&mut self, answer: Answer) -> Result<()> {
        let mut tx = self.write().await?;
        self.journal
            .record(&mut tx, &self.operation, &self.key, answer)
            .await?;
        keep(tx, Point::HeardAnswer, Point::WrittenAnswer).await?;
        // Not before: the lease could end in the line for a turn, and with it what was heard.
        self.lease.go_on().await;
        Ok(())
    }

    async fn wait(&mut self, until: Timestamp, wake_on: Vec<String>) -> Result<()> {
        let mut tx = self.write().await?;
        store::wait(&mut tx, self.operation.id, until, &wake_on).await?;
        let (carrier, tenant) = (self.operation.carrier, self.operation.tenant);
        let kind = jobs::Kind::RunOperation(self.operation.id);
        jobs::enqueue_at(&mut tx, carrier, tenant, kind, until).await?;
        keep(tx, Point::Waiting, Point::Waited).await
    }

    async fn end(&mut self, end: End) -> Result<()> {
        let tx = self.write().await?;
        // A run that died may have left the end to another one, long after the answer.
        let operation = Operation {
            answered_at: self.journal.answered_at(),
            ..self.operation.clone()
        };
        settle::end(self.app, tx, operation, end).await
    }
}

/// Commits what the journal gained.
async fn keep(tx: WriteTx, before: Point, after: Point) -> Result<()> {
    crash::point(before);
    tx.commit_housekeeping(Housekeeping::Journal).await?;
    crash::point(after);
    Ok(())
}

/// A plugin's own failure ends the operation. A missed deadline may be a busy host's doing, and a full pool is: both
/// are tried again.
fn failed(fault: Fault) -> Result<Asked> {
    match fault {
        Fault::Refused(refusal)
            if refusal.kind == RefusalKind::TooMany || refusal.code == "plugin_deadline_exceeded" =>
        {
            Err(Fault::broken(refusal.message))
        }
        Fault::Broken(_) => Err(fault),
        Fault::Refused(refusal) => Ok(Asked::Failed(refusal.message.into_owned())),
        Fault::Denied(_) | Fault::Missing => {
            Ok(Asked::Failed(format!("the adapter cannot be asked: {fault}")))
        }
    }
}
