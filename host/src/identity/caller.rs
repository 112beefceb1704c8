//! Who is asking, for which tenant, with which permissions. Callers are made here alone: from a credential by the
//! entrance, or from a job by `jobs`.

use uuid::Uuid;

use super::permission::{Permission, Permissions};
use crate::{
    db::Scope,
    ids::{ApiKeyId, SessionId, TenantId, UserId},
};

/// Who acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Principal {
    /// A signed-in person.
    User {
        /// The person.
        user: UserId,
        /// The session that shows it.
        session: SessionId,
    },
    /// A program with a key.
    ApiKey(ApiKeyId),
    /// The host, doing work that was accepted from somebody.
    System(Initiator),
}

/// Who work was accepted from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Initiator {
    /// What kind of principal.
    pub kind: ActorKind,
    /// The person or key.
    pub id: Uuid,
}

/// Kinds of actors in the audit trail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActorKind {
    /// A person.
    User,
    /// A program with a key.
    ApiKey,
    /// The host.
    System,
    /// The platform's operator.
    Operator,
    /// Somebody at the entrance.
    Anonymous,
}

impl ActorKind {
    /// The word in the database and on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::ApiKey => "api_key",
            Self::System => "system",
            Self::Operator => "operator",
            Self::Anonymous => "anonymous",
        }
    }

    /// The kind of this name.
    pub fn parse(name: &str) -> Option<Self> {
        [
            Self::User,
            Self::ApiKey,
            Self::System,
            Self::Operator,
            Self::Anonymous,
        ]
        .into_iter()
        .find(|k| k.name() == name)
    }
}

/// Who an audit event names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Actor {
    /// What kind of principal.
    pub kind: ActorKind,
    /// The person or key, where there is one.
    pub id: Option<Uuid>,
    /// Whom accepted work is done for.
    pub initiated_by: Option<Uuid>,
}

/// Who is asking, for which tenant, with which permissions.
#[derive(Debug, Clone)]
pub struct Caller {
    scope: Scope,
    principal: Principal,
    permissions: Permissions,
}

impl Caller {
    pub(super) fn new(scope: Scope, principal: Principal, permissions: Permissions) -> Self {
        Self {
            scope,
            principal,
            permissions,
        }
    }

    /// A caller that carries out work accepted from `initiator`. The permission was checked when it was accepted.
    pub(crate) fn for_job(scope: Scope, initiator: Initiator) -> Self {
        let permissions = [Permission::AcceptedWork].into_iter().collect();
        Self {
            scope,
            principal: Principal::System(initiator),
            permissions,
        }
    }

    /// The tenant and its reseller.
    pub fn scope(&self) -> Scope {
        self.scope
    }

    /// Who acts.
    pub fn principal(&self) -> Principal {
        self.principal
    }

    /// What the caller may do.
    pub fn permissions(&self) -> Permissions {
        self.permissions
    }

    /// Whether the caller may do this.
    pub fn may(&self, permission: Permission) -> bool {
        self.permissions.has(permission)
    }

    /// Whom work accepted from this caller is done for.
    pub fn initiator(&self) -> Initiator {
        match self.principal {
            Principal::User { user, .. } => Initiator {
                kind: ActorKind::User,
                id: user.uuid(),
            },
            Principal::ApiKey(key) => Initiator {
                kind: ActorKind::ApiKey,
                id: key.uuid(),
            },
            Principal::System(initiator) => initiator,
        }
    }

    /// Who an audit event names.
    pub fn actor(&self) -> Actor {
        match self.principal {
            Principal::User { user, .. } => Actor {
                kind: ActorKind::User,
                id: Some(user.uuid()),
                initiated_by: None,
            },
            Principal::ApiKey(key) => Actor {
                kind: ActorKind::ApiKey,
                id: Some(key.uuid()),
                initiated_by: None,
            },
            Principal::System(from) => Actor {
                kind: ActorKind::System,
                id: None,
                initiated_by: Some(from.id),
            },
        }
    }

    /// The right to read the reseller's house rows, for one purpose.
    pub fn for_house(&self, purpose: Purpose) -> HouseCaller {
        HouseCaller {
            scope: self.scope,
            purpose,
        }
    }
}

/// Why code that acts for a tenant needs its reseller's house rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Which pricing release and settings price this tenant.
    Pricing,
    /// Which adapter, destinations and credentials reach the tenant's carrier.
    Carrier,
    /// Which brand the tenant sees.
    Branding,
    /// Recording what a plugin's call cost.
    RunRecord,
}

/// A tenant's right to its reseller's house rows.
#[derive(Debug, Clone, Copy)]
pub struct HouseCaller {
    scope: Scope,
    purpose: Purpose,
}

impl HouseCaller {
    /// The tenant acted for, and its reseller.
    pub fn scope(&self) -> Scope {
        self.scope
    }

    /// What for.
    pub fn purpose(&self) -> Purpose {
        self.purpose
    }

    /// Whose house it is.
    pub fn reseller(&self) -> TenantId {
        self.scope.reseller()
    }
}
