//! The main job, end to end, as anyone would do it: over HTTP, with uploaded plugins, against a carrier that misbehaves.
//! Knows the API only from the outside; what it reports was read back, none of it is written down here.

mod caller;
mod isolation;
