//! NexusPort: sell network bandwidth under your own brand. ARCHITECTURE.md is the map of this crate.

pub mod alerts;
pub mod api;
pub mod app;
pub mod audit;
pub mod billing;
pub mod boot;
pub mod carriers;
pub mod config;
pub mod db;
pub mod demo;
pub mod egress;
pub mod etag;
pub mod fault;
pub mod identity;
pub mod ids;
pub mod jobs;
pub mod leaving;
pub mod limits;
pub mod notify;
pub mod page;
pub mod plugins;
pub mod ports;
pub mod settings;
pub mod trial;
pub mod vault;
pub mod worker;
