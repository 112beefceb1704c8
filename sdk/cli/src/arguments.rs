//! What the command is asked for, as it is typed.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::build::Language;
use crate::plugin::Class;

/// The hidden subcommand under which this program is its own compile child.
pub(crate) const COMPILE_CHILD: &str = "compile-child";

/// Write, build, check and upload NexusPort plugins.
#[derive(Parser)]
#[command(name = "nexusport-plugin", version)]
pub(crate) struct Command {
    /// Answer in JSON: a document for each answer, on a line of standard output
    #[arg(long, global = true, env = "NEXUSPORT_JSON")]
    pub json: bool,
    #[command(subcommand)]
    pub action: Action,
}

#[derive(Subcommand)]
pub(crate) enum Action {
    /// Write a new plugin that builds, with all that it needs
    New {
        /// Its name, and that of its folder: lower-case letters, digits and dashes
        name: String,
        /// What it is
        #[arg(long, env = "NEXUSPORT_WORLD", value_enum)]
        world: World,
        /// What to write it in
        #[arg(long, env = "NEXUSPORT_LANGUAGE", value_enum, default_value = "rust")]
        language: Language,
        /// The folder to make it in
        #[arg(long, env = "NEXUSPORT_IN", value_name = "FOLDER", default_value = ".")]
        r#in: PathBuf,
    },
    /// Build a plugin as a component, plugin.wasm in its folder
    Build {
        #[command(flatten)]
        folder: Folder,
    },
    /// Check a component as a host does on upload
    Check {
        /// The component, or the folder that it was built in
        file: PathBuf,
        #[command(flatten)]
        allowed: Allowed,
    },
    /// Run a plugin's own tests, then ask its component what its fixtures hold
    Test {
        #[command(flatten)]
        folder: Folder,
        #[command(flatten)]
        allowed: Allowed,
    },
    /// Ask a component again what kept calls hold, and compare the answers byte for byte
    Replay {
        /// The fixtures, as a host gives them at /v1/plugin-runs/{id}/fixture
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// Keep in each file what the component answers now, instead of what it answered
        #[arg(long, env = "NEXUSPORT_KEEP")]
        keep: bool,
        #[command(flatten)]
        component: Component,
    },
    /// Measure the fuel of a component's calls, and how it grows with the facts that a rule prices
    Bench {
        /// The component, or the folder that it was built in
        #[arg(env = "NEXUSPORT_COMPONENT", default_value = crate::build::COMPONENT)]
        file: PathBuf,
        #[command(flatten)]
        allowed: Allowed,
        /// A JSON file with the settings to call it with, instead of its schema's first example
        #[arg(long, env = "NEXUSPORT_SETTINGS", value_name = "FILE")]
        settings: Option<PathBuf>,
        /// Kept calls to measure too
        #[arg(long = "fixture", value_name = "FILE")]
        fixtures: Vec<PathBuf>,
    },
    /// Upload a component as a release
    Push {
        /// The component, or the folder that it was built in
        file: PathBuf,
        #[command(flatten)]
        host: At,
        /// The plugin whose release it becomes
        #[arg(long, env = "NEXUSPORT_PLUGIN", value_name = "NAME")]
        plugin: String,
        #[command(flatten)]
        allowed: Allowed,
    },
    /// Tell what calls of your plugins came to on a host
    Logs {
        #[command(flatten)]
        host: At,
        /// Calls of this component alone, by its SHA-256
        #[arg(long, env = "NEXUSPORT_DIGEST")]
        digest: Option<String>,
        /// Calls that ended so alone, such as plugin_panicked
        #[arg(long, env = "NEXUSPORT_OUTCOME")]
        outcome: Option<String>,
        /// Go on with the next calls as they come
        #[arg(long, env = "NEXUSPORT_FOLLOW")]
        follow: bool,
    },
    /// Compile a component from standard input within limits: what `check` runs
    #[command(name = COMPILE_CHILD, hide = true)]
    CompileChild,
}

#[derive(Args)]
pub(crate) struct Folder {
    /// The plugin's folder
    #[arg(env = "NEXUSPORT_FOLDER", default_value = ".")]
    pub folder: PathBuf,
    /// Where cargo works, instead of the crate's own target folder
    #[arg(long, env = "NEXUSPORT_TARGET_DIR", value_name = "FOLDER")]
    pub target_dir: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct Component {
    /// The component, or the folder that it was built in
    #[arg(long = "component", env = "NEXUSPORT_COMPONENT", value_name = "FILE", default_value = crate::build::COMPONENT)]
    pub file: PathBuf,
    #[command(flatten)]
    pub allowed: Allowed,
}

#[derive(Args)]
pub(crate) struct Allowed {
    /// What it may take
    #[arg(long, env = "NEXUSPORT_CLASS", value_enum, default_value = "light")]
    pub class: Class,
}

#[derive(Args)]
pub(crate) struct At {
    /// The host, such as https://portal.example.com
    #[arg(long, env = "NEXUSPORT_URL")]
    pub url: String,
    /// An API key of the reseller's
    #[arg(long, env = "NEXUSPORT_KEY", hide_env_values = true)]
    pub key: String,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum World {
    /// An adapter for a network provider
    Carrier,
    /// A pricing rule
    Pricing,
    /// What customers see
    Branding,
}
