//! The plugin author's command.
fn main() {}
