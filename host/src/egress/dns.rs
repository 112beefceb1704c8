//! TXT records, asked of the DNS anew each time: what they prove must be true now, so nothing is kept, whatever their
//! time to live says. Names are asked from the root, so the machine's search domains never come into it.

use std::{net::SocketAddr, sync::OnceLock, time::Duration};

use hickory_resolver::{
    TokioResolver,
    config::{ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig, ResolverOpts},
    net::{DnsError, NetError, runtime::TokioRuntimeProvider},
    proto::{
        op::ResponseCode,
        rr::{Name, RData},
    },
};

use super::Client;

/// How long one server may take to answer one question.
const TIMEOUT: Duration = Duration::from_secs(2);
/// Questions that go unanswered before a server is given up.
const ATTEMPTS: usize = 2;
/// How long the whole look-up may take, aliases and TCP included.
const DEADLINE: Duration = Duration::from_secs(8);
/// What passes every network in one piece (DNS flag day 2020); longer answers are asked for again over TCP.
const UDP_BYTES: u16 = 1232;

/// Why nobody knows what a name has: says nothing about the name itself.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unanswered(String);

/// Looks names up at one server, or at the machine's own.
pub(super) struct Lookup {
    server: Option<SocketAddr>,
    /// Made when it is first needed: most hosts look nothing up.
    resolver: OnceLock<Option<TokioResolver>>,
}

impl Client {
    /// The texts of a name's TXT records, in no order; a text that was split is put together. Empty where the name or
    /// its records do not exist.
    pub async fn txt(&self, name: &str) -> Result<Vec<String>, Unanswered> {
        self.inner.dns.txt(name).await
    }
}

impl Lookup {
    pub(super) fn new(server: Option<SocketAddr>) -> Self {
        Self {
            server,
            resolver: OnceLock::new(),
        }
    }

    async fn txt(&self, name: &str) -> Result<Vec<String>, Unanswered> {
        let unanswered = |why: &str| Unanswered(why.to_owned());
        let resolver = self.resolver.get_or_init(|| resolver(self.server));
        let resolver = resolver
            .as_ref()
            .ok_or_else(|| unanswered("this machine names no DNS server"))?;
        let mut name =
            Name::from_ascii(name).map_err(|_| unanswered("the name is longer than the DNS allows"))?;
        name.set_fqdn(true);
        let answer = tokio::time::timeout(DEADLINE, resolver.txt_lookup(name)).await;
        match answer.unwrap_or(Err(NetError::Timeout)) {
            Ok(found) => Ok(found
                .answers()
                .iter()
                .filter_map(|record| text(&record.data))
                .collect()),
            Err(NetError::Dns(DnsError::NoRecordsFound(none))) if is_certain(none.response_code) => {
                Ok(Vec::new())
            }
            Err(NetError::Timeout) => Err(unanswered("it took too long")),
            Err(error) => Err(Unanswered(error.to_string())),
        }
    }
}

/// A record's strings belong together; the format splits what is longer than 255 bytes (RFC 7208, section 3.3).
fn text(data: &RData) -> Option<String> {
    match data {
        RData::TXT(txt) => Some(String::from_utf8_lossy(&txt.txt_data.concat()).into_owned()),
        _ => None,
    }
}

/// Whether a server said that there is nothing, rather than that it could not say.
fn is_certain(code: ResponseCode) -> bool {
    matches!(code, ResponseCode::NoError | ResponseCode::NXDomain)
}

fn resolver(server: Option<SocketAddr>) -> Option<TokioResolver> {
    let builder = match server {
        Some(server) => {
            let at = |mut connection: ConnectionConfig| {
                connection.port = server.port();
                connection
            };
            let connections = vec![at(ConnectionConfig::udp()), at(ConnectionConfig::tcp())];
            let server = NameServerConfig::new(server.ip(), true, connections);
            let config = ResolverConfig::from_name_servers(vec![server]);
            TokioResolver::builder_with_config(config, TokioRuntimeProvider::default())
        }
        None => TokioResolver::builder_tokio()
            .inspect_err(|error| tracing::warn!(%error, "this machine's DNS servers are not known"))
            .ok()?,
    };
    let built = builder.with_options(options()).build();
    built
        .inspect_err(|error| tracing::warn!(%error, "no DNS server can be asked"))
        .ok()
}

fn options() -> ResolverOpts {
    let mut options = ResolverOpts::default();
    options.timeout = TIMEOUT;
    options.attempts = ATTEMPTS;
    options.cache_size = 0;
    options.use_hosts_file = ResolveHosts::Never;
    options.edns_payload_len = UDP_BYTES;
    // Whoever would forge an answer has to guess the letters' case too.
    options.case_randomization = true;
    options
}
