//! An invoice as a page for people, under the brand it was issued under. Colours, logo, words and texts are the pinned
//! brand's; nothing else names anybody but the buyer. A brand that fails to answer refuses the page, since an invoice
//! must always look as it was issued; without a brand the page is plain.

use std::collections::HashMap;

use askama::Template as _;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::TimeDelta;
use nexusport_sandbox::branding::{Document, DocumentRequest, Theme, Value};
use sha2::{Digest as _, Sha256};

use super::{Brand, Full, Invoice, Line, full};
use crate::{
    app::{App, Timestamp},
    fault::Result,
    identity::{Caller, Permission},
    ids::InvoiceId,
    limits, plugins,
};

/// The page's own layout; colours come before it as variables.
const LAYOUT: &str = include_str!("../../../templates/invoice.css");
/// The one language that the host's own words are in.
const LANGUAGE: &str = "en";

/// A page to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// The whole document.
    pub html: String,
    /// What a browser may do with it: show it, and nothing else.
    pub policy: String,
}

/// The invoice as a page.
pub async fn sheet(app: &App, caller: &Caller, id: InvoiceId) -> Result<Sheet> {
    let mut tx = app.db.read(caller, Permission::BillingRead).await?;
    let full = full(&mut tx, id).await?;
    drop(tx);
    let look = match &full.invoice.brand {
        Some(brand) => {
            limits::admit_plugin_work(app, caller).await?;
            look_if_any(app, caller, brand, &full).await?
        }
        None => None,
    };
    render(&full, look)
}

/// None where the brand fails: an invoice is shown, plain at worst.
async fn look_if_any(app: &App, caller: &Caller, brand: &Brand, full: &Full) -> Result<Option<Look>> {
    match look(app, caller, brand, full).await {
        Ok(look) => Ok(Some(look)),
        Err(fault) if plugins::is_a_plugins(&fault) => {
            tracing::warn!(%fault, invoice = full.invoice.number, "the brand fails at an invoice, it is shown plain");
            Ok(None)
        }
        Err(fault) => Err(fault),
    }
}

/// What the brand makes of the invoice. Its markup and colours were cleaned by `plugins`.
struct Look {
    theme: Theme,
    words: HashMap<String, String>,
    texts: Document,
}

async fn look(app: &App, caller: &Caller, brand: &Brand, full: &Full) -> Result<Look> {
    let Brand { release, settings } = brand;
    let labels = plugins::labels(app, caller, *release, LANGUAGE, settings).await?;
    let request = DocumentRequest {
        kind: "invoice".to_owned(),
        language: LANGUAGE.to_owned(),
        settings: serde_json::to_vec(settings)?,
        values: values(full),
    };
    Ok(Look {
        theme: plugins::theme(app, caller, *release, settings).await?,
        words: labels.into_iter().map(|label| (label.key, label.text)).collect(),
        texts: plugins::document(app, caller, *release, &request).await?,
    })
}

/// What a brand is told of an invoice.
fn values(full: &Full) -> Vec<Value> {
    let invoice = &full.invoice;
    let (first, last) = days(invoice);
    [
        ("number", invoice.number.clone()),
        ("customer", full.buyer_name.clone()),
        ("period_from", first),
        ("period_to", last),
        ("issued_on", local(invoice, invoice.issued_at, "%Y-%m-%d")),
        ("total", invoice.total.to_string()),
        ("currency", invoice.currency.clone()),
    ]
    .map(|(name, value)| Value {
        name: name.to_owned(),
        value,
    })
    .into()
}

#[derive(askama::Template)]
#[template(path = "invoice.html")]
struct Page<'a> {
    full: &'a Full,
    words: Words,
    style: &'a str,
    title: &'a str,
    brand: Option<&'a Theme>,
    texts: Option<&'a Document>,
    period: (String, String),
    issued_on: String,
}

/// The brand's own words, or the host's.
struct Words(HashMap<String, String>);

impl Words {
    fn say<'a>(&'a self, key: &str, otherwise: &'a str) -> &'a str {
        self.0.get(key).map_or(otherwise, String::as_str)
    }
}

impl Page<'_> {
    fn port(&self, line: &Line) -> &str {
        self.full.port_name(line)
    }

    fn at(&self, at: &Timestamp) -> String {
        local(&self.full.invoice, *at, "%Y-%m-%d %H:%M:%S %Z")
    }
}

fn render(full: &Full, look: Option<Look>) -> Result<Sheet> {
    let (theme, words, texts) = match look {
        Some(Look { theme, words, texts }) => (Some(theme), words, Some(texts)),
        None => (None, HashMap::new(), None),
    };
    let words = Words(words);
    let invoice = &full.invoice;
    let own_title = format!("{} {}", words.say("invoice", "Invoice"), invoice.number);
    let title = texts
        .as_ref()
        .map(|texts| &*texts.title)
        .filter(|title| !title.is_empty());
    let title = title.unwrap_or(&own_title).to_owned();
    let style = style(theme.as_ref());
    let page = Page {
        full,
        words,
        style: &style,
        title: &title,
        brand: theme.as_ref(),
        texts: texts.as_ref(),
        period: days(invoice),
        issued_on: local(invoice, invoice.issued_at, "%Y-%m-%d"),
    };
    Ok(Sheet {
        html: page.render()?,
        policy: policy(&style),
    })
}

fn style(theme: Option<&Theme>) -> String {
    let [primary, accent, background, text] = match theme {
        Some(theme) => [&*theme.primary, &theme.accent, &theme.background, &theme.text],
        None => ["#333333", "#666666", "#ffffff", "#111111"],
    };
    format!(
        ":root {{ --primary: {primary}; --accent: {accent}; --background: {background}; --text: {text}; }}\n{LAYOUT}"
    )
}

/// No script, no picture, no font, no frame, nothing fetched: the page's own style, known by its hash.
fn policy(style: &str) -> String {
    let hash = STANDARD.encode(Sha256::digest(style));
    format!(
        "default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
}

/// The first and the last day of the period, on the buyer's own calendar.
fn days(invoice: &Invoice) -> (String, String) {
    let day = |at| local(invoice, at, "%Y-%m-%d");
    let last = invoice.period.end - TimeDelta::milliseconds(1);
    (day(invoice.period.start), day(last))
}

fn local(invoice: &Invoice, at: Timestamp, format: &str) -> String {
    at.with_timezone(&invoice.time_zone).format(format).to_string()
}

#[cfg(test)]
mod tests;
