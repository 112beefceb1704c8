//! A mail put into words: the brand's, where it fails those that its house wants instead, or plain ones. Whatever a brand says, the
//! link stays in: without it the mail would be of no use.

use lettre::{
    Message,
    message::{Mailbox, MultiPart, SinglePart},
};
use nexusport_sandbox::branding::{MessageRequest, Value};

use super::{Kind, Mail};
use crate::{
    app::App,
    fault::{Fault, Result},
    identity::{
        Caller, Purpose,
        tenants::{self, House},
    },
    ids::MailId,
    plugins::{self, Serving},
};

/// The one language that the host's own words are in.
const LANGUAGE: &str = "en";

struct Words {
    subject: String,
    text: String,
    html: Option<String>,
}

/// The whole mail, ready to be handed over.
pub(super) async fn write(app: &App, caller: &Caller, id: MailId, mail: &Mail) -> Result<Message> {
    let mut tx = app.db.house(&caller.for_house(Purpose::Branding)).await?;
    let house = tenants::house(&mut tx).await?;
    let brands = plugins::brands_to_try(&mut tx, caller.scope().tenant(), app.now()).await?;
    drop(tx);
    let link = mail
        .token
        .as_ref()
        .map(|token| format!("{}/{}#{token}", app.post.url(&house.host), mail.kind.page()));
    for brand in brands {
        if let Some((name, words)) = branded(app, caller, brand, mail, link.as_deref()).await {
            return message(app, id, &mail.to, &house, &name, words);
        }
    }
    let words = plain(mail, &house.name, link.as_deref());
    message(app, id, &mail.to, &house, &house.name, words)
}

/// The brand's name and words; none where it fails, or leaves the link out.
async fn branded(
    app: &App,
    caller: &Caller,
    brand: Serving,
    mail: &Mail,
    link: Option<&str>,
) -> Option<(String, Words)> {
    let Serving {
        release, settings, ..
    } = brand;
    let request = MessageRequest {
        kind: mail.kind.name().to_owned(),
        language: LANGUAGE.to_owned(),
        settings: serde_json::to_vec(&settings).ok()?,
        values: values(mail, link),
    };
    let asked = async {
        let theme = plugins::theme(app, caller, release, &settings).await?;
        let message = plugins::message(app, caller, release, &request).await?;
        Ok::<_, Fault>((theme.name, message))
    };
    let (name, message) = match asked.await {
        Ok(answered) => answered,
        Err(fault) => {
            tracing::warn!(%fault, kind = mail.kind.name(), "the brand has no words for a mail");
            return None;
        }
    };
    let keeps = |text: &str| link.is_none_or(|link| text.contains(link));
    if name.is_empty() || message.subject.is_empty() || !keeps(&message.text) {
        tracing::warn!(
            kind = mail.kind.name(),
            "the brand's mail lacks its name, subject or link"
        );
        return None;
    }
    let html = Some(message.html).filter(|html| !html.is_empty() && keeps(html));
    let words = Words {
        subject: message.subject,
        text: message.text,
        html,
    };
    Some((name, words))
}

fn values(mail: &Mail, link: Option<&str>) -> Vec<Value> {
    let told = mail
        .values
        .iter()
        .map(|(name, value)| (name.clone(), value.clone()));
    let link = link.map(|link| ("link".to_owned(), link.to_owned()));
    told.chain(link)
        .map(|(name, value)| Value { name, value })
        .collect()
}

fn plain(mail: &Mail, from: &str, link: Option<&str>) -> Words {
    let (subject, opening) = match mail.kind {
        Kind::Invitation => (
            format!("Your invitation from {from}"),
            "You have been invited. The link below lets you in, once.",
        ),
        Kind::PasswordReset => (
            format!("A new password for {from}"),
            "The link below lets you choose a new password, once. If you did not ask for it, there is nothing to do.",
        ),
        Kind::AddressProof => (
            format!("Confirm your address for {from}"),
            "The link below confirms that this address is yours. If you did not sign up, there is nothing to do.",
        ),
        Kind::SignInNotice => (
            format!("About your account at {from}"),
            "Something about how you sign in has changed. If that was not you, choose a new password.",
        ),
    };
    let told = values(mail, link);
    let told: String = told
        .iter()
        .map(|value| format!("{}: {}\n", value.name.replace('_', " "), value.value))
        .collect();
    Words {
        subject,
        text: format!("{opening}\n\n{told}\n{from}\n"),
        html: None,
    }
}

fn message(app: &App, id: MailId, to: &str, house: &House, name: &str, words: Words) -> Result<Message> {
    let unusable = |error: lettre::address::AddressError| {
        Fault::invalid(
            "mail_address_unusable",
            format!("no mail can be sent to or from this address: {error}"),
        )
    };
    let from = format!("no-reply@{}", house.host).parse().map_err(unusable)?;
    let builder = Message::builder()
        .from(Mailbox::new(Some(name.to_owned()), from))
        .to(Mailbox::new(None, to.parse().map_err(unusable)?))
        .subject(one_line(&words.subject))
        .date(app.now().into())
        .message_id(Some(format!("<{id}@{}>", house.host)));
    let built = match words.html {
        Some(html) => builder.multipart(MultiPart::alternative_plain_html(words.text, html)),
        None => builder.singlepart(SinglePart::plain(words.text)),
    };
    built.map_err(|error| Fault::broken(error.to_string()))
}

/// A header is one line, whatever a brand puts into it.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_is_one_line() {
        assert_eq!(
            one_line("Hello\r\nBcc: all@example.com"),
            "Hello Bcc: all@example.com"
        );
    }

    #[test]
    fn plain_words_have_what_the_mail_tells_and_its_link() {
        let mail = Mail {
            kind: Kind::Invitation,
            to: "ann@example.com".into(),
            token: None,
            values: vec![("valid_until".into(), "Monday".into())],
        };
        let words = plain(&mail, "Northlight", Some("https://n.example/invitation#inv_1"));
        assert!(words.text.contains("valid until: Monday"));
        assert!(words.text.contains("https://n.example/invitation#inv_1"));
        assert!(words.subject.contains("Northlight") && words.html.is_none());
    }
}
