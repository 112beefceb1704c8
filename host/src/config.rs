//! What can be set, each with a flag and an environment name. `--help` is the reference.

use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
};

use clap::Args;

/// Where things are and what is allowed. Everything has a default that works on a fresh machine.
#[derive(Args, Clone, Debug)]
pub struct Config {
    /// Folder for the embedded database, the master key and caches [default: /var/lib/nexusport for root, else the
    /// user's data folder]
    #[arg(long, env = "NEXUSPORT_DATA", global = true)]
    pub data: Option<PathBuf>,

    /// Login that serves requests; without it, a private PostgreSQL is started in the data folder
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, global = true)]
    pub database_url: Option<String>,

    /// Login that owns the tables and migrates them; needed with --database-url
    #[arg(
        long,
        env = "NEXUSPORT_OWNER_DATABASE_URL",
        hide_env_values = true,
        global = true
    )]
    pub owner_database_url: Option<String>,

    /// Login for the operator's cross-tenant views; needed with --database-url
    #[arg(
        long,
        env = "NEXUSPORT_OPERATOR_DATABASE_URL",
        hide_env_values = true,
        global = true
    )]
    pub operator_database_url: Option<String>,

    /// Folder of the PostgreSQL programs for the embedded database [default: searched for]
    #[arg(long, env = "NEXUSPORT_POSTGRES_BINARIES", global = true)]
    pub postgres_binaries: Option<PathBuf>,

    /// Key that seals every tenant's key, 64 hexadecimal digits; needed with --database-url, otherwise made once in
    /// the data folder
    #[arg(long, env = "NEXUSPORT_MASTER_KEY", hide_env_values = true, global = true)]
    pub master_key: Option<String>,

    /// Domain of the platform: resellers are served at <slug>.<domain>
    #[arg(long, env = "NEXUSPORT_DOMAIN", default_value = "localhost", global = true)]
    pub domain: String,

    /// DNS server that resellers' domains are proven by, address and port [default: the machine's own]
    #[arg(long, env = "NEXUSPORT_DNS_RESOLVER", global = true)]
    pub dns_resolver: Option<SocketAddr>,

    /// Where people reach a reseller's host, for links in mail; {host} stands for the host's name
    #[arg(
        long,
        env = "NEXUSPORT_PUBLIC_URL",
        default_value = "http://{host}:8080",
        global = true
    )]
    pub public_url: String,

    /// Mail server, such as smtps://user:password@mail.example; without it, mail is written to files in the data folder
    #[arg(long, env = "NEXUSPORT_SMTP_URL", hide_env_values = true, global = true)]
    pub smtp_url: Option<String>,

    /// Proxies whose X-Forwarded-For says where a request came from, separated by commas
    #[arg(long, env = "NEXUSPORT_TRUSTED_PROXIES", value_delimiter = ',', global = true)]
    pub trusted_proxies: Vec<IpAddr>,

    /// Connections to the database for requests
    #[arg(
        long,
        env = "NEXUSPORT_DATABASE_CONNECTIONS",
        default_value_t = 20,
        global = true
    )]
    pub database_connections: u32,

    /// For development: let adapters reach carriers on this machine, also without TLS
    #[arg(long, env = "NEXUSPORT_ALLOW_LOOPBACK_CARRIERS", global = true)]
    pub allow_loopback_carriers: bool,

    /// For development: run a simulated carrier at this loopback address and connect whoever signs up to it; adapters
    /// can then reach this machine
    #[arg(
        long,
        env = "NEXUSPORT_SIMULATED_CARRIER",
        value_name = "ADDRESS",
        global = true
    )]
    pub simulated_carrier: Option<SocketAddr>,
}

impl Config {
    /// The folder for everything kept on disk.
    pub fn data(&self) -> PathBuf {
        self.data.clone().unwrap_or_else(default_data)
    }
}

fn default_data() -> PathBuf {
    if rustix::process::geteuid().is_root() {
        return PathBuf::from("/var/lib/nexusport");
    }
    dirs::data_dir()
        .unwrap_or_else(std::env::temp_dir)
        .join("nexusport")
}
