//! The adapter against canned answers, in the words of the published documents.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

mod changes;
mod charges;
mod doubts;
mod others;
mod recordings;

use nexusport_sdk::carrier::*;
use nexusport_sdk::serde_json::{Value, json};

use crate::Sonata;

const AT: i64 = 1_767_225_600_000;
const READ: &str = "GET /product/evpl-7";
const PLACE: &str = "POST /productOrder";
const LOOKUP: &str = "GET /productOrder?externalId=op-1";
const POLL: &str = "GET /productOrder/po-1";
const CHARGES: &str = "GET /charge?productOrderId=po-1";

fn settings() -> Value {
    json!({ "contact": { "name": "Operations", "emailAddress": "noc@reseller.example", "number": "+43 1 5550100" } })
}

fn operation(task: Task) -> Operation {
    Operation {
        id: "op-1".into(),
        asked_at: AT,
        settings: settings().to_string().into_bytes(),
        port: Some(Port {
            reference: "evpl-7".into(),
            carrier_data: vec![],
        }),
        task,
        extras: vec![],
    }
}

fn wanted(mbps: u32) -> Order {
    Order {
        mbps,
        from_mbps: 100,
        extras: vec![],
    }
}

fn change() -> Operation {
    operation(Task::ChangeBandwidth(wanted(500)))
}

fn with_setting(name: &str, value: Value) -> Operation {
    let mut settings = settings();
    settings[name] = value;
    Operation {
        settings: settings.to_string().into_bytes(),
        ..change()
    }
}

fn ok(body: &Value) -> Answer {
    answered(200, body)
}

fn answered(status: u16, body: &Value) -> Answer {
    Answer::json(status, &body.to_string())
}

fn lost() -> Answer {
    Answer::Lost("timeout".into())
}

/// A line whose speed is in the excess rate of both ends.
fn product(status: &str, mbps: u32) -> Value {
    let profile = json!([{ "classOfServiceName": "low", "bwpFlow": {
        "cir": { "irValue": 0, "irUnits": "MBPS" },
        "eir": { "irValue": mbps, "irUnits": "MBPS" }, "eirMax": { "irValue": mbps, "irUnits": "MBPS" },
    } }]);
    json!({
        "id": "evpl-7", "status": status, "startDate": "2025-06-01T00:00:00Z",
        "productOffering": { "id": "000173" },
        "productRelationship": [{ "relationshipType": "CONNECTS_TO_UNI_A", "id": "uni-1" }],
        "billingAccount": { "id": "ba-1" },
        "statusChange": [{ "status": "active", "changeDate": "2025-06-01T00:00:00Z" }],
        "productConfiguration": {
            "@type": "urn:mef:lso:spec:cantata-sonata:evpl-evc:v1.0.0:all",
            "maximumFrameSize": 1522,
            "evcEndPointA": { "identifier": "a", "ingressBandwidthProfilePerClassOfServiceName": profile },
            "evcEndPointZ": { "identifier": "z", "ingressBandwidthProfilePerClassOfServiceName": profile },
        },
    })
}

fn active() -> Answer {
    ok(&product("active", 100))
}

fn order(state: &str, item: &str) -> Value {
    json!({
        "id": "po-1", "externalId": "op-1", "state": state, "orderDate": "2026-01-01T00:00:01Z",
        "completionDate": "2026-01-01T00:10:00Z",
        "relatedContactInformation": [{
            "role": "productOrderContact", "name": "Operations", "emailAddress": "noc@reseller.example", "number": "+43 1 5550100",
        }],
        "productOrderItem": [{ "id": "1", "action": "modify", "state": item }],
    })
}

fn placed() -> Answer {
    answered(201, &order("acknowledged", "acknowledged"))
}

fn completed() -> Answer {
    ok(&order("completed", "completed"))
}

fn found(state: &str) -> Answer {
    ok(&json!([{ "id": "po-1", "externalId": "op-1", "state": state, "orderDate": "2026-01-01T00:00:01Z" }]))
}

fn nothing() -> Answer {
    ok(&json!([]))
}

/// Carries the operation out against these answers, in order.
fn play(operation: &Operation, answers: &[(&str, Answer)]) -> Rehearsal {
    let mut left = answers.iter();
    let played = rehearse::<Sonata>(operation, |request| {
        let (expected, answer) = left.next().expect("an answer is left");
        assert_eq!(format!("{} {}", request.method, request.target), *expected);
        assert_eq!(request.credential.as_deref(), Some("oauth"));
        answer.clone()
    });
    assert_eq!(left.next(), None, "{:?}", played.end);
    played
}

#[track_caller]
fn check_applied(played: &Rehearsal) {
    let Step::Done(Outcome::Applied(state)) = &played.end else {
        panic!("not applied but {:?}", played.end)
    };
    assert_eq!((&*state.reference, state.mbps), ("evpl-7", 500));
}

#[track_caller]
fn check_rejected(played: &Rehearsal, code: &str, text: &str) {
    let Step::Done(Outcome::Rejected(no)) = &played.end else {
        panic!("not rejected but {:?}", played.end)
    };
    assert_eq!((&*no.code, &*no.text), (code, text));
}

#[track_caller]
fn check_stuck(played: &Rehearsal, kind: FaultKind, message: &str) {
    let Step::Stuck(fault) = &played.end else {
        panic!("not stuck but {:?}", played.end)
    };
    assert_eq!(fault.kind, kind);
    assert!(fault.message.contains(message), "{}", fault.message);
}
