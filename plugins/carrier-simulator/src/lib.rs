//! The adapter for the simulated carrier.
