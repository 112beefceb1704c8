//! The tables of bandwidth changes, of their return legs, and of approvals that they wait for.

mod approvals;
mod booked;
mod changes;
mod legs;
mod pending;
mod room;

pub(in crate::ports) use approvals::*;
pub(in crate::ports) use booked::*;
pub(in crate::ports) use changes::*;
pub(in crate::ports) use legs::*;
pub(in crate::ports) use pending::*;
pub(in crate::ports) use room::*;
