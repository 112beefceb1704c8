//! What an adapter asks of its operation.

use serde::de::DeserializeOwned;

use super::{FaultKind, Operation, Order, Port, Run, stuck};

impl Operation {
    /// The settings of the activation; stuck where they do not fit `T`.
    pub fn settings<T: DeserializeOwned>(&self) -> Run<T> {
        crate::settings(&self.settings).map_err(|problem| stuck(FaultKind::Other, problem))
    }

    /// The port it is about; stuck where it has none.
    pub fn port(&self) -> Run<&Port> {
        self.port
            .as_ref()
            .ok_or_else(|| stuck(FaultKind::Other, "the operation names no port"))
    }
}

impl Order {
    /// What the host adds to an order under this name, if it does.
    pub fn extra(&self, name: &str) -> Option<&str> {
        let extra = self.extras.iter().find(|extra| extra.name == name)?;
        Some(&extra.value)
    }
}
