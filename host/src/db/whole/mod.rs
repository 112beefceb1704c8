//! Everything that is one tenant's, table by table. Which tables there are comes from the catalog, so a new one is
//! covered by itself; what of them is no part of a tenant's data is listed in `rules`. Knows no archive.

mod catalog;
mod empty;
mod load;
mod read;
mod rules;
mod sql;

pub use catalog::{Column, Form, Table};
pub use empty::{Emptied, Leave};
pub use load::Load;
pub use read::{Row, Whole};
pub use rules::{Keep, LeftOut, left_out};
