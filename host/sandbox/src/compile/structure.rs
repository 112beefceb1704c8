//! What a component consists of, counted without compiling anything. Runs in the compile child: the parser itself
//! can be made to panic.

use wasmparser::{
    BinaryReaderError, ComponentExternalKind, Encoding, FunctionBody, Instance, Parser, Payload,
    TableSectionReader,
};

use super::FIXTURES;
use crate::limits::Limits;

const PAGE_BYTES: u64 = 64 * 1024;

/// The figures of a component.
#[derive(Debug, Default)]
pub(super) struct Structure {
    pub imports: Vec<String>,
    /// Instances that it exports.
    pub exports: Vec<String>,
    /// A component inside of it that is more than a list of names.
    pub nests: bool,
    pub functions: u64,
    pub locals: u64,
    /// Of all instantiated core modules.
    pub core_instances: u64,
    pub memories: u64,
    pub tables: u64,
    /// The largest memory and table at the start.
    pub memory_bytes: u64,
    pub table_elements: u64,
    /// What lies in the section of fixtures.
    pub fixtures: Vec<Vec<u8>>,
    modules: Vec<Module>,
}

#[derive(Debug, Default)]
struct Module {
    memories: u64,
    tables: u64,
}

/// Why bytes are no component.
#[derive(Debug)]
pub(super) enum NoComponent {
    CoreModule,
    Unreadable(BinaryReaderError),
}

impl From<BinaryReaderError> for NoComponent {
    fn from(error: BinaryReaderError) -> Self {
        NoComponent::Unreadable(error)
    }
}

impl Structure {
    /// Reads the bytes from front to back. It does not tell whether they are valid.
    pub fn read(bytes: &[u8]) -> Result<Self, NoComponent> {
        let mut structure = Structure::default();
        let mut open: Vec<Encoding> = Vec::new();
        for payload in Parser::new(0).parse_all(bytes) {
            let payload = payload?;
            match &payload {
                Payload::Version {
                    encoding: Encoding::Module,
                    ..
                } if open.is_empty() => {
                    return Err(NoComponent::CoreModule);
                }
                Payload::Version { encoding, .. } => {
                    open.push(*encoding);
                    if *encoding == Encoding::Module {
                        structure.modules.push(Module::default());
                    }
                }
                Payload::End(_) => drop(open.pop()),
                _ => match open[..] {
                    [Encoding::Component] => structure.component(&payload)?,
                    [Encoding::Component, Encoding::Module] => structure.module(&payload)?,
                    _ => structure.nests |= !only_names(&payload),
                },
            }
        }
        Ok(structure)
    }

    fn component(&mut self, payload: &Payload<'_>) -> Result<(), NoComponent> {
        match payload {
            Payload::ComponentImportSection(imports) => {
                for import in imports.clone() {
                    self.imports.push(import?.name.name.to_owned());
                }
            }
            Payload::ComponentExportSection(exports) => {
                for export in exports.clone() {
                    let export = export?;
                    if export.kind == ComponentExternalKind::Instance {
                        self.exports.push(export.name.name.to_owned());
                    }
                }
            }
            Payload::CustomSection(section) if section.name() == FIXTURES => {
                self.fixtures.push(section.data().to_vec());
            }
            Payload::InstanceSection(instances) => {
                for instance in instances.clone() {
                    if let Instance::Instantiate { module_index, .. } = instance? {
                        self.instantiated(module_index);
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn instantiated(&mut self, module: u32) {
        self.core_instances += 1;
        if let Some(module) = self.modules.get(module as usize) {
            self.memories += module.memories;
            self.tables += module.tables;
        }
    }

    fn module(&mut self, payload: &Payload<'_>) -> Result<(), NoComponent> {
        let Some(module) = self.modules.last_mut() else {
            return Ok(());
        };
        match payload {
            Payload::MemorySection(memories) => {
                for memory in memories.clone() {
                    module.memories += 1;
                    self.memory_bytes = self.memory_bytes.max(memory?.initial.saturating_mul(PAGE_BYTES));
                }
            }
            Payload::TableSection(tables) => {
                module.tables += u64::from(tables.count());
                self.table_elements = self.table_elements.max(largest(tables)?);
            }
            Payload::FunctionSection(functions) => self.functions += u64::from(functions.count()),
            Payload::CodeSectionEntry(body) => self.locals = self.locals.saturating_add(locals(body)?),
            _ => {}
        }
        Ok(())
    }

    /// The figures that have a limit: name, figure, limit.
    pub fn figures(&self, limits: &Limits) -> [(&'static str, u64, u64); 7] {
        [
            ("functions", self.functions, limits.functions),
            ("locals", self.locals, limits.locals),
            (
                "core_instances",
                self.core_instances,
                limits.core_instances.into(),
            ),
            ("memories", self.memories, 1),
            ("memory_bytes", self.memory_bytes, limits.memory_bytes),
            ("tables", self.tables, limits.tables.into()),
            (
                "table_elements",
                self.table_elements,
                limits.table_elements.into(),
            ),
        ]
    }
}

/// What the tools wrap around an exported interface: a component that gives names to types and functions it is handed,
/// with no code in it and nothing made from it inside.
fn only_names(payload: &Payload<'_>) -> bool {
    matches!(
        payload,
        Payload::ComponentTypeSection(_)
            | Payload::ComponentImportSection(_)
            | Payload::ComponentExportSection(_)
            | Payload::ComponentAliasSection(_)
            | Payload::CustomSection(_)
    )
}

fn largest(tables: &TableSectionReader<'_>) -> Result<u64, NoComponent> {
    let mut largest = 0;
    for table in tables.clone() {
        largest = largest.max(table?.ty.initial);
    }
    Ok(largest)
}

fn locals(body: &FunctionBody<'_>) -> Result<u64, NoComponent> {
    let mut sum = 0_u64;
    for group in body.get_locals_reader()? {
        sum = sum.saturating_add(u64::from(group?.0));
    }
    Ok(sum)
}
