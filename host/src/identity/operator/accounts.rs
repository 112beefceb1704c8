//! Operators' names and keys. They are made on the machine itself: whoever administers it is the root of trust, and
//! nothing that the API serves can make an operator.

use chrono::TimeDelta;
use serde_json::json;

use super::{MACHINE, home};
use crate::{
    app::{App, Timestamp},
    audit,
    fault::{Fault, OnConstraint as _, Result},
    identity::{
        store,
        tenants::check_name,
        token::{Sort, Token},
    },
    ids::OperatorId,
};

/// The longest life of a key, in days.
pub const DAYS_AT_MOST: u16 = 366;

/// A named person who runs the platform.
#[derive(Debug, Clone)]
pub struct Account {
    /// Who.
    pub id: OperatorId,
    /// Name for people, of one operator at a time.
    pub name: String,
    /// The first characters of the key.
    pub prefix: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on the key is refused.
    pub expires_at: Timestamp,
    /// Since when it is refused.
    pub revoked_at: Option<Timestamp>,
}

/// Makes an operator with a key for 1 to [`DAYS_AT_MOST`] days, given out here and never again.
pub async fn add(app: &App, name: &str, days: u16) -> Result<(Account, Token)> {
    check_name(name)?;
    if !(1..=DAYS_AT_MOST).contains(&days) {
        let rule = format!("a key lasts {days} days, it can be 1 to {DAYS_AT_MOST}");
        return Err(Fault::invalid("days_out_of_range", rule));
    }
    let (token, now) = (Token::new(Sort::Operator), app.now());
    let account = Account {
        id: app.id(),
        name: name.to_owned(),
        prefix: token.prefix().to_owned(),
        created_at: now,
        expires_at: now + TimeDelta::days(days.into()),
        revoked_at: None,
    };
    let mut tx = app.db.operator().await?;
    let own = home(&mut tx).await?;
    store::insert_account(&mut tx, &account, &token.hash())
        .await
        .on_constraint("operator_account_name_unique", || {
            Fault::conflict("operator_name_taken", "another operator has this name")
        })?;
    let detail = json!({ "name": name, "prefix": account.prefix, "expires_at": account.expires_at });
    let event = audit::Event::done("operator.add", account.id.uuid(), detail);
    tx.commit(own, &MACHINE, now, event).await?;
    Ok((account, token))
}

/// Everybody who is or was an operator, in the order in which they were made.
pub async fn list(app: &App) -> Result<Vec<Account>> {
    let mut tx = app.db.operator().await?;
    store::accounts(&mut tx).await
}

/// Refuses the operator of this name from the next request on, also inside a tenant.
pub async fn revoke(app: &App, name: &str) -> Result<()> {
    let mut tx = app.db.operator().await?;
    let (own, now) = (home(&mut tx).await?, app.now());
    let id = store::revoke_account(&mut tx, name, now)
        .await?
        .ok_or(Fault::Missing)?;
    let event = audit::Event::done("operator.revoke", id.uuid(), json!({ "name": name }));
    tx.commit(own, &MACHINE, now, event).await
}
