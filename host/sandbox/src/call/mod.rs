//! Calling the three worlds: what goes in is checked against its limits, what comes out is cleaned.

pub mod branding;
pub mod carrier;
mod outward;
pub mod pricing;
mod question;

pub use question::{Next, Notified, Question, RenderLabels, RenderTheme};

use crate::failure::Failure;
use crate::plugin::{Plugin, Run};
use crate::world::World;

fn wrong_world<T>(plugin: &Plugin, wanted: World) -> Run<T> {
    Run::refused(Failure::WrongWorld {
        wanted,
        has: plugin.world(),
    })
}
