//! What is not a change: reading, listing, checking, proving access, and pushes.

use nexusport_sdk::carrier::Extra;

use super::*;

const SEARCH: &str = "POST /fabric/v4/connections/search";

#[test]
fn a_connection_is_read_with_its_since() {
    let read = play(&operation(Task::ReadPort), &[completed()]);
    let Step::Done(Outcome::State(state)) = &read.end else {
        panic!("no state but {:?}", read.end)
    };
    assert_eq!((state.mbps, state.since), (5000, Some(AT + 30_500)));

    let gone = with_statuses(5000, &made(), ["DEPROVISIONED", "DEPROVISIONED", "DEPROVISIONED"]);
    check_rejected(
        &play(&operation(Task::ReadPort), &[(READ, ok(&gone))]),
        "not_in_service",
    );
    let missing = r#"[{"errorCode": "EQ-3045811", "errorMessage": "uuid not found"}]"#;
    let unknown = play(&operation(Task::ReadPort), &[(READ, Answer::json(404, missing))]);
    check_rejected(&unknown, "EQ-3045811");
    let another = connection(5000, &made()).replace("5b7c", "ffff");
    check_stuck(
        &play(&operation(Task::ReadPort), &[(READ, ok(&another))]),
        FaultKind::UnexpectedAnswer,
    );
}

#[test]
fn connections_are_listed_by_pages_without_those_that_ended() {
    let gone = with_statuses(50, &made(), ["DEPROVISIONED", "DEPROVISIONED", "DEPROVISIONED"]);
    let live = connection(1000, &made());
    let page =
        format!(r#"{{"pagination": {{"offset": 50, "limit": 50, "total": 53}}, "data": [{gone}, {live}]}}"#);
    let listed = play(&operation(Task::ListPorts("50".into())), &[(SEARCH, ok(&page))]);
    let Step::Done(Outcome::States(states)) = &listed.end else {
        panic!("no ports but {:?}", listed.end)
    };
    assert_eq!((states.ports.len(), states.next.as_deref()), (1, Some("52")));
    let asked = String::from_utf8(listed.journal[0].request.body.clone()).unwrap();
    assert!(asked.contains(r#""offset":50,"limit":50"#), "{asked}");

    let last = page.replace("53", "52");
    let listed = play(&operation(Task::ListPorts("50".into())), &[(SEARCH, ok(&last))]);
    assert!(matches!(&listed.end, Step::Done(Outcome::States(states)) if states.next.is_none()));
}

#[test]
fn a_check_is_a_dry_run_that_orders_nothing() {
    let dry = format!("{ORDER}?dryRun=true");
    let check_task = operation(Task::CheckChange(order()));
    let answer = ok(&connection(5000, &changed(1, 5000, "APPROVED")));
    let feasible = play(
        &check_task,
        &[(&dry, Answer::Lost("timeout".into())), (&dry, answer.clone())],
    );
    assert_eq!(feasible.end, Step::Done(Outcome::Feasible));
    let refused = play(&check_task, &[(&dry, Answer::json(400, LOCKED))]);
    check_rejected(&refused, "EQ-3142999");
    // 202 is the answer to an order.
    let ordered = Answer::json(202, &connection(5000, &changed(1, 5000, "APPROVED")));
    check_stuck(
        &play(&check_task, &[(&dry, ordered)]),
        FaultKind::UnexpectedAnswer,
    );
}

#[test]
fn a_probe_takes_an_account_and_the_rest_is_unsupported() {
    let page = r#"{"pagination": {"offset": 0, "limit": 1, "total": 7}, "data": []}"#;
    let probe = play(&operation(Task::Probe), &[(SEARCH, ok(page))]);
    let Step::Done(Outcome::Other(told)) = &probe.end else {
        panic!("no account but {:?}", probe.end)
    };
    assert_eq!((&*told.name, &*told.value), ("connections", "7"));
    check_stuck(
        &play(&operation(Task::Probe), &[(SEARCH, Answer::json(401, "[]"))]),
        FaultKind::UnexpectedAnswer,
    );

    let other = Task::Other(Extra {
        name: "new".into(),
        value: String::new(),
    });
    for task in [Task::Cancel(order()), other] {
        check_rejected(&play(&operation(task), &[]), "unsupported");
    }
}

#[test]
fn a_cloud_event_names_its_connection_and_an_unreadable_one_nothing() {
    let event = format!(
        r#"{{"type": "equinix.fabric.connection.state.provisioned", "subject": "/fabric/v4/connections/{UUID}"}}"#
    );
    assert_eq!(Fabric::notified(&[], event.as_bytes()), [UUID]);
    let part = event.replace(UUID, &format!("{UUID}/routingProtocol/1"));
    let port = event.replace("connections", "ports");
    let batch = format!("[{event}, {part}, {port}]");
    assert_eq!(Fabric::notified(&[], batch.as_bytes()), [UUID, UUID]);
    assert_eq!(Fabric::notified(&[], b"\xff"), Vec::<String>::new());
}
