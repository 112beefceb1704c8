//! Who asks a single question. A key that was looked up within the last minute needs no look of its own: whose it is never
//! changes, and what it may do is read in the statement that answers, so that an end or a removal takes effect on the next
//! request here too.

use super::{Caller, HouseCaller, Permission, Permissions, Principal, Purpose, TenantState, entrance, token};
use crate::{
    app::App,
    db::{Ask, ByKey, Scope},
    fault::Result,
    ids::ApiKeyId,
};

/// Who asks a single question.
#[derive(Debug, Clone)]
pub enum Asker {
    /// Somebody known.
    Caller(Caller),
    /// Whoever shows a key of a tenant.
    Key(KnownKey),
}

/// A key whose tenant is known.
#[derive(Debug, Clone)]
pub struct KnownKey {
    pub(super) scope: Scope,
    pub(super) id: ApiKeyId,
    pub(super) hash: Vec<u8>,
}

impl Asker {
    /// Who shows this token.
    pub async fn recognise(app: &App, token: &str) -> Result<Self> {
        let known = token::read(token).and_then(|(_, hash)| app.keys.recall(&hash, app.now()));
        match known {
            Some(key) => Ok(Self::Key(key)),
            None => Ok(Self::Caller(entrance::authenticate(app, token).await?)),
        }
    }

    /// Refuses a key that has ended, for whoever answers without having asked anything.
    pub async fn check(&self, app: &App) -> Result<()> {
        match self {
            Self::Caller(_) => Ok(()),
            Self::Key(key) => key.look(app).await.map(drop),
        }
    }

    /// The tenant asked for, and its reseller.
    pub fn scope(&self) -> Scope {
        match self {
            Self::Caller(caller) => caller.scope(),
            Self::Key(key) => key.scope,
        }
    }

    /// The right to read the reseller's house rows, for one purpose.
    pub fn for_house(&self, purpose: Purpose) -> HouseCaller {
        HouseCaller::new(self.scope(), purpose)
    }

    /// The answer for whoever has the permission, which is one to read, and as whom it was given; none where there is nothing
    /// to be known.
    pub(crate) async fn ask<A: Ask>(
        &self,
        app: &App,
        permission: Permission,
        question: &A,
    ) -> Result<Option<(Caller, A::Answer)>> {
        let caller = match self {
            Self::Caller(caller) => caller.clone(),
            Self::Key(key) => {
                let by = ByKey {
                    id: key.id,
                    permission,
                    now: app.now(),
                };
                if let Some(answer) = app.db.ask_by_key(key.scope, by, question).await? {
                    return Ok(Some((key.reader(permission), answer)));
                }
                // There is nothing, or the key is not good for it: which of them is found out by looking at the key.
                key.look(app).await?
            }
        };
        let answer = app.db.ask(&caller, permission, question).await?;
        Ok(answer.map(|answer| (caller, answer)))
    }
}

impl KnownKey {
    /// Looks at the key, and forgets one that has ended.
    async fn look(&self, app: &App) -> Result<Caller> {
        let looked = entrance::holder_of_key(app, &self.hash).await;
        looked.inspect_err(|_| app.keys.forget(&self.hash))
    }

    /// The key for what it has just been good for, and no more: in the strictest state, in which one reads.
    fn reader(&self, permission: Permission) -> Caller {
        let permissions = [permission].into_iter().collect::<Permissions>();
        let key = Principal::ApiKey(self.id);
        Caller::new(self.scope, key, permissions, TenantState::Suspended)
    }
}
