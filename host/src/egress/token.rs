//! Access tokens by OAuth 2 client credentials (RFC 6749, section 4.4), kept in memory until shortly before they expire.

use std::{collections::HashMap, sync::Mutex};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::TimeDelta;
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::{Client, Injection, Lane, Limits, Outgoing, Secret, Sent};
use crate::{app::Timestamp, ids::TenantId};

/// A token is not used in its last seconds: the request must arrive before its end.
const MARGIN: TimeDelta = TimeDelta::seconds(30);
/// What a token without `expires_in` is good for.
const UNSAID: TimeDelta = TimeDelta::minutes(5);
const LONGEST: TimeDelta = TimeDelta::days(1);

/// What a token is asked with.
pub struct Grant<'a> {
    /// Whose breaker and rate limit the request passes.
    pub lane: Lane,
    /// The credential that it is. A new secret is a new credential, so a kept token never outlives its secret.
    pub credential: Uuid,
    /// The base URL and the target of the token endpoint.
    pub endpoint: (&'a str, &'a str),
    /// The client's name at the carrier.
    pub client_id: &'a str,
    /// Its secret.
    pub client_secret: &'a str,
    /// Space-separated; none asks for the carrier's default.
    pub scope: Option<&'a str>,
    /// How the endpoint wants to be asked.
    pub request: TokenRequest,
}

/// How a token endpoint wants to be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenRequest {
    /// With a form, the client by basic authentication: the standard's way (RFC 6749, section 2.3.1).
    Form,
    /// With the same fields and the client in a JSON object, as some carriers do against the standard.
    Json,
}

/// Why there is no token. The request it was for was not sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenFailed {
    /// Whether trying later may help.
    pub temporary: bool,
    /// What happened.
    pub detail: String,
}

/// Tokens by reseller and credential.
#[derive(Default)]
pub(super) struct Cache(Mutex<HashMap<Key, Kept>>);

type Key = (TenantId, Uuid);

struct Kept {
    token: Secret,
    until: Timestamp,
}

#[derive(Deserialize)]
struct Issued {
    access_token: String,
    expires_in: Option<f64>,
    token_type: Option<String>,
}

impl Client {
    /// The token that is kept, or a new one.
    pub async fn token(&self, grant: &Grant<'_>, now: Timestamp) -> Result<Secret, TokenFailed> {
        if let Some(token) = self.inner.tokens.get(grant.key(), now) {
            return Ok(token);
        }
        let issued = self.fetch(grant).await?;
        let until = now + issued.lifetime() - MARGIN;
        let token = Zeroizing::new(issued.access_token);
        self.inner.tokens.keep(grant.key(), &token, until, now);
        Ok(token)
    }

    /// Forgets a token that the carrier did not accept; a newer one stays.
    pub fn forget_token(&self, grant: &Grant<'_>, refused: &Secret) {
        self.inner.tokens.forget(grant.key(), refused);
    }

    /// The token that is kept for a credential, expired or not: something to remove from answers.
    pub fn kept_token(&self, reseller: TenantId, credential: Uuid) -> Option<Secret> {
        self.inner.tokens.any(&(reseller, credential))
    }

    async fn fetch(&self, grant: &Grant<'_>) -> Result<Issued, TokenFailed> {
        let (media_type, body, secret) = grant.request()?;
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let sent = self
            .send(Outgoing {
                lane: grant.lane,
                base_url: grant.endpoint.0,
                method: "POST",
                target: grant.endpoint.1,
                headers: vec![
                    header("content-type", media_type),
                    header("accept", "application/json"),
                ],
                body,
                secret,
                hidden: Vec::new(),
                limits: Limits::TOKEN,
            })
            .await;
        read(sent)
    }
}

impl Grant<'_> {
    /// Media type, body and secret header of the request.
    fn request(&self) -> Result<(&'static str, Vec<u8>, Option<Injection>), TokenFailed> {
        match self.request {
            TokenRequest::Form => {
                let secret = basic(self.client_id, self.client_secret).ok_or_else(|| TokenFailed {
                    temporary: false,
                    detail: "the client's id or secret cannot stand in a header".to_owned(),
                })?;
                Ok((
                    "application/x-www-form-urlencoded",
                    form(self.scope),
                    Some(secret),
                ))
            }
            TokenRequest::Json => Ok(("application/json", self.json(), None)),
        }
    }

    fn json(&self) -> Vec<u8> {
        let mut asked = json!({
            "grant_type": "client_credentials", "client_id": self.client_id, "client_secret": self.client_secret,
        });
        if let Some(scope) = self.scope {
            asked["scope"] = scope.into();
        }
        asked.to_string().into_bytes()
    }

    fn key(&self) -> Key {
        (self.lane.reseller, self.credential)
    }
}

impl Cache {
    fn get(&self, key: Key, now: Timestamp) -> Option<Secret> {
        let kept = self.0.lock().expect("nothing panics while holding the tokens");
        kept.get(&key)
            .filter(|kept| now < kept.until)
            .map(|kept| kept.token.clone())
    }

    fn any(&self, key: &Key) -> Option<Secret> {
        let kept = self.0.lock().expect("nothing panics while holding the tokens");
        kept.get(key).map(|kept| kept.token.clone())
    }

    fn keep(&self, key: Key, token: &Secret, until: Timestamp, now: Timestamp) {
        let mut kept = self.0.lock().expect("nothing panics while holding the tokens");
        kept.retain(|_, kept| now < kept.until);
        if now < until {
            let token = token.clone();
            kept.insert(key, Kept { token, until });
        }
    }

    fn forget(&self, key: Key, refused: &Secret) {
        let mut kept = self.0.lock().expect("nothing panics while holding the tokens");
        if kept.get(&key).is_some_and(|kept| kept.token == *refused) {
            kept.remove(&key);
        }
    }
}

impl Issued {
    fn lifetime(&self) -> TimeDelta {
        let said = self
            .expires_in
            .filter(|seconds| seconds.is_finite() && *seconds >= 0.0);
        said.map_or(UNSAID, |seconds| {
            let longest = LONGEST.num_seconds() as f64;
            TimeDelta::seconds(seconds.min(longest) as i64)
        })
    }

    fn is_bearer(&self) -> bool {
        let kind = self.token_type.as_deref().unwrap_or("bearer");
        kind.eq_ignore_ascii_case("bearer") && Injection::bearer(&self.access_token).is_some()
    }
}

/// Both halves are form-encoded first, unlike in plain basic authentication.
fn basic(id: &str, secret: &str) -> Option<Injection> {
    let secret = Zeroizing::new(form_urlencoded(secret));
    let pair = Zeroizing::new(format!("{}:{}", form_urlencoded(id), *secret));
    let value = Zeroizing::new(format!("Basic {}", STANDARD.encode(pair.as_bytes())));
    Injection::header("authorization", &value)
}

fn form(scope: Option<&str>) -> Vec<u8> {
    let mut form = "grant_type=client_credentials".to_owned();
    if let Some(scope) = scope {
        form.push_str("&scope=");
        form.push_str(&form_urlencoded(scope));
    }
    form.into_bytes()
}

fn form_urlencoded(text: &str) -> String {
    let mut url = reqwest::Url::parse("form:").expect("a scheme is a url");
    url.query_pairs_mut().append_key_only(text);
    url.query().unwrap_or_default().to_owned()
}

fn read(sent: Sent) -> Result<Issued, TokenFailed> {
    let failed = |temporary, detail: String| Err(TokenFailed { temporary, detail });
    let answer = match sent {
        Sent::Answered(answer) => answer,
        Sent::Lost(reason) => return failed(true, format!("the token endpoint: {reason}")),
        Sent::NotSent { temporary, detail } => {
            return failed(temporary, format!("the token endpoint: {detail}"));
        }
        Sent::Held(why) => return failed(true, format!("the token endpoint: {why}")),
    };
    let status = answer.status;
    if status != 200 {
        let temporary = status >= 500 || matches!(status, 408 | 425 | 429);
        return failed(temporary, format!("the token endpoint answered {status}"));
    }
    match serde_json::from_slice::<Issued>(&answer.body) {
        Ok(issued) if issued.is_bearer() => Ok(issued),
        _ => failed(
            false,
            "the token endpoint did not answer with a bearer token".to_owned(),
        ),
    }
}
