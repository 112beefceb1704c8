//! The recordings in `fixtures`, at least one for each scenario that a host looks for.

use nexusport_sdk::carrier::rehearse_with;

use super::*;

/// What the adapter makes of these answers is what is kept under this name.
fn keep(name: &str, operation: &Operation, answers: &[Answer]) {
    rehearse_with::<Megaport>(operation, answers.to_vec()).keep(format!("fixtures/{name}.json"));
}

#[test]
fn changes_are_recorded() {
    let keep = |name: &str, answers: &[Answer]| keep(name, &change(), answers);
    let (old, new) = (|| vxc(1000), || vxc(5000));
    let deploying = || shown(&vxc_like(5000, "DEPLOYABLE", "null"));
    keep("immediate-success", &[old(), new()]);
    keep("polled-success", &[old(), old(), deploying(), new()]);
    keep("polled-success.approved", &[old(), waiting("PENDING"), new()]);
    keep("polled-success.sent-again", &[lost(), old(), old(), old(), new()]);
    keep("duplicate-answer", &[old(), old(), old(), old(), new()]);
    keep("lost-but-done", &[lost(), new()]);
    keep("unknown-after-crash", &[Answer::Lost("host restarted".into())]);
    keep("rejection", &[refusal(400, "above the port's speed")]);
    keep(
        "rejection.of-the-approval",
        &[old(), waiting("PENDING"), waiting("REJECTED")],
    );
    keep("throttled", &[Answer::throttled(17)]);
    keep("carrier-error", &[refusal(500, "internal error")]);
    keep(
        "second-change-in-flight",
        &[refusal(409, "the service is being updated")],
    );
    keep("partial-application", &[old(), vxc(3000)]);
    keep(
        "unknown-state",
        &[old(), shown(&vxc_like(5000, "HALF_DONE", "null"))],
    );
}

#[test]
fn an_answer_that_takes_hours_is_recorded() {
    let patient = Operation {
        settings: br#"{"poll_seconds": 3600}"#.to_vec(),
        ..change()
    };
    keep("late-answer", &patient, &[vxc(1000), vxc(1000), vxc(5000)]);
}

#[test]
fn other_tasks_are_recorded() {
    // Throttled like any other request: these show no scenario of their own.
    let busy = [Answer::throttled(17)];
    keep("throttled.read", &operation(Task::ReadPort), &busy);
    keep(
        "throttled.list",
        &operation(Task::ListPorts(String::new())),
        &busy,
    );
    let gone = [refusal(404, "no such product")];
    keep("rejection.read", &operation(Task::ReadPort), &gone);
    let locked = vxc_like(1000, "LIVE", "null").replace(r#""locked": false"#, r#""locked": true"#);
    keep(
        "rejection.check",
        &operation(Task::CheckChange(order())),
        &[shown(&locked)],
    );
}
