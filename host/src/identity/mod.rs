//! Who is asking: tenants, people, memberships, roles, sessions and API keys. The only module that opens the
//! entrance, the door before a tenant is known, and (with `jobs`) the only one that makes callers.

pub mod answers;
mod asker;
mod caller;
pub mod customers;
pub mod domains;
pub mod entrance;
pub mod federation;
mod host_name;
pub mod inboxes;
pub mod invitations;
pub mod keys;
mod known_keys;
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

pub use asker::Asker;
pub use caller::{Actor, ActorKind, Caller, HouseCaller, Initiator, Principal, Purpose, TenantState};
pub use known_keys::KnownKeys;
pub use permission::{Permission, Permissions};
pub use token::Token;

/// Shows that the code asking for the entrance is identity's own.
pub struct AtTheEntrance(());
