//! Identity's tables. What the entrance asks takes a bare connection and is limited by unique hash, address or host;
//! everything else is limited to the transaction's scope.

mod accounts;
mod answers;
mod attempts;
mod credentials;
mod customers;
mod domains;
mod invitations;
mod keys;
mod mailbox;
mod members;
mod operator;
mod roles;
mod standing;
mod suspensions;
mod tenants;
mod users;
mod visits;

pub(super) use accounts::*;
pub(super) use answers::*;
pub(super) use attempts::*;
pub(super) use credentials::*;
pub(super) use customers::*;
pub(super) use domains::*;
pub(super) use invitations::*;
pub(super) use keys::*;
pub(super) use mailbox::*;
pub(super) use members::*;
pub(super) use operator::*;
pub(super) use roles::*;
pub(super) use standing::*;
pub(super) use suspensions::*;
pub(super) use tenants::*;
pub(super) use users::*;
pub(super) use visits::*;
