//! What pushes, adapters that order twice and people who give up wish, and what is known then.

use super::*;

#[test]
fn a_push_shortens_the_wait_for_an_answer_and_for_nothing_else() {
    let woken = |slots: &[Slot], woken_at: i64| {
        let moment = Moment {
            asked_at: at(0),
            retried_at: None,
            now: at(20),
            woken_at: Some(at(woken_at)),
        };
        decide(Kind::ChangeBandwidth, slots, again(60), &BOUNDS, moment)
    };
    let seen = |known| Slot {
        at: at(10),
        ..lookup(known)
    };
    let answered = [seen(Known::Answered(200))];
    assert_eq!(woken(&answered, 15), Decision::Repeat);
    // It was asked since, and waits for the next push.
    assert_eq!(woken(&answered, 10), Decision::Wait(at(70)));
    for known in [Known::Answered(429), Known::Answered(503), Known::Lost] {
        assert_eq!(woken(&[seen(known)], 15), Decision::Wait(at(70)), "{known:?}");
    }
}

#[test]
fn an_order_that_can_be_repeated_may_have_happened_all_the_same() {
    let put = |known| slot(&request("PUT", true), known);
    let may = |slots: &[Slot]| reason(slots, "enough".into()).may_have_happened;
    for known in [
        Known::Sending,
        Known::Lost,
        Known::Answered(202),
        Known::Answered(500),
    ] {
        assert!(may(&[put(known)]), "{known:?}");
    }
    assert!(!may(&[put(Known::NotSent)]));
    assert!(!may(&[put(Known::Answered(422))]));
    // The carrier may have taken it the time before.
    for refused in [Known::Answered(503), Known::Answered(422), Known::NotSent] {
        let again = |slot| Slot {
            repeated: true,
            ..slot
        };
        assert!(may(&[again(put(refused))]), "{refused:?}");
        // What cannot be repeated left again only because it was refused before.
        assert!(!may(&[again(order(refused))]), "{refused:?}");
    }
    assert!(!may(&[lookup(Known::Answered(200)), lookup(Known::Lost)]));
}

#[test]
fn what_the_carrier_took_is_not_sent_once_more_before_it_was_asked() {
    let taken = [order(Known::Answered(202))];
    gives_up(&taken, send("POST", false), "took this very POST");
    for no_evidence in [Known::Lost, Known::NotSent, Known::Answered(500)] {
        let slots = [taken[0], lookup(no_evidence)];
        gives_up(&slots, send("POST", false), "took this very POST");
    }
    let another = Step::Send(Request {
        target: "/orders/1/confirm".into(),
        ..request("POST", false)
    });
    assert!(matches!(decided(&taken, another, 0), Decision::Send(_)));
    for asked in [Known::Answered(200), Known::Answered(404)] {
        let slots = [taken[0], lookup(asked)];
        assert!(matches!(
            decided(&slots, send("POST", false), 0),
            Decision::Send(_)
        ));
    }
    for refused in [Known::Answered(422), Known::Answered(404), Known::NotSent] {
        assert!(matches!(
            decided(&[order(refused)], send("POST", false), 0),
            Decision::Send(_)
        ));
    }
}
