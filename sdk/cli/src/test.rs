//! `test`: the plugin's own tests, natively and fast; then its fixtures, asked of the component that a host would run.

use anyhow::Result;
use serde_json::json;

use crate::build::{self, Language, Source};
use crate::fixtures;
use crate::plugin::{self, Class};
use crate::terminal::Terminal;

/// Runs both; an error where one fails.
pub(crate) fn test(terminal: &Terminal, source: &Source<'_>, class: Class) -> Result<()> {
    Language::of(source.folder)?.test(source)?;
    let files = fixtures::of(source.folder)?;
    if files.is_empty() {
        let folder = source.folder.join(fixtures::FOLDER);
        terminal.line(&format!(
            "no fixtures: calls that were kept go into {}",
            folder.display()
        ));
        terminal.answer(&json!({ "fixtures": [] }));
        return Ok(());
    }
    let component = build::component(terminal, source)?;
    fixtures::replay(terminal, &plugin::load(terminal, &component.file, class)?, &files)
}
