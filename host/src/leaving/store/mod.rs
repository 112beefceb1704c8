//! The tables of exports and departures.

mod departures;
mod exports;

pub(super) use departures::{carried_out, departure, departures, insert_departure, lock_alone, withdraw};
pub(super) use exports::{
    Made, archived_since, become_, delete_parts, find, insert, insert_part, list, made, part,
};
