//! What a branding release answers. None of it is trusted: it leaves here cleaned.

use nexusport_inspection::markup;
use nexusport_sandbox::{
    RenderLabels, RenderTheme,
    branding::{Document, DocumentRequest, Label, Message, MessageRequest, Theme},
};
use serde_json::Value;

use super::calls::ask;
use crate::{
    app::App,
    fault::{Fault, Result},
    identity::{Caller, Purpose},
    ids::ReleaseId,
};

/// Names, colours and logo. The colours are `#rrggbb`, the logo is an SVG document with shapes alone, or empty.
pub async fn theme(app: &App, caller: &Caller, release: ReleaseId, settings: &Value) -> Result<Theme> {
    let question = RenderTheme {
        settings: serde_json::to_vec(settings)?,
    };
    let (theme, _) = ask(app, caller, Purpose::Branding, release, question).await?;
    markup::theme(theme).map_err(|problem| Fault::invalid("plugin_result_invalid", problem))
}

/// The tenant's own words for the host's keys: text, not markup.
pub async fn labels(
    app: &App,
    caller: &Caller,
    release: ReleaseId,
    language: &str,
    settings: &Value,
) -> Result<Vec<Label>> {
    let question = RenderLabels {
        language: language.to_owned(),
        settings: serde_json::to_vec(settings)?,
    };
    let (labels, _) = ask(app, caller, Purpose::Branding, release, question).await?;
    Ok(labels)
}

/// The texts around a document. Their markup is sanitised.
pub async fn document(
    app: &App,
    caller: &Caller,
    release: ReleaseId,
    request: &DocumentRequest,
) -> Result<Document> {
    let (document, _) = ask(app, caller, Purpose::Branding, release, request.clone()).await?;
    Ok(markup::document(document))
}

/// A mail's words. Their markup is sanitised.
pub async fn message(
    app: &App,
    caller: &Caller,
    release: ReleaseId,
    request: &MessageRequest,
) -> Result<Message> {
    let (message, _) = ask(app, caller, Purpose::Branding, release, request.clone()).await?;
    Ok(markup::message(message))
}
