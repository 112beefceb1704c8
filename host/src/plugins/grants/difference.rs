//! How what a release claims differs from what the active one does: what a person looks at before approving it.

use serde_json::{Value, json};

use super::{Claim, ClaimKind};

/// How a release differs from the active one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Difference {
    /// What only the release claims.
    pub added: Vec<Claim>,
    /// What only the active one claims.
    pub removed: Vec<Claim>,
    /// What both claim, and not alike.
    pub changed: Vec<Changed>,
    /// What both claim alike.
    pub same: Vec<Claim>,
}

/// A claim that was another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// What kind.
    pub kind: ClaimKind,
    /// Its name.
    pub name: String,
    /// What the active release says.
    pub before: String,
    /// What the release says.
    pub after: String,
}

impl Difference {
    pub(in crate::plugins) fn between(active: &[Claim], release: Vec<Claim>) -> Self {
        let like = |claim: &Claim, other: &Claim| (claim.kind, &claim.name) == (other.kind, &other.name);
        let gone = |claim: &&Claim| !release.iter().any(|other| like(claim, other));
        let mut difference = Self {
            removed: active.iter().filter(gone).cloned().collect(),
            ..Self::default()
        };
        for claim in release {
            match active.iter().find(|before| like(before, &claim)) {
                None => difference.added.push(claim),
                Some(before) if before.value == claim.value => difference.same.push(claim),
                Some(before) => difference.changed.push(Changed {
                    kind: claim.kind,
                    name: claim.name,
                    before: before.value.clone(),
                    after: claim.value,
                }),
            }
        }
        difference
    }

    /// For the audit trail, which outlives both releases. What is the same is only counted.
    pub(in crate::plugins) fn told(&self) -> Value {
        let claim =
            |claim: &Claim| json!({ "kind": claim.kind.name(), "name": claim.name, "value": claim.value });
        let changed = |changed: &Changed| json!({ "kind": changed.kind.name(), "name": changed.name, "before": changed.before, "after": changed.after });
        json!({
            "added": self.added.iter().map(claim).collect::<Vec<_>>(),
            "removed": self.removed.iter().map(claim).collect::<Vec<_>>(),
            "changed": self.changed.iter().map(changed).collect::<Vec<_>>(),
            "same": self.same.len(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim(kind: ClaimKind, name: &str, value: &str) -> Claim {
        Claim {
            kind,
            name: name.to_owned(),
            value: value.to_owned(),
        }
    }

    #[test]
    fn the_difference_says_what_comes_goes_changes_and_stays() {
        use ClaimKind::{Credential, Destination, Rule};
        let kept = claim(Rule, "step_mbps", "100");
        let active = [
            claim(Destination, "old", ""),
            claim(Credential, "key", "for old"),
            kept.clone(),
        ];
        let release = vec![
            claim(Destination, "api", ""),
            claim(Credential, "key", "for api"),
            kept.clone(),
        ];
        assert_eq!(
            Difference::between(&active, release),
            Difference {
                added: vec![claim(Destination, "api", "")],
                removed: vec![claim(Destination, "old", "")],
                changed: vec![Changed {
                    kind: Credential,
                    name: "key".to_owned(),
                    before: "for old".to_owned(),
                    after: "for api".to_owned(),
                }],
                same: vec![kept],
            }
        );
    }

    #[test]
    fn the_same_name_of_another_kind_is_another_claim() {
        let active = [claim(ClaimKind::Destination, "api", "")];
        let release = vec![claim(ClaimKind::Credential, "api", "")];
        let difference = Difference::between(&active, release);
        assert_eq!((difference.added.len(), difference.removed.len()), (1, 1));
    }
}
