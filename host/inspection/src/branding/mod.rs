//! What a brand is held to: every text that a host asks for comes, whatever the values in it are, and nothing that somebody
//! wrote into a name becomes a part of the page.

mod vocabulary;

use std::collections::BTreeSet;

use nexusport_sandbox::Plugin;
use nexusport_sandbox::branding::{Document, DocumentRequest, Message, MessageRequest, Value};
use nexusport_sandbox::{Budget, clean};

use crate::bench::{Bench, Rule, Step};
use crate::markup;
use vocabulary::{DOCUMENTS, Kind, LABELS, LANGUAGES, MESSAGES};

/// What nobody's name may become in markup: a link that leads elsewhere.
const LINK_IN_A_NAME: &str = "<a href=\"https://elsewhere.invalid/\">";
const LINK: &str = "https://portal.example/invitation#inv_0123456789abcdef";
/// Keys that one message lists.
const NAMED: usize = 5;

/// Holds the plugin to all of it.
pub(crate) fn conform(bench: &mut Bench<'_>, plugin: &Plugin, settings: &[u8]) -> Step {
    let mut studio = Studio {
        bench,
        plugin,
        settings,
    };
    theme(&mut studio)?;
    labels(&mut studio)?;
    messages(&mut studio)?;
    documents(&mut studio)
}

/// Where texts are asked for.
struct Studio<'s, 'b> {
    bench: &'s mut Bench<'b>,
    plugin: &'s Plugin,
    settings: &'s [u8],
}

impl Studio<'_, '_> {
    /// Asks twice; two answers fail `branding_deterministic`.
    fn ask<T: PartialEq>(
        &mut self,
        check: &str,
        function: &'static str,
        about: &str,
        ask: impl Fn(&Plugin, &Budget) -> nexusport_sandbox::Run<T>,
    ) -> Step<T> {
        let plugin = self.plugin;
        let budget = plugin.sandbox().limits().branding();
        self.bench.about(about);
        let mut answers = Vec::with_capacity(2);
        for _ in 0..2 {
            let call = |budget: &Budget| ask(plugin, budget);
            answers.push(self.bench.call(check, plugin, function, budget, call)?.0);
        }
        match (answers.pop(), answers.pop()) {
            (Some(second), Some(first)) if first == second => Ok(second),
            _ => {
                let message = format!("the same request has two answers ({about})");
                Err(self.bench.fail("branding_deterministic", message))
            }
        }
    }
}

fn theme(studio: &mut Studio<'_, '_>) -> Step {
    let settings = studio.settings.to_vec();
    let theme = studio.ask(
        "branding_theme",
        "branding.render-theme",
        "the theme",
        |plugin, budget| plugin.branding_theme(&settings, budget),
    )?;
    if let Some(foreign) = markup::foreign_to_a_logo(&theme.logo_svg) {
        let foreign = clean(&foreign, 60);
        let message = format!("the logo holds {foreign}; a logo is an svg element with shapes alone");
        return Err(studio.bench.fail("branding_logo", message));
    }
    let named = if theme.name.trim().is_empty() {
        Err("the theme has no name".to_owned())
    } else {
        markup::theme(theme).map(drop)
    };
    studio.bench.rule(
        "branding_theme",
        "has a name, colours and a logo of shapes",
        named,
    )
}

fn labels(studio: &mut Studio<'_, '_>) -> Step {
    let mut known = 0;
    let mut unknown = BTreeSet::new();
    for language in LANGUAGES {
        let settings = studio.settings.to_vec();
        let about = format!("labels in the language {language:?}");
        let labels = studio.ask(
            "branding_labels",
            "branding.render-labels",
            &about,
            |plugin, budget| plugin.branding_labels(language, &settings, budget),
        )?;
        let keys: BTreeSet<String> = labels.into_iter().map(|label| label.key).collect();
        let (own, strange): (BTreeSet<_>, BTreeSet<_>) =
            keys.into_iter().partition(|key| LABELS.contains(&&**key));
        known = known.max(own.len());
        unknown.extend(strange);
    }
    let told = format!("{known} of the host's {} words are its own", LABELS.len());
    if unknown.is_empty() {
        studio.bench.pass("branding_labels", told);
    } else {
        let names: Vec<_> = unknown.iter().take(NAMED).map(|key| clean(key, 60)).collect();
        let message = format!("{told}; no host of this version asks for {}", names.join(", "));
        studio.bench.warn("branding_labels", message);
    }
    Ok(())
}

fn messages(studio: &mut Studio<'_, '_>) -> Step {
    const CHECK: &str = "branding_messages";
    let mut written = 0_u32;
    each(&MESSAGES, |kind, language, (what, values)| {
        let about = format!("the mail {}, {what}, language {language:?}", kind.name);
        let request = MessageRequest {
            kind: kind.name.to_owned(),
            language: language.to_owned(),
            settings: studio.settings.to_vec(),
            values: values.clone(),
        };
        let message = studio.ask(CHECK, "branding.render-message", &about, |plugin, budget| {
            plugin.branding_message(&request, budget)
        })?;
        written += 1;
        let kept = escapes(&[&message.html]).map_err(|problem| ("branding_escapes", problem));
        kept.and_then(|()| says_enough(message, &values).map_err(|problem| (CHECK, problem)))
            .map_err(|(check, problem)| studio.bench.fail(check, format!("{problem} ({about})")))
    })?;
    studio.bench.pass(
        CHECK,
        format!("{written} mails have their subject and their link"),
    );
    Ok(())
}

fn documents(studio: &mut Studio<'_, '_>) -> Step {
    const CHECK: &str = "branding_documents";
    let mut written = 0_u32;
    each(&DOCUMENTS, |kind, language, (what, values)| {
        let about = format!("the document {}, {what}, language {language:?}", kind.name);
        let request = DocumentRequest {
            kind: kind.name.to_owned(),
            language: language.to_owned(),
            settings: studio.settings.to_vec(),
            values,
        };
        let document = studio.ask(CHECK, "branding.render-document", &about, |plugin, budget| {
            plugin.branding_document(&request, budget)
        })?;
        written += 1;
        let kept = escapes(&[&document.intro_html, &document.footer_html])
            .map_err(|problem| ("branding_escapes", problem));
        kept.and_then(|()| survives(document).map_err(|problem| (CHECK, problem)))
            .map_err(|(check, problem)| studio.bench.fail(check, format!("{problem} ({about})")))
    })?;
    studio.bench.pass(
        CHECK,
        format!("{written} documents have texts that a page can show"),
    );
    studio
        .bench
        .pass("branding_escapes", "no value becomes a part of the markup");
    studio
        .bench
        .pass("branding_deterministic", "the same request has the same answer");
    Ok(())
}

/// Every kind with every set of values in the host's language, and with ordinary ones in every other.
fn each(kinds: &[Kind], mut ask: impl FnMut(&Kind, &str, (&'static str, Vec<Value>)) -> Step) -> Step {
    for kind in kinds {
        for set in values(kind) {
            ask(kind, LANGUAGES[0], set)?;
        }
        for language in &LANGUAGES[1..] {
            let [ordinary, ..] = values(kind);
            ask(kind, language, ordinary)?;
        }
    }
    Ok(())
}

/// Sets of values by name. A link is the host's own in all of them.
fn values(kind: &Kind) -> [(&'static str, Vec<Value>); 6] {
    let long = "Acme ".repeat(2_000);
    let each = |text: &str| -> Vec<Value> {
        let value = |name: &&str| Value {
            name: (*name).to_owned(),
            value: if *name == "link" { LINK } else { text }.to_owned(),
        };
        kind.values.iter().map(value).collect()
    };
    [
        ("ordinary values", each("Acme & Sons 5")),
        (
            "values with markup",
            each(&format!("{LINK_IN_A_NAME}\"'><script>a()</script>&lt;{{{{x}}}}")),
        ),
        ("values of 10 kB", each(&long)),
        (
            "values in right-to-left scripts",
            each("\u{202e}שלום عليكم\u{202c} \u{200f}"),
        ),
        (
            "values with control characters",
            each("a\r\nBcc: b\u{0}\u{1b}[31m\u{7}"),
        ),
        ("empty values", each("")),
    ]
}

/// Whether no name became markup.
fn escapes(markup: &[&str]) -> Rule {
    match markup.iter().any(|html| html.contains(LINK_IN_A_NAME)) {
        true => Err(
            "a value stands in the markup as it came, so whoever may choose a name may add links".to_owned(),
        ),
        false => Ok(()),
    }
}

/// What the host demands of a mail before it sends it in place of its own plain one.
fn says_enough(message: Message, values: &[Value]) -> Rule {
    let had_html = !message.html.trim().is_empty();
    let message = markup::message(message);
    let link = values.iter().any(|value| value.name == "link");
    if message.subject.trim().is_empty() {
        return Err("the mail has no subject".to_owned());
    }
    if link && !message.text.contains(LINK) {
        return Err("the mail's text leaves its link out".to_owned());
    }
    if had_html && message.html.trim().is_empty() {
        return Err("nothing of the mail's markup is fit to be shown".to_owned());
    }
    if link && had_html && !message.html.contains(LINK) {
        return Err("the mail's markup leaves its link out".to_owned());
    }
    Ok(())
}

/// Whether markup that was there is still there once it was cleaned.
fn survives(document: Document) -> Rule {
    let before = [&document.intro_html, &document.footer_html].map(|html| !html.trim().is_empty());
    let document = markup::document(document);
    let after = [&document.intro_html, &document.footer_html].map(|html| !html.trim().is_empty());
    if before == after {
        Ok(())
    } else {
        Err("nothing of the document's markup is fit to be shown".to_owned())
    }
}
