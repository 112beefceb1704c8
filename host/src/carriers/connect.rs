//! One exchange with a carrier: finds where it goes and with which secret, sends it, and gives back an answer that no
//! secret is in.
//!
//! A token that the carrier no longer accepts is renewed once and the request sent again, if it is repeatable or the
//! carrier's own challenge says that the token is what it refused (RFC 6750, section 3.1). A bare 401 to a request that
//! is not repeatable goes to the adapter: RFC 9110 says that such a request was not applied, but gateways in front of
//! carriers pass on the 401 of something behind them, and the promise is never to send twice without proof.

use std::time::Instant;

use nexusport_sandbox::carrier::{Answer, Header, NotSent, Request, Response};
use serde_json::json;

use super::{
    Destinations,
    breaker::{self, Heard},
    house::{House, Opened},
    pairing::{self, Mismatch},
    secret::{OAuth2Client, Secret},
};
use crate::{
    app::App,
    audit,
    egress::{self, Answered, Grant, Injection, Lane, LaneBreaker, Limits, Outgoing, Sent, TokenFailed},
    fault::{Fault, Result},
    identity::{Caller, Purpose},
    ids::CarrierId,
};

/// Sends one request of an adapter's to where the operation's destinations lead. Takes at most 50 s: 10 for a token,
/// 30 for the exchange, 10 for a renewed token.
pub async fn send(
    app: &App,
    caller: &Caller,
    carrier: CarrierId,
    destinations: &Destinations,
    request: &Request,
) -> Result<Answer> {
    exchange(app, caller, carrier, destinations, (request, Limits::EXCHANGE)).await
}

/// `send` with room for a page of a carrier's list in the answer.
pub async fn send_page(
    app: &App,
    caller: &Caller,
    carrier: CarrierId,
    destinations: &Destinations,
    request: &Request,
) -> Result<Answer> {
    exchange(app, caller, carrier, destinations, (request, Limits::LIST)).await
}

async fn exchange(
    app: &App,
    caller: &Caller,
    carrier: CarrierId,
    destinations: &Destinations,
    (request, limits): (&Request, Limits),
) -> Result<Answer> {
    let mut tx = app.db.house(&caller.for_house(Purpose::Carrier)).await?;
    let house = House::open(app, &mut tx, carrier).await?;
    let pair = match pairing::pair(request, destinations, &house) {
        Ok(pair) => pair,
        Err(mismatch) => {
            if mismatch.concerns_credential() {
                tx.record(&caller.actor(), app.now(), refused(carrier, request, &mismatch))
                    .await?;
                tx.commit().await?;
            }
            return Ok(not_sent(false, mismatch.to_string()));
        }
    };
    drop(tx);
    let errand = Errand {
        app,
        house: &house,
        lane: Lane {
            reseller: caller.scope().reseller(),
            id: carrier.uuid(),
            breaker: LaneBreaker::Elsewhere,
        },
        base_url: pair.base_url,
        request,
        limits,
    };
    let sent = match pair.credential {
        None => errand.send(None, Vec::new()).await,
        Some(credential) => errand.send_with(credential).await?,
    };
    match Heard::of(&sent) {
        Some(Heard::Answer) if !house.has_failed => {}
        Some(heard) => tell(app, caller, carrier, heard).await,
        None => {}
    }
    Ok(answer(sent))
}

/// What a request came to is known whether or not the breaker can be told.
async fn tell(app: &App, caller: &Caller, carrier: CarrierId, heard: Heard) {
    if let Err(error) = breaker::hear(app, caller, carrier, heard).await {
        tracing::error!(%error, %carrier, "the carrier's breaker was not told");
    }
}

/// A request on its way, with nothing of the database's open.
struct Errand<'a> {
    app: &'a App,
    house: &'a House,
    lane: Lane,
    base_url: &'a str,
    request: &'a Request,
    limits: Limits,
}

impl Errand<'_> {
    async fn send_with(&self, credential: &Opened) -> Result<Sent> {
        match &credential.secret {
            Secret::OAuth2(client) => Ok(self.send_as(credential, client).await),
            secret => {
                let injection = secret.injection();
                let injection = injection.ok_or_else(|| Fault::broken("a stored secret is not sendable"))?;
                Ok(self.send(Some(injection), Vec::new()).await)
            }
        }
    }

    async fn send_as(&self, credential: &Opened, client: &OAuth2Client) -> Sent {
        let destination = &client.token_destination;
        let Some(base_url) = pairing::token_base_url(self.house, credential, destination) else {
            let detail = format!(
                "the credential {} is not bound to its token destination {destination}",
                credential.handle
            );
            return Sent::NotSent {
                temporary: false,
                detail,
            };
        };
        let grant = Grant {
            lane: self.lane,
            credential: credential.id.uuid(),
            endpoint: (base_url, &client.token_target),
            client_id: &client.id,
            client_secret: &client.secret,
            scope: client.scope.as_deref(),
            request: client.token_request,
        };
        match self.send_with_token(&grant).await {
            Ok(sent) => sent,
            Err(TokenFailed { temporary, detail }) => Sent::NotSent { temporary, detail },
        }
    }

    async fn send_with_token(&self, grant: &Grant<'_>) -> Result<Sent, TokenFailed> {
        let token = self.app.egress.token(grant, self.app.now()).await?;
        let began = Instant::now();
        let sent = self.send(Injection::bearer(&token), Vec::new()).await;
        let Sent::Answered(answered) = &sent else {
            return Ok(sent);
        };
        if answered.status == 401 {
            self.app.egress.forget_token(grant, &token);
        }
        let left = self.limits.timeout.saturating_sub(began.elapsed());
        if !is_renewal_safe(answered, self.request.repeatable) || left.is_zero() {
            return Ok(sent);
        }
        // Where no new token is to be had, the carrier's refusal of the old one is the answer.
        let Ok(renewed) = self.app.egress.token(grant, self.app.now()).await else {
            return Ok(sent);
        };
        let again = Errand {
            limits: Limits {
                timeout: left,
                ..self.limits
            },
            ..*self
        };
        Ok(again.send(Injection::bearer(&renewed), vec![token]).await)
    }

    async fn send(&self, secret: Option<Injection>, mut hidden: Vec<egress::Secret>) -> Sent {
        let request = self.request;
        for credential in &self.house.credentials {
            hidden.push(credential.secret.secret().clone());
            hidden.extend(
                self.app
                    .egress
                    .kept_token(self.lane.reseller, credential.id.uuid()),
            );
        }
        self.app
            .egress
            .send(Outgoing {
                lane: self.lane,
                base_url: self.base_url,
                method: &request.method,
                target: &request.target,
                headers: request
                    .headers
                    .iter()
                    .map(|header| (header.name.clone(), header.value.clone()))
                    .collect(),
                body: request.body.clone(),
                secret,
                hidden,
                limits: self.limits,
            })
            .await
    }
}

fn is_renewal_safe(answered: &Answered, repeatable: bool) -> bool {
    let names_the_token = || {
        answered.headers.iter().any(|(name, value)| {
            let value = value.to_ascii_lowercase();
            name == "www-authenticate" && value.starts_with("bearer") && value.contains("invalid_token")
        })
    };
    answered.status == 401 && (repeatable || names_the_token())
}

fn answer(sent: Sent) -> Answer {
    match sent {
        Sent::Answered(answered) => Answer::Answered(Response {
            status: answered.status,
            headers: answered
                .headers
                .into_iter()
                .map(|(name, value)| Header { name, value })
                .collect(),
            body: answered.body,
        }),
        Sent::Lost(reason) => Answer::Lost(reason),
        Sent::NotSent { temporary, detail } => not_sent(temporary, detail),
        Sent::Held(why) => not_sent(true, why),
    }
}

fn not_sent(temporary: bool, detail: String) -> Answer {
    Answer::NotSent(NotSent { temporary, detail })
}

fn refused(carrier: CarrierId, request: &Request, mismatch: &Mismatch) -> audit::Event {
    let detail = json!({
        "credential": request.credential,
        "destination": request.destination,
        "reason": mismatch.to_string(),
    });
    audit::Event::refused("carrier.send", carrier.uuid(), detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(status: u16, challenge: &str) -> Answered {
        Answered {
            status,
            headers: vec![("www-authenticate".to_owned(), challenge.to_owned())],
            body: Vec::new(),
        }
    }

    #[test]
    fn a_token_is_renewed_only_after_a_401_that_proves_nothing_was_done_or_does_not_matter() {
        let challenge = "Bearer realm=\"x\", error=\"invalid_token\"";
        assert!(is_renewal_safe(&answered(401, ""), true));
        assert!(is_renewal_safe(&answered(401, challenge), false));
        assert!(!is_renewal_safe(&answered(401, "Bearer"), false));
        assert!(!is_renewal_safe(
            &answered(401, "Basic realm=\"invalid_token\""),
            false
        ));
        assert!(!is_renewal_safe(&answered(403, challenge), true));
        assert!(!is_renewal_safe(&answered(500, challenge), true));
    }
}
