//! What a component is given to import (nothing, or inert WASI) and which of the three worlds it is bound as.

use wasmtime::Engine;
use wasmtime::component::{Component, Linker};

use crate::bindings::branding::BrandingPluginPre;
use crate::bindings::carrier::CarrierPluginPre;
use crate::bindings::pricing::PricingPluginPre;
use crate::store::State;
use crate::wasi;
use crate::world::World;

/// A component whose imports are met and whose exports have the types of its world.
pub(crate) enum Bound {
    Carrier(CarrierPluginPre<State>),
    Pricing(PricingPluginPre<State>),
    Branding(BrandingPluginPre<State>),
}

impl Bound {
    pub(crate) fn world(&self) -> World {
        match self {
            Bound::Carrier(_) => World::Carrier,
            Bound::Pricing(_) => World::Pricing,
            Bound::Branding(_) => World::Branding,
        }
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
        Ok(Self { empty: Linker::new(engine), inert })
    }

    /// Fails naming an import that is not there or an export that is missing or of another type.
    pub(crate) fn bind(&self, component: &Component, world: World) -> wasmtime::Result<Bound> {
        let mut imports = component.component_type().imports(component.engine()).map(drop);
        let linker = if imports.next().is_none() { &self.empty } else { &self.inert };
        let ready = linker.instantiate_pre(component)?;
        Ok(match world {
            World::Carrier => Bound::Carrier(CarrierPluginPre::new(ready)?),
            World::Pricing => Bound::Pricing(PricingPluginPre::new(ready)?),
            World::Branding => Bound::Branding(BrandingPluginPre::new(ready)?),
        })
    }
}
