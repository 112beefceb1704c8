//! What a provider says, and whether it is believed: its description of itself, and the token by which it speaks of a
//! person (OpenID Connect Core 1.0, section 3.1.3.7).

use chrono::{DateTime, TimeDelta, Utc};
use openidconnect::{
    AuthorizationCode, ClaimsVerificationError, ClientId, ClientSecret, EndpointMaybeSet, EndpointNotSet,
    EndpointSet, IssuerUrl, Nonce, PkceCodeVerifier, RedirectUrl, SignatureVerificationError,
    TokenResponse as _,
    core::{CoreClient, CoreIdToken, CoreJwsSigningAlgorithm, CoreProviderMetadata},
};
use zeroize::Zeroizing;

use super::{Provider, line::Line};
use crate::{app::Timestamp, egress::Freshness};

/// How old a token can be that is being handed over, and how far the provider's clock may be ahead.
const AGE: TimeDelta = TimeDelta::minutes(10);
const AHEAD: TimeDelta = TimeDelta::minutes(2);
/// The longest name of a person at a provider (OpenID Connect Core 1.0, section 2).
const SUBJECT_BYTES: usize = 255;

/// The only signatures that are believed: with a provider's private key. None at all, or one with a secret that two
/// parties know, is somebody else's.
const SIGNATURES: [CoreJwsSigningAlgorithm; 10] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EcdsaP521Sha512,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// What a provider says of a person. Only issuer and subject say who it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Asserted {
    pub(super) subject: String,
    pub(super) email: Option<String>,
    /// Whether the provider itself says that nobody proved the address.
    pub(super) email_doubted: bool,
    pub(super) name: Option<String>,
}

/// Why a provider is not believed: for the reseller's own trail, not for whoever tries to come in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(super) struct Unbelieved(String);

/// A provider as the library knows it.
pub(super) type Peer = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// The provider with what it says of itself. Its issuer must be the one that the reseller named, to the letter.
pub(super) async fn peer(
    line: &Line<'_>,
    provider: &Provider,
    secret: &str,
    redirect_uri: &str,
) -> Result<Peer, Unbelieved> {
    let issuer = IssuerUrl::new(provider.issuer.clone()).map_err(|error| unbelieved("its issuer", &error))?;
    let described = CoreProviderMetadata::discover_async(issuer, line).await;
    let described = described.map_err(|error| unbelieved("its description", &error))?;
    // The address that people are sent to is one that could be asked: no script, nothing inside.
    let mut front = described.authorization_endpoint().url().clone();
    front.set_query(None);
    let checked = line.app.egress.check_base_url(front.as_str());
    checked.map_err(|error| unbelieved("its authorization endpoint", &error))?;
    let redirect =
        RedirectUrl::new(redirect_uri.to_owned()).map_err(|error| unbelieved("our address", &error))?;
    let (id, secret) = (
        ClientId::new(provider.client_id.clone()),
        ClientSecret::new(secret.to_owned()),
    );
    Ok(CoreClient::from_provider_metadata(described, id, Some(secret)).set_redirect_uri(redirect))
}

/// Exchanges the code and believes the token, or says why not. Keys are asked for once more where the token names one
/// that was not known a moment ago.
pub(super) async fn person(
    line: &mut Line<'_>,
    provider: &Provider,
    secret: &str,
    redirect_uri: &str,
    proof: Proof,
) -> Result<Asserted, Unbelieved> {
    let Proof {
        code,
        verifier,
        nonce,
    } = proof;
    let first = peer(line, provider, secret, redirect_uri).await?;
    let exchange = first
        .exchange_code(AuthorizationCode::new(code.to_string()))
        .map_err(|error| unbelieved("its token endpoint", &error))?
        .set_pkce_verifier(PkceCodeVerifier::new(verifier.to_string()));
    let answer = exchange.request_async(line).await;
    let answer = answer.map_err(|error| unbelieved("its token endpoint", &error))?;
    let token = answer
        .id_token()
        .ok_or_else(|| Unbelieved("its token endpoint gave no id token".to_owned()))?;
    let (client, nonce, now) = (
        ClientId::new(provider.client_id.clone()),
        Nonce::new(nonce.to_string()),
        line.app.now(),
    );
    let believe = |peer: &Peer| believe(peer, token, &client, &nonce, now);
    match believe(&first) {
        Err(ClaimsVerificationError::SignatureVerification(SignatureVerificationError::NoMatchingKey)) => {
            line.freshness = Freshness::Fetched;
            let second = peer(line, provider, secret, redirect_uri).await?;
            believe(&second)
        }
        believed => believed,
    }
    .map_err(|error| unbelieved("its id token", &error))
}

/// What shows that the code is for us: nobody else has the verifier, and the token repeats the nonce.
pub(super) struct Proof {
    pub(super) code: Zeroizing<String>,
    pub(super) verifier: Zeroizing<String>,
    pub(super) nonce: Zeroizing<String>,
}

fn believe(
    peer: &Peer,
    token: &CoreIdToken,
    client: &ClientId,
    nonce: &Nonce,
    now: Timestamp,
) -> Result<Asserted, ClaimsVerificationError> {
    let verifier = peer
        .id_token_verifier()
        .set_allowed_algs(SIGNATURES)
        .set_time_fn(move || now)
        .set_issue_time_verifier_fn(move |at| check_issued(at, now));
    let claims = token.claims(&verifier, nonce)?;
    if claims.authorized_party().is_some_and(|party| party != client) {
        return Err(ClaimsVerificationError::InvalidAudience(
            "the token was given to another party".to_owned(),
        ));
    }
    let subject = claims.subject().to_string();
    if subject.is_empty() || subject.len() > SUBJECT_BYTES {
        let rule = format!("a subject has 1 to {SUBJECT_BYTES} bytes");
        return Err(ClaimsVerificationError::InvalidSubject(rule));
    }
    Ok(Asserted {
        subject,
        email: claims.email().map(|email| email.to_string()),
        email_doubted: claims.email_verified() == Some(false),
        name: claims
            .name()
            .and_then(|name| name.get(None))
            .map(|name| name.to_string()),
    })
}

fn check_issued(at: DateTime<Utc>, now: Timestamp) -> Result<(), String> {
    if at > now + AHEAD {
        return Err("the id token was issued in the future".to_owned());
    }
    if at < now - AGE {
        return Err("the id token was issued too long ago".to_owned());
    }
    Ok(())
}

/// The whole chain of causes: the outer ones only say that something failed.
fn unbelieved(what: &str, error: &dyn std::error::Error) -> Unbelieved {
    let causes = std::iter::successors(Some(error), |error| error.source());
    let causes: Vec<_> = causes.map(ToString::to_string).collect();
    let text = format!("{what}: {}", causes.join(": "));
    Unbelieved(text.chars().filter(|c| !c.is_control()).take(500).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_handed_over_when_it_was_made() {
        let now: Timestamp = "2026-03-02T12:00:00Z".parse().unwrap();
        for (seconds, passes) in [(0, true), (-599, true), (-601, false), (119, true), (121, false)] {
            let issued = check_issued(now + TimeDelta::seconds(seconds), now);
            assert_eq!(issued.is_ok(), passes, "{seconds}");
        }
    }

    #[test]
    fn no_signature_with_a_shared_secret_or_without_any_is_among_those_believed() {
        for refused in [
            CoreJwsSigningAlgorithm::None,
            CoreJwsSigningAlgorithm::HmacSha256,
            CoreJwsSigningAlgorithm::HmacSha384,
            CoreJwsSigningAlgorithm::HmacSha512,
        ] {
            assert!(!SIGNATURES.contains(&refused), "{refused:?}");
        }
    }
}
