//! How a release differs from the active one, as whoever approves it reads it.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::plugins;

/// What a release asks for and declares, against what is active.
#[derive(Serialize, ToSchema)]
pub(super) struct Difference {
    /// What it is compared with: what serves all customers, at the carrier that is named; none where nothing is active.
    against: Option<Against>,
    added: Vec<Claim>,
    removed: Vec<Claim>,
    changed: Vec<Changed>,
    same: Vec<Claim>,
}

/// The active release.
#[derive(Serialize, ToSchema)]
struct Against {
    release_id: Uuid,
    /// The plugin's name.
    plugin: String,
    version: String,
    digest: String,
}

/// One thing that a release asks for or declares.
#[derive(Serialize, ToSchema)]
struct Claim {
    /// `destination`, `credential`, `import`, `rule`, `property`, `fact` or `setting`.
    kind: &'static str,
    name: String,
    /// Empty where the name says all.
    value: String,
}

/// A claim that was another.
#[derive(Serialize, ToSchema)]
struct Changed {
    /// As of a claim.
    kind: &'static str,
    name: String,
    /// What the active release says.
    before: String,
    /// What this one says.
    after: String,
}

impl Difference {
    pub(super) fn new(difference: plugins::Difference, against: Option<plugins::Release>) -> Self {
        let plugins::Difference {
            added,
            removed,
            changed,
            same,
        } = difference;
        let claims = |of: Vec<plugins::Claim>| of.into_iter().map(Into::into).collect();
        Self {
            against: against.map(|active| Against {
                release_id: active.id.uuid(),
                plugin: active.plugin_name,
                version: active.version,
                digest: active.digest,
            }),
            added: claims(added),
            removed: claims(removed),
            changed: changed.into_iter().map(Into::into).collect(),
            same: claims(same),
        }
    }
}

impl From<plugins::Claim> for Claim {
    fn from(claim: plugins::Claim) -> Self {
        let plugins::Claim { kind, name, value } = claim;
        Self {
            kind: kind.name(),
            name,
            value,
        }
    }
}

impl From<plugins::Changed> for Changed {
    fn from(changed: plugins::Changed) -> Self {
        let plugins::Changed {
            kind,
            name,
            before,
            after,
        } = changed;
        Self {
            kind: kind.name(),
            name,
            before,
            after,
        }
    }
}
