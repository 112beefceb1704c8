//! Pages of long lists. A cursor is opaque and bound to the tenant and the list it came from; another tenant's
//! cursor is refused like any other forgery. Lists are ordered by id, which is the order of creation.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use uuid::Uuid;

use crate::{
    db::Scope,
    fault::{Fault, RefusalKind, Result},
};

/// The most items of one page.
pub const MAX_LIMIT: u32 = 200;
const DEFAULT_LIMIT: u32 = 50;

/// Which part of a list is wanted.
#[derive(Debug, Clone, Copy)]
pub struct Page {
    /// Items after this id; the zero id for the first page.
    pub after: Uuid,
    /// At most this many items, 1 to 200.
    pub limit: u32,
}

/// Part of a list.
#[derive(Debug, Clone)]
pub struct Items<T> {
    /// In order of creation.
    pub items: Vec<T>,
    /// Asks for the following part, if there is one.
    pub next: Option<String>,
}

impl Page {
    /// Reads a limit and a cursor that `list` gave out to `scope`.
    pub fn parse(scope: Scope, list: &str, cursor: Option<&str>, limit: Option<u32>) -> Result<Self> {
        let limit = limit.unwrap_or(DEFAULT_LIMIT);
        if !(1..=MAX_LIMIT).contains(&limit) {
            return Err(Fault::invalid(
                "limit_out_of_range",
                format!("limit is {limit}, it can be 1 to {MAX_LIMIT}"),
            ));
        }
        let after = cursor
            .map(|cursor| open(scope, list, cursor))
            .transpose()?
            .unwrap_or(Uuid::nil());
        Ok(Self { after, limit })
    }

    /// How many rows to ask the database for: one more than shown tells whether there is a next page.
    pub fn fetch(&self) -> i64 {
        i64::from(self.limit) + 1
    }

    /// Cuts what was fetched to the page and makes the cursor of the next.
    pub fn cut<T>(&self, scope: Scope, list: &str, mut rows: Vec<T>, id: impl Fn(&T) -> Uuid) -> Items<T> {
        let limit = self.limit as usize;
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows
            .last()
            .filter(|_| more)
            .map(|last| seal(scope, list, id(last)));
        Items { items: rows, next }
    }
}

fn seal(scope: Scope, list: &str, after: Uuid) -> String {
    let mut bytes = after.as_bytes().to_vec();
    bytes.extend_from_slice(&tag(scope, list, after)[..8]);
    URL_SAFE_NO_PAD.encode(bytes)
}

fn open(scope: Scope, list: &str, cursor: &str) -> Result<Uuid> {
    let forged = || {
        Fault::refused(
            RefusalKind::Malformed,
            "cursor_invalid",
            "the cursor is not one that this list gave out",
        )
    };
    let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| forged())?;
    let (id, given) = bytes.split_at_checked(16).ok_or_else(forged)?;
    let after = Uuid::from_slice(id).map_err(|_| forged())?;
    (given == &tag(scope, list, after)[..8])
        .then_some(after)
        .ok_or_else(forged)
}

/// Binds a cursor to its tenant and list. Rows are guarded by the database; this only keeps mix-ups from passing.
fn tag(scope: Scope, list: &str, after: Uuid) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    for part in [
        scope.reseller().uuid().as_bytes(),
        scope.tenant().uuid().as_bytes(),
        after.as_bytes(),
    ] {
        hasher.update(part);
    }
    *hasher.update(list.as_bytes()).finalize().as_bytes()
}
