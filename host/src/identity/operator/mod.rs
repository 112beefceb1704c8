//! The platform's operators: named people above all tenants, with keys, a database login, a pool and a type of their
//! own. They see the structure of tenants and none of their content, and every use of their standing is in the trail of
//! the operator's own tenant row or of the tenant it is about.
//!
//! No role or key of a tenant leads here: nothing but [`authenticate`] makes an [`Operator`].

pub mod accounts;
pub mod standing;
pub mod structure;
pub mod visits;

use serde_json::json;

use super::{
    Actor, ActorKind, store, tenants,
    token::{self, Sort},
};
use crate::{
    app::{self, App, Timestamp},
    audit,
    db::{Db, OperatorTx, Scope},
    fault::{Fault, RefusalKind, Result},
    ids::{OperatorId, TenantId},
    page::Page,
};

/// Whoever administers the machine, and the host itself when it starts.
const MACHINE: Actor = Actor {
    kind: ActorKind::Operator,
    id: None,
    initiated_by: None,
};

/// One of the platform's operators, shown by a key.
#[derive(Debug, Clone, Copy)]
pub struct Operator {
    id: OperatorId,
    home: Scope,
}

impl Operator {
    /// Who.
    pub fn id(&self) -> OperatorId {
        self.id
    }

    /// A page of one of the operators' lists.
    pub fn page(&self, list: &str, cursor: Option<&str>, limit: Option<u32>) -> Result<Page> {
        Page::parse(self.home, list, cursor, limit)
    }

    fn actor(&self) -> Actor {
        Actor {
            id: Some(self.id.uuid()),
            ..MACHINE
        }
    }

    /// Keeps the work with its event in the operators' own trail.
    pub(crate) async fn commit(&self, app: &App, tx: OperatorTx, event: audit::Event) -> Result<()> {
        tx.commit(self.home, &self.actor(), app.now(), event).await
    }

    /// Keeps the work with its event in the trail of the tenant it is about.
    pub(crate) async fn commit_at(
        &self,
        app: &App,
        tx: OperatorTx,
        tenant: Scope,
        event: audit::Event,
    ) -> Result<()> {
        tx.commit(tenant, &self.actor(), app.now(), event).await
    }
}

/// Whose key this is. A key that is revoked or expired is refused at the next request.
pub async fn authenticate(app: &App, key: &str) -> Result<Operator> {
    let unknown = || {
        Fault::refused(
            RefusalKind::Unauthenticated,
            "credential_invalid",
            "the credential is unknown, expired or revoked",
        )
    };
    let hash = token::read(key)
        .filter(|(sort, _)| *sort == Sort::Operator)
        .map(|(_, hash)| hash)
        .ok_or_else(unknown)?;
    let mut tx = app.db.operator().await?;
    let id = store::operator_by_key(&mut tx, &hash, app.now()).await?;
    Ok(Operator {
        id: id.ok_or_else(unknown)?,
        home: home(&mut tx).await?,
    })
}

/// Makes the operator's row on an empty database. Hosts that start at once agree on one.
pub async fn ensure(db: &Db, now: Timestamp) -> Result<()> {
    let mut tx = db.operator().await?;
    if store::operator(&mut tx).await?.is_some() {
        return Ok(());
    }
    let id: TenantId = app::new_id(now);
    let scope = Scope::new(id, id);
    let new = tenants::NewTenant {
        slug: "operator".into(),
        name: "Operator".into(),
        currency: "EUR".into(),
        time_zone: "UTC".into(),
    };
    let row = tenants::tenant(scope, "operator", new, chrono_tz::UTC, now);
    if store::insert_operator(&mut tx, &row).await? {
        let event = audit::Event::done("operator.make", id.uuid(), json!({}));
        tx.commit(scope, &MACHINE, now, event).await?;
    }
    Ok(())
}

/// The operators' own tenant row, whose trail tells what they looked at.
async fn home(tx: &mut OperatorTx) -> Result<Scope> {
    let own = store::operator(tx).await?;
    own.ok_or_else(|| Fault::broken("the operator has no tenant row"))
}
