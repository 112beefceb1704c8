//! The hosts that a reseller is served at. One comes with sign-up; any other is claimed, and served once its DNS says
//! what the reseller was given to say there. A claim alone reserves nothing and is nobody else's business.
//!
//! The owner of a name is whoever writes its DNS. A host that one reseller has proven goes to another only when the
//! record of the first is gone from there and the second's stands in its place; and whose record stays away for three
//! daily checks loses the host.

mod proof;

use serde_json::json;

use super::{Caller, Permission, host_name, host_name::HostName, store};
use crate::{
    app::{self, App, Timestamp},
    audit,
    fault::{Fault, OnConstraint as _, Result},
    ids::DomainId,
    page::{Items, Page},
};

pub(crate) use proof::check;
pub use proof::prove;

/// How many hosts a reseller can claim.
pub const CLAIMS: i64 = 50;

/// A host name of a reseller.
#[derive(Debug, Clone)]
pub struct Domain {
    /// Which one.
    pub id: DomainId,
    /// ASCII, in lower case.
    pub host: String,
    /// What the record has to say; none for the host given at sign-up.
    pub proof: Option<String>,
    /// When it was claimed.
    pub created_at: Timestamp,
    /// Since when it is served.
    pub proven_at: Option<Timestamp>,
    /// When its record was last looked for.
    pub checked_at: Option<Timestamp>,
    /// Checks in a row that did not find it.
    pub misses: i16,
    /// Since when it is no longer served.
    pub withdrawn_at: Option<Timestamp>,
}

/// How a host stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Not proven yet.
    Claimed,
    /// Served.
    Proven,
    /// Was served until its record stayed away.
    Withdrawn,
}

impl Domain {
    /// As people read it.
    pub fn unicode(&self) -> String {
        host_name::unicode(&self.host)
    }

    /// How it stands.
    pub fn standing(&self) -> Standing {
        match (self.proven_at, self.withdrawn_at) {
            (Some(_), _) => Standing::Proven,
            (None, Some(_)) => Standing::Withdrawn,
            (None, None) => Standing::Claimed,
        }
    }

    /// Where the record belongs.
    pub fn record_name(&self) -> String {
        format!("_domain-proof.{}", self.host)
    }
}

/// Claims a host for the caller's reseller and says what to write into its DNS.
pub async fn claim(app: &App, caller: &Caller, host: &str, platform: &str) -> Result<Domain> {
    let host = HostName::parse(host, platform)?;
    let mut tx = app.db.write(caller, Permission::DomainsWrite).await?;
    let domain = Domain {
        id: app.id(),
        host: host.as_str().to_owned(),
        proof: Some(format!("proof={}", hex::encode(app::random::<16>()))),
        created_at: tx.now(),
        proven_at: None,
        checked_at: None,
        misses: 0,
        withdrawn_at: None,
    };
    if store::count_claims(&mut tx).await? >= CLAIMS {
        let limit = format!("a reseller can claim {CLAIMS} hosts");
        return Err(Fault::conflict("too_many_domains", limit));
    }
    store::insert_claim(&mut tx, &domain)
        .await
        .on_constraint("domain_claimed_once", || {
            Fault::conflict("host_claimed", "this host is claimed here already")
        })?;
    let event = audit::Event::done("domain.claim", domain.id.uuid(), json!({ "host": domain.host }));
    tx.commit(event).await?;
    Ok(domain)
}

/// The reseller's hosts.
pub async fn list(app: &App, caller: &Caller, page: Page) -> Result<Items<Domain>> {
    let mut tx = app.db.read(caller, Permission::DomainsRead).await?;
    let rows = store::domains(&mut tx, page).await?;
    Ok(page.cut(caller.scope(), "domains", rows, |domain| domain.id.uuid()))
}

/// One of the reseller's hosts.
pub async fn find(app: &App, caller: &Caller, id: DomainId) -> Result<Domain> {
    let mut tx = app.db.read(caller, Permission::DomainsRead).await?;
    store::domain(&mut tx, id).await
}

/// Gives a claimed host up; what it served stops with the next request.
pub async fn remove(app: &App, caller: &Caller, id: DomainId) -> Result<()> {
    let mut tx = app.db.write(caller, Permission::DomainsWrite).await?;
    let domain = store::domain(&mut tx, id).await?;
    if domain.proof.is_none() {
        return Err(Fault::conflict(
            "domain_given",
            "the host given at sign-up stays: there is always one way in",
        ));
    }
    store::delete_claim(&mut tx, id).await?;
    let event = audit::Event::done("domain.remove", id.uuid(), json!({ "host": domain.host }));
    tx.commit(event).await
}
