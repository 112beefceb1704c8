//! Everything that Northlight says, in its words.

use nexusport_sdk::branding::{
    Document, DocumentRequest, Message, MessageRequest, escape, lines, list_html, value,
};

pub const NAME: &str = "Northlight Networks";

/// The host's keys in Northlight's words.
pub const LABELS: &[(&str, &str)] = &[
    ("port", "Port"),
    ("ports", "Ports"),
    ("base", "Contracted bandwidth"),
    ("window", "Bandwidth window"),
    ("bandwidth_change", "Bandwidth change"),
    ("bandwidth_changes", "Bandwidth changes"),
    ("quote", "Quote"),
    ("charge", "Charge"),
    ("invoice", "Invoice"),
    ("invoices", "Invoices"),
    ("customer", "Customer"),
    ("sign_in", "Sign in to Northlight"),
    ("sign_out", "Sign out"),
    ("change.state.draft", "Draft"),
    ("change.state.quoted", "Quoted"),
    ("change.state.awaiting_approval", "Awaiting approval"),
    ("change.state.scheduled", "Scheduled"),
    ("change.state.applying", "In progress"),
    ("change.state.applied", "Reported done, being verified"),
    ("change.state.verified", "Verified"),
    ("change.state.rejected", "Rejected by the carrier"),
    ("change.state.cancelled", "Cancelled"),
    ("change.state.expired", "Expired"),
    ("change.state.failed", "Failed"),
    ("change.state.indeterminate", "Under investigation"),
    ("change.state.reverted", "Reverted"),
];

/// A mail; a kind that is not known is told by its values.
pub fn message(request: &MessageRequest, support: &str) -> Message {
    let (subject, opening) = match &*request.kind {
        "invitation" => (
            "Your access to Northlight Networks",
            "You have been invited to manage your ports with us.",
        ),
        "password_reset" => (
            "Reset your Northlight password",
            "Use the link below to choose a new password.",
        ),
        "address_proof" => (
            "Confirm your address for Northlight",
            "Use the link below to confirm that this address is yours.",
        ),
        "sign_in_notice" => (
            "Your Northlight sign-in has changed",
            "Something about how you sign in has changed. Please write to us if that was not you.",
        ),
        "change_verified" => (
            "Your bandwidth change is in force",
            "We have verified the change on the carrier's side.",
        ),
        "change_failed" => (
            "Your bandwidth change needs attention",
            "The change could not be completed as ordered.",
        ),
        "invoice" => (
            "Your invoice from Northlight Networks",
            "A new invoice is available to you.",
        ),
        _ => (
            "A notice from Northlight Networks",
            "We would like to inform you of the following.",
        ),
    };
    Message {
        subject: subject.to_owned(),
        text: format!(
            "Dear customer,\n\n{opening}\n\n{}\nYours sincerely,\n{NAME}\n{support}\n",
            lines(&request.values)
        ),
        html: format!(
            "<p>Dear customer,</p><p>{opening}</p>{}<p>Yours sincerely,<br>{NAME}<br>{}</p>",
            list_html(&request.values),
            escape(support),
        ),
    }
}

/// The texts around a document.
pub fn document(request: &DocumentRequest, support: &str) -> Document {
    let word = match &*request.kind {
        "invoice" => "Invoice",
        "credit_note" => "Credit note",
        "quote" => "Quote",
        _ => "Statement",
    };
    let title = format!("{word} {}", value(&request.values, "number"))
        .trim_end()
        .to_owned();
    let intro = "Northlight Networks charges the bandwidth that was verified on your ports in this billing period, as set out below.";
    Document {
        title,
        intro_html: format!("<p>{intro}</p>"),
        footer_html: format!(
            "<p><strong>{NAME}</strong>. Payable within 30 days. Questions: {}</p>",
            escape(support),
        ),
        extras: Vec::new(),
    }
}
