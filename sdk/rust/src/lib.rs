//! Write NexusPort plugins in Rust.
//!
//! A plugin is a WebAssembly component that exports one world: a [carrier](mod@carrier) adapter, a [pricing](mod@pricing) rule or a
//! [branding](mod@branding). It is a pure function of what it is given: there is no clock, no randomness, no network and no file, and nothing is
//! kept between calls. A first one, whole:
//!
//! ```
//! use nexusport_sdk::{about, pricing::*};
//!
//! struct Flat;
//! nexusport_sdk::pricing!(Flat);
//!
//! impl Pricing for Flat {
//!     fn describe() -> Description {
//!         let properties = Properties { additive: true, monotone: true };
//!         Description { about: about!(r#"{"type": "object"}"#), properties, extras: vec![] }
//!     }
//!
//!     fn price(request: Request) -> Result<Priced, Refusal> {
//!         let forty_cents = Decimal::new(40, 2);
//!         let mut charges = vec![];
//!         for interval in request.intervals()? {
//!             let amount = share(times(forty_cents, interval.mbps)?, interval, &request.period)?;
//!             charges.push(interval.charge("bandwidth", amount, "0.40 per Mbps for a whole period"));
//!         }
//!         Ok(Priced { charges, extras: vec![] })
//!     }
//! }
//! # let period = || Period { start: 0, end: 1000 };
//! # let interval = Interval { start: 0, end: 500, mbps: 100, base_mbps: 100, extras: vec![] };
//! # let (facts, settings, extras) = (vec![Fact::Interval(interval)], b"{}".to_vec(), vec![]);
//! # let (time_zone, currency) = ("UTC".into(), "EUR".into());
//! # let request = Request { period: period(), time_zone, currency, settings, facts, extras };
//! # assert_eq!(Flat::price(request).unwrap().charges[0].amount, "20");
//! ```
//!
//! `nexusport-plugin new` writes a crate like this for each world, `build` makes the component, `check` shows what a
//! host would say of it, and `push` uploads it. What is needed besides: `crate-type = ["cdylib"]`, and `serde` to derive the type
//! of the settings.
//!
//! An adapter is written straight down, `let reply = link.send(request)?`, and run again over the journal of what was
//! answered; see [its module](mod@carrier).

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
pub use serde_json;

/// Reads an activation's settings; the error says what does not fit.
pub fn settings<T: serde::de::DeserializeOwned>(json: &[u8]) -> Result<T, String> {
    serde_json::from_slice(json).map_err(|e| format!("the settings do not fit: {e}"))
}

/// What a component says about itself: its name, version and summary from the crate's manifest, and the JSON Schema of its
/// settings.
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
