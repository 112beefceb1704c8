//! What every part of the host is given: the database, the clock, randomness and the parts that talk to the
//! outside. The only place that reads the system's clock or its randomness, so that tests and the demo can drive time.

use std::{
    net::IpAddr,
    sync::{Arc, Mutex},
};

use chrono::{DateTime, SubsecRound as _, Utc};
use tokio_util::sync::CancellationToken;
use uuid::{ContextV7, Uuid};

use crate::{
    db::Db,
    egress,
    identity::{KnownKeys, inboxes::Knocks},
    limits,
    notify::Post,
    plugins,
    trial::Trial,
    vault::Vault,
};

/// Everything an operation of the host needs: the first argument of the domain's functions.
#[derive(Clone)]
pub struct App {
    /// The database, behind its doors.
    pub db: Db,
    /// Business time.
    pub clock: Arc<dyn Clock>,
    /// Seals what must not be readable at rest.
    pub vault: Vault,
    /// The one way out to other systems.
    pub egress: egress::Client,
    /// Whose the keys are that this host has looked up lately.
    pub keys: KnownKeys,
    /// How often carriers knocked at their inboxes on this host.
    pub knocks: Knocks,
    /// What this host has of each tenant's requests a minute.
    pub rates: limits::Rates,
    /// Loads and calls plugins.
    pub plugins: plugins::Runtime,
    /// How mail leaves.
    pub post: Post,
    /// Whose word on where a request came from is believed.
    pub trusted_proxies: Arc<[IpAddr]>,
    /// The carrier that whoever signs up can try everything on, where the operator asked for one.
    pub trial: Option<Arc<Trial>>,
    /// Cancelled when the host is told to stop: what is under way comes to where another host can go on.
    pub stop: CancellationToken,
}

impl App {
    /// The present moment of business time.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A new id that sorts by the time it was made.
    pub fn id<T: From<Uuid>>(&self) -> T {
        new_id(self.now())
    }
}

/// Business time: UTC, to the millisecond.
pub type Timestamp = DateTime<Utc>;

/// Where business time comes from.
pub trait Clock: Send + Sync + 'static {
    /// The present moment, cut to whole milliseconds.
    fn now(&self) -> Timestamp;
}

/// The machine's own clock.
pub struct SystemClock;

impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods)] // the one place that asks the system
    fn now(&self) -> Timestamp {
        Utc::now().trunc_subsecs(3)
    }
}

/// The clock of a host: the machine's; in a debug build whose environment has `NEXUSPORT_CLOCK`, what the file says that it
/// names, so that tests can drive the time of a program.
pub fn clock() -> Arc<dyn Clock> {
    #[cfg(debug_assertions)]
    if let Some(file) = std::env::var_os("NEXUSPORT_CLOCK") {
        return Arc::new(WrittenClock(file.into()));
    }
    Arc::new(SystemClock)
}

/// Shows the time that a file holds (RFC 3339).
#[cfg(debug_assertions)]
struct WrittenClock(std::path::PathBuf);

#[cfg(debug_assertions)]
impl Clock for WrittenClock {
    fn now(&self) -> Timestamp {
        let written = std::fs::read_to_string(&self.0).expect("the clock's file can be read");
        written.trim().parse().expect("the clock's file holds a time")
    }
}

/// A clock that stands still until it is told to go on.
#[derive(Clone)]
pub struct DrivenClock(Arc<Mutex<Timestamp>>);

impl DrivenClock {
    /// A clock that shows `start`.
    pub fn new(start: Timestamp) -> Self {
        Self(Arc::new(Mutex::new(start)))
    }

    /// Shows `now` from here on. Going backwards is ignored.
    pub fn set(&self, now: Timestamp) {
        let mut shown = self.0.lock().expect("nothing panics while holding the clock");
        *shown = now.max(*shown);
    }
}

impl Clock for DrivenClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().expect("nothing panics while holding the clock")
    }
}

/// `N` bytes nobody can guess.
#[allow(clippy::disallowed_methods)] // the one place that asks the system
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system has randomness");
    bytes
}

/// A new id that sorts after every id this process made before (UUID version 7, RFC 9562, with its counter), so that
/// lists ordered by id are in the order of creation even where business time stands still.
pub fn new_id<T: From<Uuid>>(now: Timestamp) -> T {
    static COUNTER: Mutex<ContextV7> = Mutex::new(ContextV7::new());
    let counter = COUNTER.lock().expect("nothing panics while holding the counter");
    let seconds = u64::try_from(now.timestamp()).unwrap_or(0);
    let time = uuid::Timestamp::from_unix(&*counter, seconds, now.timestamp_subsec_nanos());
    Uuid::new_v7(time).into()
}
