//! The tables of settings and of fields' values.

mod fields;
mod values;

pub(super) use fields::{
    Kept, ValueRow, Wanted, customers_with, keep_value, ports_with, remove_value, values_of,
};
pub(super) use values::{Row, Write, everywhere, in_force, own, write};
