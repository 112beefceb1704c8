//! `push`: one upload, and whatever the host answers.

use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail, ensure};
use reqwest::{Client, Url};

use crate::say;

/// A host checks and compiles before it answers.
const TIMEOUT: Duration = Duration::from_secs(180);

/// Uploads the component and prints the answer; an error where the host refuses it.
pub(crate) fn push(file: &Path, url: &str, key: &str, plugin: &str) -> Result<()> {
    let component = fs::read(file).with_context(|| format!("{}", file.display()))?;
    let target = target(url, plugin)?;
    rustls::crypto::ring::default_provider()
        .install_default()
        .map_err(|_| anyhow!("the TLS provider was chosen already"))?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let (status, answer) = runtime.block_on(send(target, key, component))?;
    say(&answer);
    if !status.is_success() {
        bail!("the host answered {status}");
    }
    Ok(())
}

async fn send(target: Url, key: &str, component: Vec<u8>) -> Result<(reqwest::StatusCode, String)> {
    // A redirect would take the key elsewhere.
    let client = Client::builder()
        .timeout(TIMEOUT)
        .redirect(reqwest::redirect::Policy::none())
        .build()?;
    let request = client
        .post(target)
        .bearer_auth(key)
        .header("content-type", "application/wasm")
        .body(component);
    let response = request.send().await.context("the host cannot be reached")?;
    Ok((response.status(), response.text().await?))
}

fn target(url: &str, plugin: &str) -> Result<Url> {
    let mut target = Url::parse(url).with_context(|| format!("{url} is no address"))?;
    ensure!(
        matches!(target.scheme(), "http" | "https"),
        "{url} is neither http nor https"
    );
    target
        .path_segments_mut()
        .map_err(|()| anyhow!("{url} cannot have a path"))?
        .pop_if_empty()
        .extend(["v1", "plugins", plugin, "releases"]);
    Ok(target)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plugins_name_stays_one_segment_below_the_hosts_address() {
        let check = |url, plugin, expected| {
            assert_eq!(target(url, plugin).ok().map(String::from).as_deref(), expected)
        };
        check(
            "https://a.example",
            "acme",
            Some("https://a.example/v1/plugins/acme/releases"),
        );
        check(
            "https://a.example/x/",
            "a/b?c",
            Some("https://a.example/x/v1/plugins/a%2Fb%3Fc/releases"),
        );
        check("ftp://a.example", "acme", None);
        check("acme", "acme", None);
    }
}
