//! Who may name what: the invariants of ARCHITECTURE.md that are absences.

use super::sources::{RUST, Source, only, read};

/// The files that say this, among those that `of` chooses.
pub fn naming(phrases: &[&str], of: impl Fn(&Source) -> bool) -> Vec<String> {
    let named = RUST.iter().filter(|source| of(source));
    let named = named.filter(|source| phrases.iter().any(|phrase| source.says(phrase)));
    named.map(|source| source.path.clone()).collect()
}

fn of_the_product(source: &Source) -> bool {
    ["host/src/", "host/sandbox/src/", "host/postgres/src/"]
        .iter()
        .any(|folder| source.is_in(folder))
}

pub fn of_the_host(source: &Source) -> bool {
    source.is_in("host/src/")
}

#[test]
fn only_the_doors_name_a_pool() {
    let files = [
        ("host/src/db/begin.rs", "opens transactions"),
        ("host/src/db/pools.rs", "holds the pools"),
    ];
    only(
        naming(&["PgPool", "PgPoolOptions", "Pool"], of_the_product),
        &files,
        "pools never leave host/src/db",
    );
}

#[test]
fn only_the_doors_put_sql_together_at_run_time() {
    let files = [
        (
            "host/src/db/begin.rs",
            "roles and ids in the words that open a transaction",
        ),
        ("host/src/db/embedded.rs", "the name of the database to create"),
        ("host/src/db/fence.rs", "table names from the catalog"),
        (
            "host/src/db/whole/sql.rs",
            "tables and columns from the catalog: a new one belongs to its tenant's data without anybody's doing",
        ),
    ];
    let words = ["AssertSqlSafe", "QueryBuilder", "raw_sql"];
    only(
        naming(&words, of_the_product),
        &files,
        "SQL is written whole where it runs",
    );
}

#[test]
fn only_stores_and_the_doors_speak_to_the_database() {
    let exceptions = [
        (
            "host/src/audit/mod.rs",
            "takes a connection of whichever transaction the event belongs to",
        ),
        ("host/src/fault.rs", "turns database errors into faults"),
        ("host/src/ids.rs", "ids are columns"),
        (
            "host/src/vault/mod.rs",
            "makes a tenant's key in the transaction that makes the tenant",
        ),
    ];
    let outside =
        |source: &Source| of_the_product(source) && !source.is_store() && !source.is_in("host/src/db/");
    only(
        naming(&["sqlx"], outside),
        &exceptions,
        "only store files and host/src/db name sqlx",
    );
}

#[test]
fn a_store_is_private_to_its_module() {
    let public = naming(&["pub mod store", "pub ( crate ) mod store"], of_the_host);
    only(public, &[], "nothing outside of a module can reach its store");
}

#[test]
fn only_jobs_makes_callers_for_accepted_work() {
    let files = [
        ("host/src/identity/caller.rs", "what callers are"),
        ("host/src/jobs/queue.rs", "does accepted work as its tenant"),
    ];
    only(
        naming(&["for_job"], of_the_product),
        &files,
        "everybody else is a caller by a credential",
    );
}

#[test]
fn only_identity_comes_in_before_a_tenant_is_known() {
    let elsewhere = |source: &Source| of_the_host(source) && !source.is_in("host/src/identity/");
    let files = [
        ("host/src/db/doors.rs", "opens the entrance to whoever shows this"),
        ("host/src/db/ask.rs", "looks in for whoever shows this"),
        ("host/src/db/mod.rs", "names the doors' transactions"),
    ];
    only(
        naming(&["AtTheEntrance", "EntranceTx"], elsewhere),
        &files,
        "the entrance is identity's",
    );
}

#[test]
fn a_question_that_a_key_may_ask_is_known_to_look_at_the_key() {
    let files = [(
        "host/src/ports/port/store/standing.rs",
        "joins tenancy.key_for where it is asked by a key",
    )];
    only(
        naming(&["impl Ask for"], of_the_host),
        &files,
        "what a known key may do is read by the statement that answers it",
    );
}

#[test]
fn only_the_api_the_portal_and_the_demo_write_json_from_types() {
    let exceptions = [
        (
            "host/src/billing/receipt/form.rs",
            "what receipts are made of and hashed as",
        ),
        (
            "host/src/carriers/operations/journal/codec.rs",
            "what sealed journals are made of",
        ),
        (
            "host/src/carriers/notifications/store.rs",
            "what sealed notifications are made of",
        ),
        ("host/src/ports/quote/store.rs", "a column of lines"),
        (
            "host/src/plugins/calls.rs",
            "a call's input is hashed and sealed as the sandbox's own types encode it",
        ),
    ];
    let domain = |source: &Source| {
        of_the_host(source)
            && !["api", "portal", "demo"]
                .iter()
                .any(|part| source.is_in(&format!("host/src/{part}/")))
    };
    only(
        naming(&["Serialize"], domain),
        &exceptions,
        "domain types have no wire format",
    );
}

#[test]
fn only_the_api_knows_the_web_framework() {
    let exceptions = [
        ("host/src/boot.rs", "gives the listener to the server"),
        ("host/src/demo/stage.rs", "serves the demo's host"),
    ];
    let elsewhere = |source: &Source| {
        of_the_host(source)
            && !["api", "portal"]
                .iter()
                .any(|part| source.is_in(&format!("host/src/{part}/")))
            && !source.path.contains("/tests/")
    };
    let words = ["axum", "utoipa", "utoipa_axum", "tower_http"];
    only(
        naming(&words, elsewhere),
        &exceptions,
        "only host/src/api and host/src/portal know HTTP's server side",
    );
}

#[test]
fn only_egress_sends_requests() {
    let elsewhere = |source: &Source| of_the_host(source) && !source.is_in("host/src/egress/");
    let elsewhere = |source: &Source| elsewhere(source) && !source.is_in("host/src/demo/");
    only(
        naming(&["reqwest"], elsewhere),
        &[],
        "only host/src/egress reaches out; the demo's people are outside of the host and use its API",
    );
}

#[test]
fn only_the_sandbox_runs_webassembly() {
    let host = read("host/Cargo.toml");
    for name in ["wasmtime", "wasmparser", "wit-"] {
        assert!(!host.contains(name), "host/Cargo.toml depends on {name}");
    }
    only(
        naming(&["wasmtime", "wasmparser"], of_the_host),
        &[],
        "the host knows plugins by the sandbox's types",
    );
}

#[test]
fn the_sandbox_and_the_sdk_know_no_sql_no_http_and_no_tenants() {
    for manifest in ["host/sandbox/Cargo.toml", "sdk/rust/Cargo.toml"] {
        let text = read(manifest);
        for name in ["sqlx", "axum", "nexusport.workspace"] {
            assert!(!text.contains(name), "{manifest} depends on {name}");
        }
    }
    let inside = |source: &Source| source.is_in("host/sandbox/src/") || source.is_in("sdk/rust/src/");
    only(
        naming(&["TenantId", "reseller_id", "tenant_id"], inside),
        &[],
        "the sandbox is given values, not tenants",
    );
}

#[test]
fn only_app_reads_the_clock_and_randomness() {
    let words = [
        "Utc :: now",
        "Local :: now",
        "SystemTime :: now",
        "OffsetDateTime :: now_utc",
        "now_v7",
        "new_v4",
        "getrandom",
        "OsRng",
        "thread_rng",
        "rand",
    ];
    let exceptions = [("host/src/app.rs", "the one place that asks the system")];
    only(
        naming(&words, of_the_host),
        &exceptions,
        "time is app.now() and randomness app::random",
    );
}

#[test]
fn only_app_and_the_simulator_are_excused_from_the_clock_lint() {
    let exceptions = [
        ("host/src/app.rs", "the one place that asks the system"),
        ("sdk/simulator/src/clock.rs", "a carrier has its own clock"),
        ("sdk/simulator/src/state/mod.rs", "a carrier makes its own names"),
    ];
    let code = |source: &Source| !source.path.contains("tests/") && !source.path.contains("benches/");
    only(
        naming(&["clippy :: disallowed_methods"], code),
        &exceptions,
        "clippy.toml holds for everyone",
    );
}

#[test]
fn only_three_files_are_excused_from_the_lint_against_unsafe() {
    let exceptions = [
        (
            "host/sandbox/src/artifact.rs",
            "loads compiled code that was shown to be the host's own",
        ),
        ("sdk/rust/src/arena.rs", "an allocator"),
        ("sdk/rust/src/bindings.rs", "generated from the interface"),
    ];
    only(
        naming(&["unsafe_code"], |_| true),
        &exceptions,
        "unsafe code is denied",
    );
}

#[test]
fn no_answer_goes_on_after_its_caller_was_recognised() {
    let streaming = naming(
        &["Sse", "WebSocketUpgrade", "from_stream", "StreamBody"],
        of_the_host,
    );
    let known = [
        (
            "host/src/api/exports.rs",
            "an archive that was whole before its download began",
        ),
        (
            "host/src/api/uploads.rs",
            "asks who is there before each thing that it tells",
        ),
    ];
    only(
        streaming,
        &known,
        "every answer ends, so nobody who was removed keeps one open",
    );
}
