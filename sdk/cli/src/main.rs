//! The plugin author's command: write, build, check and upload a plugin. It uses the sandbox that hosts use, so a plugin
//! meets the very same limits here. It knows a host only by its address and an API key.

mod build;
mod check;
mod create;
mod push;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};

/// The hidden subcommand under which this program is its own compile child.
const COMPILE_CHILD: &str = "compile-child";

/// Write, build, check and upload NexusPort plugins.
#[derive(Parser)]
#[command(name = "nexusport-plugin", version)]
struct Command {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Write a new plugin crate that compiles
    New {
        /// Its name, and that of its folder: lower-case letters, digits and dashes
        name: String,
        /// What it is
        #[arg(long, env = "NEXUSPORT_WORLD", value_enum)]
        world: World,
        /// A local copy of the SDK; without it, the version of this command is named
        #[arg(long, env = "NEXUSPORT_SDK", value_name = "FOLDER")]
        sdk: Option<PathBuf>,
        /// The folder to make it in
        #[arg(long, env = "NEXUSPORT_IN", value_name = "FOLDER", default_value = ".")]
        r#in: PathBuf,
    },
    /// Build a plugin crate as a component
    Build {
        /// The crate's folder
        #[arg(env = "NEXUSPORT_CRATE", default_value = ".")]
        folder: PathBuf,
        /// Where to build, instead of the crate's own target folder
        #[arg(long, env = "NEXUSPORT_TARGET_DIR", value_name = "FOLDER")]
        target_dir: Option<PathBuf>,
    },
    /// Check a component as a host does on upload
    Check {
        /// The component
        file: PathBuf,
    },
    /// Upload a component as a release
    Push {
        /// The component
        file: PathBuf,
        /// The host, such as https://portal.example.com
        #[arg(long, env = "NEXUSPORT_URL")]
        url: String,
        /// An API key that may upload releases
        #[arg(long, env = "NEXUSPORT_KEY", hide_env_values = true)]
        key: String,
        /// The plugin whose release it becomes
        #[arg(long, env = "NEXUSPORT_PLUGIN", value_name = "NAME")]
        plugin: String,
    },
    /// Compile a component from standard input within limits: what `check` runs
    #[command(name = COMPILE_CHILD, hide = true)]
    CompileChild,
}

#[derive(Clone, Copy, ValueEnum)]
enum World {
    /// An adapter for a network provider
    Carrier,
    /// A pricing rule
    Pricing,
    /// What customers see
    Branding,
}

fn main() -> ExitCode {
    let done = match Command::parse().action {
        Action::CompileChild => return nexusport_sandbox::compile::child_main(),
        Action::New {
            name,
            world,
            sdk,
            r#in,
        } => create::create(&name, world, sdk.as_deref(), &r#in),
        Action::Build { folder, target_dir } => build::build(&folder, target_dir.as_deref()),
        Action::Check { file } => check::check(&file),
        Action::Push {
            file,
            url,
            key,
            plugin,
        } => push::push(&file, &url, &key, &plugin),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say_error(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}

/// A line of what was asked for.
#[allow(clippy::print_stdout, reason = "a command's answer goes to standard output")]
fn say(line: &str) {
    println!("{line}");
}

#[allow(clippy::print_stderr, reason = "a command's refusal goes to standard error")]
fn say_error(line: &str) {
    eprintln!("error: {line}");
}
