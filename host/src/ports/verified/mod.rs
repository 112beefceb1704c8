//! What read-backs showed, and the intervals of verified bandwidth that follow. Observations are never changed;
//! intervals change only by being closed.

pub(super) mod interval;
mod store;

use super::{
    drift,
    port::{self, Port, State},
    speed::{Plan, Stretch, at_most, join},
};
use crate::{
    app::{self, App, Timestamp},
    billing::rate::Period,
    db::{Tx, WriteTx},
    fault::Result,
    identity::{Caller, Permission},
    ids::{IntervalId, ObservationId, OperationId, PortId},
    page::{Items, Page},
};

pub(super) use interval::Seen;
pub use interval::{Basis, Edge};
use interval::{Open, Turn, turn};

/// The last thing seen of a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Latest {
    /// The speed, in Mbps.
    pub mbps: u32,
    /// When the carrier answered.
    pub observed_at: Timestamp,
}

/// What a read-back showed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Observation {
    /// Which one.
    pub id: ObservationId,
    /// Of which port.
    pub port: PortId,
    /// What asked the carrier.
    pub operation: OperationId,
    /// The speed, in Mbps.
    pub mbps: u32,
    /// Since when, if the carrier told.
    pub since: Option<Timestamp>,
    /// When the carrier answered.
    pub observed_at: Timestamp,
}

/// A stretch of verified bandwidth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Interval {
    /// Which one.
    pub id: IntervalId,
    /// Of which port.
    pub port: PortId,
    /// The speed, in Mbps.
    pub mbps: u32,
    /// Where it begins.
    pub start: Edge,
    /// Where it ends; none while it is open.
    pub end: Option<Edge>,
    /// The observation that opened it.
    pub opened_by: ObservationId,
    /// The observation that closed it; none while it is open, and where the port was closed.
    pub closed_by: Option<ObservationId>,
}

/// What a port is billed for in a period: the verified speed over the base in force, split where the base changes.
/// An open interval reaches to the period's end, so the period must have ended. Time that nothing was verified
/// for is in no stretch, and what a drift shows beyond the speed that was meant is in none either.
pub async fn facts(tx: &mut impl Tx, port: PortId, period: Period) -> Result<Vec<Stretch>> {
    let bases = Plan::new(port::store::bases(tx, port).await?, []);
    let intervals = store::touching(tx, port, period).await?;
    let cut = intervals.into_iter().flat_map(|interval| {
        let starts_at = interval.start.at.max(period.start);
        let ends_at = interval.end.map_or(period.end, |end| end.at.min(period.end));
        bases.over_bases(starts_at, ends_at, interval.mbps)
    });
    let above = drift::store::above(tx, port, period).await?;
    Ok(at_most(join(cut), &above))
}

/// What the read-backs of a port showed.
pub async fn observations(
    app: &App,
    caller: &Caller,
    port: PortId,
    page: Page,
) -> Result<Items<Observation>> {
    let mut tx = app.db.read(caller, Permission::PortsRead).await?;
    port::store::find(&mut tx, port).await?;
    let rows = store::observations(&mut tx, port, page).await?;
    Ok(page.cut(caller.scope(), "observations", rows, |row| row.id.uuid()))
}

/// The verified stretches of a port.
pub async fn intervals(app: &App, caller: &Caller, port: PortId, page: Page) -> Result<Items<Interval>> {
    let mut tx = app.db.read(caller, Permission::PortsRead).await?;
    port::store::find(&mut tx, port).await?;
    let rows = store::intervals(&mut tx, port, page).await?;
    Ok(page.cut(caller.scope(), "intervals", rows, |row| row.id.uuid()))
}

/// The last thing seen of a port; none before the first read-back.
pub(super) async fn latest(tx: &mut impl Tx, port: PortId) -> Result<Option<Latest>> {
    store::latest(tx, port).await
}

/// The open interval, and when its speed was last seen; none before the first read-back.
pub(super) async fn shown(tx: &mut impl Tx, port: PortId) -> Result<Option<(Interval, Timestamp)>> {
    let shown = store::open(tx, port).await?;
    Ok(shown.map(|shown| (shown.interval, shown.confirmed_at)))
}

/// Whether the carrier said since when the port has the speed that it last showed.
pub(super) async fn tells_since(tx: &mut impl Tx, port: PortId) -> Result<bool> {
    store::tells_since(tx, port).await
}

/// How many read-backs since then showed another speed.
pub(super) async fn misses(tx: &mut impl Tx, port: PortId, since: Timestamp, mbps: u32) -> Result<u32> {
    store::misses(tx, port, since, mbps).await
}

/// Keeps what was seen and what follows for the intervals. Says where the interval of the speed seen begins; none
/// where the port is closed, which nothing follows for.
pub(super) async fn record(
    tx: &mut WriteTx,
    port: &Port,
    operation: OperationId,
    seen: Seen,
) -> Result<Option<Edge>> {
    let open = store::open(tx, port.id).await?;
    let observation = Observation {
        id: app::new_id(tx.now()),
        port: port.id,
        operation,
        mbps: seen.mbps,
        since: seen.since,
        observed_at: seen.observed_at,
    };
    store::insert_observation(tx, port, &observation).await?;
    if port.state == State::Closed {
        return Ok(None);
    }
    let start = match (turn(open.as_ref().map(Shown::open), port.created_at, seen), open) {
        (Turn::Confirms, open) => return Ok(open.map(|shown| shown.interval.start)),
        (Turn::Follows { end, start }, Some(shown)) => {
            store::close(tx, shown.interval.id, end, Some(observation.id)).await?;
            start
        }
        (Turn::Opens(start) | Turn::Follows { start, .. }, _) => start,
    };
    let interval = Interval {
        id: app::new_id(tx.now()),
        port: port.id,
        mbps: seen.mbps,
        start,
        end: None,
        opened_by: observation.id,
        closed_by: None,
    };
    store::insert_interval(tx, port, &interval).await?;
    Ok(Some(start))
}

/// Ends the open interval where the port is closed.
pub(super) async fn close(tx: &mut WriteTx, port: PortId, now: Timestamp) -> Result<()> {
    let Some(Shown { interval, .. }) = store::open(tx, port).await? else {
        return Ok(());
    };
    let end = Edge {
        at: now.max(interval.start.at),
        basis: Basis::Observation,
    };
    store::close(tx, interval.id, end, None).await
}

/// The open interval, and when its speed was last seen.
struct Shown {
    interval: Interval,
    confirmed_at: Timestamp,
}

impl Shown {
    fn open(&self) -> Open {
        Open {
            mbps: self.interval.mbps,
            starts_at: self.interval.start.at,
            confirmed_at: self.confirmed_at,
        }
    }
}
