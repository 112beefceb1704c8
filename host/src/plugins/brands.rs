//! What a branding release answers. None of it is trusted: it leaves here cleaned.

use nexusport_inspection::markup;
use nexusport_sandbox::branding::{Document, DocumentRequest, Label, Message, MessageRequest, Theme};
use serde_json::Value;

use super::calls::{Call, answer, load, run};
use crate::{
    app::App,
    fault::{Fault, Result},
    identity::{Caller, Purpose},
    ids::ReleaseId,
};

/// Names, colours and logo. The colours are `#rrggbb`, the logo is an SVG document with shapes alone, or empty.
pub async fn theme(app: &App, caller: &Caller, release: ReleaseId, settings: &Value) -> Result<Theme> {
    let (plugin, _) = load(app, caller, Purpose::Branding, release).await?;
    let call = Call {
        function: "branding.render-theme",
        input: serde_json::to_vec(settings)?,
        budget: app.plugins.limits().branding(),
        run: |plugin, settings, budget| plugin.branding_theme(settings, budget),
    };
    let theme = answer(run(app, caller, plugin, call).await?)?;
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
    let (plugin, _) = load(app, caller, Purpose::Branding, release).await?;
    let call = Call {
        function: "branding.render-labels",
        input: (language.to_owned(), serde_json::to_vec(settings)?),
        budget: app.plugins.limits().branding(),
        run: |plugin, (language, settings), budget| plugin.branding_labels(language, settings, budget),
    };
    answer(run(app, caller, plugin, call).await?)
}

/// The texts around a document. Their markup is sanitised.
pub async fn document(
    app: &App,
    caller: &Caller,
    release: ReleaseId,
    request: &DocumentRequest,
) -> Result<Document> {
    let (plugin, _) = load(app, caller, Purpose::Branding, release).await?;
    let call = Call {
        function: "branding.render-document",
        input: request.clone(),
        budget: app.plugins.limits().branding(),
        run: |plugin, request, budget| plugin.branding_document(request, budget),
    };
    Ok(markup::document(answer(run(app, caller, plugin, call).await?)?))
}

/// A mail's words. Their markup is sanitised.
pub async fn message(
    app: &App,
    caller: &Caller,
    release: ReleaseId,
    request: &MessageRequest,
) -> Result<Message> {
    let (plugin, _) = load(app, caller, Purpose::Branding, release).await?;
    let call = Call {
        function: "branding.render-message",
        input: request.clone(),
        budget: app.plugins.limits().branding(),
        run: |plugin, request, budget| plugin.branding_message(request, budget),
    };
    Ok(markup::message(answer(run(app, caller, plugin, call).await?)?))
}
