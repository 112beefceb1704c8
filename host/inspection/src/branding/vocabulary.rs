//! What a host asks brands for: the keys of its words, the kinds of its mails and documents with the values that come
//! with each.

/// Keys that a host shows words for.
pub(super) const LABELS: [&str; 33] = [
    "port",
    "ports",
    "base",
    "window",
    "bandwidth_change",
    "bandwidth_changes",
    "quote",
    "charge",
    "invoice",
    "invoices",
    "invoice.number",
    "invoice.issued_on",
    "invoice.period",
    "invoice.time",
    "invoice.quantity",
    "invoice.unit_price",
    "invoice.exact_amount",
    "invoice.amount",
    "invoice.total",
    "customer",
    "sign_in",
    "sign_out",
    "change.state.draft",
    "change.state.quoted",
    "change.state.awaiting_approval",
    "change.state.scheduled",
    "change.state.applying",
    "change.state.applied",
    "change.state.verified",
    "change.state.rejected",
    "change.state.cancelled",
    "change.state.expired",
    "change.state.failed",
];

/// A kind of text and the values that come with it.
pub(super) struct Kind {
    pub name: &'static str,
    pub values: &'static [&'static str],
}

/// Mails. The last one is of a kind that no brand knows: a newer host has more of them.
pub(super) const MESSAGES: [Kind; 8] = [
    kind("invitation", &["inviter", "tenant", "link"]),
    kind("password_reset", &["link"]),
    kind("address_proof", &["link"]),
    kind("sign_in_notice", &["what", "at"]),
    kind("change_verified", &["port", "mbps", "since"]),
    kind("change_failed", &["port", "mbps", "reason"]),
    kind("invoice", &["number", "customer", "total", "currency"]),
    kind("a-kind-of-tomorrow", &["subject", "link"]),
];

/// Documents.
pub(super) const DOCUMENTS: [Kind; 4] = [
    kind(
        "invoice",
        &[
            "number",
            "customer",
            "period_from",
            "period_to",
            "issued_on",
            "total",
            "currency",
        ],
    ),
    kind("credit_note", &["number", "customer", "total", "currency"]),
    kind("quote", &["number", "customer"]),
    kind("a-kind-of-tomorrow", &["number"]),
];

/// The host's own language, others, one that is none, and none.
pub(super) const LANGUAGES: [&str; 5] = ["en", "de", "ar", "xx-nonsense", ""];

const fn kind(name: &'static str, values: &'static [&'static str]) -> Kind {
    Kind { name, values }
}
