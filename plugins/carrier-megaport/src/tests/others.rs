//! What is not a change: reading, listing, checking, and pushes.

use super::*;

#[test]
fn a_vxc_is_read_and_all_are_listed_once() {
    let read = play(&operation(Task::ReadPort), &[(READ, vxc(5000))]);
    let Step::Done(Outcome::State(state)) = read.end else {
        panic!("no state but {:?}", read.end)
    };
    assert_eq!((state.mbps, state.since), (5000, None));
    let missing = play(
        &operation(Task::ReadPort),
        &[(READ, refusal(404, "no such product"))],
    );
    check_rejected(&missing, "not_found", "no such product");

    let (live, ended) = (
        vxc_like(5000, "LIVE", "null"),
        vxc_like(100, "CANCELLED", "null").replace("vxc-1", "vxc-0"),
    );
    let products = format!(
        r#"{{"message": "", "terms": "", "data": [{{"productUid": "port-1", "associatedVxcs": [{live}, {ended}]}},
            {{"productUid": "port-2", "associatedVxcs": [{live}]}}, {{"productUid": "port-3"}}]}}"#
    );
    let listed = play(
        &operation(Task::ListPorts(String::new())),
        &[("GET /v2/products", Answer::json(200, &products))],
    );
    let Step::Done(Outcome::States(page)) = listed.end else {
        panic!("no ports but {:?}", listed.end)
    };
    assert_eq!((page.ports, page.next), (vec![state], None));
}

#[test]
fn a_check_changes_nothing() {
    let check = operation(Task::CheckChange(order()));
    assert_eq!(
        play(&check, &[(READ, vxc(1000))]).end,
        Step::Done(Outcome::Feasible)
    );
    let locked = shown(&vxc_like(1000, "LIVE", "null").replace(r#""locked": false"#, r#""locked": true"#));
    check_rejected(
        &play(&check, &[(READ, locked)]),
        "locked",
        "the VXC is locked against changes",
    );
    let other = operation(Task::CheckChange(Order {
        mbps: 2000,
        ..order()
    }));
    check_rejected(
        &play(&other, &[(READ, waiting("PENDING"))]),
        "change_in_flight",
        "a change to 5000 Mbps waits for approval",
    );
}

#[test]
fn what_megaport_cannot_do_is_said() {
    let cancel = play(&operation(Task::Cancel(order())), &[]);
    assert!(
        matches!(cancel.end, Step::Done(Outcome::Rejected(rejection)) if rejection.code == "unsupported")
    );
    assert_eq!(Megaport::notified(&[], br#"{"productUid": "vxc-1"}"#), ["vxc-1"]);
    assert_eq!(Megaport::notified(&[], b"\xff"), Vec::<String>::new());
}
