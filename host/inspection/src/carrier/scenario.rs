//! What a recording has to show to be evidence of a scenario. A name on a file proves nothing, so each is looked for in
//! what the carrier answered and what the adapter made of it.

use nexusport_sandbox::carrier::{Answer, Exchange, Operation, Outcome, Step, Task};

const HOUR_MS: i64 = 3_600_000;

/// Something that happens to every adapter sooner or later.
#[derive(Debug)]
pub(super) struct Scenario {
    /// The name of its file.
    pub name: &'static str,
    /// What has to be seen in it.
    pub wants: &'static str,
    shows: fn(&Operation, &[Exchange], &Step) -> bool,
}

impl Scenario {
    pub fn named(name: &str) -> Option<&'static Self> {
        ALL.iter().find(|scenario| scenario.name == name)
    }

    pub fn shows(&self, operation: &Operation, journal: &[Exchange], step: &Step) -> bool {
        (self.shows)(operation, journal, step)
    }
}

pub(super) const ALL: [Scenario; 12] = [
    Scenario {
        name: "immediate-success",
        wants: "a change that is applied without asking anything twice",
        shows: |_, journal, step| applied(step) && journal.iter().all(|it| it.repeats == 0 && good(it)),
    },
    Scenario {
        name: "polled-success",
        wants: "a change that is applied after the carrier was asked about it more than once",
        shows: |_, journal, step| applied(step) && journal.iter().any(|it| it.repeats > 0),
    },
    Scenario {
        name: "rejection",
        wants: "a rejection after an answer of the carrier's",
        shows: |_, journal, step| rejected(step) && !journal.is_empty(),
    },
    Scenario {
        name: "throttled",
        wants: "a last answer of 429 and a wait",
        shows: |_, journal, step| last_status(journal) == Some(429) && waits(step),
    },
    Scenario {
        name: "carrier-error",
        wants: "a last answer of 500 to 599 and anything but an end in success",
        shows: |_, journal, step| last_status(journal).is_some_and(|it| it >= 500) && !applied(step),
    },
    Scenario {
        name: "lost-but-done",
        wants: "an order whose answer was lost, and a change that is applied without a second order",
        shows: |_, journal, step| applied(step) && orders(journal) == 1 && journal.iter().any(lost_order),
    },
    Scenario {
        name: "unknown-after-crash",
        wants: "an order whose answer is lost at the end of the journal, and a look at the carrier or a person's",
        shows: |_, journal, step| {
            let looks = matches!(step, Step::Send(request) if request.repeatable);
            journal.last().is_some_and(lost_order) && (looks || matches!(step, Step::Stuck(_)))
        },
    },
    Scenario {
        name: "duplicate-answer",
        wants: "a request that was answered at least three times and a change that is applied once",
        shows: |_, journal, step| applied(step) && journal.iter().any(|it| it.repeats >= 2),
    },
    Scenario {
        name: "late-answer",
        wants: "an answer an hour or more after its request was first sent, and no fault",
        shows: |_, journal, step| {
            let late = |it: &Exchange| it.at - it.first >= HOUR_MS;
            journal.iter().any(late) && !matches!(step, Step::Stuck(_))
        },
    },
    Scenario {
        name: "partial-application",
        wants: "an ordered change, and an end that does not report its speed as applied",
        shows: |operation, journal, step| {
            let Task::ChangeBandwidth(order) = &operation.task else {
                return false;
            };
            let whole = matches!(step, Step::Done(Outcome::Applied(state)) if state.mbps == order.mbps);
            let goes_on = matches!(step, Step::Send(_));
            !whole && !goes_on && journal.iter().any(good)
        },
    },
    Scenario {
        name: "unknown-state",
        wants: "a last answer of 200 to 299 from which nothing follows: a fault or another question",
        shows: |_, journal, step| {
            let good = last_status(journal).is_some_and(|it| (200..300).contains(&it));
            good && (matches!(step, Step::Stuck(_)) || waits(step))
        },
    },
    Scenario {
        name: "second-change-in-flight",
        wants: "a last answer of 400 to 499 other than 429 to an order, and a wait or a rejection",
        shows: |_, journal, step| {
            let refused = last_status(journal).is_some_and(|it| (400..500).contains(&it) && it != 429);
            refused && (waits(step) || rejected(step))
        },
    },
];

fn applied(step: &Step) -> bool {
    matches!(step, Step::Done(Outcome::Applied(_)))
}

fn rejected(step: &Step) -> bool {
    matches!(step, Step::Done(Outcome::Rejected(_)))
}

fn waits(step: &Step) -> bool {
    matches!(step, Step::Again(_))
}

fn good(exchange: &Exchange) -> bool {
    status(exchange).is_some_and(|it| (200..300).contains(&it))
}

fn status(exchange: &Exchange) -> Option<u16> {
    match &exchange.answer {
        Answer::Answered(response) => Some(response.status),
        Answer::Lost(_) | Answer::NotSent(_) => None,
    }
}

fn last_status(journal: &[Exchange]) -> Option<u16> {
    status(journal.last()?)
}

/// An order in the sense of the journal: what must not be sent twice, or is a change all the same.
fn is_order(exchange: &Exchange) -> bool {
    exchange.request.method != "GET"
}

fn orders(journal: &[Exchange]) -> usize {
    journal.iter().filter(|it| is_order(it)).count()
}

fn lost_order(exchange: &Exchange) -> bool {
    is_order(exchange) && matches!(exchange.answer, Answer::Lost(_))
}
