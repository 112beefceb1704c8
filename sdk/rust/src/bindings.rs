//! The interfaces of `wit/v0` as Rust types and traits, all three worlds in one so that they share their types. Made from
//! the interface texts, so it has no words of its own: the documentation is theirs.
#![allow(missing_docs, unsafe_code, unused_qualifications, clippy::all)]

wit_bindgen::generate!({
    path: "../../wit/v0",
    inline: "
        package nexusport:sdk;
        world every {
            include nexusport:plugin/carrier-plugin@0.1.0;
            include nexusport:plugin/pricing-plugin@0.1.0;
            include nexusport:plugin/branding-plugin@0.1.0;
        }
    ",
    pub_export_macro: true,
    additional_derives: [PartialEq, serde::Serialize],
});
