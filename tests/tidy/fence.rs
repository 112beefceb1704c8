//! The second fence (C9): row-level security is the boundary, and every query carries a tenant condition of its own.

use super::{
    queries::{QUERIES, Query, TABLES},
    sources::{RUST, only},
};

/// Queries of a role that is asked before a tenant is known, or across tenants, and so have no tenant to name.
const TENANTLESS: &[(&str, &str)] = &[
    (
        "host/src/identity/store/credentials.rs: api_key",
        "the entrance looks a key up by its unique hash",
    ),
    (
        "host/src/identity/store/credentials.rs: session",
        "the entrance looks a session up by its unique hash",
    ),
    (
        "host/src/identity/store/credentials.rs: touch_api_key",
        "the entrance knows a key by its unique hash",
    ),
    (
        "host/src/identity/store/domains.rs: withdraw_from_others",
        "the entrance looks a proven domain up by its unique host, whosever it is",
    ),
    (
        "host/src/identity/store/invitations.rs: invited_address",
        "the entrance looks an invitation up by its unique hash",
    ),
    (
        "host/src/identity/store/invitations.rs: use_invitation",
        "the entrance looks an invitation up by its unique hash",
    ),
    (
        "host/src/identity/store/keys.rs: key_end",
        "the entrance knows a key by its unique hash",
    ),
    (
        "host/src/identity/store/mailbox.rs: mailbox_token",
        "the entrance looks a mailbox's token up by its unique hash",
    ),
    (
        "host/src/identity/store/mailbox.rs: use_mailbox_tokens",
        "a person's tokens are the person's, wherever they were asked for",
    ),
    (
        "host/src/identity/store/mailbox.rs: end_sessions_of",
        "a person with a new password is signed out everywhere",
    ),
    (
        "host/src/identity/store/mailbox.rs: move_standing",
        "what an account stood for goes over to another one at every reseller",
    ),
    (
        "host/src/identity/store/sessions.rs: end_own_session",
        "a person's sessions are the person's, whichever tenant of the reseller they act for",
    ),
    (
        "host/src/identity/store/sessions.rs: own_sessions",
        "a person's sessions are the person's, whichever tenant of the reseller they act for",
    ),
    (
        "host/src/identity/store/sessions.rs: session_holder",
        "the entrance looks a session up by its unique hash",
    ),
    (
        "host/src/identity/store/sessions.rs: touch_session",
        "the entrance knows a session by its unique hash",
    ),
    (
        "host/src/identity/store/inboxes.rs: inbox_at",
        "the entrance looks an inbox up by its unique hash",
    ),
    (
        "host/src/identity/store/tenants.rs: reseller_at",
        "the entrance looks a domain up by its unique host",
    ),
    (
        "host/src/identity/store/operator.rs: all_tenants",
        "the operator looks at every tenant",
    ),
    (
        "host/src/identity/store/operator.rs: any_tenant",
        "the operator names a tenant by its id alone",
    ),
    (
        "host/src/identity/store/operator.rs: tenants",
        "the operator looks at every tenant",
    ),
    (
        "host/src/identity/store/visits.rs: own_visits",
        "an operator looks at its own visits, wherever they were",
    ),
    (
        "host/src/identity/store/visits.rs: visitor",
        "the entrance looks a visit up by its unique hash",
    ),
    (
        "host/src/identity/store/operator.rs: operator",
        "the operator has one row on the platform",
    ),
    (
        "host/src/jobs/store/claims.rs: assign",
        "the worker shares work out between all tenants",
    ),
    (
        "host/src/jobs/store/claims.rs: take",
        "the worker takes the next job, whosever it is",
    ),
    (
        "host/src/jobs/store.rs: extend",
        "the worker knows a job by its lease",
    ),
    (
        "host/src/jobs/store.rs: finish",
        "the worker knows a job by its lease",
    ),
    (
        "host/src/jobs/store/claims.rs: next_unassigned",
        "the worker asks when anybody's work is due",
    ),
    (
        "host/src/jobs/store/claims.rs: reclaim",
        "the worker frees anybody's job whose lease ended",
    ),
    (
        "host/src/jobs/store/back.rs: give_back",
        "the worker knows a job by its lease",
    ),
    (
        "host/src/jobs/store/line.rs: front",
        "the worker takes the next job, whosever it is",
    ),
    (
        "host/src/jobs/store/line.rs: heads",
        "the worker takes the next job, whosever it is",
    ),
    (
        "host/src/jobs/store/line.rs: under_way",
        "the worker counts what is under way, whosever it is",
    ),
];

#[test]
fn every_query_carries_its_own_tenant_condition() {
    let broken = QUERIES
        .iter()
        .filter(|query| !has_a_fence(query))
        .map(Query::place);
    only(
        broken,
        TENANTLESS,
        "every query on a tenant table compares its reseller_id, and tenant_id on a customer's own",
    );
}

#[test]
fn the_fence_test_sees_what_is_missing() {
    let fenced = |sql| has_a_fence(&Query::new("store.rs", "f", sql));
    assert!(fenced(
        "select id from port where reseller_id = $1 and ($2::uuid is null or tenant_id = $2)"
    ));
    assert!(fenced(
        "select p.id from port p join quote q on q.reseller_id = p.reseller_id where p.reseller_id = $1 and p.tenant_id = $2"
    ));
    assert!(fenced(
        "insert into port (reseller_id, tenant_id, id) values ($1, $2, $3) on conflict do nothing"
    ));
    assert!(fenced("select name from permission"));
    assert!(fenced("select id from carrier where reseller_id = $1"));
    assert!(!fenced("select id from port where reseller_id = $1"));
    assert!(!fenced(
        "select reseller_id, tenant_id, id from port where id = $1"
    ));
    assert!(!fenced(
        "select p.id from port p join quote q on q.port_id = p.id where p.reseller_id = $1 and p.tenant_id = $2"
    ));
    assert!(!fenced(
        "select p.id from port p join quote q on q.reseller_id = p.reseller_id and q.tenant_id = p.tenant_id"
    ));
    assert!(!fenced("insert into port (tenant_id, id) values ($1, $2)"));
    assert!(!fenced("update \"interval\" set ends_at = $2 where id = $1"));
    assert!(!fenced(
        "with gone as (delete from port where id = $1 returning id) select id from gone"
    ));
}

fn has_a_fence(query: &Query) -> bool {
    let mentions = query
        .mentions()
        .into_iter()
        .filter(|mention| TABLES[&mention.table] != "platform");
    let (inserted, read): (Vec<_>, Vec<_>) = mentions.partition(|mention| mention.columns.is_some());
    let mut own = read
        .iter()
        .filter(|mention| TABLES[&mention.table] == "own")
        .peekable();
    let filled =
        |columns: &Option<Vec<String>>| columns.iter().flatten().any(|column| column == "reseller_id");
    inserted.iter().all(|mention| filled(&mention.columns))
        && read.iter().all(|mention| query.compares(mention, "reseller_id"))
        && (read.is_empty() || query.is_given("reseller_id"))
        && (own.peek().is_none() || own.any(|mention| query.compares(mention, "tenant_id")))
}

#[test]
fn stores_have_only_queries_that_were_checked_at_compile_time() {
    let unchecked = RUST
        .iter()
        .filter(|source| source.is_in("host/src/") && source.is_store())
        .flat_map(|source| {
            let calls = source.occurrences("sqlx :: query*").into_iter();
            let unchecked = calls.filter(|at| source.tokens[at + 3].text != "!");
            unchecked.map(|at| format!("{}: {}", source.path, source.function_at(at)))
        });
    only(unchecked, &[], "stores use query!, query_as! and query_scalar!");
}

#[test]
fn only_leases_ask_the_databases_clock() {
    let clocks = [
        "now",
        "clock_timestamp",
        "statement_timestamp",
        "transaction_timestamp",
        "current_timestamp",
        "current_date",
        "localtimestamp",
    ];
    let asking = QUERIES
        .iter()
        .filter(|query| clocks.iter().any(|clock| query.says(clock)));
    let elsewhere = asking.filter(|query| !query.path.starts_with("host/src/jobs/"));
    only(elsewhere.map(Query::place), &[], "business time is app.now()");
}

#[test]
fn the_queries_are_found() {
    assert!(QUERIES.len() > 80, "only {} queries were read", QUERIES.len());
    let nothing = QUERIES.iter().filter(|query| query.mentions().is_empty());
    let exceptions = [
        ("host/src/carriers/store.rs: lock_carrier", "an advisory lock"),
        (
            "host/src/leaving/store/departures.rs: lock_alone",
            "an advisory lock",
        ),
        ("host/src/jobs/store.rs: prepare", "settings of the transaction"),
        ("host/src/jobs/store/claims.rs: take_turns", "an advisory lock"),
        (
            "host/src/jobs/store/claims.rs: next_probe",
            "when a carrier may be tried is its module's to say, in a function of SQL",
        ),
        (
            "host/src/carriers/store/location.rs: hold",
            "a lock, in a function of SQL",
        ),
        (
            "host/src/ports/change/store/room.rs: hold_room",
            "a lock, in a function of SQL",
        ),
        (
            "host/src/ports/change/store/room.rs: room",
            "what others booked is not the caller's to see: a function of SQL tells what is free",
        ),
        ("host/src/vault/store.rs: lock_master_keys", "an advisory lock"),
    ];
    only(nothing.map(Query::place), &exceptions, "a query names a table");
}
