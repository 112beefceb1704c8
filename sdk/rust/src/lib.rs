//! Placeholder doc
#[cfg(target_arch = "wasm32")]
mod arena;
#[doc(hidden)]
pub mod bindings;
pub mod branding;
pub mod carrier;
pub mod decimal;
mod export;
pub mod pricing;
pub mod time;
#[doc(hidden)]
pub mod worlds;

pub use bindings::exports::nexusport::plugin::types::{About, Extra};
pub use {serde, serde_json};

/// Reads an activation's settings; the error says what does not fit.
pub fn settings<T: serde::de::DeserializeOwned>(json: &[u8]) -> Result<T, String> {
    serde_json::from_slice(json).map_err(|e| format!("the settings do not fit: {e}"))
}

/// What a component says about itself, its name, version and summary taken from the crate's manifest.
#[macro_export]
macro_rules! about {
    ($settings_schema:expr) => {
        $crate::About {
            name: env!("CARGO_PKG_NAME").to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            summary: env!("CARGO_PKG_DESCRIPTION").to_owned(),
            settings_schema: $settings_schema.into(),
            extras: Vec::new(),
        }
    };
}
