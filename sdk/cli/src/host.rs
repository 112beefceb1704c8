//! A host, by its address and an API key: one request, and one JSON answer or events up to the last of them.

use std::time::Duration;

use anyhow::{Context, Error, Result, anyhow, bail, ensure};
use reqwest::{Client, RequestBuilder, Response, Url};
use serde_json::Value;

use crate::events::{Event, Events};

pub(crate) const NOT_JSON: &str = "the host's answer is not JSON";

const TIMEOUT: Duration = Duration::from_secs(30);
/// A component may come over a slow line, wait for its turn and take its time to be looked at.
const UPLOAD_TIMEOUT: Duration = Duration::from_secs(900);
/// Bytes of one answer, more than a host gives.
const ANSWER_BYTES: usize = 64 * 1024 * 1024;
const EVENTS: &str = "text/event-stream";

/// Where requests go. It follows no redirect, which would take the key elsewhere.
pub(crate) struct Host {
    client: Client,
    url: Url,
    key: String,
    runtime: tokio::runtime::Runtime,
}

impl Host {
    pub(crate) fn new(url: &str, key: &str) -> Result<Self> {
        let url = Url::parse(url).with_context(|| format!("{url} is no address"))?;
        ensure!(
            matches!(url.scheme(), "http" | "https"),
            "{url} is neither http nor https"
        );
        rustls::crypto::ring::default_provider()
            .install_default()
            .map_err(|_| anyhow!("the TLS provider was chosen already"))?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let client = Client::builder()
            .timeout(TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        let key = key.to_owned();
        Ok(Self {
            client,
            url,
            key,
            runtime,
        })
    }

    /// What is at the path; an error with the host's own words where it refuses.
    pub(crate) fn get(&self, path: &[&str], query: &[(&str, &str)]) -> Result<Value> {
        self.ask(self.client.get(below(&self.url, path, query)?))
    }

    /// What comes of a component that is sent to the path, as `hear` finds it among what a host tells meanwhile.
    pub(crate) fn upload(
        &self,
        path: &[&str],
        query: &[(&str, &str)],
        component: Vec<u8>,
        hear: &mut dyn FnMut(&Event) -> Result<Option<Value>>,
    ) -> Result<Value> {
        let request = self
            .client
            .post(below(&self.url, path, query)?)
            .timeout(UPLOAD_TIMEOUT)
            .header("content-type", "application/wasm")
            .header("accept", format!("{EVENTS}, application/json"))
            .body(component);
        self.runtime.block_on(async {
            let mut response = self.send(request).await?;
            if !has_events(&response) {
                return answer(response).await;
            }
            let mut events = Events::default();
            while let Some(bytes) = response.chunk().await.context(CUT)? {
                for event in events.more(&bytes)? {
                    if let Some(end) = hear(&event)? {
                        return Ok(end);
                    }
                }
            }
            bail!(CUT)
        })
    }

    fn ask(&self, request: RequestBuilder) -> Result<Value> {
        self.runtime
            .block_on(async { answer(self.send(request).await?).await })
    }

    async fn send(&self, request: RequestBuilder) -> Result<Response> {
        let response = request.bearer_auth(&self.key).send().await;
        response.with_context(|| format!("{} cannot be reached", self.url))
    }
}

const CUT: &str = "the host stopped telling before the upload ended; it may have gone on: push again, the same component is \
                   the same release";

fn has_events(response: &Response) -> bool {
    let kind = response.headers().get("content-type");
    response.status().is_success() && kind.is_some_and(|kind| kind.as_bytes().starts_with(EVENTS.as_bytes()))
}

async fn answer(mut response: Response) -> Result<Value> {
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        bytes.extend_from_slice(&chunk);
        ensure!(
            bytes.len() <= ANSWER_BYTES,
            "the host's answer is over {ANSWER_BYTES} bytes"
        );
    }
    let (status, text) = (response.status(), String::from_utf8_lossy(&bytes));
    if !status.is_success() {
        return Err(refusal(&text).context(format!("the host answered {status}")));
    }
    serde_json::from_str(&text).context(NOT_JSON)
}

/// A host's no, in its own words: those of a problem document, or whatever it said.
pub(crate) fn refusal(said: &str) -> Error {
    let problem: Value = serde_json::from_str(said).unwrap_or_default();
    match (problem["code"].as_str(), problem["detail"].as_str()) {
        (Some(code), Some(detail)) => anyhow!("{code}: {detail}"),
        _ => anyhow!("{said}"),
    }
}

/// The address of a path below a host's; each word stays one segment.
fn below(url: &Url, path: &[&str], query: &[(&str, &str)]) -> Result<Url> {
    let mut below = url.clone();
    below
        .path_segments_mut()
        .map_err(|()| anyhow!("{url} cannot have a path"))?
        .pop_if_empty()
        .extend(path);
    if !query.is_empty() {
        below.query_pairs_mut().extend_pairs(query);
    }
    Ok(below)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_stays_one_segment_below_the_hosts_address() {
        let check = |url: &str, plugin, expected| {
            let url = Url::parse(url).unwrap();
            assert_eq!(String::from(below(&url, &["v1", plugin], &[]).unwrap()), expected);
        };
        check("https://a.example", "acme", "https://a.example/v1/acme");
        check(
            "https://a.example/x/",
            "a/b?c",
            "https://a.example/x/v1/a%2Fb%3Fc",
        );
    }

    #[test]
    fn only_web_addresses_are_hosts() {
        for bad in ["ftp://a.example", "acme"] {
            assert!(Host::new(bad, "key").is_err(), "{bad}");
        }
    }
}
