//! The documents tell of what is there: settings, tables, modules, links and the first plugin.

use std::path::Path;

use super::{
    queries::TABLES,
    sources::{RUST, read, root, texts},
};

#[test]
fn the_readme_names_every_setting() {
    let readme = read("README.md");
    for source in RUST.iter().filter(|source| source.is_in("host/src/")) {
        let names = source.text.split("env = \"").skip(1);
        for name in names.map(|after| after.split('"').next().unwrap()) {
            assert!(
                readme.contains(&format!("`{name}`")),
                "README.md does not name {name} of {}",
                source.path
            );
        }
    }
}

#[test]
fn the_readme_shows_the_sdks_own_example() {
    let (readme, sdk) = (read("README.md"), read("sdk/rust/src/lib.rs"));
    let example = readme
        .split("```rust\n")
        .nth(1)
        .expect("a plugin in the README")
        .split("```")
        .next()
        .unwrap();
    for line in example.lines().filter(|line| !line.is_empty()) {
        assert!(
            sdk.contains(&format!("//! {line}\n")),
            "not in sdk/rust/src/lib.rs: {line}"
        );
    }
}

#[test]
fn the_map_names_every_crate_and_every_module() {
    let map = read("ARCHITECTURE.md");
    for (path, _) in texts() {
        let folder = Path::new(&path).parent().unwrap().to_str().unwrap();
        let known = match path.strip_prefix("host/src/") {
            _ if path.starts_with("plugins/hostile/") => true,
            _ if path.ends_with("/Cargo.toml") => map.contains(&format!("`{folder}`")),
            Some(inside) if inside.ends_with("/mod.rs") && inside.matches('/').count() == 1 => {
                map.contains(&format!("`{}`", inside.trim_end_matches("/mod.rs")))
            }
            Some(inside) if inside.ends_with(".rs") && !inside.contains('/') => {
                map.contains(&format!("`{}`", inside.trim_end_matches(".rs")))
            }
            _ => true,
        };
        assert!(known, "ARCHITECTURE.md does not name {path}");
    }
}

#[test]
fn the_map_names_every_table() {
    let map = read("ARCHITECTURE.md");
    for table in TABLES.keys() {
        assert!(
            map.contains(&format!("`{table}`")),
            "ARCHITECTURE.md does not name the table {table}"
        );
    }
}

#[test]
fn links_between_documents_lead_somewhere() {
    for (path, text) in texts().into_iter().filter(|(path, _)| path.ends_with(".md")) {
        let folder = root().join(&path).parent().unwrap().to_owned();
        for link in text
            .split("](")
            .skip(1)
            .map(|after| after.split(')').next().unwrap())
        {
            let file = link.split('#').next().unwrap();
            let local = !file.is_empty() && !file.contains("://");
            assert!(
                !local || folder.join(file).exists(),
                "{path} links to {link}, which is not there"
            );
        }
    }
}
