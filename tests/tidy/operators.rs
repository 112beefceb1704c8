//! Operators' standing is apart from every tenant's (C14, C17): a type, a transaction and files of its own.

use super::{
    absences::{naming, of_the_host},
    sources::{Source, only},
};

#[test]
fn only_the_operators_own_files_know_operators() {
    let elsewhere = |source: &Source| {
        of_the_host(source)
            && !source.is_in("host/src/api/operator/")
            && !source.is_in("host/src/identity/operator/")
    };
    let files = [
        ("host/src/api/mod.rs", "serves the operators' paths"),
        (
            "host/src/api/openapi.rs",
            "leaves the operators' paths out for resellers",
        ),
        ("host/src/boot.rs", "makes the operators' tenant row"),
        (
            "host/src/db/doors.rs",
            "opens transactions on the operators' login",
        ),
        ("host/src/db/mod.rs", "names the doors' transactions"),
        (
            "host/src/identity/entrance/mod.rs",
            "a visit's token is a credential",
        ),
        (
            "host/src/identity/moving.rs",
            "whoever administers the machine moves a tenant, and its trail tells",
        ),
        ("host/src/identity/store/accounts.rs", "the operators' own tables"),
        ("host/src/identity/store/mod.rs", "lists identity's stores"),
        (
            "host/src/identity/store/operator.rs",
            "the operators' own queries",
        ),
        (
            "host/src/identity/store/suspensions.rs",
            "operators suspend, tenants see it",
        ),
        (
            "host/src/identity/store/visits.rs",
            "operators visit, tenants see it",
        ),
        ("host/src/limits/operator.rs", "the plans that operators offer"),
        (
            "host/src/limits/store.rs",
            "operators write plans, tenants read them",
        ),
        ("host/src/main.rs", "the command on the machine"),
        (
            "host/src/vault/mod.rs",
            "the master key's fingerprint is the platform's",
        ),
        (
            "host/src/vault/store.rs",
            "the master key's fingerprint is the platform's",
        ),
    ];
    let words = ["OperatorTx", "operator ::", "db . operator"];
    only(
        naming(&words, elsewhere),
        &files,
        "no code that serves tenants can name an operator or its transaction",
    );
}

#[test]
fn no_permission_names_operators_standing() {
    for permission in nexusport::identity::Permission::ALL {
        let name = permission.name();
        assert!(
            !["operator", "platform", "suspen", "plan"]
                .iter()
                .any(|word| name.contains(word)),
            "{name} sounds like an operator's"
        );
    }
}
