//! Mailboxes: the real files that a host without a mail server writes, read as a mail program would.

use mail_parser::{MessageParser, MimeHeaders as _};
use nexusport::worker;
use serde_json::{Value, json};

use super::{Client, Host, PASSWORD, Reseller, text};

/// A mail as it lies in the mailbox.
#[derive(Debug, Clone)]
pub struct Mail {
    /// The file's bytes.
    pub raw: String,
    pub from_name: String,
    pub from_address: String,
    pub to: String,
    pub subject: String,
    pub message_id: String,
    pub text: String,
    /// Empty where the mail has none.
    pub html: String,
}

impl Mail {
    /// What its link carries behind the `#`.
    #[track_caller]
    pub fn token(&self) -> String {
        let (_, link) = self.text.split_once('#').expect("the mail has a link");
        let end = link.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '-'));
        link[..end.unwrap_or(link.len())].to_owned()
    }

    fn parse(bytes: &[u8]) -> Self {
        let parsed = MessageParser::default().parse(bytes).unwrap();
        let from = parsed.from().unwrap().first().unwrap();
        let html = parsed.html_bodies().find(|part| {
            part.content_type()
                .is_some_and(|kind| kind.subtype() == Some("html"))
        });
        Self {
            raw: String::from_utf8_lossy(bytes).into_owned(),
            from_name: from.name().unwrap_or_default().to_owned(),
            from_address: from.address().unwrap().to_owned(),
            to: parsed
                .to()
                .unwrap()
                .first()
                .unwrap()
                .address()
                .unwrap()
                .to_owned(),
            subject: parsed.subject().unwrap().to_owned(),
            message_id: parsed.message_id().unwrap().to_owned(),
            text: parsed.body_text(0).unwrap().into_owned(),
            html: html
                .and_then(|part| part.text_contents())
                .unwrap_or_default()
                .to_owned(),
        }
    }
}

impl Host {
    /// Every mail that was sent, oldest first, after the worker did what is due.
    pub async fn mails(&self) -> Vec<Mail> {
        worker::drain(&self.app).await.unwrap();
        let files = std::fs::read_dir(self.folder.path().join("mail")).unwrap();
        let mut paths: Vec<_> = files.map(|file| file.unwrap().path()).collect();
        paths.sort();
        paths
            .iter()
            .map(|path| Mail::parse(&std::fs::read(path).unwrap()))
            .collect()
    }

    /// The newest mail to this address.
    pub async fn mail(&self, to: &str) -> Mail {
        let newest = self.mails().await.into_iter().rev().find(|mail| mail.to == to);
        newest.unwrap_or_else(|| panic!("no mail came to {to}"))
    }

    /// Accepts the newest invitation of this address; gives the person's session.
    pub async fn accept(&self, email: &str, name: &str) -> Client {
        let accept = json!({ "token": self.mail(email).await.token(), "name": name, "password": PASSWORD });
        let session = self
            .client
            .post("/v1/invitations/accept", accept)
            .await
            .expect(201);
        self.client.with_token(&text(&session["token"]))
    }

    /// A person who is invited into the reseller's own tenant and accepts: in this role, else as an owner.
    pub async fn member(&self, of: &Reseller, email: &str, name: &str, role: Option<&Value>) -> Client {
        let invitation = json!({ "email": email, "role_id": role });
        of.client.post("/v1/invitations", invitation).await.expect(201);
        self.accept(email, name).await
    }

    /// Ends the membership of the person of this name.
    pub async fn remove_member(&self, of: &Reseller, name: &str) {
        let members = of.client.get("/v1/memberships?limit=200").await.expect(200);
        let mut members = members["items"].as_array().unwrap().iter();
        let id = text(&members.find(|member| member["name"] == name).unwrap()["id"]);
        of.client
            .delete(&format!("/v1/memberships/{id}"))
            .await
            .expect(204);
    }
}
