//! What the VXC shows before the order.

use super::*;

#[test]
fn an_approval_that_was_declined_before_is_no_answer_to_the_next_order() {
    let declined = || (READ, waiting("DECLINED"));
    check_applied(&play(
        &change(),
        &[declined(), (SET, vxc(1000)), declined(), (READ, vxc(5000))],
    ));
    // A lost order is not found in it either.
    let answers = [
        declined(),
        (SET, lost()),
        declined(),
        declined(),
        (SET, vxc(1000)),
        (READ, vxc(5000)),
    ];
    let played = play(&change(), &answers);
    check_applied(&played);
    assert_eq!(played.requests(), [READ, SET, READ, SET, READ]);

    let Answer::Answered(mut again) = waiting("DECLINED") else {
        panic!("no answer")
    };
    let body = String::from_utf8(again.body).unwrap();
    again.body = body.replace("a-1", "a-2").into_bytes();
    let answers = [declined(), (SET, vxc(1000)), (READ, Answer::Answered(again))];
    check_rejected(&play(&change(), &answers), "declined", "too costly");
}

#[test]
fn a_change_under_way_has_its_turn_first_and_what_is_there_is_not_ordered() {
    let pending = || (READ, waiting("PENDING"));
    let ours = play(&change(), &[pending(), pending(), (READ, vxc(5000))]);
    check_applied(&ours);
    assert_eq!(ours.requests(), [READ]);
    let deploying = (READ, shown(&vxc_like(5000, "DEPLOYABLE", "null")));
    check_applied(&play(&change(), &[deploying, (READ, vxc(5000))]));
    let answers = [
        pending(),
        (READ, waiting("DECLINED")),
        (SET, vxc(1000)),
        (READ, vxc(5000)),
    ];
    check_applied(&play(&change(), &answers));
    let gone = shown(&vxc_like(1000, "CANCELLED", "null"));
    check_rejected(
        &play(&change(), &[(READ, gone)]),
        "cancelled",
        "the VXC is not in service",
    );
}
