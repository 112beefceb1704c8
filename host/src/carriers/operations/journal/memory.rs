//! A journal that is kept in memory, as tests keep it: under the conditions of the tables' statements, and without a seal.

use nexusport_sandbox::carrier::{Answer, Request};

use super::{Entry, Journal};
use crate::{
    app::Timestamp,
    fault::{Fault, Result},
};

impl Journal {
    /// Writes exchange `n` as `sending`, if nobody has written it.
    pub fn insert(&mut self, n: usize, request: Request, now: Timestamp) -> Result<()> {
        if self.entries.len() != n {
            return Err(overtaken());
        }
        self.appended(request, now);
        Ok(())
    }

    /// Writes the last exchange as `sending` once more, if it was repeated as often as `seen` knows.
    pub fn reopen_as(&mut self, seen: &Self) -> Result<()> {
        self.last_as(seen)?.reopened();
        Ok(())
    }

    /// Writes what came of the last exchange, if it is `sending` and was repeated as often as `seen` knows.
    pub fn record_as(&mut self, seen: &Self, answer: Answer, now: Timestamp) -> Result<()> {
        let last = self.last_as(seen)?;
        if !last.sending {
            return Err(overtaken());
        }
        last.recorded(answer, now);
        Ok(())
    }

    fn last_as(&mut self, seen: &Self) -> Result<&mut Entry> {
        let n = seen.entries.len().checked_sub(1).ok_or_else(overtaken)?;
        let entry = self.entries.get_mut(n).ok_or_else(overtaken)?;
        (entry.repeats == seen.entries[n].repeats)
            .then_some(entry)
            .ok_or_else(overtaken)
    }
}

fn overtaken() -> Fault {
    Fault::broken("another run has been there")
}
