//! A brand that puts whatever it is given into its markup as it is, so that whoever may choose a name adds links to mails.

use nexusport_sdk::about;
use nexusport_sdk::branding::{
    Branding, Description, Document, DocumentRequest, Label, Message, MessageRequest, Theme, lines,
};

struct Echoes;

nexusport_sdk::branding!(Echoes);

impl Branding for Echoes {
    fn describe() -> Description {
        Description {
            about: about!("{}"),
            extras: Vec::new(),
        }
    }

    fn render_theme(_settings: Vec<u8>) -> Theme {
        let colour = || "#112233".to_owned();
        Theme {
            name: "Echoes".to_owned(),
            primary: colour(),
            accent: colour(),
            background: colour(),
            text: colour(),
            logo_svg: String::new(),
            support_address: String::new(),
            extras: Vec::new(),
        }
    }

    fn render_labels(_language: String, _settings: Vec<u8>) -> Vec<Label> {
        Vec::new()
    }

    fn render_message(request: MessageRequest) -> Message {
        let values = request.values.iter();
        Message {
            subject: "News".to_owned(),
            text: lines(&request.values),
            html: values.map(|value| format!("<p>{}</p>", value.value)).collect(),
        }
    }

    fn render_document(_request: DocumentRequest) -> Document {
        Document {
            title: String::new(),
            intro_html: String::new(),
            footer_html: String::new(),
            extras: Vec::new(),
        }
    }
}
