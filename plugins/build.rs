//! Builds every guest of this folder as a component, so that `cargo run` and `cargo test` need no step before them.
//!
//! Guests are built one by one, by a cargo of their own with its own target folder: on the shared one it would
//! wait for ever for the cargo that runs this script, and a `no_std` guest cannot share a build with one that uses `std`.

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{self, Command};

const TARGET: &str = "wasm32-unknown-unknown";

type Result<T> = std::result::Result<T, String>;

fn main() {
    if let Err(problem) = run() {
        println!("cargo::error={}", problem.replace('\n', " "));
        process::exit(1);
    }
}

fn run() -> Result<()> {
    let here = PathBuf::from(variable("CARGO_MANIFEST_DIR")?);
    let out = PathBuf::from(variable("OUT_DIR")?);
    for path in ["../wit", "../sdk/rust", ".", "../Cargo.toml", "../Cargo.lock"] {
        println!("cargo::rerun-if-changed={path}");
    }
    ensure_target()?;

    let mut code = String::new();
    for guest in guests(&here)?.iter().filter(|guest| guest.name.contains('-')) {
        constant(&mut code, "", guest, &out)?;
    }
    code.push_str(
        "\n/// Guests that misbehave, each tripping one check or limit. For tests.\npub mod hostile {\n",
    );
    for guest in guests(&here.join("hostile"))? {
        constant(&mut code, "    ", &guest, &out)?;
    }
    code.push_str("}\n");
    write(&out.join("components.rs"), code.as_bytes())
}

struct Guest {
    name: String,
    manifest: PathBuf,
}

/// The crates directly in `folder`, by name.
fn guests(folder: &Path) -> Result<Vec<Guest>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(|e| format!("{}: {e}", folder.display()))? {
        let entry = entry.map_err(|e| format!("{}: {e}", folder.display()))?;
        let manifest = entry.path().join("Cargo.toml");
        if manifest.is_file() {
            found.push(Guest {
                name: package_name(&manifest)?,
                manifest,
            });
        }
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(found)
}

fn package_name(manifest: &Path) -> Result<String> {
    let text = fs::read_to_string(manifest).map_err(|e| format!("{}: {e}", manifest.display()))?;
    text.lines()
        .find_map(|line| line.strip_prefix("name = \"")?.strip_suffix('"'))
        .map(str::to_owned)
        .ok_or_else(|| format!("{} has no package name", manifest.display()))
}

/// Builds the guest and appends the constant that holds its component.
fn constant(code: &mut String, indent: &str, guest: &Guest, out: &Path) -> Result<()> {
    let module = compile(guest, out)?;
    let component = wit_component::ComponentEncoder::default()
        .validate(true)
        .module(&module)
        .and_then(|encoder| encoder.encode())
        .map_err(|e| format!("{} does not make a component: {e:#}", guest.name))?;
    let file = out.join(format!("{}.wasm", guest.name));
    write(&file, &component)?;
    let name = guest.name.replace('-', "_").to_uppercase();
    let _ = writeln!(
        code,
        "{indent}/// The component of `{}`.\n{indent}pub const {name}: &[u8] = include_bytes!({:?});",
        guest.name, file
    );
    Ok(())
}

/// The guest's core module.
fn compile(guest: &Guest, out: &Path) -> Result<Vec<u8>> {
    let target_dir = out.join("target");
    let mut cargo = Command::new(variable("CARGO")?);
    for (name, _) in env::vars_os().filter(|(name, _)| belongs_to_this_build(&name.to_string_lossy())) {
        cargo.env_remove(name);
    }
    let status = cargo
        .args(["build", "--locked", "--profile", "guest", "--target", TARGET])
        .args(homeless())
        .arg("--target-dir")
        .arg(&target_dir)
        .arg("--manifest-path")
        .arg(&guest.manifest)
        .status()
        .map_err(|e| format!("cargo does not start: {e}"))?;
    if !status.success() {
        return Err(format!("{} does not build, see above", guest.name));
    }
    let file = target_dir
        .join(TARGET)
        .join("guest")
        .join(format!("{}.wasm", guest.name.replace('-', "_")));
    fs::read(&file).map_err(|e| format!("{}: {e}", file.display()))
}

/// What makes cargo leave out its home, which is somebody's: panics name the sources that they come from.
fn homeless() -> Vec<String> {
    let home = env::var_os("CARGO_HOME").map(PathBuf::from);
    let Some(home) = home.or_else(|| Some(env::home_dir()?.join(".cargo"))) else {
        return Vec::new();
    };
    let flag = format!("--remap-path-prefix={}=/cargo", home.display());
    vec![
        "--config".to_owned(),
        format!("target.{TARGET}.rustflags=[{flag:?}]"),
    ]
}

/// Whether a variable describes the build that runs this script: its wrappers, flags and profile must not reach
/// the guests'. Where packages come from is no part of that.
fn belongs_to_this_build(name: &str) -> bool {
    const KEPT: [&str; 4] = ["CARGO_HOME", "CARGO_NET_", "CARGO_HTTP_", "CARGO_REGISTR"];
    const OURS: [&str; 12] = [
        "CARGO",
        "RUSTC",
        "RUSTDOC",
        "RUSTFLAGS",
        "DEP_",
        "MAKEFLAGS",
        "MFLAGS",
        "OUT_DIR",
        "OPT_LEVEL",
        "PROFILE",
        "NUM_JOBS",
        "LD_LIBRARY_PATH",
    ];
    let starts = |prefixes: &[&str]| prefixes.iter().any(|prefix| name.starts_with(prefix));
    matches!(name, "TARGET" | "HOST" | "DEBUG") || (starts(&OURS) && !starts(&KEPT))
}

/// Adds the WebAssembly target where rustup can.
fn ensure_target() -> Result<()> {
    if has_target()? {
        return Ok(());
    }
    let added = Command::new("rustup").args(["target", "add", TARGET]).status();
    if added.is_ok_and(|status| status.success()) && has_target()? {
        return Ok(());
    }
    Err(format!(
        "the plugins need Rust's standard library for {TARGET}: run `rustup target add {TARGET}`, or install it by your system's packages"
    ))
}

fn has_target() -> Result<bool> {
    let output = Command::new(variable("RUSTC")?)
        .args(["--print", "target-libdir", "--target", TARGET])
        .output()
        .map_err(|e| format!("rustc does not start: {e}"))?;
    Ok(Path::new(String::from_utf8_lossy(&output.stdout).trim()).is_dir())
}

/// Writes only what changed, so that nothing that includes it is rebuilt for nothing.
fn write(file: &Path, content: &[u8]) -> Result<()> {
    if fs::read(file).is_ok_and(|old| old == content) {
        return Ok(());
    }
    fs::write(file, content).map_err(|e| format!("{}: {e}", file.display()))
}

fn variable(name: &str) -> Result<String> {
    env::var(name).map_err(|_| format!("cargo did not set {name}"))
}
