//! Ordering from a carrier that may lose what it is told: an order is sent once, and again only once it is known not to be
//! there.

use super::{Answer, FaultKind, Halt, Link, Request, Response, Run, Step, again, stuck};

/// How often an order that did not arrive is sent.
const ATTEMPTS_MAX: u32 = 5;

impl<'j> Link<'j> {
    /// Sends what must not be sent twice, whatever its method. Waits by itself while the carrier is busy (429, 503) or cannot
    /// be reached. `None` where the carrier is to be asked what became of it: a lost answer, 408, any other from 500 on, and
    /// a token that is no longer good (401), which the host renews for the next request. Everything else is the adapter's to
    /// read.
    pub fn send_once(&mut self, request: Request) -> Run<Option<&'j Response>> {
        let request = Request {
            repeatable: false,
            ..request
        };
        match self.try_send(request)? {
            Answer::Answered(response) => match response.status {
                429 | 503 => {
                    let wait = response.retry_after();
                    Err(again(wait.unwrap_or_else(|| self.backoff())))
                }
                401 | 408 | 500.. => Ok(None),
                _ => Ok(Some(response)),
            },
            Answer::Lost(_) => Ok(None),
            Answer::NotSent(reason) if reason.temporary => Err(again(self.backoff())),
            Answer::NotSent(reason) => Err(stuck(FaultKind::Other, &*reason.detail)),
        }
    }

    /// Sends an order until it is there, and gives what `read` makes of the answer, or what `look` finds.
    ///
    /// `look` asks the carrier whether the order is there; its last request is one that can be repeated. An order is sent
    /// again only where it was not found, and not `settle_seconds` later: the time after which a lost order no longer takes
    /// effect. What `read` says of a later order is believed only after another look, since an earlier one that did arrive may
    /// be its reason. So is a good status with an answer that makes no sense, which anybody on the way may have given. After
    /// five orders that are not there it is stuck.
    pub fn place<T>(
        &mut self,
        order: &Request,
        settle_seconds: u32,
        read: impl Fn(&Response) -> Run<T>,
        look: impl Fn(&mut Self) -> Run<Option<T>>,
    ) -> Run<T> {
        for attempt in 0..ATTEMPTS_MAX {
            let answer = self.send_once(order.clone())?;
            let is_good = answer.is_some_and(|answer| (200..300).contains(&answer.status));
            let no = match answer.map(&read) {
                Some(Ok(taken)) => return Ok(taken),
                Some(Err(halt)) if is_good && halt.is_stuck() => None,
                Some(Err(halt)) if attempt == 0 => return Err(halt),
                Some(Err(halt)) => Some(halt),
                None => None,
            };
            if let Some(found) = look(self)? {
                return Ok(found);
            }
            let settle_ms = i64::from(settle_seconds) * 1000;
            if self
                .last()
                .is_some_and(|look| look.at.saturating_sub(look.first) < settle_ms)
            {
                return Err(again(settle_seconds.max(self.backoff())));
            }
            if let Some(halt) = no.filter(|halt| !halt.is_wait()) {
                return Err(halt);
            }
        }
        let problem = format!("{ATTEMPTS_MAX} orders were sent and the carrier has none");
        Err(stuck(FaultKind::Uncertain, problem))
    }
}

impl Halt {
    fn is_stuck(&self) -> bool {
        matches!(*self.0, Step::Stuck(_))
    }

    fn is_wait(&self) -> bool {
        matches!(*self.0, Step::Again(_))
    }
}

#[cfg(test)]
mod tests {
    use super::super::*;

    const SETTLE_SECONDS: u32 = 10;

    /// Orders once; the carrier's list says by its status whether the order is there.
    struct Careful;

    impl Carrier for Careful {
        fn describe() -> Description {
            unreachable!("a rehearsal never asks")
        }

        fn run(_: &Operation, link: &mut Link<'_>) -> Run<Outcome> {
            let read = |answer: &Response| match answer.status {
                201 => Ok(()),
                202 => answer.json(),
                409 => Err(again(30)),
                _ => Err(rejected("no", "not this one")),
            };
            link.place(&Request::post("api", "/orders"), SETTLE_SECONDS, read, |link| {
                let look = link.send(Request::get("api", "/orders"))?;
                Ok((look.status == 200).then_some(()))
            })?;
            Ok(Outcome::Feasible)
        }
    }

    /// How it ends after these answers, and what was waited for.
    #[track_caller]
    fn check(answers: &[Answer], end: &Step, waits: &[u32]) {
        let operation = Operation {
            id: "op-1".into(),
            asked_at: 0,
            settings: vec![],
            port: None,
            task: Task::Probe,
            extras: vec![],
        };
        let mut left = answers.iter().cloned();
        let played = rehearse::<Careful>(&operation, |_| left.next().expect("an answer is left"));
        let waited: Vec<_> = played.waits.iter().map(|wait| wait.after_seconds).collect();
        assert_eq!((&played.end, &*waited, left.next()), (end, waits, None));
    }

    fn status(status: u16) -> Answer {
        Answer::json(status, "")
    }

    fn lost() -> Answer {
        Answer::Lost("timeout".into())
    }

    #[test]
    fn an_order_is_sent_again_only_once_its_absence_has_settled() {
        let done = Step::Done(Outcome::Feasible);
        check(&[status(201)], &done, &[]);
        check(&[Answer::throttled(7), status(201)], &done, &[7]);
        for doubtful in [lost(), status(500), status(408), status(401), status(202)] {
            check(&[doubtful.clone(), status(200)], &done, &[]);
            check(&[doubtful, status(404), status(404), status(201)], &done, &[10]);
        }
    }

    #[test]
    fn a_refusal_is_believed_at_once_or_after_another_look() {
        let refused = Step::Done(Outcome::Rejected(Rejection {
            code: "no".into(),
            text: "not this one".into(),
        }));
        let mut answers = vec![status(422)];
        check(&answers, &refused, &[]);
        answers.splice(..0, [lost(), status(404), status(404)]);
        let arrived = [&answers[..], &[status(200)]].concat();
        check(&arrived, &Step::Done(Outcome::Feasible), &[10]);
        answers.extend([status(404), status(404)]);
        check(&answers, &refused, &[10, 10]);
    }

    #[test]
    fn another_order_is_waited_for_and_an_earlier_one_of_ours_is_found() {
        let done = Step::Done(Outcome::Feasible);
        check(&[status(409), status(201)], &done, &[30]);
        let mut answers = vec![lost(), status(404), status(404), status(409)];
        let arrived = [&answers[..], &[status(200)]].concat();
        check(&arrived, &done, &[10]);
        answers.extend([status(404), status(404), status(201)]);
        check(&answers, &done, &[10, 10]);
    }
}
