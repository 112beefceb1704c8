//! Identity's tables. What the entrance asks takes a bare connection and is limited by unique hash, address or host;
//! everything else is limited to the transaction's scope.

mod answers;
mod credentials;
mod operator;
mod people;
mod tenants;

pub(super) use answers::*;
pub(super) use credentials::*;
pub(super) use operator::*;
pub use people::Role;
pub(super) use people::*;
pub(super) use tenants::*;
