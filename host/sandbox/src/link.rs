//! What a component is given to import (nothing, or inert WASI) and which of the three worlds it is bound as.

use wasmtime::component::{Component, InstancePre, Linker};
use wasmtime::{Engine, Error, Store};

use crate::bindings::{branding, carrier, pricing};
use crate::store::State;
use crate::version::Version;
use crate::wasi;
use crate::world::World;

/// A component whose imports are met and whose exports have the types of its world.
pub(crate) struct Bound {
    ready: InstancePre<State>,
    indices: Indices,
}

/// Where the exports are, looked up and type-checked once.
enum Indices {
    Carrier(carrier::GuestIndices),
    Pricing(pricing::GuestIndices),
    Branding(branding::GuestIndices),
}

impl Bound {
    pub(crate) fn world(&self) -> World {
        match self.indices {
            Indices::Carrier(_) => World::Carrier,
            Indices::Pricing(_) => World::Pricing,
            Indices::Branding(_) => World::Branding,
        }
    }

    /// A fresh instance's exports, or nothing if it is of another world.
    pub(crate) fn carrier(
        &self,
    ) -> Option<impl FnOnce(&mut Store<State>) -> wasmtime::Result<carrier::Guest>> {
        let Indices::Carrier(indices) = &self.indices else {
            return None;
        };
        Some(|store: &mut Store<State>| {
            let instance = self.ready.instantiate(&mut *store)?;
            indices.load(&mut *store, &instance)
        })
    }

    /// As [`Bound::carrier`].
    pub(crate) fn pricing(
        &self,
    ) -> Option<impl FnOnce(&mut Store<State>) -> wasmtime::Result<pricing::Guest>> {
        let Indices::Pricing(indices) = &self.indices else {
            return None;
        };
        Some(|store: &mut Store<State>| {
            let instance = self.ready.instantiate(&mut *store)?;
            indices.load(&mut *store, &instance)
        })
    }

    /// As [`Bound::carrier`].
    pub(crate) fn branding(
        &self,
    ) -> Option<impl FnOnce(&mut Store<State>) -> wasmtime::Result<branding::Guest>> {
        let Indices::Branding(indices) = &self.indices else {
            return None;
        };
        Some(|store: &mut Store<State>| {
            let instance = self.ready.instantiate(&mut *store)?;
            indices.load(&mut *store, &instance)
        })
    }
}

/// The two linkers there are, shared by all plugins of an engine.
pub(crate) struct Linkers {
    empty: Linker<State>,
    inert: Linker<State>,
}

impl Linkers {
    pub(crate) fn new(engine: &Engine) -> wasmtime::Result<Self> {
        let mut inert = Linker::new(engine);
        wasi::add_to_linker(&mut inert)?;
        Ok(Self {
            empty: Linker::new(engine),
            inert,
        })
    }

    /// Fails naming an import that is not there or an export that is missing or of another type.
    pub(crate) fn bind(&self, component: &Component, world: World) -> wasmtime::Result<Bound> {
        let imports = component.component_type().imports(component.engine()).count();
        let linker = if imports == 0 { &self.empty } else { &self.inert };
        let ready = linker.instantiate_pre(component)?;
        let indices = match exported(component, world)? {
            Version::V0 => v0(&ready, world)?,
        };
        Ok(Bound { ready, indices })
    }
}

fn v0(ready: &InstancePre<State>, world: World) -> wasmtime::Result<Indices> {
    Ok(match world {
        World::Carrier => Indices::Carrier(carrier::GuestIndices::new(ready)?),
        World::Pricing => Indices::Pricing(pricing::GuestIndices::new(ready)?),
        World::Branding => Indices::Branding(branding::GuestIndices::new(ready)?),
    })
}

/// The version in which the component exports its world.
fn exported(component: &Component, world: World) -> wasmtime::Result<Version> {
    let exports = |version: &Version| {
        let name = format!("{}@{}", world.interface(), version.name());
        component.get_export_index(None, &name).is_some()
    };
    let found = Version::ALL.iter().copied().find(exports);
    found.ok_or_else(|| {
        let (interface, served) = (world.interface(), Version::served());
        Error::msg(format!(
            "it exports {interface} in no version that is served: {served}"
        ))
    })
}
