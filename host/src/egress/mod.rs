//! The one way out to other systems: every exchange with a carrier, token fetch and webhook. Knows no carriers and
//! no database; it is given a base URL, a request and a secret to inject, and says what is known of the other side.

mod address;
mod base;
mod dns;
mod documents;
mod gate;
mod outgoing;
mod request;
mod scrub;
mod token;
mod transport;

#[cfg(test)]
mod tests;

use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

pub use base::{BASE_URL_BYTES, BadUrl, TARGET_BYTES};
pub use dns::Unanswered;
pub use documents::Freshness;
pub use gate::Pace;
pub use outgoing::{Answered, Injection, Lane, LaneBreaker, Limits, Outgoing, Secret, Sent};
pub use request::{BadRequest, HEADERS};
pub use token::{Grant, TokenFailed, TokenRequest};

use address::Loopback;
use base::Base;
use gate::Gate;
use scrub::Scrub;
use transport::Ready;

/// What the operator decides.
#[derive(Debug, Clone, Copy, Default)]
pub struct Rules {
    /// Whether this machine itself may be reached, also without TLS. For development alone.
    pub allow_loopback: bool,
    /// How requests are held back.
    pub pace: Pace,
    /// The longest that anything is waited for, where that is shorter than what a request is given; otherwise its own time.
    pub patience: Option<Duration>,
    /// The DNS server that TXT records are asked of; otherwise the machine's own.
    pub dns: Option<SocketAddr>,
}

/// Sends requests under the host's rules.
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

struct Inner {
    loopback: Loopback,
    patience: Option<Duration>,
    http: reqwest::Client,
    gate: Gate,
    tokens: token::Cache,
    dns: dns::Lookup,
    documents: documents::Shelf,
}

impl Client {
    /// A client under these rules.
    pub fn new(rules: Rules) -> Self {
        let loopback = if rules.allow_loopback {
            Loopback::Admitted
        } else {
            Loopback::Refused
        };
        Self {
            inner: Arc::new(Inner {
                loopback,
                patience: rules.patience,
                http: transport::client(loopback),
                gate: Gate::new(rules.pace),
                tokens: token::Cache::default(),
                dns: dns::Lookup::new(rules.dns),
                documents: documents::Shelf::default(),
            }),
        }
    }

    /// The one way to write a base URL, if it is one that requests could be sent to. Names are not looked up here but
    /// at each request.
    pub fn check_base_url(&self, base_url: &str) -> Result<String, BadUrl> {
        Base::parse(base_url, self.inner.loopback).map(|base| base.as_str().to_owned())
    }

    /// Whether this machine itself may be reached, also without TLS: in development alone.
    pub fn allows_loopback(&self) -> bool {
        self.inner.loopback == Loopback::Admitted
    }

    /// Sends a request once, or says why not. Redirects are not followed, cookies not kept, proxies not used; what
    /// comes back has no secret of this request in it.
    pub async fn send(&self, outgoing: Outgoing<'_>) -> Sent {
        let refused = |detail: String, temporary| Sent::NotSent { temporary, detail };
        let lane = outgoing.lane;
        let injected = outgoing.secret.iter().flat_map(Injection::secrets);
        let scrub = Scrub::new(injected.chain(&outgoing.hidden));
        let ready = match self.ready(outgoing) {
            Ok(ready) => ready,
            Err(bad) => return refused(bad.to_string(), false),
        };
        if let Err(held) = self.inner.gate.pass(lane, Instant::now()) {
            return Sent::Held(held.to_string());
        }
        let sent = transport::exchange(&self.inner.http, ready, &scrub).await;
        match sent {
            Sent::Answered(_) => self.inner.gate.answered(lane),
            _ => self.inner.gate.failed(lane, Instant::now()),
        }
        sent
    }

    fn ready(&self, outgoing: Outgoing<'_>) -> Result<Ready, BadRequest> {
        request::check_size(&outgoing)?;
        let base = Base::parse(outgoing.base_url, self.inner.loopback)?;
        let mut headers = request::check_headers(&outgoing.headers)?;
        if let Some(secret) = &outgoing.secret {
            secret.put(&mut headers);
        }
        let limits = outgoing.limits;
        let timeout = self
            .inner
            .patience
            .map_or(limits.timeout, |it| it.min(limits.timeout));
        Ok(Ready {
            method: request::check_method(outgoing.method)?,
            url: base.join(outgoing.target)?,
            headers,
            body: outgoing.body,
            limits: Limits { timeout, ..limits },
        })
    }
}
