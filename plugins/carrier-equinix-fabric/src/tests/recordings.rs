//! The recordings in `fixtures`, at least one for each scenario that a host looks for.

use nexusport_sdk::carrier::rehearse_with;

use super::*;

/// What the adapter makes of these answers is what is kept under this name.
fn keep(name: &str, operation: &Operation, answers: &[(&str, Answer)]) {
    let answers = answers.iter().map(|(_, answer)| answer.clone());
    rehearse_with::<Fabric>(operation, answers).keep(format!("fixtures/{name}.json"));
}

#[test]
fn changes_are_recorded() {
    let keep = |name: &str, answers: &[(&str, Answer)]| keep(name, &change(), answers);
    let absent = || (READ, ok(&connection(1000, &made())));
    keep("immediate-success", &[before(), accepted(), completed()]);
    keep("immediate-success.read", &[completed()]);
    let polled = [before(), accepted(), absent(), underway(), completed()];
    keep("polled-success", &polled);
    keep(
        "duplicate-answer",
        &[before(), accepted(), underway(), underway(), completed()],
    );
    keep("lost-but-done", &[before(), lost(), underway(), completed()]);
    keep("unknown-after-crash", &[before(), lost()]);
    let sent_again = [before(), lost(), absent(), absent(), accepted(), completed()];
    keep("polled-success.sent-again", &sent_again);

    keep("rejection", &[before(), (ORDER, Answer::json(400, LOCKED))]);
    let lately = (READ, ok(&connection(2000, &changed(0, 2000, "COMPLETED"))));
    keep("rejection.locked-out", &[lately]);
    let refused = (READ, ok(&connection(1000, &changed(1, 5000, "REJECTED"))));
    keep("rejection.after-the-order", &[before(), accepted(), refused]);
    keep("throttled", &[before(), (ORDER, Answer::throttled(7))]);
    let oops = r#"[{"errorCode": "EQ-3045004", "errorMessage": "Internal Server Error"}]"#;
    keep("carrier-error", &[before(), (ORDER, Answer::json(500, oops))]);
    let transient = (ORDER, Answer::json(400, TRANSIENT));
    keep("second-change-in-flight", &[before(), transient]);
    let odd = (READ, ok(&connection(5000, &changed(1, 5000, "HALF_DONE"))));
    keep("unknown-state", &[before(), accepted(), odd]);
    let partly = (READ, ok(&connection(2000, &changed(1, 5000, "COMPLETED"))));
    keep("partial-application", &[before(), accepted(), partly]);
}

#[test]
fn an_answer_that_takes_hours_is_recorded() {
    let patient = Operation {
        settings: br#"{"poll_seconds": 3600}"#.to_vec(),
        ..change()
    };
    let waiting = || {
        let change = changed(1, 5000, "SUBMITTED_FOR_APPROVAL");
        (READ, ok(&connection(1000, &change)))
    };
    let answers = [before(), accepted(), waiting(), waiting(), waiting(), completed()];
    keep("late-answer", &patient, &answers);
}

#[test]
fn other_tasks_are_recorded() {
    let (check, list) = (
        operation(Task::CheckChange(order())),
        operation(Task::ListPorts("50".into())),
    );
    keep("rejection.check", &check, &[(ORDER, Answer::json(400, LOCKED))]);
    let missing = r#"[{"errorCode": "EQ-3045811", "errorMessage": "uuid not found"}]"#;
    let read = operation(Task::ReadPort);
    keep("rejection.read", &read, &[(READ, Answer::json(404, missing))]);
    // Throttled like any other request: these show no scenario of their own.
    let busy = [("", Answer::throttled(7))];
    keep("throttled.list", &list, &busy);
    keep("throttled.probe", &operation(Task::Probe), &busy);
}
