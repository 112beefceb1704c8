//! Reading ports back by a schedule: what a carrier changed by itself shows at the next look. Each carrier has a job of the
//! reseller's, which starts ordinary read-backs, within the caps and behind the breaker like all others, and comes back when
//! the next port is due.

use chrono::TimeDelta;
use serde_json::json;

use super::{
    pin::{pin, read_back},
    port::{self, Port},
    verified,
};
use crate::{
    app::{App, Timestamp},
    audit,
    carriers::{
        self,
        operations::{self, Cause, NewOperation},
    },
    db::{Housekeeping, ReadTx, Tx as _, WriteTx},
    fault::{Fault, Result},
    identity::{Caller, Permission, tenants},
    ids::{CarrierId, PortId, TenantId},
    jobs::{self, Kind, Lease},
    settings,
};

/// Ports of one run; where there are more, the next follows at once.
const AT_ONCE: u8 = 50;
/// Ports that are due within it are read together.
const TOGETHER: TimeDelta = TimeDelta::minutes(1);
/// How long a run waits whose job was set aside.
const RETRY: TimeDelta = TimeDelta::hours(1);

/// Has the ports at a carrier read back from now on. Without effect where they are already.
pub async fn begin(tx: &mut WriteTx, carrier: CarrierId) -> Result<()> {
    match settings::reconciliation(tx).await?.every() {
        Some(every) => again(tx, carrier, every).await,
        None => Ok(()),
    }
}

/// Has another rhythm of the reseller's count from now on.
pub async fn begin_anew(tx: &mut WriteTx) -> Result<()> {
    for carrier in carriers::ids(tx).await? {
        again(tx, carrier, TimeDelta::zero()).await?;
    }
    Ok(())
}

/// Starts the read-backs that are due at a carrier, some at a time.
pub async fn run(app: &App, caller: &Caller, carrier: CarrierId) -> Result<()> {
    let mut tx = app.db.read(caller, Permission::AcceptedWork).await?;
    let Some(every) = settings::reconciliation(&mut tx).await?.every() else {
        // A change of the setting begins anew.
        return Ok(());
    };
    let (now, before) = (app.now(), app.now() - every);
    let ports = port::store::to_check(&mut tx, carrier, before, AT_ONCE.into()).await?;
    let more = ports.len() == usize::from(AT_ONCE);
    let due = Due::sort(tx, ports, before, now).await?;
    let reads = due.reads(app, caller).await?;
    let mut tx = app.db.write(caller, Permission::AcceptedWork).await?;
    for (port, at) in due.checked {
        port::store::checked(&mut tx, port, at).await?;
    }
    let started = reads.len();
    for read in reads {
        operations::start(&mut tx, read).await?;
    }
    let pause = match port::store::oldest_check(&mut tx, carrier).await? {
        _ if more => TimeDelta::zero(),
        Some(oldest) => (oldest + every - now).max(TOGETHER),
        None => every,
    };
    again(&mut tx, carrier, pause).await?;
    if started == 0 {
        return tx.commit_housekeeping(Housekeeping::Lease).await;
    }
    let event = audit::Event::done("carrier.reconcile", carrier.uuid(), json!({ "ports": started }));
    tx.commit(event).await
}

/// Has a run begun later whose job is set aside, under the job's lease: nobody else would.
pub async fn run_later(app: &App, caller: &Caller, carrier: CarrierId, lease: &Lease) -> Result<()> {
    let mut tx = app.db.write(caller, Permission::AcceptedWork).await?;
    jobs::hold(&mut tx, lease).await?;
    again(&mut tx, carrier, RETRY).await?;
    tx.commit_housekeeping(Housekeeping::Lease).await
}

async fn again(tx: &mut WriteTx, carrier: CarrierId, after: TimeDelta) -> Result<()> {
    let (reseller, at, by) = (tx.scope().reseller(), tx.now() + after, tx.initiator());
    jobs::enqueue_for(tx, reseller, Kind::ReconcileCarrier(carrier), at, by).await
}

/// Whether the tenant is neither gone nor about to leave, which waits until nothing is asked for it any more.
async fn stays(tx: &mut ReadTx, tenant: TenantId) -> Result<bool> {
    let state = tenants::find(tx, tenant).await?.state;
    Ok(!matches!(&*state, "leaving" | "gone"))
}

/// Ports that the schedule sees to.
struct Due {
    /// Those to read.
    unseen: Vec<Port>,
    /// From when on each waits for its next turn.
    checked: Vec<(PortId, Timestamp)>,
}

impl Due {
    /// Whoever was seen after `before`, or is being read, waits for its next turn as it is.
    async fn sort(mut tx: ReadTx, ports: Vec<Port>, before: Timestamp, now: Timestamp) -> Result<Self> {
        let (mut unseen, mut checked) = (Vec::new(), Vec::new());
        for port in ports {
            let seen = verified::latest(&mut tx, port.id).await?;
            if let Some(seen) = seen.filter(|seen| seen.observed_at > before) {
                checked.push((port.id, seen.observed_at));
                continue;
            }
            checked.push((port.id, now));
            let stays =
                stays(&mut tx, port.scope.reseller()).await? && stays(&mut tx, port.scope.tenant()).await?;
            if stays && !operations::is_read(&mut tx, port.id, now).await? {
                unseen.push(port);
            }
        }
        Ok(Self { unseen, checked })
    }

    async fn reads(&self, app: &App, caller: &Caller) -> Result<Vec<NewOperation>> {
        let mut reads = Vec::with_capacity(self.unseen.len());
        for port in &self.unseen {
            match pin(app, caller, port).await {
                Ok(pinned) => reads.push(read_back(port, Cause::None, pinned)),
                // No adapter serves this one.
                Err(Fault::Refused(_)) => {}
                Err(fault) => return Err(fault),
            }
        }
        Ok(reads)
    }
}
