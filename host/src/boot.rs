//! From settings to a running host: the database, the keys, the app, the listener and the worker.

use std::{
    net::{IpAddr, SocketAddr},
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::Context as _;
use cap_std::fs::Dir;
use nexusport_sandbox::Limits;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::{
    api,
    app::{App, Clock},
    config::Config,
    db::{self, Db, Embedded, Urls},
    egress,
    identity::{KnownKeys, inboxes::Knocks, operator},
    limits::Rates,
    notify::{Post, Transport},
    plugins::{Runtime, RuntimeOptions},
    vault::{MasterKey, Vault},
    worker,
};

/// The name of the embedded server's database.
const DATABASE: &str = "nexusport";

/// A database that is ready: given, or embedded and held for as long as this lives.
pub struct Database {
    urls: Urls,
    embedded: Option<Embedded>,
}

impl Database {
    /// The given database, or the data folder's own.
    pub async fn open(config: &Config) -> anyhow::Result<Self> {
        let Some(host) = config.database_url.clone() else {
            let embedded =
                Embedded::start(&config.data(), config.postgres_binaries.clone(), DATABASE).await?;
            return Ok(Self {
                urls: embedded.urls().clone(),
                embedded: Some(embedded),
            });
        };
        db::check_url(&host).await?;
        let owner = config.owner_database_url.clone();
        let owner =
            owner.context("with a database URL, NEXUSPORT_OWNER_DATABASE_URL is needed to migrate it")?;
        let operator = config.operator_database_url.clone();
        let operator = operator.context("with a database URL, NEXUSPORT_OPERATOR_DATABASE_URL is needed")?;
        Ok(Self {
            urls: Urls {
                owner,
                host,
                operator,
            },
            embedded: None,
        })
    }

    /// Where each login connects.
    pub fn urls(&self) -> &Urls {
        &self.urls
    }

    /// The embedded server, when there is one.
    pub fn embedded(&self) -> Option<&Embedded> {
        self.embedded.as_ref()
    }
}

/// What an app is made of beside its database.
pub struct Parts {
    /// Business time.
    pub clock: Arc<dyn Clock>,
    /// Connections for requests.
    pub connections: u32,
    /// Seals every tenant's key.
    pub master_key: MasterKey,
    /// Let adapters reach carriers on this machine.
    pub allow_loopback_carriers: bool,
    /// The DNS server that domains are proven by; otherwise the machine's own.
    pub dns_resolver: Option<SocketAddr>,
    /// Folder for compiled plugins.
    pub cache: PathBuf,
    /// How mail leaves.
    pub post: Post,
    /// Whose word on where a request came from is believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// The program that has the hidden subcommand `compile-plugin`.
    pub program: PathBuf,
}

/// Migrates the database and puts the app together.
pub async fn app(urls: &Urls, parts: Parts) -> anyhow::Result<App> {
    db::migrate(&urls.owner).await?;
    let db = Db::connect(urls, parts.clock.clone(), parts.connections).await?;
    let made = operator::ensure(&db, parts.clock.now()).await;
    made.map_err(|fault| anyhow::anyhow!("{fault}"))?;
    let plugins = plugins(&parts)?;
    let vault = Vault::new(parts.master_key);
    let checked = vault.check(&db, parts.clock.now()).await;
    checked.map_err(|fault| anyhow::anyhow!("{fault}"))?;
    Ok(App {
        db,
        clock: parts.clock,
        vault,
        egress: egress::Client::new(egress::Rules {
            allow_loopback: parts.allow_loopback_carriers,
            dns: parts.dns_resolver,
            ..egress::Rules::default()
        }),
        plugins,
        post: parts.post,
        keys: KnownKeys::default(),
        knocks: Knocks::default(),
        rates: Rates::default(),
        trusted_proxies: parts.trusted_proxies.into(),
        trial: None,
        stop: CancellationToken::new(),
    })
}

fn plugins(parts: &Parts) -> anyhow::Result<Runtime> {
    std::fs::create_dir_all(&parts.cache)
        .with_context(|| format!("the folder {} for compiled plugins", parts.cache.display()))?;
    let runtime = Runtime::new(RuntimeOptions {
        compiler: parts.program.clone(),
        compiler_arguments: vec!["compile-plugin".into()],
        cache: Dir::open_ambient_dir(&parts.cache, cap_std::ambient_authority())?,
        limits: Limits::default(),
        artifact_key: parts.master_key.artifact_key(),
    });
    runtime.context("the sandbox for plugins cannot start")
}

/// Serves the API and works off the queue until it is told to stop. From then on nothing new is begun, and what is
/// under way has [`GRACE`](worker::GRACE) to end.
pub async fn serve(
    app: App,
    listener: TcpListener,
    domain: &str,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let app = App {
        stop: stop.clone(),
        ..app
    };
    let router = api::router(app.clone(), domain);
    let working = tokio::spawn(worker::run(app, stop.clone()));
    let router = router.into_make_service_with_connect_info::<SocketAddr>();
    let serving = axum::serve(listener, router).with_graceful_shutdown(stop.clone().cancelled_owned());
    let overdue = async {
        stop.cancelled().await;
        tokio::time::sleep(worker::GRACE).await;
    };
    tokio::select! {
        served = serving.into_future() => served?,
        () = overdue => tracing::warn!("requests that were not answered in time are cut off"),
    }
    working.await?;
    Ok(())
}

/// The parts a server uses when nothing special is wanted.
pub fn parts(config: &Config, data: &Path, clock: Arc<dyn Clock>) -> anyhow::Result<Parts> {
    Ok(Parts {
        clock,
        connections: config.database_connections,
        master_key: master_key(config, data)?,
        allow_loopback_carriers: config.allow_loopback_carriers || config.simulated_carrier.is_some(),
        dns_resolver: config.dns_resolver,
        cache: data.join("cache"),
        post: post(config, data)?,
        trusted_proxies: config.trusted_proxies.clone(),
        program: std::env::current_exe().context("the program's own path is needed to check plugins")?,
    })
}

/// The given mail server, or a folder that a developer can open.
fn post(config: &Config, data: &Path) -> anyhow::Result<Post> {
    let transport = match &config.smtp_url {
        Some(url) => Transport::smtp(url)?,
        None => {
            let folder = data.join("mail");
            tracing::info!(folder = %folder.display(), "mail is written to files: no mail server is configured");
            Transport::folder(&folder)?
        }
    };
    Ok(Post::new(transport, &config.public_url)?)
}

/// The given key; with a given database nothing else will do, since a key made here would be lost with this machine.
fn master_key(config: &Config, data: &Path) -> anyhow::Result<MasterKey> {
    match (&config.master_key, &config.database_url) {
        (Some(digits), _) => Ok(MasterKey::from_hex(digits)?),
        (None, None) => Ok(MasterKey::in_folder(data)?),
        (None, Some(_)) => anyhow::bail!("with a database URL, NEXUSPORT_MASTER_KEY is needed"),
    }
}
