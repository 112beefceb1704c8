//! The order in which an operation's steps are taken, over hands that take them: the host's, and in tests hands that
//! die at any moment. Everything the promise rests on is here and in `rules`.

use nexusport_sandbox::carrier::{Answer, Request, Step};

use super::{
    End, Kind,
    rules::{self, Bounds, Decision, Known, Moment, Slot},
};
use crate::{app::Timestamp, fault::Result};

/// What a run does to the world. A step that returns has happened and lasts; one that fails, or in which the host
/// dies, may have happened or not, and the run is over.
pub(super) trait Hands {
    /// When the operation was started, and the present.
    fn moment(&self) -> Moment;
    /// What the operation may take.
    fn bounds(&self) -> Bounds;
    /// Whether the host is about to stop, so that no further request may leave from here.
    fn is_stopping(&self) -> bool;
    /// The journal.
    fn slots(&self) -> Vec<Slot>;
    /// Asks the adapter for its step after so many exchanges.
    async fn ask(&mut self, exchanges: usize) -> Result<Asked>;
    /// Writes a new request as `sending`.
    async fn append(&mut self, request: Request) -> Result<()>;
    /// Writes the last request as `sending` once more.
    async fn reopen(&mut self) -> Result<()>;
    /// Lets the last request leave and waits for what comes of it.
    async fn send(&mut self) -> Result<Answer>;
    /// Writes what came of the last request, which must be `sending`.
    async fn record(&mut self, answer: Answer) -> Result<()>;
    /// Ends the run; another one is due then, or once a push of the carrier names one of these.
    async fn wait(&mut self, until: Timestamp, wake_on: Vec<String>) -> Result<()>;
    /// Ends the operation.
    async fn end(&mut self, end: End) -> Result<()>;
}

/// What came of asking the adapter.
#[derive(Debug, Clone)]
pub(super) enum Asked {
    /// It says what to do next.
    Step(Step),
    /// It failed at this journal, and would again.
    Failed(String),
}

const UNREAD: &str = "the host stopped before an answer was read";
const DIVERGED: &str = "the adapter no longer produces the last request of the journal";

/// Takes an operation as far as it goes now: to its end, or to a wait.
pub(super) async fn drive(hands: &mut impl Hands, kind: Kind) -> Result<()> {
    // Whether this run has seen the adapter produce the journal's last request.
    let mut produced = false;
    if hands
        .slots()
        .last()
        .is_some_and(|slot| slot.known == Known::Sending)
    {
        match take_up(hands).await? {
            Some(text) => return give_up(hands, text).await,
            None => produced = true,
        }
    }
    if !produced && let Some(decision) = rules::by_hand(&hands.slots(), &hands.bounds(), hands.moment()) {
        if let Decision::Wait(until) = decision {
            return hands.wait(until, Vec::new()).await;
        }
        if let Some(text) = divergence(hands, &hands.slots()).await? {
            return give_up(hands, text).await;
        }
        hands.reopen().await?;
        transmit(hands).await?;
        produced = true;
    }
    loop {
        let slots = hands.slots();
        let step = match hands.ask(slots.len()).await? {
            Asked::Step(step) => step,
            Asked::Failed(text) => return give_up(hands, text).await,
        };
        let wake_on = match &step {
            Step::Again(wait) => wait.wake_on.clone(),
            _ => Vec::new(),
        };
        match rules::decide(kind, &slots, step, &hands.bounds(), hands.moment()) {
            // Another host goes on from the journal at once.
            Decision::Send(_) | Decision::Repeat if hands.is_stopping() => {
                return hands.wait(hands.moment().now, wake_on).await;
            }
            Decision::Send(request) => {
                hands.append(request).await?;
                transmit(hands).await?;
            }
            Decision::Repeat => {
                if !produced && let Some(text) = divergence(hands, &slots).await? {
                    return give_up(hands, text).await;
                }
                hands.reopen().await?;
                transmit(hands).await?;
            }
            Decision::Wait(until) => return hands.wait(until, wake_on).await,
            Decision::Done(outcome) => return hands.end(End::Done(outcome)).await,
            Decision::GiveUp(reason) => return hands.end(End::GivenUp(reason)).await,
        }
        produced = true;
    }
}

/// Deals with a last request of which only is known that it was about to leave: another run died there. Returns why
/// the operation cannot go on, if it cannot.
async fn take_up(hands: &mut impl Hands) -> Result<Option<String>> {
    let slots = hands.slots();
    let repeatable = slots.last().is_some_and(|slot| slot.repeatable);
    if !repeatable {
        hands.record(Answer::Lost(UNREAD.into())).await?;
    }
    let diverged = divergence(hands, &slots).await?;
    if repeatable && diverged.is_none() {
        hands.reopen().await?;
        transmit(hands).await?;
    }
    Ok(diverged)
}

/// Asks the adapter to produce the last request again; says what is wrong if it does not.
async fn divergence(hands: &mut impl Hands, slots: &[Slot]) -> Result<Option<String>> {
    let Some((last, before)) = slots.split_last() else {
        return Ok(None);
    };
    Ok(match hands.ask(before.len()).await? {
        Asked::Step(step) => (!rules::agrees(last, &step)).then(|| DIVERGED.into()),
        Asked::Failed(text) => Some(text),
    })
}

async fn transmit(hands: &mut impl Hands) -> Result<()> {
    let answer = hands.send().await?;
    hands.record(answer).await
}

async fn give_up(hands: &mut impl Hands, text: String) -> Result<()> {
    let reason = rules::reason(&hands.slots(), text);
    hands.end(End::GivenUp(reason)).await
}

#[cfg(test)]
mod tests;
