//! Calls of a branding plugin. Its markup is returned cleaned of invisible characters only: what of it may be shown is
//! decided by the host, which sanitises it.

use super::outward::{LINE, NAME, TEXT, about, exact, extras, line, lines};
use super::wrong_world;
use crate::limits::Budget;
use crate::plugin::{Plugin, Run};
use crate::world::World;

pub use crate::bindings::branding::{
    Description, Document, DocumentRequest, Label, Message, MessageRequest, Theme, Value,
};
pub use crate::bindings::types::{About, Extra};

impl Plugin {
    /// What the plugin says about itself.
    pub fn branding_describe(&self, budget: &Budget) -> Run<Description> {
        let Some(start) = self.bound().branding() else {
            return wrong_world(self, World::Branding);
        };
        let run = self.run(budget, start, |store, guest| guest.call_describe(store));
        run.and_then(|mut description| {
            about(&mut description.about);
            extras(&mut description.extras);
            Ok(description)
        })
    }

    /// Names, colours and logo. `settings` is a JSON document.
    pub fn branding_theme(&self, settings: &[u8], budget: &Budget) -> Run<Theme> {
        let Some(start) = self.bound().branding() else {
            return wrong_world(self, World::Branding);
        };
        let settings = settings.to_vec();
        let run = self.run(budget, start, |store, guest| {
            guest.call_render_theme(store, &settings)
        });
        run.and_then(|mut theme| {
            for colour in [&theme.primary, &theme.accent, &theme.background, &theme.text] {
                exact("a colour of the theme", colour)?;
            }
            line(&mut theme.name, NAME);
            lines(&mut theme.logo_svg, TEXT);
            line(&mut theme.support_address, LINE);
            extras(&mut theme.extras);
            Ok(theme)
        })
    }

    /// The tenant's own words for the host's keys. `settings` is a JSON document.
    pub fn branding_labels(&self, language: &str, settings: &[u8], budget: &Budget) -> Run<Vec<Label>> {
        let Some(start) = self.bound().branding() else {
            return wrong_world(self, World::Branding);
        };
        let settings = settings.to_vec();
        let run = self.run(budget, start, |store, guest| {
            guest.call_render_labels(store, language, &settings)
        });
        run.and_then(|mut labels| {
            for label in &mut labels {
                exact("the key of a label", &label.key)?;
                line(&mut label.text, LINE);
            }
            Ok(labels)
        })
    }

    /// The text of a mail.
    pub fn branding_message(&self, request: &MessageRequest, budget: &Budget) -> Run<Message> {
        let Some(start) = self.bound().branding() else {
            return wrong_world(self, World::Branding);
        };
        let run = self.run(budget, start, |store, guest| {
            guest.call_render_message(store, request)
        });
        run.and_then(|mut message| {
            line(&mut message.subject, LINE);
            lines(&mut message.text, TEXT);
            lines(&mut message.html, TEXT);
            Ok(message)
        })
    }

    /// The texts around a document such as an invoice.
    pub fn branding_document(&self, request: &DocumentRequest, budget: &Budget) -> Run<Document> {
        let Some(start) = self.bound().branding() else {
            return wrong_world(self, World::Branding);
        };
        let run = self.run(budget, start, |store, guest| {
            guest.call_render_document(store, request)
        });
        run.and_then(|mut document| {
            line(&mut document.title, LINE);
            lines(&mut document.intro_html, TEXT);
            lines(&mut document.footer_html, TEXT);
            extras(&mut document.extras);
            Ok(document)
        })
    }
}
