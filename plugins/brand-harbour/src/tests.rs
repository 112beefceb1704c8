//! What every text of a brand must keep to.

use nexusport_sdk::branding::Value;

use super::*;

fn values() -> Vec<Value> {
    let value = |name: &str, value: &str| Value {
        name: name.to_owned(),
        value: value.to_owned(),
    };
    vec![value("number", "2026-0001"), value("port", "<script>7</script>")]
}

fn message(kind: &str) -> Message {
    let (kind, language) = (kind.to_owned(), "en".to_owned());
    Harbour::render_message(MessageRequest {
        kind,
        language,
        settings: Vec::new(),
        values: values(),
    })
}

#[test]
fn a_value_is_text_in_mail_never_markup() {
    for kind in [
        "invitation",
        "password_reset",
        "address_proof",
        "sign_in_notice",
        "change_verified",
        "change_failed",
        "invoice",
        "new_kind",
    ] {
        let message = message(kind);
        assert!(message.text.contains("<script>7</script>"), "{kind}");
        assert!(!message.html.contains("<script>"), "{kind}");
        for text in [&message.text, &message.html] {
            assert!(
                text.contains("Harbour Connect") && !text.contains("Northlight Networks"),
                "{kind}: {text}"
            );
        }
    }
}

#[test]
fn an_invoice_is_titled_with_its_number_and_signed_with_the_brand() {
    let (kind, language) = ("invoice".to_owned(), "en".to_owned());
    let settings = br#"{"support_address": "<me>@example.com"}"#.to_vec();
    let invoice = Harbour::render_document(DocumentRequest {
        kind,
        language,
        settings,
        values: values(),
    });
    assert_eq!(invoice.title, "Bill 2026-0001");
    assert!(!invoice.intro_html.is_empty());
    assert!(
        invoice.footer_html.contains("Harbour Connect")
            && invoice.footer_html.contains("&lt;me&gt;@example.com")
    );
}

#[test]
fn no_key_is_labelled_twice() {
    let mut keys: Vec<_> = texts::LABELS.iter().map(|(key, _)| key).collect();
    keys.sort_unstable();
    let all = keys.len();
    keys.dedup();
    assert_eq!(keys.len(), all);
}

#[test]
fn the_theme_is_whole_without_settings() {
    let theme = Harbour::render_theme(Vec::new());
    assert_eq!(
        (&*theme.name, &*theme.support_address),
        ("Harbour Connect", "crew@harbour.example")
    );
    for colour in [theme.primary, theme.accent, theme.background, theme.text] {
        assert!(colour.len() == 7 && colour.starts_with('#'), "{colour}");
    }
    assert!(theme.logo_svg.starts_with("<svg"));
}
