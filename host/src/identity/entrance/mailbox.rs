//! Who reads the mailbox of an address: tokens that lie there alone, and what showing one proves.

use chrono::TimeDelta;
use serde_json::json;
use uuid::Uuid;

use super::{
    Origin, person,
    throttle::{self, Counted},
};
use crate::{
    app::{App, Timestamp},
    audit,
    db::{EntranceTx, Scope},
    fault::{Fault, Result},
    identity::{
        AtTheEntrance, password, store,
        token::{self, Sort, Token},
    },
    ids::UserId,
    notify,
};

pub(super) const ADDRESS_PROOF: &str = "address_proof";
pub(super) const PASSWORD_RESET: &str = "password_reset";

/// How long the mail that asks for it can be answered.
const PROOF: TimeDelta = TimeDelta::days(7);

/// A way to show that one reads a person's mailbox, once.
pub(in crate::identity) struct MailboxToken {
    pub(in crate::identity) scope: Scope,
    pub(in crate::identity) id: Uuid,
    pub(in crate::identity) user: UserId,
    pub(in crate::identity) kind: &'static str,
    pub(in crate::identity) expires_at: Timestamp,
}

/// The person shows that the mailbox is theirs: by the token that lies in it, and by the password, since whoever signed up
/// with a stranger's address must not be confirmed by that stranger's click.
pub async fn prove_address(app: &App, from: Origin, token: &str, password: String) -> Result<()> {
    let client = Counted::client(app, from);
    throttle::attempt(app, &[&client]).await?;
    let unknown = || {
        Fault::invalid(
            "proof_invalid",
            "the proof is unknown, used or expired, or the password is wrong",
        )
    };
    let hash = hash_of(token, Sort::AddressProof).ok_or_else(unknown)?;
    let mut tx = app.db.entrance(AtTheEntrance(())).await?;
    let found = store::mailbox_token(tx.conn(), ADDRESS_PROOF, &hash, from.reseller, app.now()).await?;
    let found = found.ok_or_else(unknown)?;
    let (_, known) = store::person(tx.conn(), found.user).await?;
    drop(tx);
    if !password::verify(password, Some(known)).await? {
        return Err(unknown());
    }
    let mut tx = app.db.entrance(AtTheEntrance(())).await?;
    let now = app.now();
    let found = store::mailbox_token(tx.conn(), ADDRESS_PROOF, &hash, from.reseller, now).await?;
    let found = found.ok_or_else(unknown)?;
    let user = prove(&mut tx, found.user, now).await?;
    let event = audit::Event::done("address.prove", found.user.uuid(), json!({}));
    tx.commit(found.scope, &person::acts(user), now, event).await?;
    throttle::right(app, &[&client]).await
}

/// The hash of a token of this sort, as strangers give it.
pub(super) fn hash_of(token: &str, sort: Sort) -> Option<Vec<u8>> {
    let (found, hash) = token::read(token)?;
    (found == sort).then_some(hash)
}

/// The address is the person's. Where an account proved it before, the memberships and keys go over to that one and this
/// one ends. Gives the account that stands for the person from now on.
pub(super) async fn prove(tx: &mut EntranceTx, user: UserId, now: Timestamp) -> Result<UserId> {
    let (email, _) = store::person(tx.conn(), user).await?;
    store::use_mailbox_tokens(tx.conn(), user, ADDRESS_PROOF, now).await?;
    match store::proven(tx.conn(), &email).await? {
        Some(known) if known.user == user => Ok(user),
        Some(known) => {
            store::move_standing(tx.conn(), user, known.user, now).await?;
            store::end_sessions_of(tx.conn(), user, None, now).await?;
            store::end_user(tx.conn(), user, now).await?;
            Ok(known.user)
        }
        None => {
            store::set_proven(tx.conn(), user, now).await?;
            Ok(user)
        }
    }
}

/// The mail by which a new person shows that the address is theirs.
pub(super) async fn address_proof(
    app: &App,
    tx: &mut EntranceTx,
    scope: Scope,
    user: UserId,
    email: &str,
) -> Result<notify::Mail> {
    let asked = Asked {
        scope,
        user,
        email,
        sort: Sort::AddressProof,
        kind: ADDRESS_PROOF,
        lasts: PROOF,
    };
    asked.mail(app, tx, notify::Kind::AddressProof).await
}

/// A token to be made, and the mail that carries it.
pub(super) struct Asked<'a> {
    pub(super) scope: Scope,
    pub(super) user: UserId,
    pub(super) email: &'a str,
    pub(super) sort: Sort,
    pub(super) kind: &'static str,
    pub(super) lasts: TimeDelta,
}

impl Asked<'_> {
    pub(super) async fn mail(
        self,
        app: &App,
        tx: &mut EntranceTx,
        kind: notify::Kind,
    ) -> Result<notify::Mail> {
        let (token, now) = (Token::new(self.sort), app.now());
        let made = MailboxToken {
            scope: self.scope,
            id: app.id(),
            user: self.user,
            kind: self.kind,
            expires_at: now + self.lasts,
        };
        store::insert_mailbox_token(tx.conn(), &made, &token.hash(), now).await?;
        Ok(notify::Mail {
            kind,
            to: self.email.to_owned(),
            token: Some(token.reveal().to_owned()),
            values: vec![("valid_until".to_owned(), notify::moment(made.expires_at))],
        })
    }
}
