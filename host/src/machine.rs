//! State machines: states, the words for them, and the steps that can be taken. The database knows the same steps (the table
//! `transition`) and refuses all others whatever the code believes; `tests/machines.rs` compares them, tries every
//! illegal step on both, and draws `docs/state-machines.md`.

/// An enum of states with the steps between them: the name of its machine in the database, and how a text begins that names
/// what is in such a state.
macro_rules! machine {
    ($(#[$doc:meta])* $name:ident $machine:literal $subject:literal
        { $($(#[$said:meta])* $state:ident $word:literal => [$($next:ident),*];)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name {
            $($(#[$said])* $state,)*
        }

        impl $name {
            /// The name of the machine in the database.
            pub const MACHINE: &str = $machine;

            /// Every state.
            pub const ALL: &[Self] = &[$(Self::$state),*];

            /// The word in the database and on the wire.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$state => $word,)*
                }
            }

            /// The state of this name.
            pub fn parse(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|state| state.name() == name)
            }

            /// The states that can follow.
            pub const fn next(self) -> &'static [Self] {
                match self {
                    $(Self::$state => &[$(Self::$next),*],)*
                }
            }

            /// The state after this one, or why it cannot be.
            pub fn become_(self, next: Self) -> $crate::fault::Result<Self> {
                if self.next().contains(&next) {
                    return Ok(next);
                }
                let message = format!(concat!($subject, " that is {} cannot become {}"), self.name(), next.name());
                Err($crate::fault::Fault::conflict("state_forbids", message))
            }
        }
    };
}

pub(crate) use machine;
