//! A second thing that shows who a person is: turning it on and off, and the codes on paper for when the device is lost.
//! It is the person's, so it is asked for at every reseller where the person is somebody.

mod ask;
mod codes;

use serde_json::json;

pub(super) use ask::Asked;

use super::{
    Origin, enter, password, person,
    throttle::{self, Counted},
};
use crate::{
    app::{self, App, Timestamp},
    audit,
    db::EntranceTx,
    fault::{Fault, RefusalKind, Result},
    identity::{AtTheEntrance, Caller, Principal, store},
    ids::UserId,
    notify, plugins,
};

/// What the secret is sealed as under the key for people's secrets.
const SEALED_AS: &str = "second_factor";

/// How a person's second factor stands.
pub struct Standing {
    /// Since when it is asked for, if it is.
    pub since: Option<Timestamp>,
    /// Recovery codes that can still be used.
    pub recovery_codes_left: i64,
}

/// What the person's device is given, once.
pub struct Started {
    /// Base 32, for typing it in.
    pub secret: String,
    /// `otpauth://totp/…`, for showing it as a picture.
    pub url: String,
}

/// What a person shows before the second factor is changed.
pub struct Proof {
    /// The person's password.
    pub password: String,
    /// From the device, or a recovery code.
    pub code: String,
}

/// How the second factor of the person stands who is asking.
pub async fn find(app: &App, caller: &Caller) -> Result<Standing> {
    let user = own(caller)?;
    let mut tx = enter(app).await?;
    let factor = store::second_factor(tx.conn(), user).await?;
    let factor = factor.filter(|factor| factor.confirmed_at.is_some());
    Ok(Standing {
        since: factor.as_ref().and_then(|factor| factor.confirmed_at),
        recovery_codes_left: factor.map_or(0, |factor| factor.codes_left),
    })
}

/// Makes a secret for the person's device. Nothing is asked for before the device has shown a code of it.
pub async fn start(app: &App, from: Origin, caller: &Caller, password: String) -> Result<Started> {
    let user = own(caller)?;
    person::shows_password(app, from, caller, password).await?;
    let issuer = plugins::front(app, caller).await?.theme.name;
    let mut tx = app.db.entrance(AtTheEntrance(())).await?;
    let (email, _) = store::person(tx.conn(), user).await?;
    let proven = store::proven(tx.conn(), &email).await?;
    if proven.is_none_or(|known| known.user != user) {
        // Until then another account could still take this one's place, without its second factor.
        return Err(Fault::conflict(
            "address_unproven",
            "the address must be proven first, by the mail that came to it",
        ));
    }
    let secret = app::random::<20>();
    let device = codes::named_device(&secret, &issuer, &email)?;
    let sealed = app.vault.seal_for_person(user, SEALED_AS, &secret);
    if !store::start_second_factor(tx.conn(), user, &sealed, app.now()).await? {
        return Err(Fault::conflict(
            "second_factor_on",
            "a second factor is on already, it must be turned off first",
        ));
    }
    let event = audit::Event::done("second_factor.start", user.uuid(), json!({}));
    tx.commit(caller.scope(), &caller.actor(), app.now(), event)
        .await?;
    Ok(Started {
        secret: device.secret().to_base32(),
        url: device.to_url()?,
    })
}

/// The device shows its first code: from now on one is asked for, and every other session of the person ends. Gives the
/// recovery codes, once.
pub async fn confirm(app: &App, caller: &Caller, code: &str) -> Result<Vec<String>> {
    let (user, now) = (own(caller)?, app.now());
    let tries = Counted::person(app, "second_factor", user);
    throttle::attempt(app, &[&tries]).await?;
    let mut tx = app.db.entrance(AtTheEntrance(())).await?;
    // Whoever is just signing in without a code waits, and is then asked for one.
    store::hold_password(tx.conn(), user).await?;
    let started = store::second_factor(tx.conn(), user).await?;
    let started = started.filter(|factor| factor.confirmed_at.is_none());
    let started = started.ok_or_else(|| {
        Fault::conflict(
            "second_factor_not_started",
            "no second factor waits to be confirmed",
        )
    })?;
    let secret = app.vault.open_for_person(user, SEALED_AS, &started.sealed)?;
    let step = match codes::Given::read(code) {
        Some(codes::Given::Digits(digits)) => codes::step(&codes::device(&secret)?, &digits, now, 0),
        _ => None,
    };
    let wrong = || Fault::invalid("second_factor_wrong", "the code is not the device's present one");
    let step = step.ok_or_else(wrong)?;
    if !store::confirm_second_factor(tx.conn(), user, &started.sealed, step, now).await? {
        return Err(wrong());
    }
    let fresh = renewed(app, &mut tx, user).await?;
    let Principal::User { session, .. } = caller.principal() else {
        return Err(not_a_session());
    };
    store::end_sessions_of(tx.conn(), user, Some(session.uuid()), now).await?;
    tell(app, tx, caller, Told::TurnedOn).await?;
    throttle::worked(app, &tries).await?;
    Ok(fresh)
}

/// No code is asked for any more. The last thing that one is needed for.
pub async fn turn_off(app: &App, from: Origin, caller: &Caller, proof: Proof) -> Result<()> {
    let user = shown(app, from, caller, proof, Told::TurnedOff).await?;
    let mut tx = app.db.entrance(AtTheEntrance(())).await?;
    store::remove_second_factor(tx.conn(), user).await?;
    tell(app, tx, caller, Told::TurnedOff).await
}

/// New recovery codes, shown once; the ones before are good for nothing.
pub async fn renew(app: &App, from: Origin, caller: &Caller, proof: Proof) -> Result<Vec<String>> {
    let user = shown(app, from, caller, proof, Told::Renewed).await?;
    let mut tx = app.db.entrance(AtTheEntrance(())).await?;
    let fresh = renewed(app, &mut tx, user).await?;
    tell(app, tx, caller, Told::Renewed).await?;
    Ok(fresh)
}

/// The person shows both factors, of which the second must be on.
async fn shown(app: &App, from: Origin, caller: &Caller, proof: Proof, what: Told) -> Result<UserId> {
    let user = own(caller)?;
    if find(app, caller).await?.since.is_none() {
        return Err(Fault::conflict("second_factor_off", "no second factor is on"));
    }
    person::shows_password(app, from, caller, proof.password).await?;
    let asked = Asked {
        user,
        scope: Some(caller.scope()),
        action: what.action(),
        refused_as: RefusalKind::Invalid,
    };
    asked.check(app, Some(&proof.code)).await?;
    Ok(user)
}

async fn renewed(app: &App, tx: &mut EntranceTx, user: UserId) -> Result<Vec<String>> {
    let fresh = codes::recovery_codes();
    let hashes: Vec<_> = fresh
        .iter()
        .map(|code| hash(app, user, &code.replace('-', "")))
        .collect();
    store::set_recovery_codes(tx.conn(), user, &hashes, app.now()).await?;
    Ok(fresh)
}

/// A recovery code as it is kept.
fn hash(app: &App, user: UserId, code: &str) -> Vec<u8> {
    let user = user.uuid();
    let parts = [user.as_bytes().as_slice(), code.as_bytes()];
    app.vault.keyed_hash("recovery_code", &parts).to_vec()
}

/// What a person is told by mail, and the trail.
#[derive(Clone, Copy)]
enum Told {
    TurnedOn,
    TurnedOff,
    Renewed,
}

impl Told {
    const fn action(self) -> &'static str {
        match self {
            Self::TurnedOn => "second_factor.confirm",
            Self::TurnedOff => "second_factor.turn_off",
            Self::Renewed => "second_factor.renew_codes",
        }
    }

    const fn words(self) -> &'static str {
        match self {
            Self::TurnedOn => "a second factor is asked for when you sign in",
            Self::TurnedOff => "no second factor is asked for any more",
            Self::Renewed => "your recovery codes were replaced by new ones",
        }
    }
}

/// Keeps what was done together with its event and the mail that tells the person.
async fn tell(app: &App, mut tx: EntranceTx, caller: &Caller, what: Told) -> Result<()> {
    let (user, scope, now) = (own(caller)?, caller.scope(), app.now());
    let (email, _) = store::person(tx.conn(), user).await?;
    let mail = password::notice(email, what.words(), now);
    let mut tx = app.db.admit(tx, scope, caller.actor()).await?;
    notify::queue(app, &mut tx, scope, &mail).await?;
    tx.commit(audit::Event::done(what.action(), user.uuid(), json!({})))
        .await
}

fn own(caller: &Caller) -> Result<UserId> {
    match caller.principal() {
        Principal::User { user, .. } => Ok(user),
        _ => Err(not_a_session()),
    }
}

fn not_a_session() -> Fault {
    Fault::invalid("not_a_session", "only a signed-in person has a second factor")
}
