//! From a request to its caller. The tenant comes from the credential alone; the Host header picks the brand, and a
//! credential of another reseller is refused there. No path, query or other header selects a tenant.

use axum::{
    extract::{FromRequestParts, Request, State},
    http::{HeaderMap, header, request::Parts},
    middleware::Next,
    response::{IntoResponse as _, Response},
};

use super::{Api, problem::Problem, rates};
use crate::{
    db::Scope,
    fault::{Fault, RefusalKind, Result},
    identity::{Asker, Caller, Purpose, entrance, visits},
    ids::TenantId,
};

/// Where a request was sent: to the platform's own address, or to a reseller's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Addressed {
    /// The bare domain or an IP address.
    Platform,
    /// A reseller's proven host name.
    Reseller(TenantId),
}

impl Addressed {
    /// The reseller whose address it is, if it is one's.
    pub fn at(self) -> Option<TenantId> {
        match self {
            Self::Reseller(reseller) => Some(reseller),
            Self::Platform => None,
        }
    }

    /// The reseller; refuses the platform's own address.
    pub fn reseller(self) -> Result<TenantId> {
        match self {
            Self::Reseller(reseller) => Ok(reseller),
            Self::Platform => Err(misdirected("this is asked at a reseller's own address")),
        }
    }
}

/// The name and port that a request was sent to, once that was found to be the platform's or a reseller's.
#[derive(Debug, Clone)]
pub(super) struct SentTo(pub String);

/// Finds out whom a request was sent to; a host nobody proved is refused.
pub(super) async fn check_host(State(api): State<Api>, mut request: Request, next: Next) -> Response {
    let (host, port) = sent_to(&request);
    match addressed(&api, &host).await {
        Ok(addressed) => {
            request.extensions_mut().insert(addressed);
            request.extensions_mut().insert(SentTo(host + &port));
            next.run(request).await
        }
        Err(fault) => fault.into_response(),
    }
}

/// The name that a request was sent to, and the port with its colon where one was given.
fn sent_to(request: &Request) -> (String, String) {
    let header = request
        .headers()
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    let authority = request.uri().authority().map(|authority| authority.as_str());
    let given = authority.or(header).unwrap_or_default();
    let name = without_port(given);
    let port = given[name.len()..].to_owned();
    // A name that is written out to the root is the same name.
    let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
    (name, port)
}

async fn addressed(api: &Api, host: &str) -> Result<Addressed> {
    if host.is_empty()
        || *host == *api.domain
        || host.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok()
    {
        return Ok(Addressed::Platform);
    }
    let reseller = entrance::reseller_at(&api.app, host).await?;
    reseller
        .map(Addressed::Reseller)
        .ok_or_else(|| misdirected("nobody is served at this host"))
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    }
}

fn misdirected(message: &'static str) -> Fault {
    Fault::refused(RefusalKind::Misdirected, "misdirected", message)
}

impl FromRequestParts<Api> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Problem> {
        // The idempotency layer may have asked already; a request has one caller.
        if let Some(caller) = parts.extensions.get::<Self>() {
            return Ok(caller.clone());
        }
        let caller = entrance::authenticate(&api.app, bearer(&parts.headers)?).await?;
        admit(api, parts, &Asker::Caller(caller.clone())).await?;
        parts.extensions.insert(caller.clone());
        Ok(caller)
    }
}

impl FromRequestParts<Api> for Asker {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Problem> {
        let asker = Self::recognise(&api.app, bearer(&parts.headers)?).await?;
        admit(api, parts, &asker).await?;
        Ok(asker)
    }
}

/// Lets one request of theirs in, at the address that it was sent to.
async fn admit(api: &Api, parts: &Parts, asker: &Asker) -> Result<()> {
    check_addressed(parts, asker.scope())?;
    if let Asker::Caller(caller) = asker {
        let operation = format!("{} {}", parts.method, parts.uri.path());
        visits::record(&api.app, caller, &operation).await?;
    }
    rates::spend(&api.app, &asker.for_house(Purpose::Limits), parts).await?;
    let span = tracing::Span::current();
    span.record("reseller", tracing::field::display(asker.scope().reseller()));
    span.record("tenant", tracing::field::display(asker.scope().tenant()));
    Ok(())
}

fn check_addressed(parts: &Parts, scope: Scope) -> Result<()> {
    match parts.extensions.get::<Addressed>() {
        Some(Addressed::Reseller(reseller)) if *reseller != scope.reseller() => {
            Err(misdirected("the credential belongs to another address"))
        }
        _ => Ok(()),
    }
}

/// The one bearer token of a request.
pub(super) fn bearer(headers: &HeaderMap) -> Result<&str> {
    let missing = || {
        Fault::refused(
            RefusalKind::Unauthenticated,
            "credential_missing",
            "an authorization header with a bearer token is needed",
        )
    };
    let mut given = headers.get_all(header::AUTHORIZATION).iter();
    let value = given
        .next()
        .and_then(|value| value.to_str().ok())
        .ok_or_else(missing)?;
    if given.next().is_some() {
        return Err(Fault::refused(
            RefusalKind::Malformed,
            "credential_twice",
            "more than one authorization header",
        ));
    }
    let (scheme, token) = value.split_once(' ').ok_or_else(missing)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(missing());
    }
    Ok(token.trim())
}

/// Who wants to go on in another tenant: a caller, or somebody who was removed from the tenant that their session is in. The
/// latter comes with what they are told where they are no member of the other one either.
pub(super) struct Leaver(pub(super) Caller, pub(super) Option<Problem>);

impl FromRequestParts<Api> for Leaver {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Problem> {
        let refused = match Caller::from_request_parts(parts, api).await {
            Ok(caller) => return Ok(Self(caller, None)),
            Err(refused) if refused.is_unauthenticated() => refused,
            Err(refused) => return Err(refused),
        };
        match entrance::holder(&api.app, bearer(&parts.headers)?).await? {
            Some(holder) => {
                check_addressed(parts, holder.scope())?;
                Ok(Self(holder, Some(refused)))
            }
            None => Err(refused),
        }
    }
}

/// The token that shows who asks, for an answer that takes long and looks again on the way.
pub(super) struct Bearer(pub String);

impl FromRequestParts<Api> for Bearer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Api) -> Result<Self, Problem> {
        Ok(Self(bearer(&parts.headers)?.to_owned()))
    }
}

impl FromRequestParts<Api> for Addressed {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Api) -> Result<Self, Problem> {
        Ok(*parts.extensions.get::<Self>().expect("the host layer ran first"))
    }
}

impl FromRequestParts<Api> for SentTo {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Api) -> Result<Self, Problem> {
        Ok(parts
            .extensions
            .get::<Self>()
            .expect("the host layer ran first")
            .clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_not_part_of_the_host() {
        let cases = [
            ("acme.localhost:8080", "acme.localhost"),
            ("[::1]:80", "[::1]"),
            ("acme.localhost", "acme.localhost"),
        ];
        for (given, expected) in cases {
            assert_eq!(without_port(given), expected);
        }
    }
}
