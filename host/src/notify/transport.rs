//! How a mail leaves: to the configured server, or into a folder that a developer can open.

use std::{path::Path, sync::Arc};

use cap_std::fs::Dir;
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};

use crate::{
    fault::{Fault, Result},
    ids::MailId,
};

const HOST: &str = "{host}";

/// How mail leaves, and where its links lead.
#[derive(Clone)]
pub struct Post {
    /// How mail leaves.
    pub transport: Transport,
    public_url: Arc<str>,
}

/// How mail leaves.
#[derive(Clone)]
pub enum Transport {
    /// A mail server.
    Smtp(AsyncSmtpTransport<Tokio1Executor>),
    /// A file for each mail. Names sort by the time the mail was queued.
    Folder(Arc<Dir>),
}

/// Why mail cannot leave as configured.
#[derive(Debug, thiserror::Error)]
pub enum TransportError {
    /// Not a URL of a mail server.
    #[error("the mail server's URL cannot be used: {0}")]
    Url(String),
    /// It would send passwords and tokens in clear.
    #[error(
        "the mail server {0} is not on this machine and its URL asks for no TLS: write smtps://, or add ?tls=required"
    )]
    Clear(String),
    /// The folder cannot be made.
    #[error("the folder {0} for mail cannot be used: {1}")]
    Folder(String, std::io::Error),
    /// The template has no place for the host.
    #[error("the public URL {0:?} does not have {HOST} in it")]
    Template(String),
}

impl Post {
    /// Links lead to `public_url` with a reseller's host in the place of `{host}`.
    pub fn new(transport: Transport, public_url: &str) -> std::result::Result<Self, TransportError> {
        if !public_url.contains(HOST) {
            return Err(TransportError::Template(public_url.to_owned()));
        }
        Ok(Self {
            transport,
            public_url: public_url.trim_end_matches('/').into(),
        })
    }

    /// Where people reach this host name.
    pub fn url(&self, host: &str) -> String {
        self.public_url.replace(HOST, host)
    }
}

impl Transport {
    /// A server by its URL: `smtps://user:password@host`, or `smtp://…?tls=required` for STARTTLS. Without TLS only on
    /// this machine.
    pub fn smtp(url: &str) -> std::result::Result<Self, TransportError> {
        let parsed = url.parse::<http::Uri>();
        let parsed = parsed.map_err(|error| TransportError::Url(error.to_string()))?;
        let host = parsed.host().unwrap_or_default().to_owned();
        let sealed = parsed.scheme_str() == Some("smtps")
            || parsed
                .query()
                .is_some_and(|query| query.split('&').any(|part| part == "tls=required"));
        if !sealed && !["localhost", "127.0.0.1", "[::1]"].contains(&host.as_str()) {
            return Err(TransportError::Clear(host));
        }
        let server = AsyncSmtpTransport::<Tokio1Executor>::from_url(url);
        let server = server.map_err(|error| TransportError::Url(error.to_string()))?;
        Ok(Self::Smtp(server.build()))
    }

    /// A folder, made where it is not there.
    pub fn folder(path: &Path) -> std::result::Result<Self, TransportError> {
        let opened = std::fs::create_dir_all(path)
            .and_then(|()| Dir::open_ambient_dir(path, cap_std::ambient_authority()));
        let folder = opened.map_err(|error| TransportError::Folder(path.display().to_string(), error))?;
        Ok(Self::Folder(Arc::new(folder)))
    }

    pub(super) async fn deliver(&self, id: MailId, message: &Message) -> Result<()> {
        match self {
            Self::Smtp(server) => match server.send(message.clone()).await {
                Ok(_) => Ok(()),
                Err(error) if error.is_permanent() => Err(Fault::invalid(
                    "mail_refused",
                    "the mail server refused the mail for good",
                )),
                Err(error) => Err(Fault::broken(format!("the mail server: {error}"))),
            },
            Self::Folder(folder) => {
                let (folder, bytes) = (folder.clone(), message.formatted());
                let written = tokio::task::spawn_blocking(move || write(&folder, id, &bytes)).await?;
                Ok(written?)
            }
        }
    }
}

/// Whole before it has its name; a second attempt writes the same file.
fn write(folder: &Dir, id: MailId, bytes: &[u8]) -> std::io::Result<()> {
    let (draft, name) = (format!(".{id}"), format!("{id}.eml"));
    folder.write(&draft, bytes)?;
    folder.rename(&draft, folder, &name)?;
    tracing::debug!(name, "mail written");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_elsewhere_must_be_reached_with_tls() {
        let clear = Transport::smtp("smtp://mail.example:25");
        assert!(matches!(clear, Err(TransportError::Clear(host)) if host == "mail.example"));
        for url in [
            "smtps://a:b@mail.example",
            "smtp://mail.example:587?tls=required",
            "smtp://127.0.0.1:2525",
        ] {
            assert!(Transport::smtp(url).is_ok(), "{url}");
        }
        assert!(Transport::smtp("mail").is_err());
    }

    #[test]
    fn links_lead_to_the_resellers_own_host() {
        let folder = tempfile::tempdir().unwrap();
        let transport = Transport::folder(folder.path()).unwrap();
        let post = Post::new(transport.clone(), "https://{host}:8443/").unwrap();
        assert_eq!(post.url("north.example"), "https://north.example:8443");
        assert!(Post::new(transport, "https://example.com").is_err());
    }
}
