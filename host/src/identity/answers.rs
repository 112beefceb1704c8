//! Answers kept for idempotency keys, so that a repeated request gets the first one's answer. A key belongs to one
//! principal of one tenant: nobody meets another's.

use uuid::Uuid;

use super::{Caller, Principal, store};
use crate::{
    app::App,
    db::{Housekeeping, WriteTx},
    fault::{Fault, Result},
};

/// A request that may have been made before.
pub struct Asked {
    /// What the caller calls it.
    pub key: String,
    /// A hash of everything in it.
    pub fingerprint: Vec<u8>,
}

/// An answer as it was given, without secrets.
pub struct Stored {
    /// The HTTP status.
    pub status: u16,
    /// The body's type.
    pub content_type: String,
    /// The body.
    pub body: Vec<u8>,
}

/// What is known of a key.
pub enum Found {
    /// It was used for this very request.
    Answer(Stored),
    /// It is new, and held until the answer is kept or this is dropped.
    Nothing(Held),
}

/// A key that nobody else can use in the meantime.
pub struct Held {
    tx: WriteTx,
    principal: Uuid,
}

/// Looks a key up and holds it if it is new.
pub async fn find(app: &App, caller: &Caller, asked: &Asked) -> Result<Found> {
    let principal = principal(caller);
    let lock = app
        .db
        .lock(caller, &format!("idempotency/{principal}/{}", asked.key))
        .await?;
    let mut tx = lock.ok_or_else(|| {
        Fault::conflict(
            "idempotency_key_in_flight",
            "a request with this idempotency key is still running",
        )
    })?;
    let Some((fingerprint, stored)) = store::answer(&mut tx, principal, &asked.key).await? else {
        return Ok(Found::Nothing(Held { tx, principal }));
    };
    // Whoever asks again at once finds the key free.
    tx.let_go().await?;
    if fingerprint != asked.fingerprint {
        return Err(Fault::invalid(
            "idempotency_key_reused",
            "this idempotency key was used for another request",
        ));
    }
    Ok(Found::Answer(stored))
}

impl Held {
    /// Keeps the answer and lets the key go.
    pub async fn keep(mut self, asked: &Asked, stored: &Stored) -> Result<()> {
        store::insert_answer(&mut self.tx, self.principal, asked, stored).await?;
        self.tx.commit_housekeeping(Housekeeping::StoredAnswer).await
    }

    /// Lets the key go, for an answer that is not kept.
    pub async fn let_go(self) -> Result<()> {
        self.tx.let_go().await
    }
}

fn principal(caller: &Caller) -> Uuid {
    match caller.principal() {
        Principal::User { user, .. } => user.uuid(),
        Principal::ApiKey(key) => key.uuid(),
        Principal::Operator { visit, .. } => visit.uuid(),
        Principal::Visitor => Uuid::nil(),
        Principal::System(initiator) => initiator.id,
    }
}
