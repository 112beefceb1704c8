//! A host, by its address and an API key: one request, one JSON answer.

use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail, ensure};
use reqwest::{Client, Url};
use serde_json::Value;

const TIMEOUT: Duration = Duration::from_secs(30);

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
        let mut url = self.url.clone();
        url.path_segments_mut()
            .map_err(|()| anyhow!("{} cannot have a path", self.url))?
            .pop_if_empty()
            .extend(path);
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        self.runtime.block_on(async {
            let response = self.client.get(url).bearer_auth(&self.key).send().await;
            let response = response.with_context(|| format!("{} cannot be reached", self.url))?;
            let (status, body) = (response.status(), response.text().await?);
            if !status.is_success() {
                bail!("the host answered {status}: {body}");
            }
            serde_json::from_str(&body).context("the host's answer is not JSON")
        })
    }
}
