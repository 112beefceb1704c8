//! The three worlds of `wit/v0` as Rust types. Everything here is made from the interface texts, so it has no
//! words of its own: the documentation is theirs.
#![allow(missing_docs)]

pub mod carrier {
    wasmtime::component::bindgen!({
        path: "../../wit/v0",
        world: "carrier-plugin",
        additional_derives: [PartialEq, Eq, serde::Serialize, serde::Deserialize],
    });
}

pub mod pricing {
    wasmtime::component::bindgen!({
        path: "../../wit/v0",
        world: "pricing-plugin",
        additional_derives: [PartialEq, Eq, serde::Serialize, serde::Deserialize],
    });
}

pub mod branding {
    wasmtime::component::bindgen!({
        path: "../../wit/v0",
        world: "branding-plugin",
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
