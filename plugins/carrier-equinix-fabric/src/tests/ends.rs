//! How a change ends that does not simply succeed, and what comes before it.

use nexusport_sdk::time;

use super::*;

#[test]
fn a_refusal_is_told_in_the_carriers_words() {
    let locked = play(&change(), &[before(), (ORDER, Answer::json(400, LOCKED))]);
    check_rejected(&locked, "EQ-3142999");
    let refused = (READ, ok(&connection(1000, &changed(1, 5000, "REJECTED"))));
    let later = play(&change(), &[before(), accepted(), refused]);
    check_rejected(&later, "REJECTED");
    check_stuck(
        &play(&change(), &[before(), (ORDER, Answer::json(400, ""))]),
        FaultKind::UnexpectedAnswer,
    );
}

#[test]
fn another_change_comes_first() {
    let other = (READ, ok(&connection(1000, &changed(0, 2000, "APPROVED"))));
    // One that came to something would lock ours out.
    let over = (READ, ok(&connection(1000, &changed(0, 2000, "FAILED"))));
    let answers = [
        other,
        over,
        (ORDER, Answer::json(400, TRANSIENT)),
        accepted(),
        completed(),
    ];
    let played = play(&change(), &answers);
    check_applied(&played);
    assert_eq!((orders(&played), waits(&played)), (1, vec![30, 30]));
}

#[test]
fn a_lock_out_that_is_nearly_over_is_waited_out_and_no_other() {
    let changed_ago = |seconds: i64, status: &str| {
        let at = time::to_rfc3339(AT - seconds * 1000).unwrap();
        let change = changed(0, 1000, status).replace("2026-01-01T12:00:00Z", &at);
        (READ, ok(&connection(1000, &change)))
    };
    let nearly = changed_ago(86_310, "COMPLETED");
    let played = play(&change(), &[nearly.clone(), nearly, accepted(), completed()]);
    check_applied(&played);
    assert_eq!((orders(&played), waits(&played)), (1, vec![90]));
    for before in [changed_ago(86_310, "FAILED"), changed_ago(86_400, "COMPLETED")] {
        check_applied(&play(&change(), &[before, accepted(), completed()]));
    }
    let soon = play(&change(), &[changed_ago(3600, "COMPLETED")]);
    check_rejected(&soon, "locked_out");
    assert!(format!("{:?}", soon.end).contains("not before 2026-01-02T11:00:00"));
    assert_eq!(orders(&soon), 0);
}

#[test]
fn an_approval_may_take_three_days() {
    let waiting = ok(&connection(1000, &changed(1, 5000, "SUBMITTED_FOR_APPROVAL")));
    let mut polls = 0;
    let played = rehearse::<Fabric>(
        &Operation {
            settings: br#"{"poll_seconds": 3600}"#.to_vec(),
            ..change()
        },
        |request| match &*request.method {
            "PATCH" => accepted().1,
            _ => {
                polls += 1;
                if polls == 1 { before().1 } else { waiting.clone() }
            }
        },
    );
    check_stuck(&played, FaultKind::Uncertain);
    assert_eq!(played.waits.len(), 72);
}

#[test]
fn an_unknown_or_odd_state_is_never_taken_for_success() {
    for statuses in [
        ["HALF_DONE", "PROVISIONED", "PROVISIONED"],
        ["ACTIVE", "HALF_DONE", "PROVISIONED"],
        ["ACTIVE", "PROVISIONED", "HALF_DONE"],
    ] {
        let odd = (
            READ,
            ok(&with_statuses(5000, &changed(1, 5000, "COMPLETED"), statuses)),
        );
        let played = play(&change(), &[before(), accepted(), odd]);
        check_stuck(&played, FaultKind::UnexpectedAnswer);
    }
    let odd = (READ, ok(&connection(5000, &changed(1, 5000, "HALF_DONE"))));
    let played = play(&change(), &[before(), accepted(), odd]);
    check_stuck(&played, FaultKind::UnexpectedAnswer);

    let partly = (READ, ok(&connection(2000, &changed(1, 5000, "COMPLETED"))));
    let played = play(&change(), &[before(), accepted(), partly]);
    check_stuck(&played, FaultKind::UnexpectedAnswer);

    let gone = with_statuses(5000, &made(), ["DEPROVISIONED", "DEPROVISIONED", "DEPROVISIONED"]);
    check_stuck(
        &play(&change(), &[before(), accepted(), (READ, ok(&gone))]),
        FaultKind::Uncertain,
    );
    check_rejected(&play(&change(), &[(READ, ok(&gone))]), "not_in_service");
}
