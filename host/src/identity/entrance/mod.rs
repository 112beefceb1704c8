//! Before a tenant is known: which reseller an address belongs to, who a credential stands for, and how people get
//! one (sign-up of a reseller, sign-in, accepting an invitation). What it can be asked reveals no membership.

mod invitation;
mod mailbox;
mod password;
mod person;
pub mod second_factor;
mod session;
mod sign_in;
mod sign_up;
mod throttle;
mod visitor;

use super::{
    AtTheEntrance, Caller, Permissions, Principal,
    asker::KnownKey,
    known_keys, operator, store, suspensions,
    token::{self, Sort},
};
use crate::{
    app::App,
    db::EntranceTx,
    fault::{Fault, RefusalKind, Result},
    ids::{ApiKeyId, SessionId, TenantId},
};

pub use invitation::{Acceptance, accept_invitation};
pub(super) use mailbox::MailboxToken;
pub use mailbox::prove_address;
pub use password::{Change, ask_reset, change_password, reset_password};
pub use person::NewUser;
pub(super) use person::{acts as person_acts, email, normal_email};
pub(super) use session::{Shown, begin as begin_session};
pub use session::{SignedIn, holder, switch_tenant};
pub use sign_in::{SignIn, sign_in};
pub use sign_up::{SignUp, sign_up};
pub use throttle::Origin;
pub(super) use throttle::{Count, attempt_of_client};
pub use visitor::visitor;

/// Which reseller is served at this host name; none for a name nobody proved.
pub async fn reseller_at(app: &App, host: &str) -> Result<Option<TenantId>> {
    app.db.look(AtTheEntrance(()), store::looks::Host(host)).await
}

/// Who this token stands for. What it may do is read anew each time, so a removal takes effect on the next request.
pub async fn authenticate(app: &App, token: &str) -> Result<Caller> {
    if token::is_mistyped(token) {
        return Err(Fault::refused(
            RefusalKind::Unauthenticated,
            "credential_mistyped",
            "the key was copied wrong: its end does not fit the rest",
        ));
    }
    let (sort, hash) = token::read(token).ok_or_else(unknown)?;
    held_by(app, sort, hash).await
}

/// Who the key of this hash stands for.
pub(super) async fn holder_of_key(app: &App, hash: &[u8]) -> Result<Caller> {
    held_by(app, Sort::ApiKey, hash.to_vec()).await
}

async fn held_by(app: &App, sort: Sort, hash: Vec<u8>) -> Result<Caller> {
    let now = app.now();
    let look = store::looks::Token { sort, hash, now };
    let standing = match app.db.look(AtTheEntrance(()), &look).await? {
        store::looks::Holder::Member(standing) => standing,
        store::looks::Holder::Visit(visitor) => return operator::visits::caller(visitor),
        store::looks::Holder::Ended(end) => return Err(over(end)),
        store::looks::Holder::Nobody => return Err(unknown()),
    };
    let store::Standing {
        scope,
        states,
        user,
        id,
        permissions,
        used_at,
    } = standing;
    let tenant_state = suspensions::state(&states)?;
    let principal = match (sort, user) {
        (Sort::Session, Some(user)) => Principal::User {
            user,
            session: SessionId::from(id),
        },
        _ => Principal::ApiKey(ApiKeyId::from(id)),
    };
    let permissions = permissions.into_iter().collect::<Permissions>();
    let caller = Caller::new(scope, principal, permissions, tenant_state);
    let stale = used_at.is_none_or(|used_at| used_at + known_keys::USE < now);
    if stale {
        let mut tx = enter(app).await?;
        match sort {
            Sort::Session => store::touch_session(tx.conn(), &look.hash, now).await?,
            _ => store::touch_api_key(tx.conn(), &look.hash, now).await?,
        }
        tx.commit_last_used().await?;
    }
    if let Principal::ApiKey(id) = principal {
        let key = KnownKey {
            scope,
            id,
            hash: look.hash.clone(),
        };
        app.keys
            .remember(key, if stale { now } else { used_at.unwrap_or(now) });
    }
    Ok(caller)
}

/// The entrance, for what changes something or asks more than once.
pub(super) async fn enter(app: &App) -> Result<EntranceTx> {
    app.db.entrance(AtTheEntrance(())).await
}

fn unknown() -> Fault {
    Fault::refused(
        RefusalKind::Unauthenticated,
        "credential_invalid",
        "the credential is unknown, expired or revoked",
    )
}

/// Why a key that its whole secret was shown of stands for nobody any more.
fn over(end: store::KeyEnd) -> Fault {
    let (code, message) = match end {
        store::KeyEnd::Revoked => ("credential_revoked", "the key was revoked"),
        store::KeyEnd::Expired => ("credential_expired", "the key has expired"),
    };
    Fault::refused(RefusalKind::Unauthenticated, code, message)
}
