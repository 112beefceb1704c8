//! The `nexusport` command.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Parser, Subcommand};
use nexusport::{
    app::{self, App},
    boot::{self, Database},
    config::Config,
    db, demo, doctor,
    fault::Fault,
    identity::operator::{accounts, structure},
    leaving,
    trial::Trial,
};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tracing_subscriber::EnvFilter;

/// Sell network bandwidth under your own brand.
#[derive(Parser)]
#[command(version, propagate_version = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    config: Config,
    /// What to log, such as `info` or `nexusport=debug`
    #[arg(
        long,
        env = "NEXUSPORT_LOG",
        default_value = "warn,nexusport=info",
        global = true
    )]
    log: String,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the API and work off the queue
    Serve {
        /// Address to listen on
        #[arg(long, env = "NEXUSPORT_LISTEN", default_value = "127.0.0.1:8080")]
        listen: SocketAddr,
    },
    /// Show the main job end to end, on a database of its own
    Demo(demo::Options),
    /// Bring the database's schema up to date
    Migrate,
    /// List every reseller and customer, as the operator
    Tenants,
    /// Make, list and revoke operators: whoever runs this is trusted to
    Operator {
        #[command(subcommand)]
        command: OperatorCommand,
    },
    /// Print the SQL that makes the database's roles, to be run by a superuser
    Roles,
    /// Copy the embedded database to a new file or folder
    Backup {
        /// What to write; must not exist
        to: PathBuf,
    },
    /// Fill an empty data folder from a backup
    Restore {
        /// What `backup` wrote
        from: PathBuf,
    },
    /// Write everything that is a tenant's to an archive, as the operator
    Export {
        /// The tenant's id
        tenant: uuid::Uuid,
        /// What to write; must not exist
        to: PathBuf,
    },
    /// Load a reseller's archive where that reseller is not
    Import {
        /// What `export` wrote, or the API gave
        from: PathBuf,
    },
    /// Look for what this build of the host would change
    Doctor {
        #[command(subcommand)]
        about: doctor::Command,
    },
    /// Print the OpenAPI document
    Openapi,
    /// Check and compile one component from standard input; run by the host itself
    #[command(hide = true)]
    CompilePlugin,
}

#[derive(Subcommand)]
enum OperatorCommand {
    /// Make an operator and print its key, once
    Add {
        /// Name for people
        name: String,
        /// Days until the key expires
        #[arg(long, default_value_t = 90)]
        days: u16,
    },
    /// List everybody who is or was an operator
    List,
    /// Refuse an operator's key from now on
    Revoke {
        /// As given to `add`
        name: String,
    },
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    if let Command::CompilePlugin = cli.command {
        return nexusport_sandbox::compile::child_main();
    }
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(&cli.log))
        .with_writer(std::io::stderr)
        .init();
    // Told within the span of the request or job that panicked, and so with its tenant.
    std::panic::set_hook(Box::new(|panic| tracing::error!(%panic, "panicked")));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    match runtime
        .map_err(Into::into)
        .and_then(|runtime| runtime.block_on(run(cli)))
    {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say_error(&error);
            ExitCode::FAILURE
        }
    }
}

async fn run(cli: Cli) -> anyhow::Result<()> {
    let config = cli.config;
    match cli.command {
        Command::Serve { listen } => serve(&config, listen).await,
        Command::Demo(options) => demo::run(&config, &options).await,
        Command::Migrate => Ok(db::migrate(&Database::open(&config).await?.urls().owner).await?),
        Command::Tenants => tenants(&config).await,
        Command::Operator { command } => operator(&config, command).await,
        Command::Roles => say(db::ROLES_SQL),
        Command::Backup { to } => backup(&config, to).await,
        Command::Restore { from } => restore(&config, from).await,
        Command::Export { tenant, to } => export(&config, tenant, &to).await,
        Command::Import { from } => import(&config, &from).await,
        Command::Doctor { about } => examine(&config, &about).await,
        Command::Openapi => say(&nexusport::api::document().to_pretty_json()?),
        Command::CompilePlugin => unreachable!("handled before anything else starts"),
    }
}

async fn serve(config: &Config, listen: SocketAddr) -> anyhow::Result<()> {
    let database = Database::open(config).await?;
    let mut app = app(config, &database).await?;
    if let Some(address) = config.simulated_carrier {
        let here = structure::all(&app).await.map_err(said)?;
        app.trial = Some(Trial::start(&app, address, &here).await?);
    }
    let listener = TcpListener::bind(listen).await?;
    tracing::info!(address = %listener.local_addr()?, domain = config.domain, "serving");
    let stop = CancellationToken::new();
    tokio::spawn(stop_on_signal(stop.clone()));
    boot::serve(app, listener, &config.domain, stop).await
}

async fn app(config: &Config, database: &Database) -> anyhow::Result<App> {
    let parts = boot::parts(config, &config.data(), app::clock())?;
    boot::app(database.urls(), parts).await
}

async fn tenants(config: &Config) -> anyhow::Result<()> {
    let database = Database::open(config).await?;
    let app = app(config, &database).await?;
    for tenant in structure::all(&app).await.map_err(said)? {
        let (id, kind, slug, name, state) = (
            tenant.scope.tenant(),
            tenant.kind,
            tenant.slug,
            tenant.name,
            tenant.state,
        );
        say(&format!("{id}  {kind:<8}  {state:<9}  {slug:<20}  {name}"))?;
    }
    Ok(())
}

async fn operator(config: &Config, command: OperatorCommand) -> anyhow::Result<()> {
    let database = Database::open(config).await?;
    let app = app(config, &database).await?;
    match command {
        OperatorCommand::Add { name, days } => {
            let (_, key) = accounts::add(&app, &name, days).await.map_err(said)?;
            say(key.reveal())
        }
        OperatorCommand::List => {
            for account in accounts::list(&app).await.map_err(said)? {
                let (id, prefix, name) = (account.id, account.prefix, account.name);
                let until = match account.revoked_at {
                    Some(at) => format!("revoked {at}"),
                    None => format!("expires {}", account.expires_at),
                };
                say(&format!("{id}  {prefix}  {until}  {name}"))?;
            }
            Ok(())
        }
        OperatorCommand::Revoke { name } => accounts::revoke(&app, &name).await.map_err(said),
    }
}

fn said(fault: Fault) -> anyhow::Error {
    anyhow::anyhow!("{fault}")
}

async fn export(config: &Config, tenant: uuid::Uuid, to: &Path) -> anyhow::Result<()> {
    let database = Database::open(config).await?;
    let app = app(config, &database).await?;
    let made = leaving::to_file(&app, tenant.into(), to).await.map_err(said)?;
    say(&format!("{} holds {} tables", to.display(), made.tables().len()))
}

async fn import(config: &Config, from: &Path) -> anyhow::Result<()> {
    let database = Database::open(config).await?;
    let app = app(config, &database).await?;
    let loaded = leaving::import(&app, &database.urls().owner, from)
        .await
        .map_err(said)?;
    for told in loaded.tables() {
        say(&format!(
            "{:<24}{:>10} rows  {}",
            told.table, told.rows, told.sha256
        ))?;
    }
    let tenant = loaded.scope().tenant();
    say(&format!(
        "reseller {tenant} is here, and reads back as it was. Credentials have to be given again."
    ))
}

async fn examine(config: &Config, about: &doctor::Command) -> anyhow::Result<()> {
    let database = Database::open(config).await?;
    let app = app(config, &database).await?;
    let found = about.examine(&app).await.map_err(said)?;
    say(found.text.trim_end())?;
    anyhow::ensure!(
        found.is_well,
        "releases answer otherwise on this build, or not at all"
    );
    Ok(())
}

async fn stop_on_signal(stop: CancellationToken) {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate()).expect("signal handlers can be installed");
    tokio::select! {
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
    stop.cancel();
}

async fn backup(config: &Config, to: PathBuf) -> anyhow::Result<()> {
    let database = Database::open(config).await?;
    let Some(embedded) = database.embedded() else {
        anyhow::bail!("backup is for the embedded database; use pg_dump for the one at DATABASE_URL");
    };
    nexusport_postgres::backup(embedded.server(), &to)?;
    let key = config.data().join("master.key");
    say(&format!(
        "{} holds the database. Keep {} as well, apart from it: without that key nothing sealed opens again.",
        to.display(),
        key.display()
    ))
}

async fn restore(config: &Config, from: PathBuf) -> anyhow::Result<()> {
    let options = nexusport_postgres::Options {
        binaries: config.postgres_binaries.clone(),
        ..nexusport_postgres::Options::new(config.data().join("postgres"))
    };
    Ok(nexusport_postgres::restore(&options, &from)?)
}

#[allow(clippy::print_stdout)] // what was asked for goes to standard output, logs to standard error
fn say(text: &str) -> anyhow::Result<()> {
    println!("{text}");
    Ok(())
}

#[allow(clippy::print_stderr)] // the last words of a command
fn say_error(error: &anyhow::Error) {
    eprintln!("nexusport: {error:#}");
}
