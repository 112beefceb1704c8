//! Ports, their speeds over time, and changes of them: quotes, bandwidth changes, windows with their return legs,
//! observations and the intervals of verified bandwidth that follow from them. Knows no HTTP and no adapter.

pub mod speed;
