//! A tenant's way out: an archive of everything that is its own, loading one into another platform, and leaving for good.
//! docs/leaving.md is the archive's format and what is promised of each step. Which tables there are is the business of `db`; what their
//! rows mean, their modules'.

mod archive;
mod departure;
mod end;
mod export;
mod idle;
mod import;
mod made;
mod make;
mod manifest;
mod sealed;
mod store;

pub use departure::{Archived, DEPARTURES, Departure, Wish, WishedBy, depart, departures, stay};
pub use end::{end as end_departure, end_later, forget_documents};
pub use export::{
    Archive, Export, LIST, archive, find, list, make as make_export, remove, request, set_aside,
};
pub use import::import;
pub use made::to_file;
pub use manifest::{Manifest, Told};
pub use sealed::sealed_columns;
