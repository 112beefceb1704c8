//! An order on its way: sent once, lost, found, awaited.

use super::*;

#[test]
fn a_speed_is_ordered_once_and_awaited() {
    let at_once = play(&change(), &[before(), accepted(), completed()]);
    check_applied(&at_once);
    let placed = &at_once.journal[1].request;
    assert!(!placed.repeatable);
    assert_eq!(placed.headers[0].value, "application/json-patch+json");
    assert_eq!(
        placed.body,
        br#"[{"op":"replace","path":"/bandwidth","value":5000}]"#
    );

    let unseen = (READ, ok(&connection(1000, &made())));
    let polled = play(
        &change(),
        &[before(), accepted(), unseen, underway(), completed()],
    );
    check_applied(&polled);
    assert_eq!(waits(&polled), [30, 30]);
    assert_eq!(polled.waits[0].wake_on, [UUID]);
}

#[test]
fn a_connection_that_has_the_speed_is_not_ordered_again() {
    let played = play(&change(), &[completed()]);
    check_applied(&played);
    assert_eq!(orders(&played), 0);
}

#[test]
fn a_lost_order_that_arrived_is_found_in_the_connection() {
    for unanswered in [lost(), (ORDER, Answer::json(500, "")), (ORDER, ok("<html>"))] {
        let played = play(
            &change(),
            &[before(), unanswered, underway(), underway(), completed()],
        );
        check_applied(&played);
        assert_eq!(orders(&played), 1);
    }
}

#[test]
fn a_lost_order_is_sent_again_only_when_it_is_absent_twice() {
    let absent = || (READ, ok(&connection(1000, &made())));
    let answers = [before(), lost(), absent(), absent(), accepted(), completed()];
    let played = play(&change(), &answers);
    check_applied(&played);
    assert_eq!((orders(&played), waits(&played)), (2, vec![60]));
    assert_eq!(played.journal[1].request, played.journal[3].request);
}

#[test]
fn a_late_order_is_not_sent_again_and_a_refused_second_one_proves_nothing() {
    let absent = || (READ, ok(&connection(1000, &made())));
    let late = play(&change(), &[before(), lost(), absent(), underway(), completed()]);
    check_applied(&late);
    assert_eq!(orders(&late), 1);

    let refused = (ORDER, Answer::json(400, LOCKED));
    let answers = [
        before(),
        lost(),
        absent(),
        absent(),
        refused,
        underway(),
        completed(),
    ];
    check_applied(&play(&change(), &answers));
}

#[test]
fn an_order_that_never_arrives_is_a_matter_for_a_person() {
    let played = rehearse::<Fabric>(&change(), |request| match &*request.method {
        "PATCH" => lost().1,
        _ => before().1,
    });
    check_stuck(&played, FaultKind::Uncertain);
    assert_eq!((orders(&played), played.journal.len()), (5, 11));
}

#[test]
fn a_busy_carrier_is_waited_out_with_the_same_order() {
    let busy = Answer::Answered(match Answer::throttled(9) {
        Answer::Answered(response) => nexusport_sdk::carrier::Response {
            status: 503,
            ..response
        },
        answer => panic!("{answer:?}"),
    });
    let answers = [
        before(),
        (ORDER, Answer::throttled(7)),
        (ORDER, busy),
        (ORDER, Answer::unreachable()),
        accepted(),
        completed(),
    ];
    let played = play(&change(), &answers);
    check_applied(&played);
    assert_eq!(waits(&played), [7, 9, 8]);
}
