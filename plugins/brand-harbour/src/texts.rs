//! Everything that Harbour says, in its words.

use nexusport_sdk::branding::{
    Document, DocumentRequest, Message, MessageRequest, escape, lines, list_html, value,
};

pub const NAME: &str = "Harbour Connect";

/// The host's keys in Harbour's words.
pub const LABELS: &[(&str, &str)] = &[
    ("port", "Berth"),
    ("ports", "Berths"),
    ("base", "Everyday speed"),
    ("window", "High tide"),
    ("bandwidth_change", "Speed change"),
    ("bandwidth_changes", "Speed changes"),
    ("quote", "Price for you"),
    ("charge", "Item"),
    ("invoice", "Bill"),
    ("invoices", "Bills"),
    ("customer", "Guest"),
    ("sign_in", "Come aboard"),
    ("sign_out", "Go ashore"),
    ("change.state.draft", "Being written"),
    ("change.state.quoted", "Priced"),
    ("change.state.awaiting_approval", "Waiting for your yes"),
    ("change.state.scheduled", "On the calendar"),
    ("change.state.applying", "Under way"),
    ("change.state.applied", "Arrived, we are checking"),
    ("change.state.verified", "Safely moored"),
    ("change.state.rejected", "Turned away"),
    ("change.state.cancelled", "Called off"),
    ("change.state.expired", "Out of time"),
    ("change.state.failed", "Did not work out"),
    ("change.state.indeterminate", "We are looking into it"),
    ("change.state.reverted", "Back as it was"),
];

/// A mail; a kind that is not known is told by its values.
pub fn message(request: &MessageRequest, support: &str) -> Message {
    let (subject, opening) = match &*request.kind {
        "invitation" => (
            "Welcome to Harbour Connect",
            "There is a berth waiting for you: follow the link and come aboard.",
        ),
        "password_reset" => (
            "A new password for Harbour Connect",
            "Lost your key? Here is the way to a new one.",
        ),
        "address_proof" => (
            "Is this your address?",
            "Tell Harbour Connect that this mailbox is yours.",
        ),
        "sign_in_notice" => (
            "Your Harbour Connect key has changed",
            "Something about how you come aboard has changed. Not you? Call the crew.",
        ),
        "change_verified" => (
            "Your new speed is here",
            "We looked twice: your berth runs at its new speed.",
        ),
        "change_failed" => (
            "Your speed change did not work out",
            "Something stood in the way; the crew is on it.",
        ),
        "invoice" => (
            "Your Harbour Connect bill",
            "Your bill for the last period is ready.",
        ),
        _ => ("News from Harbour Connect", "Here is something you should know."),
    };
    Message {
        subject: subject.to_owned(),
        text: format!(
            "Ahoy!\n\n{opening}\n\n{}\nFair winds,\nthe crew of {NAME}\n{support}\n",
            lines(&request.values)
        ),
        html: format!(
            "<p>Ahoy!</p><p>{opening}</p>{}<p>Fair winds,<br>the crew of {NAME}<br>{}</p>",
            list_html(&request.values),
            escape(support),
        ),
    }
}

/// The texts around a document.
pub fn document(request: &DocumentRequest, support: &str) -> Document {
    let word = match &*request.kind {
        "invoice" => "Bill",
        "credit_note" => "Money back",
        "quote" => "Price for you",
        _ => "Summary",
    };
    let title = format!("{word} {}", value(&request.values, "number"))
        .trim_end()
        .to_owned();
    let intro = "Thank you for mooring with Harbour Connect. Here is what your berths used, hour by hour where it was more than usual.";
    Document {
        title,
        intro_html: format!("<p>{intro}</p>"),
        footer_html: format!(
            "<p>{NAME}, at the quay. Please pay within 14 days, or write to {}.</p>",
            escape(support)
        ),
        extras: Vec::new(),
    }
}
