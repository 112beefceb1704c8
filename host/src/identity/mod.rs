//! Who is asking: tenants, people, memberships, roles, sessions and API keys. The only module that opens the
//! entrance, the door before a tenant is known, and (with `jobs`) the only one that makes callers.

pub mod answers;
mod caller;
pub mod customers;
pub mod domains;
pub mod entrance;
pub mod federation;
mod host_name;
pub mod invitations;
pub mod keys;
pub mod members;
pub mod moving;
mod name;
pub mod operator;
mod password;
mod permission;
mod reserved;
pub mod roles;
pub mod sessions;
pub mod standing;
mod store;
pub mod suspensions;
pub mod tenants;
mod token;
pub mod visits;

pub use caller::{Actor, ActorKind, Caller, HouseCaller, Initiator, Principal, Purpose, TenantState};
pub use permission::{Permission, Permissions};
pub use token::Token;

/// Shows that the code asking for the entrance is identity's own.
pub struct AtTheEntrance(());
