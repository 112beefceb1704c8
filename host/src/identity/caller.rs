//! Who is asking, for which tenant, with which permissions. Callers are made here alone: from a credential by the
//! entrance, or from a job by `jobs`.

use uuid::Uuid;

use super::permission::{Permission, Permissions};
use crate::{
    db::Scope,
    ids::{ApiKeyId, OperatorId, SessionId, TenantId, UserId, VisitId},
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
    /// One of the platform's operators, inside the tenant for a while.
    Operator {
        /// The operator.
        operator: OperatorId,
        /// The visit that lets it in.
        visit: VisitId,
    },
    /// Somebody unknown, at a reseller's address.
    Visitor,
    /// The host, doing work that was accepted from somebody.
    System(Initiator),
}

/// Whether a tenant may begin anything new; the stricter state is the greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TenantState {
    /// It may.
    Active,
    /// It is leaving: it reads, takes its data along, and can stay.
    Leaving,
    /// It or its reseller is suspended: it reads, and what was accepted goes on.
    Suspended,
}

impl TenantState {
    /// The word on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Leaving => "leaving",
        }
    }
}

/// Who work was accepted from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Initiator {
    /// What kind of principal.
    pub kind: ActorKind,
    /// The person, the key or the operator's visit.
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
    /// The person, key or operator, where there is one.
    pub id: Option<Uuid>,
    /// Whom accepted work is done for; the visit in which an operator acts.
    pub initiated_by: Option<Uuid>,
}

/// Who is asking, for which tenant, with which permissions.
#[derive(Debug, Clone)]
pub struct Caller {
    scope: Scope,
    principal: Principal,
    permissions: Permissions,
    tenant_state: TenantState,
}

impl Caller {
    pub(super) fn new(
        scope: Scope,
        principal: Principal,
        permissions: Permissions,
        tenant_state: TenantState,
    ) -> Self {
        Self {
            scope,
            principal,
            permissions,
            tenant_state,
        }
    }

    /// A caller that carries out work accepted from `initiator`. The permission was checked when it was accepted.
    pub(crate) fn for_job(scope: Scope, initiator: Initiator) -> Self {
        let permissions = [Permission::AcceptedWork].into_iter().collect();
        Self {
            scope,
            principal: Principal::System(initiator),
            permissions,
            // What was accepted is carried out whatever became of its tenant.
            tenant_state: TenantState::Active,
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

    /// Whether the caller's tenant may begin anything new.
    pub fn tenant_state(&self) -> TenantState {
        self.tenant_state
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
            Principal::Operator { visit, .. } => Initiator {
                kind: ActorKind::Operator,
                id: visit.uuid(),
            },
            Principal::Visitor => Initiator {
                kind: ActorKind::Anonymous,
                id: Uuid::nil(),
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
            Principal::Operator { operator, visit } => Actor {
                kind: ActorKind::Operator,
                id: Some(operator.uuid()),
                initiated_by: Some(visit.uuid()),
            },
            Principal::Visitor => Actor {
                kind: ActorKind::Anonymous,
                id: None,
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
        HouseCaller::new(self.scope, purpose)
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
    /// Which identity providers the reseller names.
    Federation,
    /// Recording what a plugin's call cost.
    RunRecord,
    /// How much the tenant may use, and has used.
    Limits,
}

/// A tenant's right to its reseller's house rows.
#[derive(Debug, Clone, Copy)]
pub struct HouseCaller {
    scope: Scope,
    purpose: Purpose,
}

impl HouseCaller {
    pub(super) fn new(scope: Scope, purpose: Purpose) -> Self {
        Self { scope, purpose }
    }

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
