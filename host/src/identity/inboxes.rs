//! The addresses at which carriers' notifications arrive. Whoever knows one may knock for its carrier and for nothing else;
//! where the reseller says how its carrier signs, what is not signed so is turned away.

use std::{sync::Arc, sync::atomic::AtomicU32, sync::atomic::Ordering, time::Duration};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use moka::sync::Cache;
use serde_json::json;
use sha2::Sha256;

use super::{
    ActorKind, AtTheEntrance, Caller, Initiator, Permission, Principal, TenantState, store,
    token::{self, Sort, Token},
};
use crate::{
    app::{App, Timestamp},
    audit,
    db::{Scope, Tx as _, WriteTx},
    fault::{Fault, OnConstraint as _, RefusalKind, Result},
    ids::CarrierId,
};

/// How a carrier signs its notifications: the HMAC-SHA256 (RFC 2104) of the body, in a header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// The header.
    pub header: String,
    /// How the digest is written.
    pub encoding: Encoding,
    /// What stands before the digest, such as `sha256=`.
    pub prefix: String,
}

/// How a digest is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// Two digits a byte.
    Hex,
    /// RFC 4648, with padding.
    Base64,
}

/// A signature, and the key that it is made with.
pub struct NewSignature {
    /// How it is made.
    pub signature: Signature,
    /// The key: 16 to 256 visible characters.
    pub key: String,
}

/// Where a carrier's notifications arrive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inbox {
    /// How they are signed; none where the address is all that the carrier shows.
    pub signature: Option<Signature>,
    /// When the address was made.
    pub changed_at: Timestamp,
}

/// Somebody who knows an inbox's address.
pub struct Knock {
    /// Its reseller, for taking in what is brought.
    pub caller: Caller,
    /// Whose notifications arrive there.
    pub carrier: CarrierId,
}

/// How often each inbox was knocked at on this host lately.
#[derive(Clone)]
pub struct Knocks(Cache<Vec<u8>, Arc<AtomicU32>>);

/// What one host takes at an inbox in a minute before it looks at what is brought.
const KNOCKS_A_MINUTE: u32 = 600;
const MINUTE: Duration = Duration::from_secs(60);

impl Encoding {
    /// The word in the database and on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hex => "hex",
            Self::Base64 => "base64",
        }
    }

    /// The encoding of this name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Hex, Self::Base64]
            .into_iter()
            .find(|encoding| encoding.name() == name)
    }

    fn decode(self, text: &str) -> Option<Vec<u8>> {
        match self {
            Self::Hex => hex::decode(text).ok(),
            Self::Base64 => STANDARD.decode(text).ok(),
        }
    }
}

impl Default for Knocks {
    fn default() -> Self {
        let inboxes = Cache::builder().max_capacity(10_000).time_to_live(MINUTE);
        Self(inboxes.build())
    }
}

impl Knocks {
    /// Counts one more; refused where there were too many.
    fn count(&self, hash: &[u8]) -> Result<()> {
        let knocks = self.0.get_with(hash.to_vec(), Arc::default);
        if knocks.fetch_add(1, Ordering::Relaxed) < KNOCKS_A_MINUTE {
            return Ok(());
        }
        Err(too_many())
    }
}

/// The refusal of a flood.
pub fn too_many() -> Fault {
    Fault::throttled(
        "too_many_notifications",
        "the carrier sends more notifications than are taken in",
        chrono::TimeDelta::minutes(1),
    )
}

/// Gives a carrier an inbox with a new address, which is shown once. The address before is none any more.
pub async fn open(
    app: &App,
    caller: &Caller,
    carrier: CarrierId,
    new: Option<NewSignature>,
) -> Result<(Inbox, Token)> {
    if let Some(new) = &new {
        new.check()?;
    }
    let mut tx = app.db.write(caller, Permission::CarriersWrite).await?;
    let reseller = tx.scope().reseller();
    let vault = app.vault.key(&mut tx, reseller).await?;
    let (signature, sealed) = match new {
        Some(NewSignature { signature, key }) => {
            let sealed = vault.seal(&context(carrier), key.as_bytes());
            (Some(signature), Some(sealed))
        }
        None => (None, None),
    };
    let inbox = Inbox {
        signature,
        changed_at: tx.now(),
    };
    let token = Token::new(Sort::Inbox);
    store::put_inbox(&mut tx, carrier, &token.hash(), &inbox, sealed)
        .await
        .on_constraint("inbox_carrier", || Fault::Missing)?;
    let detail = json!({ "signed": inbox.signature.is_some() });
    tx.commit(audit::Event::done("carrier.open_inbox", carrier.uuid(), detail))
        .await?;
    Ok((inbox, token))
}

/// Takes a carrier's inbox away: what arrives at its address finds nothing.
pub async fn close(app: &App, caller: &Caller, carrier: CarrierId) -> Result<()> {
    let mut tx = app.db.write(caller, Permission::CarriersWrite).await?;
    store::remove_inbox(&mut tx, carrier).await?;
    let event = audit::Event::done("carrier.close_inbox", carrier.uuid(), json!({}));
    tx.commit(event).await
}

/// A carrier's inbox, without its address.
pub async fn find(app: &App, caller: &Caller, carrier: CarrierId) -> Result<Inbox> {
    let mut tx = app.db.read(caller, Permission::CarriersRead).await?;
    let found = store::inbox(&mut tx, carrier).await?;
    found.map(|(inbox, _)| inbox).ok_or(Fault::Missing)
}

/// Whose inbox has this address. Missing where none has.
pub async fn knock(app: &App, token: &str) -> Result<Knock> {
    let (Sort::Inbox, hash) = token::read(token).ok_or(Fault::Missing)? else {
        return Err(Fault::Missing);
    };
    app.knocks.count(&hash)?;
    let look = store::looks::Inbox(&hash);
    let (reseller, carrier) = app
        .db
        .look(AtTheEntrance(()), look)
        .await?
        .ok_or(Fault::Missing)?;
    let by = Initiator {
        kind: ActorKind::System,
        id: carrier.uuid(),
    };
    Ok(Knock {
        caller: Caller::new(
            Scope::new(reseller, reseller),
            Principal::System(by),
            [Permission::AcceptedWork].into_iter().collect(),
            // What is waited for goes on whatever became of its tenant.
            TenantState::Active,
        ),
        carrier,
    })
}

/// Refuses what is not signed as the inbox demands. `header` finds a header's value.
pub async fn check<'a>(
    app: &App,
    tx: &mut WriteTx,
    carrier: CarrierId,
    header: impl Fn(&str) -> Option<&'a str>,
    body: &[u8],
) -> Result<()> {
    let (inbox, sealed) = store::inbox(tx, carrier).await?.ok_or(Fault::Missing)?;
    let (Some(signature), Some(sealed)) = (inbox.signature, sealed) else {
        return Ok(());
    };
    let reseller = tx.scope().reseller();
    let key = app
        .vault
        .key(tx, reseller)
        .await?
        .open(&context(carrier), &sealed)?;
    let shown = header(&signature.header).and_then(|value| value.strip_prefix(&*signature.prefix));
    let digest = shown.and_then(|digest| signature.encoding.decode(digest));
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).map_err(Fault::broken)?;
    mac.update(body);
    let holds = digest.is_some_and(|digest| mac.verify_slice(&digest).is_ok());
    holds.then_some(()).ok_or_else(|| {
        let message = format!("the header {} does not sign the body", signature.header);
        Fault::refused(RefusalKind::Unauthenticated, "signature_invalid", message)
    })
}

impl NewSignature {
    fn check(&self) -> Result<()> {
        let Signature { header, prefix, .. } = &self.signature;
        if http::HeaderName::from_bytes(header.as_bytes()).is_err() || header.len() > 100 {
            let message = "the header of a signature is a header's name of at most 100 characters";
            return Err(Fault::invalid("signature_header_invalid", message));
        }
        if prefix.len() > 50 || !prefix.bytes().all(|byte| byte.is_ascii_graphic()) {
            let message = "what stands before a signature has at most 50 visible characters of ASCII";
            return Err(Fault::invalid("signature_prefix_invalid", message));
        }
        let key = self.key.as_bytes();
        if !(16..=256).contains(&key.len()) || !key.iter().all(u8::is_ascii_graphic) {
            let message = "the key of a signature has 16 to 256 visible characters of ASCII";
            return Err(Fault::invalid("signature_key_invalid", message));
        }
        Ok(())
    }
}

fn context(carrier: CarrierId) -> String {
    format!("inbox:{carrier}")
}
