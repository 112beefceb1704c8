//! The interfaces of `wit/v0` as Rust types. Everything here is made from the interface texts, so it has no words of its
//! own: the documentation is theirs.
//!
//! All three worlds are bound as one, so that they share their types; a component is only asked for the interface
//! of the world it is called as.
#![allow(missing_docs)]

pub mod plugin {
    wasmtime::component::bindgen!({
        path: "../../wit/v0",
        inline: "
            package nexusport:host;
            world host {
                export nexusport:plugin/types@0.1.0;
                export nexusport:plugin/http@0.1.0;
                export nexusport:plugin/carrier@0.1.0;
                export nexusport:plugin/pricing@0.1.0;
                export nexusport:plugin/branding@0.1.0;
            }
        ",
        additional_derives: [PartialEq, Eq, serde::Serialize, serde::Deserialize],
    });
}

pub mod inert {
    wasmtime::component::bindgen!({
        path: "wit",
        world: "inert",
        imports: { default: trappable },
    });
}

pub use plugin::exports::nexusport::plugin::{branding, carrier, http, pricing, types};
