//! What of a tenant's rows is no part of its data, each with its reason; and what is told differently from how it stands.

/// A table or column that stays behind.
#[derive(Debug, Clone, Copy)]
pub struct LeftOut {
    /// Where.
    pub table: &'static str,
    /// Which column; none for the whole table.
    pub column: Option<&'static str>,
    /// Why.
    pub reason: &'static str,
    /// What takes its place in a row that is loaded, as SQL over the row `r`; none where the column can be without.
    pub(super) fill: Option<&'static str>,
}

/// Bytes that nobody knows: a hash to which no secret leads.
const NOBODY_KNOWS: Option<&str> =
    Some("decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex')");

impl LeftOut {
    /// Whether something takes its place in a row that is loaded.
    pub fn is_filled(&self) -> bool {
        self.fill.is_some()
    }
}

const LEFT_OUT: &[LeftOut] = &[
    whole("departure", "leaving is a matter of the platform that is left"),
    whole("export", "an archive does not hold the archives before it"),
    whole("export_part", "an archive does not hold the archives before it"),
    whole(
        "federated_sign_in",
        "somebody is on the way to a provider and comes back to this platform",
    ),
    whole(
        "idempotency_key",
        "answers kept for requests that were made to this platform",
    ),
    whole(
        "mail",
        "mail is sent from this platform, and may hold what opens it",
    ),
    whole(
        "mailbox_token",
        "what opens this platform to whoever reads a mailbox",
    ),
    whole("inbox", "an inbox's address is at this platform"),
    whole(
        "notification",
        "what carriers sent to this platform is kept for a month, to look into here",
    ),
    whole("limit_override", "what this platform lets a tenant use"),
    whole("plugin_fuel", "what this platform lets a tenant use"),
    whole("plugin_use", "what this platform lets a tenant use"),
    whole("rate_window", "what this platform lets a tenant use"),
    whole("reseller_plan", "what this platform lets a tenant use"),
    whole("session", "a session is with this platform alone"),
    whole(
        "suspension",
        "between a tenant and the operators of this platform",
    ),
    whole(
        "tenant_key",
        "the key stays with what it seals; where the archive is loaded a new one is made",
    ),
    whole("visit", "between a tenant and the operators of this platform"),
    column(
        "api_key",
        "secret_hash",
        "no key opens another platform",
        NOBODY_KNOWS,
    ),
    column(
        "audit_event",
        "xid",
        "the number of a transaction of this database",
        None,
    ),
    column(
        "credential",
        "sealed",
        "a secret leaves for its destinations alone, and has to be given again",
        Some("case when r ->> 'removed_at' is null then '\\x00'::bytea else ''::bytea end"),
    ),
    column(
        "identity_provider",
        "sealed",
        "a secret leaves for its provider alone: the provider has to be added again",
        Some("''::bytea"),
    ),
    column(
        "invitation",
        "token_hash",
        "an invitation is to this platform",
        NOBODY_KNOWS,
    ),
    column("job", "lease_id", "which process works on it here", None),
    column("job", "leased_until", "which process works on it here", None),
    column("job", "virtual_time", "its place in this platform's queue", None),
    column(
        "plugin_run",
        "kept",
        "what a plugin was asked is kept for a while, to be asked again here",
        None,
    ),
    column(
        "plugin_run",
        "keeping",
        "what a plugin was asked is kept for a while, to be asked again here",
        Some("'not_sampled'"),
    ),
    column(
        "plugin_run",
        "log",
        "what a plugin printed is kept for a while, to be read here",
        None,
    ),
    column(
        "user_account",
        "email_proven_at",
        "that a mailbox was shown to this platform shows nothing to another",
        None,
    ),
    column(
        "user_account",
        "ended_at",
        "which of two accounts stands for a person here",
        None,
    ),
    column(
        "user_account",
        "created_at",
        "when a person first came here is no tenant's",
        Some("$2"),
    ),
];

/// Columns that a reseller takes along and its customers do not.
const OF_THE_HOUSE: &[(&str, &str)] = &[
    ("exchange", "request"),
    ("exchange", "answer"),
    ("exchange_answer", "answer"),
    ("drift", "settled_by_kind"),
    ("drift", "settled_by"),
];

/// Columns that are told as SQL says, not as they stand.
const TOLD_AS: &[(&str, &str, &str)] = &[
    // A job that is being done here waits to be done there.
    (
        "job",
        "state",
        "case state when 'running' then 'waiting' else state end",
    ),
    // Whether a tenant is suspended or leaving is a matter of this platform.
    (
        "tenant",
        "state",
        "case state when 'gone' then state else 'active' end",
    ),
];

/// Rows that are told; all of them where a table is not here.
const TOLD_IF: &[(&str, &str)] = &[(
    "job",
    "kind not in ('make_export', 'remove_export', 'send_mail', 'end_departure', 'forget_documents', 'handle_notification')",
)];

/// What stays of a tenant that is gone, beside its tombstone, its trail and that it left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// What its seller issued to it, with what that names.
    Documents,
    /// Nothing.
    Nothing,
}

/// What a seller keeps, each with its reason.
const DOCUMENTS: &[(&str, &str, &str)] = &[
    ("billing_run", "true", "what an invoice was made by"),
    ("charge", "true", "what an invoice is the sum of"),
    (
        "invoice",
        "true",
        "the seller issued it, and its numbers have no gaps",
    ),
    ("invoice_line", "true", "part of an invoice"),
    ("job", "kind = 'forget_documents'", "it removes the rest"),
    (
        "port",
        "exists (select from receipt where receipt.reseller_id = port.reseller_id and receipt.port_id = port.id)",
        "an invoice names it",
    ),
    ("receipt", "true", "what a charge was priced by"),
];

/// Which rows of a table stay.
pub(super) fn kept(table: &str, keep: Keep) -> &'static str {
    let documents = DOCUMENTS.iter().filter(|_| keep == Keep::Documents);
    let mut kept = documents.filter(|kept| kept.0 == table);
    kept.next().map_or("false", |kept| kept.1)
}

const fn whole(table: &'static str, reason: &'static str) -> LeftOut {
    LeftOut {
        table,
        column: None,
        reason,
        fill: None,
    }
}

const fn column(
    table: &'static str,
    column: &'static str,
    reason: &'static str,
    fill: Option<&'static str>,
) -> LeftOut {
    LeftOut {
        table,
        column: Some(column),
        reason,
        fill,
    }
}

/// Why a whole table stays behind, if it does.
pub(super) fn table_left_out(name: &str) -> Option<&'static LeftOut> {
    LEFT_OUT
        .iter()
        .find(|left| left.table == name && left.column.is_none())
}

/// Why a column stays behind, if it does.
pub(super) fn column_left_out(table: &str, name: &str) -> Option<&'static LeftOut> {
    LEFT_OUT
        .iter()
        .find(|left| left.table == table && left.column == Some(name))
}

/// Whether only the reseller takes this column along.
pub(super) fn is_of_the_house(table: &str, column: &str) -> bool {
    OF_THE_HOUSE.contains(&(table, column))
}

/// What is told instead of the column.
pub(super) fn told_as(table: &str, column: &str) -> Option<&'static str> {
    let told = TOLD_AS.iter().find(|told| told.0 == table && told.1 == column);
    told.map(|told| told.2)
}

/// Which rows are told.
pub(super) fn told_if(table: &str) -> &'static str {
    let told = TOLD_IF.iter().find(|told| told.0 == table);
    told.map_or("true", |told| told.1)
}

/// Everything that stays behind, in the order of its names.
pub fn left_out() -> &'static [LeftOut] {
    LEFT_OUT
}
