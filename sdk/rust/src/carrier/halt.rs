//! Why a run ends before its outcome: not an error of the adapter's but the step that comes next.

use super::{Fault, FaultKind, Outcome, Rejection, Step, Wait};

/// What an adapter's functions return, so that `?` ends the run where it has to wait, to send or to give up.
pub type Run<T> = Result<T, Halt>;

/// The step with which a run ends early.
#[derive(Clone, Debug, PartialEq)]
pub struct Halt(pub(super) Box<Step>);

impl Halt {
    pub(super) fn new(step: Step) -> Self {
        Self(Box::new(step))
    }

    /// Wakes a waiting operation early when a push names this key. Changes nothing on a halt that is not a wait.
    #[must_use]
    pub fn or_when(mut self, key: impl Into<String>) -> Self {
        if let Step::Again(wait) = &mut *self.0 {
            wait.wake_on.push(key.into());
        }
        self
    }
}

/// Repeats the last request after so many seconds; its new answer is what the next run sees.
pub fn again(after_seconds: u32) -> Halt {
    Halt::new(Step::Again(Wait {
        after_seconds,
        wake_on: Vec::new(),
    }))
}

/// The carrier said no, by its own code and text.
pub fn rejected(code: impl Into<String>, text: impl Into<String>) -> Halt {
    Halt::new(Step::Done(Outcome::Rejected(Rejection {
        code: code.into(),
        text: text.into(),
    })))
}

/// What the carrier answered makes no sense: a person must look.
pub fn unexpected(message: impl Into<String>) -> Halt {
    stuck(FaultKind::UnexpectedAnswer, message)
}

/// No true answer exists: a person must look.
pub fn stuck(kind: FaultKind, message: impl Into<String>) -> Halt {
    Halt::new(Step::Stuck(Fault {
        kind,
        message: message.into(),
    }))
}
