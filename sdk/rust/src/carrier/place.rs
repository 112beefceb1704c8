//! Ordering from a carrier that may lose what it is told: an order is sent once, and again only once it is known not to be
//! there.

use super::{Answer, FaultKind, Link, Request, Response, Run, again, stuck};

/// How often an order that did not arrive is sent.
const ATTEMPTS_MAX: u32 = 5;

impl<'j> Link<'j> {
    /// Sends what must not be sent twice, whatever its method. Waits by itself while the carrier is busy (429, 503) or cannot
    /// be reached. `None` where the carrier is to be asked what became of it: a lost answer, any other from 500 on, and a
    /// token that is no longer good (401), which the host renews for the next request. Everything else is the adapter's to
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
                401 | 500.. => Ok(None),
                _ => Ok(Some(response)),
            },
            Answer::Lost(_) => Ok(None),
            Answer::NotSent(reason) if reason.temporary => Err(again(self.backoff())),
            Answer::NotSent(reason) => Err(stuck(FaultKind::Other, &*reason.detail)),
        }
    }

    /// Sends an order until it is there, and gives what `read` makes of the answer, or `look` of what is found.
    ///
    /// `look` asks the carrier whether the order is there; its last request is one that can be repeated. An order is sent
    /// again only where it was not found twice, `settle_seconds` apart: the time after which a lost order no longer takes
    /// effect. After five orders that are not there it is stuck.
    pub fn place<T>(
        &mut self,
        order: &Request,
        settle_seconds: u32,
        read: impl Fn(&Response) -> Run<T>,
        look: impl Fn(&mut Self) -> Run<Option<T>>,
    ) -> Run<T> {
        for _ in 0..ATTEMPTS_MAX {
            if let Some(response) = self.send_once(order.clone())? {
                return read(response);
            }
            if let Some(found) = look(self)? {
                return Ok(found);
            }
            if self.last().is_some_and(|look| look.repeats == 0) {
                return Err(again(settle_seconds));
            }
        }
        Err(stuck(
            FaultKind::Uncertain,
            format!("{ATTEMPTS_MAX} orders were sent and the carrier has none"),
        ))
    }
}
