//! Turns to work in this process. Few jobs work at the same time, so that requests find the processor and the database free;
//! many more can be under way, since whoever waits for a carrier lets another one work.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The turns of one process.
#[derive(Debug, Clone)]
pub struct Turns(Arc<Semaphore>);

/// One job's turn.
#[derive(Debug)]
pub struct Turn {
    turns: Arc<Semaphore>,
    /// None while it lets others work.
    permit: Option<OwnedSemaphorePermit>,
}

impl Turns {
    /// So many jobs work at the same time.
    pub fn new(at_once: usize) -> Self {
        Self(Arc::new(Semaphore::new(at_once)))
    }

    /// How many more could work now.
    pub fn free(&self) -> usize {
        self.0.available_permits()
    }

    /// A turn, after those who asked before.
    pub async fn take(&self) -> Turn {
        let mut turn = Turn {
            turns: self.0.clone(),
            permit: None,
        };
        turn.go_on().await;
        turn
    }

    /// Returns once one more could work.
    pub async fn freed(&self) {
        drop(self.take().await);
    }
}

impl Turn {
    /// Lets others work until [`Turn::go_on`].
    pub(super) fn pause(&mut self) {
        self.permit = None;
    }

    /// Works again, after those who asked before.
    pub(super) async fn go_on(&mut self) {
        if self.permit.is_none() {
            let permit = self.turns.clone().acquire_owned().await;
            self.permit = Some(permit.expect("nobody closes the turns"));
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::*;

    #[test]
    fn who_waits_lets_another_work_and_goes_on_when_there_is_a_turn() {
        let turns = Turns::new(1);
        let mut first = turns.take().now_or_never().expect("nobody works");
        assert!(turns.take().now_or_never().is_none());
        first.pause();
        let second = turns.take().now_or_never().expect("the first one waits");
        assert!(first.go_on().now_or_never().is_none());
        drop(second);
        assert!(first.go_on().now_or_never().is_some());
        assert_eq!(turns.free(), 0);
    }
}
