//! What the reseller's house has for a carrier at this moment: destinations and opened credentials.

use super::{Destinations, credential, secret::Secret, store};
use crate::{
    app::App,
    db::{HouseTx, Tx as _},
    fault::Result,
    ids::{CarrierId, CredentialId},
};

/// What the reseller granted a carrier's adapter.
pub(super) struct House {
    pub(super) destinations: Destinations,
    pub(super) credentials: Vec<Opened>,
    /// Whether the carrier has failed since it last answered.
    pub(super) has_failed: bool,
}

/// A credential with its secret.
pub(super) struct Opened {
    pub(super) id: CredentialId,
    pub(super) handle: String,
    pub(super) bound_to: Vec<String>,
    pub(super) secret: Secret,
}

impl House {
    /// Opens every credential of the carrier, not only the one a request names: none of them may come back in an
    /// answer.
    pub(super) async fn open(app: &App, tx: &mut HouseTx, carrier: CarrierId) -> Result<Self> {
        let destinations = super::pinned(tx, carrier).await?;
        let rows = store::credentials(tx, carrier).await?;
        let breaker = store::breaker::find(tx, carrier).await?;
        let mut credentials = Vec::with_capacity(rows.len());
        if !rows.is_empty() {
            let reseller = tx.scope().reseller();
            let key = app.vault.key(tx, reseller).await?;
            for row in rows {
                let plain = key.open(&credential::context(row.id), &row.sealed)?;
                credentials.push(Opened {
                    id: row.id,
                    handle: row.handle,
                    bound_to: row.destinations,
                    secret: Secret::from_plain(&row.kind, &plain)?,
                });
            }
        }
        Ok(Self {
            destinations,
            credentials,
            has_failed: breaker.is_some_and(|breaker| !breaker.is_quiet()),
        })
    }
}
