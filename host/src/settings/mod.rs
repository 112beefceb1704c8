//! What tenants set for themselves: words, fields, names, hours, approvals, who is called. A closed list of keys, each
//! with a schema and a value of the platform's; what is in force is read in the transaction that needs it, typed, and
//! always knows who set it. Knows no HTTP, and nothing of what others do by the settings but
//! that ports are read back by one, which begins anew with it.

pub mod approval;
pub mod calendar;
mod edit;
mod effective;
pub mod fields;
mod key;
pub mod leaving;
pub mod naming;
pub mod on_call;
pub mod plugin_failures;
pub mod plugin_runs;
pub mod reconciliation;
pub mod shadow;
pub mod status;
mod store;
mod value;

pub use calendar::Calendar;
pub use edit::{Of, Own, Setting, get, list, remove, set};
pub use effective::Source;
pub use key::{Key, Whose};
pub use on_call::OnCall;
pub use value::MAX_BYTES;

use crate::{db::Tx, fault::Result, ids::TenantId, vault::Vault};
use effective::InForce;
use fields::{Shown, Subject};

/// The words for states of whoever the transaction is for.
pub async fn status_names(tx: &mut impl Tx) -> Result<status::Names> {
    let reader = tx.scope().tenant();
    effective::get(tx, Key::StatusNames, reader).await
}

/// The settings that ports are shown by.
pub const PORT_KEYS: [Key; 2] = [Key::StatusNames, Key::PortFields];

/// The words for states of whoever the transaction is for, and the values of these ports' fields.
pub async fn words_and_fields(
    tx: &mut impl Tx,
    vault: &Vault,
    ports: &[Subject],
) -> Result<(status::Names, Vec<Shown>)> {
    let reader = tx.scope().tenant();
    let tenants: Vec<_> = ports.iter().map(|port| port.tenant()).chain([reader]).collect();
    let in_force = InForce::load(tx, &PORT_KEYS, &tenants).await?;
    let names = in_force.read(Key::StatusNames, reader)?;
    Ok((names, fields::shown(tx, vault, ports, &in_force).await?))
}

/// The same where nobody of the house ever made one of [`PORT_KEYS`]: the platform's words, and no fields.
pub fn words_without_settings(ports: &[Subject]) -> Result<(status::Names, Vec<Shown>)> {
    let names = effective::typed(Key::StatusNames, Key::StatusNames.default())?;
    Ok((names, vec![Shown::default(); ports.len()]))
}

/// Which names the tenant's ports can have.
pub async fn port_naming(tx: &mut impl Tx, tenant: TenantId) -> Result<naming::Naming> {
    effective::get(tx, Key::PortNaming, tenant).await
}

/// Which name the customer can have.
pub async fn customer_naming(tx: &mut impl Tx, customer: TenantId) -> Result<naming::Naming> {
    effective::get(tx, Key::CustomerNaming, customer).await
}

/// The tenant's business hours and holidays.
pub async fn calendar(tx: &mut impl Tx, tenant: TenantId) -> Result<Calendar> {
    let keys = [Key::BusinessHours, Key::Holidays];
    let in_force = InForce::load(tx, &keys, &[tenant]).await?;
    let hours = in_force.read(Key::BusinessHours, tenant)?;
    Ok(Calendar::new(hours, in_force.read(Key::Holidays, tenant)?))
}

/// Which of the tenant's bandwidth changes somebody must approve.
pub async fn approval_rules(tx: &mut impl Tx, tenant: TenantId) -> Result<approval::Rules> {
    effective::get(tx, Key::Approval, tenant).await
}

/// On which terms the tenant leaves.
pub async fn leaving(tx: &mut impl Tx, tenant: TenantId) -> Result<leaving::Terms> {
    effective::get(tx, Key::Leaving, tenant).await
}

/// Which answered calls are kept that are made for whoever the transaction is for.
pub async fn plugin_runs(tx: &mut impl Tx) -> Result<plugin_runs::Sampling> {
    let tenant = tx.scope().tenant();
    effective::get(tx, Key::PluginRuns, tenant).await
}

/// Who is called about the tenant's ports.
pub async fn on_call(tx: &mut impl Tx, tenant: TenantId) -> Result<OnCall> {
    effective::get(tx, Key::OnCall, tenant).await
}

/// What takes the place of a release of the reseller's that fails.
pub async fn plugin_failures(tx: &mut impl Tx) -> Result<plugin_failures::Failures> {
    let house = tx.scope().reseller();
    effective::get(tx, Key::PluginFailures, house).await
}

/// How often the reseller's ports are read back.
pub async fn reconciliation(tx: &mut impl Tx) -> Result<reconciliation::Rhythm> {
    let house = tx.scope().reseller();
    effective::get(tx, Key::Reconciliation, house).await
}

/// Whether the reseller's prices are tried before they serve.
pub async fn shadow(tx: &mut impl Tx) -> Result<shadow::Demand> {
    let house = tx.scope().reseller();
    effective::get(tx, Key::Shadow, house).await
}
