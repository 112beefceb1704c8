//! What a component carries of its author's kept calls: those of a carrier that are named for what happens in them, which
//! are evidence to whoever looks at it before it becomes a release.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, anyhow, ensure};
use nexusport_inspection::{is_recording, section};
use nexusport_sandbox::compile::with_fixtures;
use nexusport_sandbox::fixture::Fixture;
use nexusport_sandbox::{Limits, World};

use crate::fixtures;

/// Puts the folder's recordings into the component, and gives their names.
pub(super) fn put(folder: &Path, component: &Path) -> Result<Vec<String>> {
    let recordings = of(folder)?;
    if recordings.is_empty() {
        return Ok(Vec::new());
    }
    let place = folder.join(fixtures::FOLDER);
    let text = section(&recordings).map_err(|problem| anyhow!("{}: {problem}", place.display()))?;
    let limit = Limits::default().fixtures_bytes;
    ensure!(
        text.len() as u64 <= limit,
        "the recordings in {} have {} bytes together, the limit is {limit}: leave out what their answers do not need, or a \
         second one of a scenario",
        place.display(),
        text.len()
    );
    let bytes = fs::read(component).with_context(|| format!("{}", component.display()))?;
    fs::write(component, with_fixtures(&bytes, &text)).with_context(|| format!("{}", component.display()))?;
    Ok(recordings.into_keys().collect())
}

fn of(folder: &Path) -> Result<BTreeMap<String, Fixture>> {
    let mut recordings = BTreeMap::new();
    for file in fixtures::of(folder)? {
        let name = file
            .file_stem()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        if !is_recording(name) {
            continue;
        }
        let fixture = fixtures::read(&file)?;
        if fixture.world()? == World::Carrier {
            recordings.insert(name.to_owned(), fixture);
        }
    }
    Ok(recordings)
}
