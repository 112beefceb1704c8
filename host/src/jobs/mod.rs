//! Work to do later, fairly shared between tenants.

/// Shows that the code asking for the queue across tenants is the claiming code.
pub struct Claimer(());
