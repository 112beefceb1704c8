//! Encodes each world's type, which an exporting guest carries in a custom section for whatever makes a component of it.
//!
//! wit-bindgen's own `export!` macros do that too, but for one world a crate: those of several, each exporting
//! `types`, would clash by name. So the bindings are made for all interfaces at once and the sections here. Recordings name
//! the interfaces' version, which is told from here too.

use std::path::PathBuf;
use std::{env, fs};

use wit_component::{StringEncoding, metadata};
use wit_parser::Resolve;

const INTERFACES: &str = "../../wit/v0";

fn main() {
    println!("cargo::rerun-if-changed={INTERFACES}");
    println!("cargo::rerun-if-changed=build.rs");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_path(INTERFACES).expect("the interface texts parse");
    for (name, world) in resolve.packages[package].worlds.clone() {
        let section =
            metadata::encode(&resolve, world, StringEncoding::UTF8, None).expect("a parsed world encodes");
        fs::write(out.join(name), section).expect("OUT_DIR can be written");
    }
    let version = resolve.packages[package].name.version.as_ref();
    let version = version.expect("the interfaces have a version");
    println!("cargo::rustc-env=NEXUSPORT_INTERFACE={version}");
}
