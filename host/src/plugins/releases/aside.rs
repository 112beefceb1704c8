//! Work that takes its time and whose end nobody but its own tenant waits for: on a thread that stands back wherever
//! anybody's request wants the processor.

use std::thread;

use tokio::sync::oneshot;
use tracing::Span;

use crate::fault::{Fault, Result};

/// How far it stands back: beside others it gets a tenth of what it would, as the compile child does.
const NICE: i32 = 10;

/// Does the work on a thread of its own, which may block.
pub(super) async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    let (done, ended) = oneshot::channel();
    let span = Span::current();
    let run = move || {
        stand_back();
        // Whoever waited may have gone.
        let _ = done.send(span.in_scope(work));
    };
    thread::Builder::new()
        .name("inspection".to_owned())
        .spawn(run)
        .map_err(Fault::broken)?;
    ended
        .await
        .map_err(|_| Fault::broken("the work that was set aside panicked"))
}

/// Linux counts for each thread; elsewhere it would be the whole host.
fn stand_back() {
    if cfg!(target_os = "linux")
        && let Err(error) = rustix::process::nice(NICE)
    {
        tracing::warn!(%error, "an upload is looked at beside requests");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    /// Field 19 of proc_pid_stat(5), the seventeenth after the name in brackets.
    fn niceness() -> i32 {
        let stat = std::fs::read_to_string("/proc/thread-self/stat").unwrap();
        let fields = stat.rsplit_once(')').unwrap().1.split_whitespace();
        fields
            .skip(16)
            .map(|field| field.parse().unwrap())
            .next()
            .unwrap()
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn work_that_is_set_aside_stands_back_and_nobody_else_does() {
        let before = niceness();
        let meanwhile = aside(niceness).await.unwrap();
        assert_eq!((meanwhile - before, niceness()), (NICE, before));
    }

    #[tokio::test]
    async fn a_panic_is_the_works_own() {
        let ended = aside(|| panic!("it falls over")).await;
        assert!(matches!(ended, Err::<(), _>(Fault::Broken(_))));
    }
}
