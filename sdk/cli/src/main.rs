//! The plugin author's command, from an empty folder to a host: write, build, check, test and upload a plugin, and see what
//! became of it. It uses the sandbox that hosts use, so a plugin meets the very same limits here. It knows a host only by
//! its address and an API key.

mod arguments;
mod bench;
mod build;
mod check;
mod create;
mod embedded;
mod events;
mod fixtures;
mod host;
mod logs;
mod looking;
mod plugin;
mod push;
mod terminal;
mod test;

use std::fs;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Parser;

use arguments::{Action, COMPILE_CHILD, Command, Component, Folder};
use build::Source;
use create::New;
use host::Host;
use logs::{End, Wanted};
use nexusport_sandbox::Plugin;
use terminal::{Reader, Terminal};

fn main() -> ExitCode {
    let Command { json, action } = Command::parse();
    if matches!(action, Action::CompileChild) {
        return nexusport_sandbox::compile::child_main();
    }
    let terminal = Terminal::new(if json { Reader::Program } else { Reader::Person });
    match act(&terminal, action) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            terminal.refusal(&error);
            ExitCode::FAILURE
        }
    }
}

fn act(terminal: &Terminal, action: Action) -> Result<()> {
    match action {
        Action::CompileChild => Ok(()),
        Action::New {
            name,
            world,
            language,
            r#in,
        } => create::create(
            terminal,
            &New {
                name: &name,
                world,
                language,
                place: &r#in,
            },
        ),
        Action::Build { folder } => build::build(terminal, &folder.source()),
        Action::Check { file, allowed } => check::check(terminal, &file, allowed.class),
        Action::Test { folder, allowed } => test::test(terminal, &folder.source(), allowed.class),
        Action::Replay {
            files,
            keep,
            component,
        } => {
            let plugin = component.load(terminal)?;
            if keep {
                fixtures::keep(terminal, &plugin, &files)
            } else {
                fixtures::replay(terminal, &plugin, &files)
            }
        }
        Action::Bench {
            file,
            allowed,
            settings,
            fixtures,
        } => {
            let plugin = plugin::load(terminal, &file, allowed.class)?;
            let settings = match settings {
                Some(file) => fs::read(&file).with_context(|| format!("{}", file.display()))?,
                None => plugin::example_settings(&plugin)?,
            };
            bench::bench(terminal, &plugin, &settings, &fixtures)
        }
        Action::Push {
            file,
            host,
            plugin,
            allowed,
        } => {
            let host = Host::new(&host.url, &host.key)?;
            push::push(terminal, &file, &host, &plugin, allowed.class)
        }
        Action::Logs {
            host,
            digest,
            outcome,
            follow,
        } => {
            let end = if follow { End::Follow } else { End::Stop };
            logs::logs(
                terminal,
                &Host::new(&host.url, &host.key)?,
                &Wanted { digest, outcome, end },
            )
        }
    }
}

impl Folder {
    fn source(&self) -> Source<'_> {
        Source {
            folder: &self.folder,
            target_dir: self.target_dir.as_deref(),
        }
    }
}

impl Component {
    fn load(&self, terminal: &Terminal) -> Result<Plugin> {
        plugin::load(terminal, &self.file, self.allowed.class)
    }
}
