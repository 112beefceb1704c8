//! All checks of a component, from its structure to its compiled code, in the order of what they cost. Runs in the compile
//! child, except for components that the caller vouches for.

use wasmtime::Engine;
use wasmtime::component::Component;

use super::report::Findings;
use super::structure::{NoComponent, Structure};
use crate::clean::clean;
use crate::engine;
use crate::limits::Limits;
use crate::link::Linkers;
use crate::version::Version;
use crate::world::World;

/// The parts of WASI that are served, inert.
const OFFERED: [&str; 4] = ["wasi:io/", "wasi:cli/", "wasi:clocks/", "wasi:random/"];
const WORDS: usize = 500;
/// Names that one message lists.
const NAMED: usize = 10;

/// What was found, and the compiled code if all checks passed.
pub(super) fn examine(bytes: &[u8], limits: &Limits) -> (Findings, Option<Vec<u8>>) {
    let mut findings = Findings::default();
    let code = stages(bytes, limits, &mut findings);
    (findings, code)
}

/// Stops at the first failed check.
fn stages(bytes: &[u8], limits: &Limits, findings: &mut Findings) -> Option<Vec<u8>> {
    if !findings.at_most("component_bytes", bytes.len() as u64, limits.component_bytes) {
        return None;
    }
    let structure = structure(bytes, limits, findings)?;
    imports(&structure, findings)?;
    fixtures(&structure, limits, findings)?;
    let world = world(&structure, findings)?;
    findings.world = Some(world);
    compile(bytes, world, limits, findings)
}

fn structure(bytes: &[u8], limits: &Limits, findings: &mut Findings) -> Option<Structure> {
    let structure = match Structure::read(bytes) {
        Ok(structure) => structure,
        Err(NoComponent::CoreModule) => {
            findings.failed(
                "component",
                "this is a core module; it has to be made into a component first",
            );
            return None;
        }
        Err(NoComponent::Unreadable(error)) => {
            let words = clean(&error.to_string(), WORDS);
            findings.failed("component", format!("this is not a component: {words}"));
            return None;
        }
    };
    findings.passed("component", "is a component");
    if structure.nests {
        findings.failed(
            "nesting",
            "it holds another component with code or instances of its own",
        );
        return None;
    }
    findings.passed("nesting", "holds no other component");
    let within = |(name, figure, limit)| findings.at_most(name, figure, limit);
    structure
        .figures(limits)
        .into_iter()
        .all(within)
        .then_some(structure)
}

fn imports(structure: &Structure, findings: &mut Findings) -> Option<()> {
    findings.imports = structure.imports.iter().map(|name| clean(name, WORDS)).collect();
    let offered = |name: &&String| !OFFERED.iter().any(|prefix| name.starts_with(prefix));
    let refused: Vec<&str> = findings
        .imports
        .iter()
        .filter(offered)
        .map(String::as_str)
        .take(NAMED)
        .collect();
    if refused.is_empty() {
        let count = findings.imports.len();
        findings.passed("imports", format!("{count} imports, all of them offered"));
        return Some(());
    }
    let message = format!(
        "it imports {}, which no plugin is given; all it may import is wasi:io, wasi:cli, wasi:clocks and wasi:random",
        refused.join(", ")
    );
    findings.failed("imports", message);
    None
}

fn fixtures(structure: &Structure, limits: &Limits, findings: &mut Findings) -> Option<()> {
    let section = match structure.fixtures.as_slice() {
        [] => return Some(()),
        [section] => section,
        _ => {
            findings.failed("fixtures", "it has more than one section of fixtures");
            return None;
        }
    };
    if !findings.at_most("fixtures_bytes", section.len() as u64, limits.fixtures_bytes) {
        return None;
    }
    match String::from_utf8(section.clone()) {
        Ok(text) => {
            findings.fixtures = Some(text);
            Some(())
        }
        Err(_) => {
            findings.failed("fixtures", "its section of fixtures is not UTF-8");
            None
        }
    }
}

fn world(structure: &Structure, findings: &mut Findings) -> Option<World> {
    let ours = |name: &String| {
        let (interface, version) = name.split_once('@')?;
        let world = World::ALL
            .into_iter()
            .find(|world| world.interface() == interface)?;
        Some((world, clean(version, WORDS)))
    };
    let found: Vec<_> = structure.exports.iter().filter_map(ours).collect();
    match found.as_slice() {
        [(world, version)] if Version::named(version).is_some() => {
            findings.passed("world", format!("{world}, version {version}"));
            Some(*world)
        }
        [(world, version)] => {
            let served = Version::served();
            let message = format!(
                "it exports {}@{version}, this host serves version {served}",
                world.interface()
            );
            findings.failed("world", message);
            None
        }
        [] => {
            let names = World::ALL.map(World::interface).join(", ");
            findings.failed("world", format!("it exports none of {names}"));
            None
        }
        _ => {
            findings.failed(
                "world",
                "it exports more than one world; each needs a component of its own",
            );
            None
        }
    }
}

fn compile(bytes: &[u8], world: World, limits: &Limits, findings: &mut Findings) -> Option<Vec<u8>> {
    let compiled = engine::compiling(limits).and_then(|engine| {
        let component = Component::new(&engine, bytes)?;
        let code = component.serialize()?;
        Ok((engine, component, code))
    });
    let (engine, component, code) = match compiled {
        Ok(compiled) => compiled,
        Err(error) => {
            failed_to_compile(&error, limits, findings);
            return None;
        }
    };
    findings.passed("code", "is valid and compiles");
    if !findings.at_most("compiled_bytes", code.len() as u64, limits.compiled_bytes) {
        return None;
    }
    match interface(&engine, &component, world) {
        Ok(()) => findings.passed("interface", "has the types of its world"),
        Err(error) => {
            findings.failed(
                "interface",
                clean(&format!("it does not fit its world: {error:#}"), WORDS),
            );
            return None;
        }
    }
    Some(code)
}

fn failed_to_compile(error: &wasmtime::Error, limits: &Limits, findings: &mut Findings) {
    let words = clean(&format!("{error:#}"), WORDS);
    if words.contains("Cannot allocate memory") || words.contains("out of memory") {
        let limit = limits.compile_memory_bytes;
        findings.exceeded(
            "compile_memory_bytes",
            limit,
            format!("compiling it takes more than {limit} bytes"),
        );
    } else {
        findings.failed("code", format!("it does not compile: {words}"));
    }
}

fn interface(engine: &Engine, component: &Component, world: World) -> wasmtime::Result<()> {
    Linkers::new(engine)?.bind(component, world).map(drop)
}
