//! Values of fields in the database: written under the fields in force, and found by equality.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use super::{Field, Fields};
use crate::{
    db::{Tx, WriteTx},
    fault::{Fault, RefusalKind, Result},
    ids::{PortId, TenantId},
    page::Page,
    settings::{Key, effective, store},
    vault::{TenantKey, Vault},
};

/// What has fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Subject {
    /// A customer's port.
    Port(TenantId, PortId),
    /// A customer.
    Customer(TenantId),
}

/// What a list is narrowed to: in each field one of these values.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    wanted: Vec<(String, Vec<String>)>,
}

/// The subjects that a filter leaves, in the order of their ids.
pub type Found = Vec<uuid::Uuid>;

impl Subject {
    /// Whose it is.
    pub const fn tenant(self) -> TenantId {
        match self {
            Self::Port(tenant, _) | Self::Customer(tenant) => tenant,
        }
    }

    /// The port, where it is one.
    pub const fn port(self) -> Option<PortId> {
        match self {
            Self::Port(_, port) => Some(port),
            Self::Customer(_) => None,
        }
    }

    /// The setting that has its fields.
    pub(super) const fn key(self) -> Key {
        match self {
            Self::Port(..) => Key::PortFields,
            Self::Customer(_) => Key::CustomerFields,
        }
    }

    /// What a sealed value is bound to.
    pub fn context(self, field: &str) -> String {
        match self {
            Self::Port(_, port) => format!("field:port:{port}:{field}"),
            Self::Customer(tenant) => format!("field:customer:{tenant}:{field}"),
        }
    }
}

impl Filter {
    /// Reads what a query asks of the fields that the caller's tenants have. Refuses (400) fields that are not there or
    /// cannot be filtered by, naming them.
    pub async fn read(tx: &mut impl Tx, key: Key, asked: &[(String, String)]) -> Result<Self> {
        let malformed = |code, message: String| Fault::refused(RefusalKind::Malformed, code, message);
        let mut wanted = Vec::new();
        if asked.is_empty() {
            return Ok(Self { wanted });
        }
        let in_force: Vec<Fields> = effective::everywhere(tx, key).await?;
        for (name, text) in asked {
            let shown = nexusport_sandbox::clean(name, 40);
            let known: Vec<&Field> = in_force.iter().filter_map(|fields| fields.get(name)).collect();
            if known.is_empty() {
                return Err(malformed("field_unknown", format!("there is no field {shown}")));
            }
            if !known.iter().any(|field| field.filterable) {
                let message = format!("lists cannot be filtered by the field {shown}");
                return Err(malformed("field_not_filterable", message));
            }
            let read = known.iter().map(|field| field.read_text(text));
            let (values, rules): (Vec<_>, Vec<_>) = read.partition(|read| read.is_ok());
            let values: Vec<_> = values.into_iter().flatten().collect();
            if let (true, Some(Err(rule))) = (values.is_empty(), rules.into_iter().next()) {
                return Err(malformed("field_invalid", format!("the field {shown}: {rule}")));
            }
            if wanted.iter().any(|(other, _)| other == name) {
                return Err(malformed(
                    "field_twice",
                    format!("the field {shown} is asked for twice"),
                ));
            }
            wanted.push((name.clone(), values));
        }
        Ok(Self { wanted })
    }

    /// Whether it leaves everything.
    pub fn is_empty(&self) -> bool {
        self.wanted.is_empty()
    }

    /// Fields and values side by side, each pair once.
    fn pairs(&self) -> (Vec<String>, Vec<String>) {
        let mut pairs: Vec<_> = self
            .wanted
            .iter()
            .flat_map(|(field, values)| values.iter().map(move |value| (field.clone(), value.clone())))
            .collect();
        pairs.sort();
        pairs.dedup();
        pairs.into_iter().unzip()
    }
}

/// The ports or customers that a filter leaves, for a page.
pub async fn find(tx: &mut impl Tx, key: Key, filter: &Filter, page: Page) -> Result<Found> {
    let (fields, values) = filter.pairs();
    let wanted = store::Wanted {
        fields,
        values,
        count: filter.wanted.len() as i64,
    };
    match key {
        Key::CustomerFields => store::customers_with(tx, &wanted, page).await,
        _ => store::ports_with(tx, &wanted, page).await,
    }
}

/// Writes values under the fields in force, and sees that none that is required is missing then. Null takes a value
/// away. Gives what changed, for the audit trail, which never holds a personal value.
pub async fn keep(
    tx: &mut WriteTx,
    vault: &Vault,
    subject: Subject,
    given: &Map<String, Value>,
) -> Result<Vec<Value>> {
    let fields: Fields = effective::get(tx, subject.key(), subject.tenant()).await?;
    let stored = store::values_of(tx, &[subject]).await?;
    let sealing = match stored.iter().any(|row| row.sealed.is_some())
        || given
            .keys()
            .any(|key| fields.get(key).is_some_and(|field| field.personal))
    {
        true => Some(vault.key(tx, subject.tenant()).await?),
        false => None,
    };
    let mut after = HashMap::new();
    for row in &stored {
        after.insert(row.field.clone(), row.open(sealing.as_ref())?);
    }
    let mut changes = Vec::new();
    for (key, value) in given {
        let old = after.get(key).cloned();
        let new = read(&fields, key, value, old.is_some())?;
        if old == new {
            continue;
        }
        let hidden = stored.iter().any(|row| row.field == *key && row.sealed.is_some())
            || fields.get(key).is_some_and(|field| field.personal);
        changes.push(match hidden {
            true => json!({ "field": key, "personal": true }),
            false => json!({ "field": key, "from": old, "to": new }),
        });
        write(
            tx,
            subject,
            key,
            new.as_deref(),
            sealing.as_ref().filter(|_| hidden),
        )
        .await?;
        match new {
            Some(new) => after.insert(key.clone(), new),
            None => after.remove(key),
        };
    }
    let missing = |field: &&Field| after.get(&field.key).and_then(|text| field.show(text)).is_none();
    if let Some(field) = fields.required().find(missing) {
        let message = format!("the field {} needs a value", field.key);
        return Err(Fault::invalid("field_required", message));
    }
    Ok(changes)
}

/// The normal form of what is given; none where it is taken away.
fn read(fields: &Fields, key: &str, value: &Value, stored: bool) -> Result<Option<String>> {
    let shown = nexusport_sandbox::clean(key, 40);
    match (fields.get(key), value) {
        (None, Value::Null) if stored => Ok(None),
        (None, _) => Err(Fault::invalid(
            "field_unknown",
            format!("there is no field {shown}"),
        )),
        (Some(_), Value::Null) => Ok(None),
        (Some(field), value) => {
            let read = field.read(value).map(Some);
            read.map_err(|rule| Fault::invalid("field_invalid", format!("the field {shown}: {rule}")))
        }
    }
}

async fn write(
    tx: &mut WriteTx,
    subject: Subject,
    field: &str,
    value: Option<&str>,
    sealing: Option<&TenantKey>,
) -> Result<()> {
    let Some(text) = value else {
        return store::remove_value(tx, subject, field).await;
    };
    let sealed = sealing.map(|key| key.seal(&subject.context(field), text.as_bytes()));
    let value = match sealed {
        Some(sealed) => store::Kept::Sealed(sealed),
        None => store::Kept::Clear(text.to_owned()),
    };
    store::keep_value(tx, subject, field, value).await
}
