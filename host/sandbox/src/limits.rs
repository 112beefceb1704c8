//! Every figure a plugin meets, in one place, so that the same numbers hold on its author's machine and in the host.
//! Knows nothing of who pays for more: a plan that allows a heavier plugin is another value of [`Limits`].

use serde::{Deserialize, Serialize};

const KIB: u64 = 1024;
const MIB: u64 = 1024 * KIB;

/// What a plugin may take, at upload and in every call. The sizes of the pool (`memory_bytes`, `tables`,
/// `table_elements`, `core_instances`, `concurrent_calls`) hold for a whole [`Sandbox`](crate::Sandbox).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Size of an uploaded component. Rust guests are under 150 KiB; other languages bring their runtime.
    pub component_bytes: u64,
    /// Functions in all core modules: 100,000 of them take 8 s to compile out of 400 kB.
    pub functions: u64,
    /// Locals in all functions: the compiler's time is locals times blocks.
    pub locals: u64,
    /// Machine code and its tables, which every host keeps in its cache and in memory.
    pub compiled_bytes: u64,
    /// Core modules instantiated by one component: main module and WASI adapters.
    pub core_instances: u32,
    /// Tables of one component, in all its core modules.
    pub tables: u32,
    /// Elements of one table; 8 bytes each are reserved for every concurrent call.
    pub table_elements: u32,
    /// The section of recordings, which alone leaves the compile child as it came. All other custom sections, such as names,
    /// are read by nobody, so they count as a part of the component and no more.
    pub fixtures_bytes: u64,
    /// Processor time of the compile child.
    pub compile_cpu_s: u64,
    /// Waiting time for the compile child, which may share its processors.
    pub compile_wall_s: u64,
    /// Address space of the compile child.
    pub compile_memory_bytes: u64,

    /// Linear memory in one call.
    pub memory_bytes: u64,
    /// Bytes that one result may hold, counted while it is read out of the plugin.
    pub result_bytes: u64,
    /// Stack of one call.
    pub stack_bytes: u64,
    /// Live resource handles in one call: only a plugin that imports WASI has any.
    pub handles: u32,
    /// What is kept of a plugin's standard output and error in one call.
    pub log_bytes: u64,
    /// Calls running at the same time. Each reserves 4 GiB of address space, which costs nothing until touched.
    pub concurrent_calls: u32,

    /// Fuel of one carrier step; about one unit an instruction, 1e10 a second.
    pub carrier_fuel: u64,
    /// Waiting time for one carrier step.
    pub carrier_wall_ms: u64,
    /// Exchanges in the journal that one step is given.
    pub journal_exchanges: u64,
    /// Bytes of that journal.
    pub journal_bytes: u64,
    /// Bytes of one request a step may ask for: method, target, headers and body.
    pub request_bytes: u64,
    /// Bytes of a port's opaque carrier data.
    pub carrier_data_bytes: u64,
    /// Destinations a carrier adapter may ask for.
    pub destinations: u64,

    /// Fuel of one pricing call before its facts.
    pub pricing_fuel: u64,
    /// Fuel added for every fact, so that a big contract does not eat the author's budget.
    pub pricing_fuel_per_fact: u64,
    /// Waiting time for one pricing call before its facts.
    pub pricing_wall_ms: u64,
    /// Waiting time added for every fact.
    pub pricing_wall_us_per_fact: u64,

    /// Fuel of one branding call.
    pub branding_fuel: u64,
    /// Waiting time for one branding call.
    pub branding_wall_ms: u64,
}

/// Which limits a component is held to, from its upload on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// What every host takes.
    #[default]
    Light,
    /// What components need that bring an engine or an interpreter with them.
    Heavy,
}

impl Class {
    /// The word on the wire and in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Heavy => "heavy",
        }
    }

    /// What a component of the class may take.
    pub fn limits(self) -> Limits {
        match self {
            Self::Light => Limits::default(),
            Self::Heavy => Limits::heavy(),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            component_bytes: 16 * MIB,
            functions: 20_000,
            locals: 1_000_000,
            compiled_bytes: 32 * MIB,
            core_instances: 16,
            tables: 4,
            table_elements: 20_000,
            fixtures_bytes: 256 * KIB,
            compile_cpu_s: 20,
            compile_wall_s: 60,
            compile_memory_bytes: 2048 * MIB,
            memory_bytes: 64 * MIB,
            result_bytes: 4 * MIB,
            stack_bytes: 512 * KIB,
            handles: 1_000,
            log_bytes: 8 * KIB,
            concurrent_calls: 64,
            carrier_fuel: 500_000_000,
            carrier_wall_ms: 500,
            journal_exchanges: 64,
            journal_bytes: 4 * MIB,
            request_bytes: 256 * KIB,
            carrier_data_bytes: 16 * KIB,
            destinations: 8,
            pricing_fuel: 5_000_000,
            pricing_fuel_per_fact: 100_000,
            pricing_wall_ms: 50,
            pricing_wall_us_per_fact: 5,
            branding_fuel: 200_000_000,
            branding_wall_ms: 100,
        }
    }
}

impl Limits {
    /// For components that bring an engine or an interpreter with them, as those made from JavaScript and Python do: 12 to
    /// 19 MB of WebAssembly, in up to 50 core modules, with a start-up of millions of instructions in every call. What
    /// a plugin may ask of its host (requests, destinations, results) is the same for everybody.
    pub fn heavy() -> Self {
        Self {
            component_bytes: 32 * MIB,
            functions: 60_000,
            compiled_bytes: 128 * MIB,
            core_instances: 64,
            tables: 64,
            compile_cpu_s: 60,
            compile_wall_s: 300,
            memory_bytes: 128 * MIB,
            concurrent_calls: 16,
            carrier_fuel: 2_000_000_000,
            carrier_wall_ms: 1_000,
            pricing_fuel: 200_000_000,
            pricing_fuel_per_fact: 2_000_000,
            pricing_wall_ms: 200,
            pricing_wall_us_per_fact: 200,
            branding_fuel: 1_000_000_000,
            branding_wall_ms: 500,
            ..Self::default()
        }
    }

    /// What one call of a carrier adapter may take.
    pub fn carrier(&self) -> Budget {
        self.budget(self.carrier_fuel, self.carrier_wall_ms)
    }

    /// What one call of a pricing plugin may take with this many facts
    /// ([`pricing::facts`](crate::pricing::facts)); `describe` has none.
    pub fn pricing(&self, facts: u64) -> Budget {
        let fuel = self
            .pricing_fuel
            .saturating_add(self.pricing_fuel_per_fact.saturating_mul(facts));
        let extra_us = self.pricing_wall_us_per_fact.saturating_mul(facts);
        self.budget(fuel, self.pricing_wall_ms.saturating_add(extra_us / 1_000))
    }

    /// What one call of a branding plugin may take.
    pub fn branding(&self) -> Budget {
        self.budget(self.branding_fuel, self.branding_wall_ms)
    }

    fn budget(&self, fuel: u64, wall_ms: u64) -> Budget {
        Budget {
            fuel,
            wall_ms,
            memory_bytes: self.memory_bytes,
            result_bytes: self.result_bytes,
        }
    }
}

/// What one call may take. A tenant's plan or a retry changes it for a single call; memory above the sandbox's
/// own limit is not to be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Budget {
    /// Units of fuel.
    pub fuel: u64,
    /// Milliseconds from before the instance is made until its result is read.
    pub wall_ms: u64,
    /// Bytes of linear memory.
    pub memory_bytes: u64,
    /// Bytes of the result.
    pub result_bytes: u64,
}

impl Budget {
    /// The same budget with more waiting time: for a second try after a deadline that a busy host may have caused.
    /// Fuel stays, so what the plugin itself may do does not change.
    pub fn more_time(self, times: u64) -> Self {
        Self {
            wall_ms: self.wall_ms.saturating_mul(times),
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pricing_budgets_grow_with_the_facts() {
        let limits = Limits::default();
        assert_eq!(limits.pricing(0).fuel, 5_000_000);
        assert_eq!(limits.pricing(0).wall_ms, 50);
        assert_eq!(limits.pricing(1_000).fuel, 105_000_000);
        assert_eq!(limits.pricing(1_000).wall_ms, 55);
    }

    #[test]
    fn a_second_try_gets_time_but_no_fuel() {
        let first = Limits::default().carrier();
        let second = first.more_time(4);
        assert_eq!((second.wall_ms, second.fuel), (2_000, first.fuel));
    }
}
