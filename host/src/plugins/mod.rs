//! Code that resellers bring: uploaded, checked, approved, activated, called. The sandbox crate does the calling;
//! this module knows whose code it is and what it may do.

/// Loads and calls plugins.
#[derive(Clone)]
pub struct Runtime {}
