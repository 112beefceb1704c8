//! There and back again: a visitor is sent to the provider, and comes back with a code.
//!
//! What comes back is bound three times. The *state* names one journey, which ends when it is used or after ten minutes.
//! The *asker's secret* stays in the browser that began it, so nobody can be made to finish a stranger's journey and be
//! signed in as the stranger. *Nonce* and *PKCE verifier* tie the provider's token and code to it; both are sealed at
//! rest.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use openidconnect::{
    CsrfToken, Nonce, PkceCodeChallenge, PkceCodeVerifier, Scope as OAuthScope, core::CoreAuthenticationFlow,
};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::{
    Provider, admit,
    journey::{Answer, Begun, Journey, Shown, Start},
    line::Line,
    secret_of,
    verify::{self, Proof},
};
use crate::{
    app::{self, App},
    audit,
    egress::{Freshness, Lane, LaneBreaker},
    fault::{Fault, RefusalKind, Result},
    identity::{
        AtTheEntrance, Caller, Purpose,
        entrance::{self, Origin, SignedIn},
        store,
        token::{self, Sort},
    },
    ids::IdentityProviderId,
    vault::TenantKey,
};

/// How long somebody may take at the provider.
const JOURNEY: TimeDelta = TimeDelta::minutes(10);

/// Sends a visitor to a provider of the reseller's, with an invitation or without.
pub async fn begin(app: &App, visitor: &Caller, from: Origin, start: Start) -> Result<Begun> {
    entrance::attempt_of_client(app, from).await?;
    let invitation_hash = start.invitation.as_deref().map(invitation_hash).transpose()?;
    let redirect_uri = start.redirect_uri;
    let (provider, secret, key) = known(app, visitor, start.provider).await?;
    let line = line(app, visitor, &provider, &secret);
    let peer = verify::peer(&line, &provider, &secret, &redirect_uri).await;
    let peer = match peer {
        Ok(peer) => peer,
        Err(why) => {
            refused(app, visitor, &why.to_string()).await?;
            return Err(unusable());
        }
    };
    let [state, nonce, verifier, asker] = [(); 4].map(|()| unguessable());
    let challenge = PkceCodeVerifier::new(verifier.to_string());
    let challenge = PkceCodeChallenge::from_code_verifier_sha256(&challenge);
    let (sent_state, sent_nonce) = (state.to_string(), nonce.to_string());
    let (url, ..) = peer
        .authorize_url(
            CoreAuthenticationFlow::AuthorizationCode,
            move || CsrfToken::new(sent_state),
            move || Nonce::new(sent_nonce),
        )
        .add_scopes(["email", "profile"].map(|scope| OAuthScope::new(scope.to_owned())))
        .set_pkce_challenge(challenge)
        .url();
    let (id, now) = (app.id::<uuid::Uuid>(), app.now());
    let sealed = Zeroizing::new(format!("{} {}", *nonce, *verifier));
    let journey = Journey {
        id,
        provider: provider.id,
        state_hash: hash(&state),
        asker_hash: hash(&asker),
        sealed: key.seal(&sealed_as(id), sealed.as_bytes()),
        invitation_hash,
        redirect_uri,
        created_at: now,
        expires_at: now + JOURNEY,
    };
    let mut tx = app.db.entrance(AtTheEntrance(())).await?;
    store::forget_journeys(tx.conn(), visitor.scope(), now).await?;
    store::insert_journey(tx.conn(), visitor.scope(), &journey).await?;
    let event = audit::Event::done(
        "federated_sign_in.begin",
        id,
        json!({ "provider": provider.id.uuid() }),
    );
    tx.commit(visitor.scope(), &visitor.actor(), now, event).await?;
    Ok(Begun {
        authorization_url: url.into(),
        asker,
    })
}

/// Ends a journey with a session, or with a refusal that is told in the reseller's trail.
pub async fn finish(app: &App, visitor: &Caller, from: Origin, answer: Answer) -> Result<SignedIn> {
    let finished = try_finish(app, visitor, answer).await;
    if let Err(Refused { why, .. }) = &finished {
        entrance::attempt_of_client(app, from).await?;
        refused(app, visitor, why).await?;
    }
    finished.map_err(|refused| refused.fault)
}

/// A refusal with what the trail says of it and the asker need not know.
pub(super) struct Refused {
    pub(super) fault: Fault,
    pub(super) why: String,
}

impl Refused {
    pub(super) fn new(code: &'static str, message: &'static str, why: impl ToString) -> Self {
        Self {
            fault: Fault::refused(RefusalKind::Unauthenticated, code, message),
            why: why.to_string(),
        }
    }
}

impl From<Fault> for Refused {
    fn from(fault: Fault) -> Self {
        let why = fault.to_string();
        Self { fault, why }
    }
}

async fn try_finish(app: &App, visitor: &Caller, answer: Answer) -> Result<SignedIn, Refused> {
    let Answer {
        provider,
        state,
        code,
        issuer,
        asker,
    } = answer;
    let asker = asker.ok_or_else(|| unknown("no secret of the asker came along"))?;
    // Kept at once, before anybody is asked: whatever follows, nobody comes back a second time.
    let mut tx = app.db.entrance(AtTheEntrance(())).await?;
    let shown = Shown {
        provider,
        state_hash: hash(&state),
        asker_hash: hash(&asker),
    };
    let ended = store::end_journey(tx.conn(), visitor.scope(), &shown, app.now()).await?;
    tx.commit_last_used().await?;
    let ended =
        ended.ok_or_else(|| unknown("the state is not an open one of this address, provider and asker"))?;
    let disbelieved = |why: String| {
        let message = "the identity provider did not vouch for anybody";
        Refused::new("provider_disbelieved", message, why)
    };
    let code = code.ok_or_else(|| disbelieved("the provider refused".to_owned()))?;
    let (provider, secret, key) = known(app, visitor, provider).await.map_err(|fault| match fault {
        Fault::Missing => unknown("the provider was removed"),
        fault => fault.into(),
    })?;
    if issuer.is_some_and(|issuer| issuer != provider.issuer) {
        return Err(disbelieved("another issuer answered".to_owned()));
    }
    let opened = key.open(&sealed_as(ended.id), &ended.sealed)?;
    let opened = std::str::from_utf8(&opened)
        .ok()
        .and_then(|text| text.split_once(' '));
    let (nonce, verifier) = opened.ok_or_else(|| Fault::broken("a journey was sealed without its parts"))?;
    let proof = Proof {
        code,
        verifier: Zeroizing::new(verifier.to_owned()),
        nonce: Zeroizing::new(nonce.to_owned()),
    };
    let mut line = line(app, visitor, &provider, &secret);
    let asserted = verify::person(&mut line, &provider, &secret, &ended.redirect_uri, proof).await;
    let asserted = asserted.map_err(|why| disbelieved(why.to_string()))?;
    admit::admit(app, visitor, &provider, asserted, &ended).await
}

/// The provider with its secret, and the key of its house. No transaction is open afterwards.
async fn known(
    app: &App,
    visitor: &Caller,
    id: IdentityProviderId,
) -> Result<(Provider, Zeroizing<String>, TenantKey)> {
    let mut tx = app.db.house(&visitor.for_house(Purpose::Federation)).await?;
    let (provider, sealed) = store::provider(&mut tx, id).await?;
    let key = app.vault.key(&mut tx, visitor.scope().reseller()).await?;
    if sealed.is_empty() {
        // An archive that was loaded brings no secrets.
        return Err(unusable());
    }
    let secret = key.open(&secret_of(id), &sealed)?;
    let secret = String::from_utf8(secret.to_vec()).map_err(|_| Fault::broken("a secret is text"))?;
    Ok((provider, Zeroizing::new(secret), key))
}

fn line<'a>(app: &'a App, visitor: &Caller, provider: &Provider, secret: &Zeroizing<String>) -> Line<'a> {
    Line {
        app,
        lane: Lane {
            reseller: visitor.scope().reseller(),
            id: provider.id.uuid(),
            breaker: LaneBreaker::Here,
        },
        secret: secret.clone(),
        freshness: Freshness::Recent,
    }
}

/// To whoever comes back in a way that leads nowhere.
pub(super) fn unknown(why: &'static str) -> Refused {
    let message = "this sign-in is unknown, used, expired or another's";
    Refused::new("sign_in_expired", message, why)
}

fn unusable() -> Fault {
    Fault::conflict(
        "provider_unusable",
        "the identity provider cannot be used at present",
    )
}

/// Tells the reseller, whose visitor is not told.
async fn refused(app: &App, visitor: &Caller, why: &str) -> Result<()> {
    let tx = app.db.entrance(AtTheEntrance(())).await?;
    let event = audit::Event::refused("session.begin", None, json!({ "by": "federation", "why": why }));
    tx.commit(visitor.scope(), &visitor.actor(), app.now(), event)
        .await
}

fn invitation_hash(given: &str) -> Result<Vec<u8>> {
    let read = token::read(given).filter(|(sort, _)| *sort == Sort::Invitation);
    let unknown = || Fault::invalid("invitation_invalid", "the invitation is unknown, used or expired");
    read.map(|(_, hash)| hash).ok_or_else(unknown)
}

/// 256 random bits, in the letters that a PKCE verifier may have (RFC 7636, section 4.1).
fn unguessable() -> Zeroizing<String> {
    Zeroizing::new(URL_SAFE_NO_PAD.encode(app::random::<32>()))
}

fn hash(secret: &str) -> Vec<u8> {
    Sha256::digest(secret.as_bytes()).to_vec()
}

fn sealed_as(id: uuid::Uuid) -> String {
    format!("federated_sign_in:{id}")
}
