//! What an audit event says.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::identity::Permission;

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was done.
    Done,
    /// The caller lacked the permission.
    Denied,
    /// A rule said no.
    Refused,
}

impl Outcome {
    /// The word in the database and on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Denied => "denied",
            Self::Refused => "refused",
        }
    }
}

/// One thing that happened.
#[derive(Debug, Clone)]
pub struct Event {
    /// `port.add`: the kind of thing and what was done to it.
    pub action: &'static str,
    /// The kind of thing.
    pub target_kind: &'static str,
    /// Which one, where there is one.
    pub target_id: Option<Uuid>,
    /// How it ended.
    pub outcome: Outcome,
    /// What else a reader needs; never a secret.
    pub detail: Value,
}

impl Event {
    /// Something done to `id`; the kind of thing is the action's first word.
    pub fn done(action: &'static str, id: impl Into<Option<Uuid>>, detail: Value) -> Self {
        let target_kind = action.split_once('.').map_or(action, |(kind, _)| kind);
        Self {
            action,
            target_kind,
            target_id: id.into(),
            outcome: Outcome::Done,
            detail,
        }
    }

    /// Something that a rule refused.
    pub fn refused(action: &'static str, id: impl Into<Option<Uuid>>, detail: Value) -> Self {
        Self {
            outcome: Outcome::Refused,
            ..Self::done(action, id, detail)
        }
    }

    /// A caller whose tenant is suspended, with a permission to begin something new.
    pub fn suspended(permission: Permission) -> Self {
        Self {
            outcome: Outcome::Refused,
            detail: json!({ "permission": permission.name(), "code": "tenant_suspended" }),
            ..Self::denied(permission)
        }
    }

    /// A caller whose tenant is leaving, with a permission to begin something new.
    pub fn leaving(permission: Permission) -> Self {
        Self {
            outcome: Outcome::Refused,
            detail: json!({ "permission": permission.name(), "code": "tenant_leaving" }),
            ..Self::denied(permission)
        }
    }

    /// A caller without the permission.
    pub fn denied(permission: Permission) -> Self {
        Self {
            action: "permission.use",
            target_kind: "permission",
            target_id: None,
            outcome: Outcome::Denied,
            detail: json!({ "permission": permission.name() }),
        }
    }
}
