//! Calls that were kept: what they say when they are asked again, and what is no fixture.

use nexusport_sandbox::carrier::Task;
use nexusport_sandbox::fixture::{Fixture, Outcome, Unreadable, Verdict};
use nexusport_sandbox::{Next, Question, RenderTheme, Sandbox};
use serde_json::{Value, json};

use crate::harness::{PATIENCE, exchange, limits_with, month, operation, plugin, sandbox};

/// The call as a host keeps it: written as a document and read again.
fn kept<Q: Question>(sandbox: &Sandbox, component: &[u8], question: &Q) -> Fixture {
    let plugin = plugin(sandbox, component);
    let budget = question.budget(sandbox.limits()).more_time(PATIENCE);
    let result = question.ask(&plugin, &budget).result;
    let fixture = Fixture::of(plugin.digest(), question, &result);
    let read = Fixture::read(fixture.document().as_bytes()).unwrap();
    assert_eq!(read, fixture);
    read
}

/// With time enough for a busy machine.
fn patient() -> Sandbox {
    let much = |limits: &mut nexusport_sandbox::Limits| {
        limits.pricing_wall_ms *= PATIENCE;
        limits.carrier_wall_ms *= PATIENCE;
        limits.branding_wall_ms *= PATIENCE;
    };
    Sandbox::new(limits_with(much)).unwrap()
}

#[test]
fn a_kept_call_of_every_world_says_the_same_again() {
    let sandbox = patient();
    let next = Next {
        operation: operation(Task::ReadPort),
        journal: vec![],
    };
    let theme = RenderTheme {
        settings: b"{}".to_vec(),
    };
    let calls = [
        (
            kept(&sandbox, nexusport_plugins::PRICING_COMMITTED, &month(3)),
            nexusport_plugins::PRICING_COMMITTED,
        ),
        (
            kept(&sandbox, nexusport_plugins::CARRIER_SIMULATOR, &next),
            nexusport_plugins::CARRIER_SIMULATOR,
        ),
        (
            kept(&sandbox, nexusport_plugins::BRAND_HARBOUR, &theme),
            nexusport_plugins::BRAND_HARBOUR,
        ),
    ];
    for (fixture, component) in calls {
        assert!(
            matches!(fixture.outcome, Outcome::Answered(_)),
            "{}",
            fixture.function
        );
        let replay = fixture.replay(&plugin(&sandbox, component)).unwrap();
        assert_eq!(replay.verdict, Verdict::Same, "{}", fixture.function);
    }
}

#[test]
fn another_answer_is_told_by_its_first_place() {
    let sandbox = patient();
    let mut fixture = kept(&sandbox, nexusport_plugins::PRICING_COMMITTED, &month(1));
    let Outcome::Answered(answer) = &mut fixture.outcome else {
        panic!("it prices");
    };
    answer["Ok"]["charges"][0]["amount"] = json!("401");
    let replay = fixture
        .replay(&plugin(&sandbox, nexusport_plugins::PRICING_COMMITTED))
        .unwrap();
    let Verdict::Differs(difference) = replay.verdict else {
        panic!("an amount was changed");
    };
    assert_eq!(difference.at, "answered.Ok.charges[0].amount");
    assert_eq!((&*difference.kept, &*difference.now), (r#""401""#, r#""400""#));
}

#[test]
fn a_failure_is_kept_and_fails_the_same_again() {
    let sandbox = patient();
    let fixture = kept(&sandbox, nexusport_plugins::hostile::PANICS, &month(1));
    assert_eq!(fixture.outcome, Outcome::Failed("plugin_panicked".to_owned()));
    let panics = fixture
        .replay(&plugin(&sandbox, nexusport_plugins::hostile::PANICS))
        .unwrap();
    assert_eq!(panics.verdict, Verdict::Same);
    let repaired = fixture
        .replay(&plugin(&sandbox, nexusport_plugins::PRICING_COMMITTED))
        .unwrap();
    let Verdict::Differs(difference) = repaired.verdict else {
        panic!("this one does not panic");
    };
    assert_eq!((&*difference.at, &*difference.now), ("outcome", "answered"));
}

#[test]
fn a_plugin_of_another_world_says_nothing_about_the_call() {
    let sandbox = patient();
    let fixture = kept(&sandbox, nexusport_plugins::PRICING_COMMITTED, &month(1));
    let replay = fixture
        .replay(&plugin(&sandbox, nexusport_plugins::BRAND_HARBOUR))
        .unwrap();
    assert!(
        matches!(replay.verdict, Verdict::Unclear(_)),
        "{:?}",
        replay.verdict
    );
}

#[test]
fn a_journal_reads_as_text_and_opaque_bytes_come_back() {
    let sandbox = sandbox();
    let mut operation = operation(Task::ReadPort);
    operation.port.as_mut().unwrap().carrier_data = vec![0xff, 0];
    let next = Next {
        operation,
        journal: vec![exchange(3)],
    };
    let fixture = kept(&sandbox, nexusport_plugins::CARRIER_SIMULATOR, &next);
    assert_eq!(fixture.input["journal"][0]["answer"]["Answered"]["body"], "   ");
    assert_eq!(
        fixture.input["operation"]["port"]["carrier_data"],
        json!({ "hex": "ff00" })
    );
}

#[test]
fn what_is_no_fixture_is_refused_by_name() {
    let fixture = kept(&sandbox(), nexusport_plugins::PRICING_COMMITTED, &month(1));
    let document = serde_json::to_value(&fixture).unwrap();
    let refused = |change: fn(&mut Value)| {
        let mut document = document.clone();
        change(&mut document);
        Fixture::read(document.to_string().as_bytes()).unwrap_err()
    };
    assert_eq!(refused(|it| it["format"] = json!(2)), Unreadable::Format(2));
    let interface = refused(|it| it["interface"] = json!("9.0.0")).to_string();
    assert_eq!(
        interface,
        "the fixture is of interface 9.0.0, this program has 0.1.0"
    );
    let function = refused(|it| it["function"] = json!("pricing.guess")).to_string();
    assert!(function.starts_with("pricing.guess is no function of a plugin; there are carrier.next, "));
    let surplus = refused(|it| it["input"]["period"]["middle"] = json!(1)).to_string();
    assert_eq!(
        surplus,
        "the input is not what pricing.price takes: input.period.middle is 1, not nothing"
    );
    let mistyped = refused(|it| it["input"]["currency"] = json!(1)).to_string();
    assert!(
        mistyped.contains("pricing.price") && mistyped.contains("expected a string"),
        "{mistyped}"
    );
    assert!(matches!(Fixture::read(b"{").unwrap_err(), Unreadable::NotOne(_)));
}
