//! Lost answers, busy carriers and duplicates.

use super::*;

const MINUTE_MS: i64 = 60_000;

#[test]
fn a_lost_order_that_arrived_is_found_and_not_placed_again() {
    for unanswered in [lost(), answered(500, &json!({})), answered(408, &json!({}))] {
        let answers = [
            (READ, active()),
            (PLACE, unanswered),
            (LOOKUP, found("inProgress")),
            (POLL, completed()),
        ];
        check_applied(&play(&change(), &answers));
    }
}

#[test]
fn a_lost_order_is_placed_again_only_when_it_is_absent_twice() {
    let answers = [
        (READ, active()),
        (PLACE, lost()),
        (LOOKUP, nothing()),
        (LOOKUP, nothing()),
        (PLACE, placed()),
        (POLL, completed()),
    ];
    let played = play(&change(), &answers);
    check_applied(&played);
    let look = &played.journal[2];
    assert!(look.at - look.first >= MINUTE_MS, "{look:?}");
    assert_eq!(played.journal[1].request, played.journal[3].request);
}

#[test]
fn a_second_order_that_is_refused_is_looked_for_once_more() {
    let duplicate = answered(
        422,
        &json!([{ "code": "otherIssue", "reason": "externalId is taken" }]),
    );
    let mut answers = vec![
        (READ, active()),
        (PLACE, lost()),
        (LOOKUP, nothing()),
        (LOOKUP, nothing()),
        (PLACE, duplicate),
    ];
    let mut refused = answers.clone();
    answers.extend([(LOOKUP, found("inProgress")), (POLL, completed())]);
    check_applied(&play(&change(), &answers));
    refused.extend([(LOOKUP, nothing()), (LOOKUP, nothing())]);
    check_rejected(&play(&change(), &refused), "otherIssue", "externalId is taken");
}

#[test]
fn of_duplicates_the_oldest_that_lives_is_followed() {
    let listed =
        |id, state, date| json!({ "id": id, "externalId": "op-1", "state": state, "orderDate": date });
    let several = json!([
        listed("po-3", "inProgress", "2026-01-01T00:00:03Z"),
        listed("po-0", "rejected", "2026-01-01T00:00:00Z"),
        listed("po-1", "inProgress", "2026-01-01T00:00:01Z"),
        { "id": "po-9", "externalId": "op-10", "state": "completed", "orderDate": "2025-01-01T00:00:00Z" },
    ]);
    let answers = [
        (READ, active()),
        (PLACE, lost()),
        (LOOKUP, ok(&several)),
        (POLL, completed()),
    ];
    check_applied(&play(&change(), &answers));
}

#[test]
fn an_order_that_never_arrives_is_a_matter_for_a_person() {
    let played = rehearse::<Sonata>(&change(), |request| match &*request.method {
        "POST" => lost(),
        _ if request.target.starts_with("/product/") => active(),
        _ => nothing(),
    });
    check_stuck(&played, FaultKind::Uncertain, "5 orders were sent");
    assert_eq!(played.journal.len(), 11);
}

#[test]
fn a_busy_carrier_is_waited_out_with_the_same_order() {
    let answers = [
        (READ, active()),
        (PLACE, Answer::throttled(7)),
        (PLACE, Answer::unreachable()),
        (PLACE, placed()),
        (POLL, Answer::throttled(9)),
        (POLL, completed()),
    ];
    let played = play(&change(), &answers);
    check_applied(&played);
    let waits: Vec<_> = played.waits.iter().map(|wait| wait.after_seconds).collect();
    assert_eq!(waits, [7, 4, 9]);
}

#[test]
fn a_buyer_and_a_seller_are_named_where_an_account_stands_for_several() {
    let mut settings = settings();
    settings["buyer_id"] = json!("we & co");
    settings["seller_id"] = json!("them");
    let operation = Operation {
        settings: settings.to_string().into_bytes(),
        ..operation(Task::ReadPort)
    };
    let named = "GET /product/evpl-7?buyerId=we%20%26%20co&sellerId=them";
    assert!(matches!(
        play(&operation, &[(named, active())]).end,
        Step::Done(Outcome::State(_))
    ));
}
