//! Puts the interface texts and the SDKs into the command, so that `new` needs neither a registry that has them nor this
//! repository. The Rust SDK's manifest takes much from the workspace's, which an author does not have: it is written
//! out here, and of the lock file what the SDK needs is kept, so that an author builds with the versions that were tested.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use serde_json::{Map, Value};

const ROOT: &str = "../..";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    fs::write(out.join("sdk.toml"), manifest()).expect("OUT_DIR can be written");
    fs::write(out.join("Cargo.lock"), lock("nexusport-sdk")).expect("OUT_DIR can be written");
    let mut code = String::new();
    let folders = [
        ("WIT", "wit/v0"),
        ("RUST", "sdk/rust"),
        ("JAVASCRIPT", "sdk/javascript"),
        ("PYTHON", "sdk/python"),
    ];
    for (constant, folder) in folders {
        let _ = writeln!(
            code,
            "/// What is in `{folder}`.\npub(crate) const {constant}: &[File] = &["
        );
        for file in files(folder) {
            let text = match &*file {
                "sdk/rust/Cargo.toml" => out.join("sdk.toml"),
                _ => rooted(&file),
            };
            let text = text.display();
            let _ = writeln!(
                code,
                "    File {{ path: {file:?}, text: include_str!(\"{text}\") }},"
            );
        }
        code.push_str("];\n");
    }
    fs::write(out.join("embedded.rs"), code).expect("OUT_DIR can be written");
}

fn rooted(path: &str) -> PathBuf {
    let here = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets CARGO_MANIFEST_DIR"));
    here.join(ROOT).join(path)
}

/// Every file below the folder, from the repository's root.
fn files(folder: &str) -> BTreeSet<String> {
    println!("cargo::rerun-if-changed={ROOT}/{folder}");
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(rooted(folder)).expect("the folder is in the repository") {
        let entry = entry.expect("the folder can be read");
        let name = entry.file_name().into_string().expect("names here are ASCII");
        let path = format!("{folder}/{name}");
        if name == "examples" || name == "__pycache__" {
            continue;
        }
        if entry.path().is_dir() {
            found.extend(files(&path));
        } else {
            found.insert(path);
        }
    }
    found
}

/// The SDK's manifest without a workspace.
fn manifest() -> String {
    let workspace = read(Path::new("Cargo.toml"))["workspace"].clone();
    let mut manifest = read(Path::new("sdk/rust/Cargo.toml"));
    let manifest = manifest.as_object_mut().expect("a manifest is a table");
    manifest.remove("lints");
    inherit(&mut manifest["package"], &workspace["package"]);
    inherit(&mut manifest["dependencies"], &workspace["dependencies"]);
    basic_toml::to_string(&manifest).expect("what was read can be written")
}

fn read(file: &Path) -> Value {
    println!("cargo::rerun-if-changed={ROOT}/{}", file.display());
    let text =
        fs::read_to_string(rooted(&file.display().to_string())).expect("the manifest is in the repository");
    basic_toml::from_str(&text).expect("the manifest is TOML")
}

/// Puts the workspace's value wherever the table says `workspace = true`.
fn inherit(table: &mut Value, workspace: &Value) {
    for (name, value) in table.as_object_mut().expect("a table of the manifest").iter_mut() {
        let Some(own) = value.as_object_mut() else {
            continue;
        };
        if own.remove("workspace").is_none() {
            continue;
        }
        let inherited = workspace[name].clone();
        *value = if own.is_empty() {
            inherited
        } else {
            merged(inherited, own)
        };
    }
}

fn merged(inherited: Value, own: &Map<String, Value>) -> Value {
    let mut dependency = match inherited {
        Value::Object(dependency) => dependency,
        version => Map::from_iter([("version".to_owned(), version)]),
    };
    for (key, value) in own {
        match (dependency.get_mut(key), value) {
            (Some(Value::Array(all)), Value::Array(more)) => all.extend(more.iter().cloned()),
            _ => drop(dependency.insert(key.clone(), value.clone())),
        }
    }
    Value::Object(dependency)
}

/// The lock file's entries of a package and of all that it depends on.
fn lock(package: &str) -> String {
    println!("cargo::rerun-if-changed={ROOT}/Cargo.lock");
    let text = fs::read_to_string(rooted("Cargo.lock")).expect("the lock file is in the repository");
    let (head, rest) = text.split_once("[[package]]").expect("there are packages");
    let mut by_name = BTreeMap::<String, Vec<(String, &str)>>::new();
    for entry in rest.split("[[package]]") {
        let read: Value = basic_toml::from_str(entry).expect("the entry is TOML");
        let word = |key: &str| {
            read[key]
                .as_str()
                .expect("an entry has a name and a version")
                .to_owned()
        };
        by_name
            .entry(word("name"))
            .or_default()
            .push((word("version"), entry));
    }
    let (mut wanted, mut kept) = (vec![package.to_owned()], BTreeSet::new());
    while let Some(dependency) = wanted.pop() {
        // A version follows the name where there are several.
        let mut words = dependency.split(' ');
        let (name, version) = (words.next().unwrap_or_default(), words.next());
        for (_, entry) in by_name[name]
            .iter()
            .filter(|(is, _)| version.is_none_or(|version| version == is))
        {
            if kept.insert(*entry) {
                let read: Value = basic_toml::from_str(entry).expect("it was read before");
                let dependencies = read["dependencies"].as_array().into_iter().flatten();
                wanted.extend(dependencies.filter_map(Value::as_str).map(str::to_owned));
            }
        }
    }
    let entries = kept
        .iter()
        .map(|entry| format!("[[package]]\n{}\n\n", entry.trim()));
    format!("{head}{}", entries.collect::<String>())
}
