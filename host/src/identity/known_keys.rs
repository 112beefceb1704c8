//! Whose the keys are that this host has looked up lately. None of it says what a key may do.

use chrono::TimeDelta;
use moka::sync::Cache;

use super::asker::KnownKey;
use crate::app::Timestamp;

/// How many are remembered.
const MOST: u64 = 100_000;

/// How long a use of a key stands for later ones: it is noted that often, and remembered that long.
pub(super) const USE: TimeDelta = TimeDelta::minutes(1);

/// The keys that this host has looked up within the last minute, by their hash.
#[derive(Clone)]
pub struct KnownKeys(Cache<Vec<u8>, Known>);

#[derive(Clone)]
struct Known {
    key: KnownKey,
    /// When its next use is to be noted.
    until: Timestamp,
}

impl Default for KnownKeys {
    fn default() -> Self {
        Self(Cache::new(MOST))
    }
}

impl KnownKeys {
    pub(super) fn recall(&self, hash: &[u8], now: Timestamp) -> Option<KnownKey> {
        self.0
            .get(hash)
            .filter(|known| now < known.until)
            .map(|known| known.key)
    }

    pub(super) fn remember(&self, key: KnownKey, used_at: Timestamp) {
        let until = used_at + USE;
        self.0.insert(key.hash.clone(), Known { key, until });
    }

    pub(super) fn forget(&self, hash: &[u8]) {
        self.0.invalidate(hash);
    }
}
