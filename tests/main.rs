//! NexusPort from the outside: every test starts its own host on its own database with its own clock, and talks to
//! it over HTTP. One file for each resource; `harness` is what they share.

#![allow(clippy::unwrap_used)]

mod adapters;
mod addresses;
mod attacks;
mod bad_input;
mod bandwidth;
mod billing;
mod brand;
mod carriers;
#[cfg(debug_assertions)]
mod crashes;
mod domains;
mod entrance;
mod federation;
mod harness;
mod invitations;
mod isolation;
mod jobs;
mod journey;
mod keys;
mod leaving;
mod limits;
mod logs;
mod machines;
mod mail;
mod operations;
mod operator;
mod passwords;
mod people;
mod plugins;
mod ports;
mod roles;
mod second_factor;
mod sessions;
mod settings;
mod simulation;
mod tenancy;
mod throttle;
mod tidy;
