//! A change from the order to its end.

use nexusport_sdk::serde_json;

use super::*;

fn in_progress() -> Answer {
    ok(&order("inProgress", "inProgress"))
}

#[test]
fn an_order_has_the_whole_product_with_its_new_speed() {
    let answers = [(READ, active()), (PLACE, placed()), (POLL, completed())];
    let played = play(&change(), &answers);
    check_applied(&played);
    let sent = &played.journal[1].request;
    assert!(!sent.repeatable);
    let sent: Value = serde_json::from_slice(&sent.body).unwrap();
    assert_eq!(sent["externalId"], "op-1");
    assert_eq!(
        sent["relatedContactInformation"][0]["role"],
        "productOrderContact"
    );
    let item = &sent["productOrderItem"][0];
    assert_eq!(
        (&item["action"], &item["product"]["id"]),
        (&json!("modify"), &json!("evpl-7"))
    );
    assert_eq!(item["requestedCompletionDate"], "2026-01-01T00:00:00.000Z");
    assert_eq!(item["billingAccount"]["id"], "ba-1");
    assert_eq!(
        item["relatedContactInformation"][2]["role"],
        "buyerTechnicalContact"
    );
    let whole = product("active", 500);
    for member in ["productConfiguration", "productOffering", "productRelationship"] {
        assert_eq!(item["product"][member], whole[member], "{member}");
    }
}

#[test]
fn an_order_is_followed_until_it_is_completed() {
    let waits = [
        "acknowledged",
        "inProgress",
        "pending.assessingModification",
        "assessingCancellation",
        "pendingCancellation",
    ];
    let mut answers = vec![(READ, active()), (PLACE, placed())];
    answers.extend(waits.map(|state| (POLL, ok(&order(state, "pending")))));
    answers.push((POLL, completed()));
    let played = play(&change(), &answers);
    check_applied(&played);
    assert_eq!(played.requests(), [READ, PLACE, POLL]);
    assert!(
        played
            .waits
            .iter()
            .all(|wait| wait.after_seconds == 60 && wait.wake_on == ["po-1"])
    );
    let Step::Done(Outcome::Applied(state)) = played.end else {
        unreachable!("checked")
    };
    assert_eq!(state.since, Some(AT + 600_000));
}

#[test]
fn a_product_on_which_another_order_is_open_is_waited_for() {
    let changing = ok(&product("active.pendingChange", 100));
    let answers = [
        (READ, changing.clone()),
        (READ, changing),
        (READ, active()),
        (PLACE, placed()),
        (POLL, completed()),
    ];
    check_applied(&play(&change(), &answers));
}

#[test]
fn a_speed_that_is_there_already_is_not_ordered() {
    check_applied(&play(&change(), &[(READ, ok(&product("active", 500)))]));
}

#[test]
fn a_refusal_is_told_in_the_carriers_words() {
    let problems = json!([
        { "code": "invalidValue", "reason": "too fast", "propertyPath": "/productOrderItem/0" },
        { "code": "otherIssue", "reason": "no capacity" },
    ]);
    let at_once = play(&change(), &[(READ, active()), (PLACE, answered(422, &problems))]);
    check_rejected(
        &at_once,
        "invalidValue",
        "too fast /productOrderItem/0; no capacity",
    );
    let bad = json!({ "code": "invalidBody", "reason": "no such member" });
    check_rejected(
        &play(&change(), &[(READ, active()), (PLACE, answered(400, &bad))]),
        "invalidBody",
        "no such member",
    );

    let mut ended = order("rejected", "rejected");
    ended["productOrderItem"][0]["terminationError"] =
        json!([{ "code": "otherIssue", "value": "the port is full" }]);
    let later = play(
        &change(),
        &[(READ, active()), (PLACE, placed()), (POLL, ok(&ended))],
    );
    check_rejected(&later, "otherIssue", "the port is full");
}

#[test]
fn after_an_order_that_ended_in_between_the_inventory_is_the_truth() {
    for (state, item) in [
        ("failed", "failed"),
        ("partial", "completed"),
        ("cancelled", "cancelled"),
    ] {
        let ended = |after| {
            let answers = [
                (READ, active()),
                (PLACE, placed()),
                (POLL, ok(&order(state, item))),
                (READ, ok(&after)),
            ];
            play(&change(), &answers)
        };
        check_rejected(
            &ended(product("active", 100)),
            state,
            "the carrier gives no reason",
        );
        check_applied(&ended(product("active", 500)));
        check_stuck(
            &ended(product("active", 300)),
            FaultKind::Uncertain,
            "left 300 Mbps",
        );
    }
    let mut cancelled = order("cancelled", "cancelled");
    cancelled["cancellationReason"] = json!("works on the line");
    let changing = ok(&product("active.pendingChange", 100));
    let answers = [
        (READ, active()),
        (PLACE, placed()),
        (POLL, ok(&cancelled)),
        (READ, changing),
        (READ, active()),
    ];
    check_rejected(&play(&change(), &answers), "cancelled", "works on the line");
}

#[test]
fn what_is_not_in_the_standard_is_never_taken_for_success() {
    let follow = |answer| play(&change(), &[(READ, active()), (PLACE, placed()), (POLL, answer)]);
    check_stuck(
        &follow(ok(&order("done", "completed"))),
        FaultKind::UnexpectedAnswer,
        "`done`",
    );
    check_stuck(
        &follow(ok(&order("completed", "held"))),
        FaultKind::UnexpectedAnswer,
        "is not",
    );
    check_stuck(
        &follow(ok(&json!({ "state": "completed" }))),
        FaultKind::UnexpectedAnswer,
        "is not",
    );
    let read = |status| play(&change(), &[(READ, ok(&product(status, 100)))]);
    check_stuck(&read("asleep"), FaultKind::UnexpectedAnswer, "`asleep`");
    check_rejected(&read("suspended"), "suspended", "the product is suspended");
    let unnamed = |found| {
        let answers = [
            (READ, active()),
            (PLACE, answered(201, &json!({}))),
            (LOOKUP, found),
        ];
        play(&change(), &[&answers[..], &[(POLL, completed())]].concat())
    };
    check_applied(&unnamed(found("inProgress")));
}

#[test]
fn an_order_still_in_progress_waits_for_its_push() {
    let played = play(
        &change(),
        &[
            (READ, active()),
            (PLACE, placed()),
            (POLL, in_progress()),
            (POLL, completed()),
        ],
    );
    let push = json!({ "eventId": "e-1", "eventTime": "2026-01-01T00:00:30Z",
        "eventType": "productOrderStateChangeEvent", "event": { "id": "po-1" } });
    assert_eq!(
        Sonata::notified(&[], push.to_string().as_bytes()),
        played.waits[0].wake_on
    );
    assert_eq!(Sonata::notified(&[], b"\xff"), Vec::<String>::new());
}
