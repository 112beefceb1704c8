//! `push`: one upload, followed while the host looks at it.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::events::Event;
use crate::host::{self, Host};
use crate::looking::Looking;
use crate::plugin::{Class, component_at, heavier};
use crate::terminal::Terminal;

/// Uploads the component and tells each check as the host tells it, and then the release; an error where the host refuses.
pub(crate) fn push(terminal: &Terminal, place: &Path, host: &Host, plugin: &str, class: Class) -> Result<()> {
    let file = &*component_at(place);
    let component = fs::read(file).with_context(|| format!("{}", file.display()))?;
    let (bytes, limit) = (component.len() as u64, class.limits().component_bytes);
    ensure!(
        bytes <= limit,
        "{} has {bytes} bytes, the limit component_bytes is {limit}{}",
        file.display(),
        heavier(class, "component_bytes")
    );
    let mut looking = Looking::begin(terminal, "sending it");
    let path = ["v1", "plugins", plugin, "releases"];
    // A host that knows no classes has light ones alone.
    let query: &[(&str, &str)] = match class {
        Class::Light => &[],
        Class::Heavy => &[("class", "heavy")],
    };
    let ended = host.upload(&path, query, component, &mut |event| hear(&mut looking, event));
    let checks = looking.end();
    if ended.is_ok() || !checks.is_empty() {
        terminal.answer(&json!({ "file": file, "checks": checks, "release": ended.as_ref().ok() }));
    }
    let release = ended.with_context(|| format!("{}", file.display()))?;
    let word = |name: &str| release[name].as_str().unwrap_or("-").to_owned();
    terminal.line(&format!(
        "release {} of {} is {}",
        word("id"),
        word("plugin"),
        word("state")
    ));
    terminal.line(&format!("sha256 {}", word("digest")));
    Ok(())
}

/// What a host tells of an upload; the release is the last of it. What a later version tells beside is passed over.
fn hear(looking: &mut Looking<'_>, event: &Event) -> Result<Option<Value>> {
    let Event { name, data } = event;
    match name.as_str() {
        "stage" => {
            let told: Value = serde_json::from_str(data).unwrap_or_default();
            looking.stage(told["stage"].as_str().unwrap_or_default());
        }
        "check" => {
            if let Ok(check) = serde_json::from_str(data) {
                looking.ended(check);
            }
        }
        "release" => return Ok(Some(serde_json::from_str(data).context(host::NOT_JSON)?)),
        "problem" => return Err(host::refusal(data)),
        _ => {}
    }
    Ok(None)
}
