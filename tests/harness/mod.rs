//! Starts hosts for tests: one PostgreSQL server for all, a database of its own for each, cloned from a migrated
//! template; the real router on a real socket; a clock that stands still until it is told to go on.

#![allow(dead_code)] // not every part is used by every suite

mod client;
mod cluster;
mod device;
mod dns;
mod host;
mod mail;
mod program;
mod shop;
mod smtp;
mod stage;

pub use client::{Answer, Client};
pub use cluster::Database;
pub use device::Device;
pub use dns::{Dns, Says};
pub use host::{Customer, Host, PASSWORD, Reseller, post, sign_up, text};
pub use mail::Mail;
pub use program::{ClockFile, Program};
pub use shop::{Adapter, Pricing, Shop, oauth2};
pub use smtp::Smtp;
pub use stage::Stage;
