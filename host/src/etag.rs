//! Versions of what people edit, for edits that must not undo somebody else's. An ETag is opaque and bound to the tenant
//! that it was given to: another tenant's never fits.

use crate::{
    db::Scope,
    fault::{Fault, RefusalKind, Result},
};

/// Names one version of one thing for one tenant; a quoted entity tag (RFC 9110, section 8.8.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Etag(String);

/// The versions that an edit is meant for: an `If-Match` header, or none for whichever is there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Expected(Option<String>);

impl Etag {
    /// The ETag that `scope` is given for these versions of what `thing` and `id` name.
    pub fn new(scope: Scope, thing: &str, id: &str, versions: &[i32]) -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher.update(scope.reseller().uuid().as_bytes());
        hasher.update(scope.tenant().uuid().as_bytes());
        for word in [thing, id] {
            hasher
                .update(&(word.len() as u64).to_le_bytes())
                .update(word.as_bytes());
        }
        for version in versions {
            hasher.update(&version.to_le_bytes());
        }
        Self(format!("\"{}\"", &hasher.finalize().to_hex()[..32]))
    }

    /// With its quotes.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Expected {
    /// What a header says.
    pub fn new(header: Option<String>) -> Self {
        Self(header)
    }

    /// Refuses (412) another version than the expected. A weak tag never fits (RFC 9110, section 13.1.1).
    pub fn check(&self, current: &Etag) -> Result<()> {
        let Some(header) = &self.0 else { return Ok(()) };
        if header
            .split(',')
            .map(str::trim)
            .any(|tag| tag == "*" || tag == current.0)
        {
            return Ok(());
        }
        Err(stale())
    }
}

/// Somebody else was faster.
pub fn stale() -> Fault {
    let message = "it was changed since it was read: read it again and repeat the edit on what is there now";
    Fault::refused(RefusalKind::Stale, "version_stale", message)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn scope(reseller: u128, tenant: u128) -> Scope {
        Scope::new(Uuid::from_u128(reseller).into(), Uuid::from_u128(tenant).into())
    }

    fn expected(header: &str) -> Expected {
        Expected::new(Some(header.to_owned()))
    }

    #[test]
    fn an_edit_fits_the_version_that_was_read_and_no_other() {
        let read = Etag::new(scope(1, 2), "setting", "holidays", &[1, 0]);
        assert!(expected(read.as_str()).check(&read).is_ok());
        assert!(
            expected(&format!("\"other\", {}", read.as_str()))
                .check(&read)
                .is_ok()
        );
        assert!(expected("*").check(&read).is_ok() && Expected::default().check(&read).is_ok());
        let weak = format!("W/{}", read.as_str());
        for header in ["", "\"\"", &*weak, read.as_str().trim_matches('"')] {
            assert!(expected(header).check(&read).is_err(), "{header}");
        }
        for other in [[2, 0], [1, 1], [0, 1]] {
            assert!(
                expected(read.as_str())
                    .check(&Etag::new(scope(1, 2), "setting", "holidays", &other))
                    .is_err()
            );
        }
    }

    #[test]
    fn another_tenants_etag_of_the_same_version_never_fits() {
        let read = Etag::new(scope(1, 2), "setting", "holidays", &[1]);
        for (scope, thing, id) in [
            (scope(1, 3), "setting", "holidays"),
            (scope(2, 2), "setting", "holidays"),
            (scope(1, 2), "settin", "gholidays"),
        ] {
            assert!(
                expected(read.as_str())
                    .check(&Etag::new(scope, thing, id, &[1]))
                    .is_err()
            );
        }
    }
}
