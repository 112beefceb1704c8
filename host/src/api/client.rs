//! Where a request came from: the connection's other end, or what trusted proxies say of it.

use std::net::{IpAddr, SocketAddr};

use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::{HeaderMap, request::Parts},
};

use super::{Api, auth::Addressed, problem::Problem};
use crate::identity::entrance::Origin;

const FORWARDED_FOR: &str = "x-forwarded-for";

impl FromRequestParts<Api> for Origin {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Problem> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        let peer = peer.map(|ConnectInfo(peer)| peer.ip().to_canonical());
        let addressed = parts.extensions.get::<Addressed>();
        Ok(Self {
            client: peer.map(|peer| client(peer, &parts.headers, &api.app.trusted_proxies)),
            reseller: addressed.and_then(|addressed| addressed.at()),
        })
    }
}

/// The last address in the chain that no trusted proxy has: what stands before it anybody could have written.
fn client(peer: IpAddr, headers: &HeaderMap, trusted: &[IpAddr]) -> IpAddr {
    let said = headers.get_all(FORWARDED_FOR).iter();
    let said = said.flat_map(|value| value.to_str().unwrap_or_default().split(','));
    let chain: Vec<_> = said.map(|one| one.trim().parse::<IpAddr>()).collect();
    let mut client = peer;
    for before in chain.into_iter().rev() {
        let (true, Ok(before)) = (trusted.contains(&client), before) else {
            break;
        };
        client = before.to_canonical();
    }
    client
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(peer: &str, said: &[&'static str]) -> String {
        let mut headers = HeaderMap::new();
        for said in said {
            headers.append(FORWARDED_FOR, said.parse().unwrap());
        }
        let trusted = ["10.0.0.1", "10.0.0.2"].map(|one| one.parse().unwrap());
        client(peer.parse().unwrap(), &headers, &trusted).to_string()
    }

    #[test]
    fn only_trusted_proxies_are_believed() {
        assert_eq!(seen("192.0.2.7", &["198.51.100.1"]), "192.0.2.7");
        assert_eq!(seen("10.0.0.1", &["198.51.100.1"]), "198.51.100.1");
        assert_eq!(
            seen("10.0.0.1", &["1.1.1.1, 198.51.100.1", "10.0.0.2"]),
            "198.51.100.1"
        );
        assert_eq!(seen("10.0.0.1", &["what"]), "10.0.0.1");
        assert_eq!(seen("10.0.0.1", &[]), "10.0.0.1");
    }
}
