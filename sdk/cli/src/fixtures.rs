//! `replay`: a kept call asked again, and whether the answer is the same to the byte; or the answer kept in its place.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use nexusport_sandbox::Plugin;
use nexusport_sandbox::fixture::{Difference, Fixture, Replay, Verdict};
use serde_json::{Value, json};

use crate::terminal::{Mark, Terminal};

/// The folder of a plugin in which its fixtures are kept.
pub(crate) const FOLDER: &str = "fixtures";

/// A fixture that was asked again.
pub(crate) struct Replayed {
    file: PathBuf,
    replay: Replay,
}

/// Asks the plugin what each file holds, and tells how the answers compare; an error where one differs.
pub(crate) fn replay(terminal: &Terminal, plugin: &Plugin, files: &[PathBuf]) -> Result<()> {
    let replayed: Vec<Replayed> = files
        .iter()
        .map(|file| ask(plugin, file))
        .collect::<Result<_>>()?;
    for one in &replayed {
        one.tell(terminal);
    }
    terminal.answer(&json!({ "fixtures": replayed.iter().map(Replayed::document).collect::<Vec<_>>() }));
    let other = replayed
        .iter()
        .filter(|one| one.replay.verdict != Verdict::Same)
        .count();
    if other > 0 {
        bail!(
            "{other} of {} fixtures are not answered as they were",
            replayed.len()
        );
    }
    Ok(())
}

/// Asks the plugin what each file holds, and keeps its answer there.
pub(crate) fn keep(terminal: &Terminal, plugin: &Plugin, files: &[PathBuf]) -> Result<()> {
    let replayed: Vec<Replayed> = files
        .iter()
        .map(|file| ask(plugin, file))
        .collect::<Result<_>>()?;
    for one in &replayed {
        if let Verdict::Unclear(failure) = &one.replay.verdict {
            bail!("{}: this machine could not tell: {failure}", one.file.display());
        }
        let kept = read(&one.file)?.answered_by(plugin.digest(), &one.replay);
        fs::write(&one.file, kept.document()).with_context(|| format!("{}", one.file.display()))?;
        let change = match &one.replay.verdict {
            Verdict::Differs(difference) => words(difference),
            Verdict::Same | Verdict::Unclear(_) => "as it was".to_owned(),
        };
        terminal.marked(Mark::Good, &one.file.display().to_string(), &change);
    }
    terminal.answer(&json!({ "fixtures": replayed.iter().map(Replayed::document).collect::<Vec<_>>() }));
    Ok(())
}

/// The fixtures that lie in the plugin's folder, by name.
pub(crate) fn of(folder: &Path) -> Result<Vec<PathBuf>> {
    let folder = folder.join(FOLDER);
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let mut files = Vec::new();
    for entry in fs::read_dir(&folder).with_context(|| format!("{}", folder.display()))? {
        let path = entry?.path();
        if path.extension().is_some_and(|is| is == "json") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

pub(crate) fn read(file: &Path) -> Result<Fixture> {
    let document = fs::read(file).with_context(|| format!("{}", file.display()))?;
    Fixture::read(&document).with_context(|| format!("{}", file.display()))
}

fn ask(plugin: &Plugin, file: &Path) -> Result<Replayed> {
    let replay = read(file)?
        .replay(plugin)
        .with_context(|| format!("{}", file.display()))?;
    let file = file.to_owned();
    Ok(Replayed { file, replay })
}

fn words(difference: &Difference) -> String {
    let Difference { at, kept, now } = difference;
    format!("{at} was {kept} and is {now}")
}

impl Replayed {
    fn tell(&self, terminal: &Terminal) {
        let name = self.file.display().to_string();
        let usage = self.replay.run.usage;
        match &self.replay.verdict {
            Verdict::Same => {
                terminal.marked(
                    Mark::Good,
                    &name,
                    &format!("the same to the byte, {} fuel", usage.fuel),
                );
            }
            Verdict::Differs(difference) => terminal.marked(Mark::Bad, &name, &words(difference)),
            Verdict::Unclear(failure) => {
                terminal.marked(
                    Mark::Warning,
                    &name,
                    &format!("this machine could not tell: {failure}"),
                );
            }
        }
        self.replay
            .run
            .log
            .lines()
            .for_each(|line| terminal.line(&format!("     {line}")));
    }

    fn document(&self) -> Value {
        let (verdict, difference) = match &self.replay.verdict {
            Verdict::Same => ("same", Value::Null),
            Verdict::Differs(difference) => ("differs", words(difference).into()),
            Verdict::Unclear(failure) => ("unclear", failure.to_string().into()),
        };
        json!({
            "file": self.file,
            "verdict": verdict,
            "message": difference,
            "fuel": self.replay.run.usage.fuel,
            "log": self.replay.run.log,
        })
    }
}
