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
    AtTheEntrance, Caller, Permissions, Principal, operator, store, suspensions,
    token::{self, Sort},
};
use crate::{
    app::App,
    db::{Arrival, EntranceTx},
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

/// Where a request keeps its transaction until it is known who is asking, with this token or with none.
pub fn arriving(app: &App, token: Option<&str>) -> Arrival {
    let hash = token.and_then(token::read).map(|(_, hash)| hash);
    hash.map_or_else(Arrival::default, |hash| app.db.arrival(hash))
}

/// Which reseller is served at this host name; none for a name nobody proved.
pub async fn reseller_at(app: &App, host: &str, arrival: Option<&Arrival>) -> Result<Option<TenantId>> {
    let mut tx = enter(app, arrival).await?;
    let reseller = store::reseller_at(tx.conn(), host).await?;
    if let Some(arrival) = arrival {
        app.db.keep(arrival, tx, None);
    }
    Ok(reseller)
}

/// Who this token stands for. What it may do is read anew each time, so a removal takes effect on the next request.
pub async fn authenticate(app: &App, token: &str) -> Result<Caller> {
    arrive(app, token, None).await
}

/// The same for a request that only reads: the caller goes on in the transaction in which it was recognised.
pub async fn arrive(app: &App, token: &str, arrival: Option<&Arrival>) -> Result<Caller> {
    let unknown = || {
        Fault::refused(
            RefusalKind::Unauthenticated,
            "credential_invalid",
            "the credential is unknown, expired or revoked",
        )
    };
    if token::is_mistyped(token) {
        return Err(Fault::refused(
            RefusalKind::Unauthenticated,
            "credential_mistyped",
            "the key was copied wrong: its end does not fit the rest",
        ));
    }
    let (sort, hash) = token::read(token).ok_or_else(unknown)?;
    let mut tx = enter(app, arrival).await?;
    let now = app.now();
    let standing = match sort {
        Sort::Session => store::session(tx.conn(), &hash, now).await?,
        Sort::ApiKey => match store::api_key(tx.conn(), &hash, now).await? {
            None => {
                return Err(store::key_end(tx.conn(), &hash, now)
                    .await?
                    .map_or_else(unknown, over));
            }
            standing => standing,
        },
        Sort::Visit => {
            return operator::visits::caller(tx, &hash, now)
                .await?
                .ok_or_else(unknown);
        }
        Sort::Invitation | Sort::Operator | Sort::PasswordReset | Sort::AddressProof => None,
    };
    let store::Standing {
        scope,
        tenant_state,
        user,
        id,
        permissions,
        touch,
    } = standing.ok_or_else(unknown)?;
    let tenant_state = suspensions::state(&tenant_state)?;
    let principal = match (sort, user) {
        (Sort::Session, Some(user)) => Principal::User {
            user,
            session: SessionId::from(id),
        },
        _ => Principal::ApiKey(ApiKeyId::from(id)),
    };
    let permissions = permissions.into_iter().collect::<Permissions>();
    let caller = Caller::new(scope, principal, permissions, tenant_state);
    if touch {
        match sort {
            Sort::Session => store::touch_session(tx.conn(), &hash, now).await?,
            _ => store::touch_api_key(tx.conn(), &hash, now).await?,
        }
        tx.commit_last_used().await?;
        return Ok(caller);
    }
    match arrival {
        Some(arrival) => {
            app.db.keep(arrival, tx, Some(scope));
            Ok(caller.arrived(arrival))
        }
        None => Ok(caller),
    }
}

/// The entrance, in the transaction that a request came in by where that is kept.
pub(super) async fn enter(app: &App, arrival: Option<&Arrival>) -> Result<EntranceTx> {
    let at = AtTheEntrance(());
    match arrival {
        Some(arrival) => app.db.entrance_by(at, arrival).await,
        None => app.db.entrance(at).await,
    }
}

/// Why a key that its whole secret was shown of stands for nobody any more.
fn over(end: store::KeyEnd) -> Fault {
    let (code, message) = match end {
        store::KeyEnd::Revoked => ("credential_revoked", "the key was revoked"),
        store::KeyEnd::Expired => ("credential_expired", "the key has expired"),
    };
    Fault::refused(RefusalKind::Unauthenticated, code, message)
}
