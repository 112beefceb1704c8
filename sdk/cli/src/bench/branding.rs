//! A brand's four functions.

use nexusport_sandbox::Plugin;
use nexusport_sandbox::branding::{DocumentRequest, MessageRequest};

use super::{Figure, Figures};

pub(super) fn figures(plugin: &Plugin, settings: &[u8]) -> Figures {
    let budget = plugin.sandbox().limits().branding();
    let (language, settings) = ("en".to_owned(), settings.to_vec());
    let message = MessageRequest {
        kind: "change.verified".to_owned(),
        language: language.clone(),
        settings: settings.clone(),
        values: Vec::new(),
    };
    let document = DocumentRequest {
        kind: "invoice".to_owned(),
        language: language.clone(),
        settings: settings.clone(),
        values: Vec::new(),
    };
    let calls = vec![
        Figure::measure("describe", budget, |budget| plugin.branding_describe(budget)),
        Figure::measure("render-theme", budget, |budget| {
            plugin.branding_theme(&settings, budget)
        }),
        Figure::measure("render-labels", budget, |budget| {
            plugin.branding_labels(&language, &settings, budget)
        }),
        Figure::measure("render-message", budget, |budget| {
            plugin.branding_message(&message, budget)
        }),
        Figure::measure("render-document", budget, |budget| {
            plugin.branding_document(&document, budget)
        }),
    ];
    Figures { calls, slope: None }
}
