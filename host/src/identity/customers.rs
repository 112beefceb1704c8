//! A reseller's customers as it sees them: with the fields it invented, and edited by it.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{
    Caller, Permission, store,
    tenants::{self, Tenant, check_name},
};
use crate::{
    app::App,
    audit,
    db::{ReadTx, Scope, Tx},
    etag::{Etag, Expected},
    fault::{Fault, Result},
    ids::TenantId,
    page::{Items, MAX_LIMIT, Page},
    settings::{
        self, Key,
        fields::{self, Filter, Shown, Subject},
    },
    vault::Vault,
};

/// A customer with its fields.
#[derive(Debug, Clone)]
pub struct Customer {
    /// The customer.
    pub tenant: Tenant,
    /// Its fields.
    pub values: Shown,
    /// This version, for an edit of it.
    pub etag: Etag,
}

/// What to change; what is not named stays.
#[derive(Debug, Clone, Default)]
pub struct Edit {
    /// Another name.
    pub name: Option<String>,
    /// Values by field; null takes one away.
    pub fields: Map<String, Value>,
}

/// The caller's customers, or those with these values of fields.
pub async fn list(
    app: &App,
    caller: &Caller,
    asked: &[(String, String)],
    list: &str,
    page: Page,
) -> Result<Items<Customer>> {
    let mut tx = app.db.read(caller, Permission::CustomersRead).await?;
    let rows = if asked.is_empty() {
        store::list_customers(&mut tx, page).await?
    } else {
        let filter = Filter::read(&mut tx, Key::CustomerFields, asked).await?;
        let ids = fields::find(&mut tx, Key::CustomerFields, &filter, page).await?;
        store::some_customers(&mut tx, &ids).await?
    };
    let page = page.cut(caller.scope(), list, rows, |tenant| tenant.scope.tenant().uuid());
    Ok(Items {
        items: with_fields(&mut tx, &app.vault, page.items).await?,
        next: page.next,
    })
}

/// All customers that the transaction can see, in the order in which they were made.
pub async fn ids(tx: &mut ReadTx) -> Result<Vec<TenantId>> {
    let mut ids: Vec<TenantId> = Vec::new();
    loop {
        let page = Page {
            after: ids.last().map_or(Uuid::nil(), |id| id.uuid()),
            limit: MAX_LIMIT,
        };
        let found = store::list_customers(tx, page).await?;
        let more = found.len() > MAX_LIMIT as usize;
        let some = found.iter().take(MAX_LIMIT as usize);
        ids.extend(some.map(|customer| customer.scope.tenant()));
        if !more {
            return Ok(ids);
        }
    }
}

/// One of the caller's customers.
pub async fn get(app: &App, caller: &Caller, id: TenantId) -> Result<Customer> {
    let mut tx = app.db.read(caller, Permission::CustomersRead).await?;
    let tenant = store::tenant(&mut tx, id).await?;
    tenant.scope.customer().ok_or(Fault::Missing)?;
    one(&mut tx, &app.vault, tenant).await
}

/// Edits a customer, of the version that was expected.
pub async fn edit(
    app: &App,
    caller: &Caller,
    id: TenantId,
    edit: Edit,
    expected: &Expected,
) -> Result<Customer> {
    let mut tx = app.db.write(caller, Permission::CustomersWrite).await?;
    let version = store::lock_customer(&mut tx, id).await?;
    expected.check(&etag(caller.scope(), id, version))?;
    let mut tenant = store::tenant(&mut tx, id).await?;
    let old = tenant.name.clone();
    if let Some(name) = edit.name {
        check_name(&name)?;
        tenant.name = name;
    }
    settings::customer_naming(&mut tx, id)
        .await?
        .allows(&tenant.name)?;
    let changes = fields::keep(&mut tx, &app.vault, Subject::Customer(id), &edit.fields).await?;
    store::rename_customer(&mut tx, id, &tenant.name).await?;
    let detail = json!({ "from": old, "to": tenant.name, "fields": changes });
    let customer = one(&mut tx, &app.vault, tenant).await?;
    tx.commit(audit::Event::done("customer.edit", id.uuid(), detail))
        .await?;
    Ok(customer)
}

/// Adds a customer, with values of its fields.
pub async fn add(
    app: &App,
    caller: &Caller,
    new: tenants::NewTenant,
    fields: &Map<String, Value>,
) -> Result<Customer> {
    let (mut tx, tenant, event) = tenants::adding(app, caller, new).await?;
    let id = tenant.scope.tenant();
    settings::customer_naming(&mut tx, id)
        .await?
        .allows(&tenant.name)?;
    fields::keep(&mut tx, &app.vault, Subject::Customer(id), fields).await?;
    let customer = one(&mut tx, &app.vault, tenant).await?;
    tx.commit(event).await?;
    Ok(customer)
}

async fn one(tx: &mut impl Tx, vault: &Vault, tenant: Tenant) -> Result<Customer> {
    let customers = with_fields(tx, vault, vec![tenant]).await?;
    customers.into_iter().next().ok_or(Fault::Missing)
}

async fn with_fields(tx: &mut impl Tx, vault: &Vault, tenants: Vec<Tenant>) -> Result<Vec<Customer>> {
    let ids: Vec<_> = tenants.iter().map(|tenant| tenant.scope.tenant()).collect();
    let subjects: Vec<_> = ids.iter().map(|id| Subject::Customer(*id)).collect();
    let versions = store::customer_versions(tx, &ids).await?;
    let (asking, values) = (tx.scope(), fields::of_all(tx, vault, &subjects).await?);
    let customers = tenants.into_iter().zip(values).map(|(tenant, values)| {
        let id = tenant.scope.tenant();
        Customer {
            etag: etag(asking, id, versions.get(&id).copied().unwrap_or(0)),
            tenant,
            values,
        }
    });
    Ok(customers.collect())
}

fn etag(asking: Scope, id: TenantId, version: i32) -> Etag {
    Etag::new(asking, "customer", &id.to_string(), &[version])
}
