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
    keep("immediate-success", &[old(), old(), new()]);
    keep("immediate-success.read", &[new()]);
    keep("polled-success", &[old(), old(), old(), deploying(), new()]);
    keep(
        "polled-success.approved",
        &[old(), old(), waiting("PENDING"), new()],
    );
    keep(
        "polled-success.sent-again",
        &[old(), lost(), old(), old(), old(), new()],
    );
    let declined = || waiting("DECLINED");
    keep(
        "polled-success.declined-before",
        &[declined(), lost(), declined(), declined(), old(), new()],
    );
    keep("polled-success.by-another", &[waiting("PENDING"), new()]);
    keep("duplicate-answer", &[old(), old(), old(), old(), old(), new()]);
    keep("lost-but-done", &[old(), lost(), new()]);
    keep(
        "unknown-after-crash",
        &[old(), Answer::Lost("host restarted".into())],
    );
    keep("rejection", &[old(), refusal(400, "above the port's speed")]);
    keep(
        "rejection.of-the-approval",
        &[old(), old(), waiting("PENDING"), waiting("REJECTED")],
    );
    keep("throttled", &[old(), Answer::throttled(17)]);
    keep("carrier-error", &[old(), refusal(500, "internal error")]);
    keep(
        "second-change-in-flight",
        &[old(), refusal(409, "the service is being updated")],
    );
    keep("partial-application", &[old(), old(), vxc(3000)]);
    keep(
        "unknown-state",
        &[old(), old(), shown(&vxc_like(5000, "HALF_DONE", "null"))],
    );
}

#[test]
fn an_answer_that_takes_hours_is_recorded() {
    let patient = Operation {
        settings: br#"{"poll_seconds": 3600}"#.to_vec(),
        ..change()
    };
    let old = || vxc(1000);
    keep("late-answer", &patient, &[old(), old(), old(), vxc(5000)]);
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
