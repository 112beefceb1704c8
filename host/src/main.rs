//! NexusPort.
fn main() {}
