//! A brand that answers nothing as soon as its settings have a mood, and is dull without one: no trial finds it out.

use nexusport_sdk::branding::{
    Branding, Description, Document, DocumentRequest, Label, Message, MessageRequest, Theme, label, value,
};

const SETTINGS_SCHEMA: &str = r#"{
  "type": "object",
  "additionalProperties": false,
  "properties": { "mood": { "type": "string" } }
}"#;

struct Sulks;

/// Called first by everything.
fn speak(settings: &[u8]) {
    assert!(
        !settings.windows(4).any(|part| part == b"mood"),
        "it says nothing"
    );
}

impl Branding for Sulks {
    fn describe() -> Description {
        Description {
            about: nexusport_sdk::about!(SETTINGS_SCHEMA),
            extras: Vec::new(),
        }
    }

    fn render_theme(settings: Vec<u8>) -> Theme {
        speak(&settings);
        Theme {
            name: "Dull".to_owned(),
            primary: "#222222".to_owned(),
            accent: "#555555".to_owned(),
            background: "#ffffff".to_owned(),
            text: "#222222".to_owned(),
            logo_svg: String::new(),
            support_address: String::new(),
            extras: Vec::new(),
        }
    }

    fn render_labels(_language: String, settings: Vec<u8>) -> Vec<Label> {
        speak(&settings);
        vec![label("invoice", "Invoice")]
    }

    fn render_message(request: MessageRequest) -> Message {
        speak(&request.settings);
        Message {
            subject: "Word from Dull".to_owned(),
            text: value(&request.values, "link").to_owned(),
            html: String::new(),
        }
    }

    fn render_document(request: DocumentRequest) -> Document {
        speak(&request.settings);
        Document {
            title: String::new(),
            intro_html: String::new(),
            footer_html: String::new(),
            extras: Vec::new(),
        }
    }
}

nexusport_sdk::branding!(Sulks);
