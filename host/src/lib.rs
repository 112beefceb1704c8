//! NexusPort.
