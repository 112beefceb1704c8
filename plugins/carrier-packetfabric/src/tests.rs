//! The adapter against a PacketFabric of a few lines: a circuit with a subscription, a burst and a workflow.

mod bases;
mod fabric;
mod recordings;
mod speeds;

use fabric::{Fabric, no};
use nexusport_sdk::carrier::{
    Answer, Extra, Operation, Order, Outcome, Port, Rehearsal, Step, Task, rehearse,
};
use nexusport_sdk::serde_json;

use crate::change::Kept;
use crate::{PacketFabric, SETTLE_SECONDS};

const CIRCUIT: &str = "PF-BC-LAX-NYC-1000001-PF";

fn operation(task: Task) -> Operation {
    let port = Some(Port {
        reference: CIRCUIT.to_owned(),
        carrier_data: vec![],
    });
    Operation {
        id: "op-1".to_owned(),
        asked_at: 0,
        settings: b"{}".to_vec(),
        port,
        task,
        extras: vec![],
    }
}

/// An order of `mbps` for a port whose speed for good is `base_mbps` then.
fn order(mbps: u32, base_mbps: u32) -> Order {
    let (name, value) = ("base_mbps".to_owned(), base_mbps.to_string());
    Order {
        mbps,
        from_mbps: 1000,
        extras: vec![Extra { name, value }],
    }
}

fn to(mbps: u32, base_mbps: u32) -> Operation {
    operation(Task::ChangeBandwidth(order(mbps, base_mbps)))
}

fn after_burst(mut operation: Operation, burst_mbps: u32) -> Operation {
    let carrier_data = serde_json::to_vec(&Kept { burst_mbps }).unwrap();
    operation.port = operation.port.map(|port| Port { carrier_data, ..port });
    operation
}

#[track_caller]
fn check(mut fabric: Fabric, operation: &Operation, sent: &[&str], end: Result<u32, &str>) -> Rehearsal {
    let played = rehearse::<PacketFabric>(operation, |request| fabric.answer(request));
    assert_eq!(fabric.sent, sent, "{:?}", played.end);
    match (&played.end, end) {
        (Step::Done(Outcome::Applied(state) | Outcome::State(state)), Ok(mbps)) => {
            assert_eq!(state.mbps, mbps)
        }
        (Step::Done(Outcome::Rejected(rejection)), Err(text)) => {
            assert!(rejection.text.contains(text), "{rejection:?}")
        }
        (Step::Stuck(fault), Err(text)) => assert!(fault.message.contains(text), "{fault:?}"),
        (end, _) => panic!("{end:?}"),
    }
    played
}

const FIVE: &str = r#"POST burst {"speed":"500Mbps"}"#;
const BUY_TWO: &str = r#"POST modify {"speed":"2Gbps"}"#;

#[test]
fn what_stays_is_bought_and_what_does_not_is_a_burst() {
    check(Fabric::default(), &to(2000, 2000), &[BUY_TWO], Ok(2000));
    let played = check(Fabric::default(), &to(1500, 1000), &[FIVE], Ok(1500));
    assert!(format!("{:?}", played.end).contains(&format!("{:?}", br#"{"burst_mbps":500}"#.to_vec())));
    let silent = operation(Task::ChangeBandwidth(Order {
        mbps: 1500,
        from_mbps: 1000,
        extras: vec![],
    }));
    check(Fabric::default(), &silent, &[FIVE], Ok(1500));
}

#[test]
fn a_window_ends_with_its_burst_and_a_smaller_one_is_put_in_its_place() {
    let bursting = || Fabric::bursting(1000);
    check(
        bursting(),
        &after_burst(to(1000, 1000), 1000),
        &["DELETE burst"],
        Ok(1000),
    );
    check(
        bursting(),
        &after_burst(to(1500, 1000), 1000),
        &["DELETE burst", FIVE],
        Ok(1500),
    );
    check(
        bursting(),
        &after_burst(to(3000, 1000), 1000),
        &[r#"POST burst {"speed":"2Gbps"}"#],
        Ok(3000),
    );
}

#[test]
fn what_is_bought_is_never_lowered() {
    let refused = Fabric::answering(vec![(no(400, "VC has no burst"), false)]);
    check(refused, &to(500, 500), &["DELETE burst"], Err("VC has no burst"));
    check(Fabric::default(), &to(500, 1000), &[], Err("that is 1000 Mbps"));
    check(
        Fabric::bursting(500),
        &to(500, 500),
        &["DELETE burst"],
        Err("that is 1000 Mbps"),
    );
    check(Fabric::default(), &to(1500, 2000), &[], Err("that is 2000 Mbps"));
}

#[test]
fn a_lost_order_is_looked_for_before_it_is_sent_again() {
    let lost = || Answer::Lost("timeout".to_owned());
    let done = Fabric::answering(vec![(lost(), true)]);
    check(done, &to(1500, 1000), &[FIVE], Ok(1500));
    let not_done = Fabric::answering(vec![(Answer::json(200, "{}"), true), (lost(), false)]);
    let played = check(not_done, &to(1500, 1000), &[FIVE, FIVE], Ok(1500));
    let waited: Vec<_> = played.waits.iter().map(|wait| wait.after_seconds).collect();
    assert!(waited.contains(&SETTLE_SECONDS), "{waited:?}");
    let taken_off = Fabric {
        burst_mbps: 500,
        orders: vec![(Answer::json(502, ""), true)],
        ..Fabric::default()
    };
    check(
        taken_off,
        &after_burst(to(1000, 1000), 500),
        &["DELETE burst"],
        Ok(1000),
    );
}

#[test]
fn a_refusal_is_told_in_packetfabrics_words_and_a_busy_one_is_waited_for() {
    let metro = Fabric::answering(vec![(no(400, "Metro VCs do not support upgrades"), false)]);
    check(
        metro,
        &to(2000, 2000),
        &[BUY_TWO],
        Err("Metro VCs do not support upgrades"),
    );
    let busy = Fabric::answering(vec![
        (Answer::json(200, "{}"), true),
        (Answer::throttled(7), false),
    ]);
    let played = check(busy, &to(1500, 1000), &[FIVE, FIVE], Ok(1500));
    assert_eq!(played.waits[0].after_seconds, 7);
    let forbidden = Fabric::answering(vec![(Answer::json(403, "no"), false)]);
    check(forbidden, &to(1500, 1000), &[FIVE], Err("403"));
}

#[test]
fn another_change_has_its_turn_first() {
    let under_way = Fabric::going_to_1500();
    let played = check(
        under_way,
        &to(2000, 1000),
        &["DELETE burst", r#"POST burst {"speed":"1Gbps"}"#],
        Ok(2000),
    );
    assert!(played.waits.iter().take(3).all(|wait| wait.after_seconds == 30));
    check(Fabric::going_to_1500(), &to(1500, 1000), &[], Ok(1500));
}

#[test]
fn nothing_unknown_counts_as_good() {
    for (state, end) in [
        ("Deleting", Err("not in service")),
        ("Frozen", Err("nobody knows")),
        ("active", Ok(1000)),
    ] {
        check(
            Fabric {
                state,
                ..Fabric::default()
            },
            &operation(Task::ReadPort),
            &[],
            end,
        );
    }
    for ends_as in ["COMPLETE", "FAILED"] {
        let never = Fabric {
            ends_as,
            ..Fabric::answering(vec![(Answer::json(200, "{}"), false)])
        };
        check(never, &to(1500, 1000), &[FIVE], Err("does not show"));
    }
    let failing = Fabric {
        ends_as: "FAILED",
        ..Fabric::default()
    };
    check(failing, &to(1500, 1000), &[FIVE], Err("no capacity today"));
}

#[test]
fn a_forgotten_workflow_is_over() {
    let mut fabric = Fabric {
        polls: 0,
        ..Fabric::default()
    };
    let played = rehearse::<PacketFabric>(&to(1500, 1000), |request| {
        match request.target.ends_with("/status") {
            true => {
                fabric.status();
                Answer::json(404, r#"{"message": "not found"}"#)
            }
            false => fabric.answer(request),
        }
    });
    assert!(matches!(&played.end, Step::Done(Outcome::Applied(state)) if state.mbps == 1500));
}

#[test]
fn reading_keeps_what_is_known_of_the_burst() {
    let read = after_burst(operation(Task::ReadPort), 500);
    let played = check(Fabric::bursting(500), &read, &[], Ok(1500));
    assert!(
        matches!(&played.end, Step::Done(Outcome::State(state)) if state.carrier_data == br#"{"burst_mbps":500}"#)
    );
    let by_use = rehearse::<PacketFabric>(&operation(Task::ReadPort), |_| {
        Answer::json(
            200,
            r#"{"vc_circuit_id": "x", "state": "active", "bandwidth": {"longhaul_type": "usage"}}"#,
        )
    });
    assert!(matches!(&by_use.end, Step::Done(Outcome::Rejected(rejection)) if rejection.code == "no_speed"));
}

#[test]
fn the_circuits_that_deliver_are_listed_and_other_tasks_refused() {
    let mut fabric = Fabric::default();
    let played = rehearse::<PacketFabric>(&operation(Task::ListPorts(String::new())), |request| {
        fabric.answer(request)
    });
    assert!(
        matches!(&played.end, Step::Done(Outcome::States(page)) if page.ports.len() == 1 && page.next.is_none())
    );
    let played = rehearse::<PacketFabric>(&operation(Task::Probe), |request| fabric.answer(request));
    assert!(matches!(played.end, Step::Done(Outcome::Feasible)));
    let cancel = operation(Task::Cancel(order(1, 1)));
    let played = rehearse::<PacketFabric>(&cancel, |_| panic!("nothing is asked"));
    assert!(
        matches!(&played.end, Step::Done(Outcome::Rejected(rejection)) if rejection.code == "unsupported")
    );
}

#[test]
fn what_would_be_refused_is_seen_before_it_is_ordered() {
    for (mbps, expected) in [
        (5000, None),
        (6000, Some("more_than_its_port")),
        (500, Some("decrease_not_allowed")),
    ] {
        let mut fabric = Fabric::default();
        let asked = operation(Task::CheckChange(order(mbps, 1000)));
        let played = rehearse::<PacketFabric>(&asked, |request| fabric.answer(request));
        match played.end {
            Step::Done(Outcome::Rejected(rejection)) => assert_eq!(Some(&*rejection.code), expected),
            end => assert_eq!((end, None), (Step::Done(Outcome::Feasible), expected)),
        }
    }
}
