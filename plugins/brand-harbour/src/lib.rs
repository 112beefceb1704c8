//! The brand of Harbour Connect: warm, and fond of the sea.

#[cfg(test)]
mod tests;
mod texts;

use nexusport_sdk::about;
use nexusport_sdk::branding::{
    Branding, Description, Document, DocumentRequest, Label, Message, MessageRequest, Theme, label,
};
use serde::Deserialize;

const SETTINGS_SCHEMA: &str = r#"{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "type": "object",
  "additionalProperties": false,
  "properties": {
    "support_address": {
      "type": "string", "maxLength": 254, "default": "crew@harbour.example",
      "description": "Where customers write to"
    }
  }
}"#;

struct Harbour;

nexusport_sdk::branding!(Harbour);

#[derive(Deserialize)]
#[serde(default)]
struct Settings {
    support_address: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            support_address: "crew@harbour.example".to_owned(),
        }
    }
}

impl Settings {
    /// The host has checked them against the schema; a brand is shown with its defaults rather than not at all.
    fn read(json: &[u8]) -> Self {
        nexusport_sdk::settings(json).unwrap_or_default()
    }
}

impl Branding for Harbour {
    fn describe() -> Description {
        Description {
            about: about!(SETTINGS_SCHEMA),
            extras: Vec::new(),
        }
    }

    fn render_theme(settings: Vec<u8>) -> Theme {
        Theme {
            name: texts::NAME.to_owned(),
            primary: "#8a3b12".to_owned(),
            accent: "#e0a526".to_owned(),
            background: "#fdf6ec".to_owned(),
            text: "#3a2a1a".to_owned(),
            logo_svg: include_str!("logo.svg").to_owned(),
            support_address: Settings::read(&settings).support_address,
            extras: Vec::new(),
        }
    }

    fn render_labels(_language: String, _settings: Vec<u8>) -> Vec<Label> {
        texts::LABELS.iter().map(|(key, text)| label(key, text)).collect()
    }

    fn render_message(request: MessageRequest) -> Message {
        texts::message(&request, &Settings::read(&request.settings).support_address)
    }

    fn render_document(request: DocumentRequest) -> Document {
        texts::document(&request, &Settings::read(&request.settings).support_address)
    }
}
