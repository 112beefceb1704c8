//! Values of fields as they are shown: under the fields in force, with what became of fields that are no longer.

use std::collections::{HashMap, hash_map::Entry};

use serde_json::{Map, Value};

use super::{Fields, Subject};
use crate::{
    db::Tx,
    fault::{Fault, Result},
    settings::{effective::InForce, store},
    vault::{TenantKey, Vault},
};

/// The values of one subject.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shown {
    /// Of the fields in force.
    pub fields: Map<String, Value>,
    /// Of fields that are no longer, or are of another type now.
    pub former: Map<String, Value>,
}

/// The values of one subject.
pub async fn of(tx: &mut impl Tx, vault: &Vault, subject: Subject) -> Result<Shown> {
    let shown = of_all(tx, vault, &[subject]).await?;
    Ok(shown.into_iter().next().unwrap_or_default())
}

/// The values of several subjects of one kind, in their order.
pub async fn of_all(tx: &mut impl Tx, vault: &Vault, subjects: &[Subject]) -> Result<Vec<Shown>> {
    let Some(first) = subjects.first() else {
        return Ok(Vec::new());
    };
    let tenants: Vec<_> = subjects.iter().map(|subject| subject.tenant()).collect();
    let in_force = InForce::load(tx, &[first.key()], &tenants).await?;
    shown(tx, vault, subjects, &in_force).await
}

/// The same by what is in force of their key for their tenants.
pub(in crate::settings) async fn shown(
    tx: &mut impl Tx,
    vault: &Vault,
    subjects: &[Subject],
    in_force: &InForce,
) -> Result<Vec<Shown>> {
    // What was set and taken away leaves a row: without one there never was a field, and so no value.
    if !subjects.iter().any(|subject| in_force.ever(subject.key())) {
        return Ok(vec![Shown::default(); subjects.len()]);
    }
    let (mut shown, mut fields, mut keys) = (HashMap::new(), HashMap::new(), HashMap::new());
    for row in store::values_of(tx, subjects).await? {
        let (subject, tenant) = (row.subject, row.subject.tenant());
        if row.sealed.is_some() && !keys.contains_key(&tenant) {
            keys.insert(tenant, vault.key(tx, tenant).await?);
        }
        let text = row.open(keys.get(&tenant))?;
        let fields: &Fields = match fields.entry(tenant) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => unknown.insert(in_force.read(subject.key(), tenant)?),
        };
        let of: &mut Shown = shown.entry(subject).or_default();
        match fields.get(&row.field).and_then(|field| field.show(&text)) {
            Some(value) => of.fields.insert(row.field, value),
            None => of.former.insert(row.field, text.into()),
        };
    }
    let of = |subject: &Subject| shown.remove(subject).unwrap_or_default();
    Ok(subjects.iter().map(of).collect())
}

impl store::ValueRow {
    pub(super) fn open(&self, key: Option<&TenantKey>) -> Result<String> {
        match (&self.value, &self.sealed, key) {
            (Some(value), _, _) => Ok(value.clone()),
            (None, Some(sealed), Some(key)) => {
                let plain = key.open(&self.subject.context(&self.field), sealed)?;
                Ok(std::str::from_utf8(&plain)?.to_owned())
            }
            _ => Err(Fault::broken(format!("the field {} has no value", self.field))),
        }
    }
}
