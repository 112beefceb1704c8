//! The operations that the matrix has no entry for, because nobody's things are asked of them. Each list may only become
//! shorter in spirit: whatever names a tenant's thing belongs into the matrix.

/// Before anybody is known, each with the test that tries what it reveals of who is a member where.
pub const ENTRANCE: &[(&str, &str)] = &[
    (
        "POST /v1/signup",
        "isolation::entrance::sign_up_reveals_no_reseller_below_its_public_address",
    ),
    (
        "POST /v1/sessions",
        "isolation::entrance::sign_in_reveals_no_membership",
    ),
    (
        "POST /v1/invitations/accept",
        "isolation::entrance::an_invitation_that_cannot_be_used_does_not_say_why",
    ),
    (
        "POST /v1/address-proofs",
        "addresses::a_proof_is_no_use_with_another_password_at_another_address_or_twice",
    ),
    (
        "POST /v1/password-resets",
        "passwords::asking_for_a_reset_answers_everybody_alike",
    ),
    (
        "POST /v1/password-resets/complete",
        "passwords::a_reset_that_cannot_be_used_does_not_say_why",
    ),
    (
        "GET /v1/sign-in-options",
        "federation::strangers::a_provider_of_another_reseller_is_unknown_here",
    ),
    (
        "POST /v1/federated-sign-ins",
        "federation::strangers::a_provider_of_another_reseller_is_unknown_here",
    ),
    (
        "POST /v1/notifications/{address}",
        "carriers::notifications::the_same_push_is_counted_and_an_address_that_was_replaced_is_nobodys",
    ),
    (
        "GET /v1/federated-sign-ins/callback/{id}",
        "federation::strangers::a_journey_ends_once_in_time_where_and_by_whom_it_began",
    ),
];

/// About the caller itself: dead credentials are tried on them, strangers have nothing to ask.
pub const ONESELF: &[&str] = &[
    "GET /v1/me",
    "PUT /v1/me/password",
    "GET /v1/me/second-factor",
    "POST /v1/me/second-factor",
    "POST /v1/me/second-factor/confirm",
    "POST /v1/me/second-factor/recovery-codes",
    "POST /v1/me/second-factor/turn-off",
    "GET /v1/sessions",
    "DELETE /v1/sessions/{id}",
    "DELETE /v1/sessions/others",
    "POST /v1/sessions/current/tenant",
    "DELETE /v1/sessions/current",
];

/// The same for everybody, with the reason.
pub const EVERYBODY: &[(&str, &str)] = &[
    ("GET /livez", "says only that the process lives"),
    ("GET /readyz", "says only whether the database answers"),
    (
        "GET /v1/brand",
        "what a reseller shows to everybody who comes to its address",
    ),
    ("GET /v1/permissions", "the words of the code"),
];
