//! The tables of exports and departures.

mod departures;
mod exports;

pub(super) use departures::{departure, departures, end_departure, insert_departure, lock_alone};
pub(super) use exports::{
    Made, archived_since, become_, delete_parts, find, insert, insert_part, list, made, part,
};
