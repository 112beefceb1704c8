//! The macros that make a guest's type the plugin. Off WebAssembly they only check that the type fits, so that a guest's
//! tests run natively.

/// Exports a type that implements [`Carrier`](crate::carrier::Carrier) as this component's adapter.
#[macro_export]
macro_rules! carrier {
    ($plugin:ident) => {
        $crate::__plugin!($plugin, carrier, CARRIER, "component-type:nexusport:carrier");
        #[cfg(target_arch = "wasm32")]
        $crate::bindings::exports::nexusport::plugin::carrier::__export_nexusport_plugin_carrier_0_1_0_cabi!(
            $plugin with_types_in $crate::bindings::exports::nexusport::plugin::carrier
        );
    };
}

/// Exports a type that implements [`Pricing`](crate::pricing::Pricing) as this component's rule.
#[macro_export]
macro_rules! pricing {
    ($plugin:ident) => {
        $crate::__plugin!($plugin, pricing, PRICING, "component-type:nexusport:pricing");
        #[cfg(target_arch = "wasm32")]
        $crate::bindings::exports::nexusport::plugin::pricing::__export_nexusport_plugin_pricing_0_1_0_cabi!(
            $plugin with_types_in $crate::bindings::exports::nexusport::plugin::pricing
        );
    };
}

/// Exports a type that implements [`Branding`](crate::branding::Branding) as this component's brand.
#[macro_export]
macro_rules! branding {
    ($plugin:ident) => {
        $crate::__plugin!($plugin, branding, BRANDING, "component-type:nexusport:branding");
        #[cfg(target_arch = "wasm32")]
        $crate::bindings::exports::nexusport::plugin::branding::__export_nexusport_plugin_branding_0_1_0_cabi!(
            $plugin with_types_in $crate::bindings::exports::nexusport::plugin::branding
        );
    };
}

/// What the three have in common.
#[doc(hidden)]
#[macro_export]
macro_rules! __plugin {
    ($plugin:ident, $interface:ident, $world:ident, $section:literal) => {
        const _: () = {
            const fn is_plugin<T: $crate::bindings::exports::nexusport::plugin::$interface::Guest>() {}
            is_plugin::<$plugin>();

            #[cfg(target_arch = "wasm32")]
            #[unsafe(link_section = $section)]
            static WORLD: [u8; $crate::worlds::$world.len()] = $crate::worlds::$world;
        };
    };
}
