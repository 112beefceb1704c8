//! Carriers and what is asked of them: destinations and credentials, operations and their journals. An adapter says
//! what to do next; this module does it, and its journal is the only state.

pub mod operations;
