//! What an invoice looks like, branded and not, and what it never lets through.

use chrono_tz::Tz;
use rust_decimal::Decimal;
use serde_json::json;
use uuid::Uuid;

use super::*;
use crate::{
    billing::{price, rate::Period},
    db::Scope,
    ids::PortId,
};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn number(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn line(port: PortId) -> Line {
    Line {
        n: 1,
        charge: Uuid::nil().into(),
        receipt: Uuid::nil().into(),
        digest: "d1".repeat(32),
        port,
        what: price::Charge {
            starts_at: at("2026-03-28T17:00:00Z"),
            ends_at: at("2026-03-29T02:00:00Z"),
            code: "burst".into(),
            description: "Burst <b>4000</b>".into(),
            quantity: number("36000"),
            unit: "Mbps hour".into(),
            unit_price: number("0.004"),
            amount: number("144.005"),
            explanation: "4000 Mbps above base".into(),
        },
        amount: number("144.01"),
    }
}

fn full() -> Full {
    let port = Uuid::nil().into();
    let invoice = Invoice {
        id: Uuid::nil().into(),
        buyer: Scope::new(Uuid::nil().into(), Uuid::max().into()),
        seller: Uuid::nil().into(),
        run: Uuid::nil().into(),
        number: "INV-000007".into(),
        period: Period::month_of(at("2026-03-10T00:00:00Z"), Tz::Europe__Vienna),
        time_zone: Tz::Europe__Vienna,
        currency: "EUR".into(),
        total: number("144.01"),
        brand: Some(Brand {
            release: Uuid::nil().into(),
            settings: json!({}),
        }),
        issued_at: at("2026-04-01T00:00:00Z"),
    };
    Full {
        invoice,
        state_name: "Issued".to_owned(),
        buyer_name: "Baker & Sons".into(),
        lines: vec![line(port)],
        port_names: [(port, "Uplink <1>".to_owned())].into(),
    }
}

fn dressed() -> Look {
    Look {
        theme: Theme {
            name: "Harbour Connect".into(),
            primary: "#8a3b12".into(),
            accent: "#e0a526".into(),
            background: "#fdf6ec".into(),
            text: "#3a2a1a".into(),
            logo_svg: "<svg><path></path></svg>".into(),
            support_address: "crew@harbour.example".into(),
            extras: vec![],
        },
        words: [("port".to_owned(), "Berth".to_owned())].into(),
        texts: Document {
            title: "Bill INV-000007".into(),
            intro_html: "<p>Ahoy</p>".into(),
            footer_html: "<p>Fair winds</p>".into(),
            extras: vec![],
        },
    }
}

#[test]
fn a_brand_dresses_the_page() {
    let Sheet { html, .. } = render(&full(), Some(dressed())).unwrap();
    for part in [
        "<title>Bill INV-000007</title>",
        "Harbour Connect",
        "--primary: #8a3b12",
        "<svg><path></path></svg>",
        ">Berth<",
        "<p>Ahoy</p>",
        "<p>Fair winds</p>",
        "crew@harbour.example",
    ] {
        assert!(html.contains(part), "{part} is not in {html}");
    }
}

#[test]
fn without_a_brand_the_page_names_nobody_but_the_buyer() {
    let Sheet { html, .. } = render(&full(), None).unwrap();
    assert!(html.contains("<title>Invoice INV-000007</title>") && html.contains(">Port<"));
    let text = html.to_lowercase();
    for name in ["harbour", "northlight", "nexus"] {
        assert!(!text.contains(name), "{name} is in {html}");
    }
}

#[test]
fn a_line_says_what_when_why_and_by_what() {
    let Sheet { html, .. } = render(&full(), None).unwrap();
    for part in [
        "2026-03-28 18:00:00 CET",
        "2026-03-29 04:00:00 CEST",
        "4000 Mbps above base",
        "36000",
        "Mbps hour",
        "0.004",
        "144.005",
        "144.01",
        &"d1".repeat(32),
        "2026-03-01",
        "2026-03-31",
    ] {
        assert!(html.contains(part), "{part} is not in {html}");
    }
}

#[test]
fn what_people_and_plugins_wrote_is_text() {
    let Sheet { html, .. } = render(&full(), None).unwrap();
    assert!(
        !html.contains("<b>4000") && !html.contains("Uplink <1>"),
        "{html}"
    );
    assert!(html.contains("Baker &#38; Sons"), "{html}");
}

#[test]
fn the_policy_admits_the_pages_own_style_alone() {
    let Sheet { html, policy } = render(&full(), Some(dressed())).unwrap();
    let (_, rest) = html.split_once("<style>").unwrap();
    let (style, rest) = rest.split_once("</style>").unwrap();
    let hash = STANDARD.encode(Sha256::digest(style));
    assert!(policy.contains(&format!("style-src 'sha256-{hash}'")));
    assert!(policy.starts_with("default-src 'none'"));
    assert!(!rest.contains("<style") && !html.contains("style=") && !html.contains("<script"));
}
