//! Reading, listing, checking, probing and withdrawing.

use super::*;

const WITHDRAW: &str = "POST /cancelProductOrder";
const WITHDRAWALS: &str = "GET /cancelProductOrder?productOrderId=po-1";
const WITHDRAWAL: &str = "GET /cancelProductOrder/c-1";

fn withdrawal(state: &str) -> Value {
    json!({ "id": "c-1", "state": state, "productOrder": { "productOrderId": "po-1" },
        "cancellationDeniedReason": "too late" })
}

fn read(product: &Value) -> Rehearsal {
    play(&operation(Task::ReadPort), &[(READ, ok(product))])
}

#[track_caller]
fn check_mbps(product: &Value, mbps: u32) {
    let Step::Done(Outcome::State(state)) = read(product).end else {
        panic!("no state")
    };
    assert_eq!((state.mbps, state.since), (mbps, Some(1_748_736_000_000)));
}

#[test]
fn a_ports_speed_is_read_from_its_products_configuration() {
    check_mbps(&product("active", 100), 100);
    let rates = ["/evcEndPointA", "/evcEndPointZ"].map(|end| {
        format!("/productConfiguration{end}/ingressBandwidthProfilePerClassOfServiceName/0/bwpFlow")
    });
    for (value, unit) in [
        (json!(2.5), "GBPS"),
        (json!(2_500_000), "KBPS"),
        (json!(2500.0), "MBPS"),
    ] {
        let mut product = product("active", 1);
        for (flow, rate) in rates
            .iter()
            .flat_map(|flow| ["eir", "eirMax"].map(|rate| (flow, rate)))
        {
            product.pointer_mut(flow).unwrap()[rate] = json!({ "irValue": value, "irUnits": unit });
        }
        check_mbps(&product, 2500);
    }
    let mut one_end = product("active", 100);
    one_end["productConfiguration"]["evcEndPointZ"] = json!({});
    check_mbps(&one_end, 100);
}

#[test]
fn a_speed_that_nobody_can_tell_is_not_guessed() {
    let mut uneven = product("active", 100);
    uneven["productConfiguration"]["evcEndPointZ"] =
        product("active", 200)["productConfiguration"]["evcEndPointZ"].clone();
    check_stuck(&read(&uneven), FaultKind::UnexpectedAnswer, "or to several");
    check_stuck(
        &read(&product("active", 0)),
        FaultKind::UnexpectedAnswer,
        "or to several",
    );
    let mut bare = product("active", 100);
    bare["productConfiguration"] = json!({ "@type": "uni" });
    check_stuck(&read(&bare), FaultKind::UnexpectedAnswer, "no speed");
}

#[test]
fn a_product_that_is_gone_is_no_port() {
    check_rejected(
        &read(&product("terminated", 100)),
        "terminated",
        "the product is terminated",
    );
    let gone = answered(404, &json!({ "code": "notFound", "reason": "no such product" }));
    let read = play(&operation(Task::ReadPort), &[(READ, gone)]);
    check_rejected(&read, "notFound", "no such product");
}

#[test]
fn ports_are_listed_page_by_page_without_what_has_no_speed() {
    let mut uni = product("active", 100);
    uni["productConfiguration"] = json!({ "@type": "uni" });
    let listed = json!([{ "id": "evpl-7", "status": "active" }, { "id": "uni-1", "status": "active" }, { "id": "old", "status": "terminated" }]);
    let mut page = ok(&listed);
    if let Answer::Answered(response) = &mut page {
        response.headers.push(Header {
            name: "X-Total-Count".into(),
            value: "24".into(),
        });
    }
    let answers = |page| {
        [
            ("GET /product?offset=20&limit=20", page),
            (READ, active()),
            ("GET /product/uni-1", ok(&uni)),
        ]
    };
    let list = |page| match play(&operation(Task::ListPorts("20".into())), &answers(page)).end {
        Step::Done(Outcome::States(page)) => page,
        end => panic!("no page but {end:?}"),
    };
    let first = list(page);
    assert_eq!(
        (first.ports.len(), first.ports[0].mbps, first.next.as_deref()),
        (1, 100, Some("23"))
    );
    assert_eq!(list(ok(&listed)).next, None);
}

#[test]
fn a_check_asks_the_inventory_alone() {
    let check = |product: &Value| play(&operation(Task::CheckChange(wanted(500))), &[(READ, ok(product))]);
    assert_eq!(check(&product("active", 100)).end, Step::Done(Outcome::Feasible));
    check_rejected(
        &check(&product("active", 500)),
        "sameSpeed",
        "the product has that speed",
    );
    check_rejected(
        &check(&product("active.pendingChange", 100)),
        "active.pendingChange",
        "the product is active.pendingChange",
    );
}

#[test]
fn a_probe_asks_both_destinations() {
    let answers = [
        ("GET /productOrder?offset=0&limit=1", nothing()),
        ("GET /product?offset=0&limit=1", nothing()),
    ];
    assert_eq!(
        play(&operation(Task::Probe), &answers).end,
        Step::Done(Outcome::Feasible)
    );
}

#[test]
fn a_withdrawal_is_asked_for_once_and_followed_to_the_orders_end() {
    let answers = [
        (LOOKUP, found("inProgress")),
        (WITHDRAW, lost()),
        (WITHDRAWALS, ok(&json!([withdrawal("acknowledged")]))),
        (WITHDRAWAL, ok(&withdrawal("acknowledged"))),
        (WITHDRAWAL, ok(&withdrawal("done"))),
        (POLL, ok(&order("pendingCancellation", "pending"))),
        (POLL, ok(&order("cancelled", "cancelled"))),
        (READ, active()),
    ];
    let played = play(&cancel(), &answers);
    assert!(
        matches!(&played.end, Step::Done(Outcome::State(state)) if state.mbps == 100),
        "{:?}",
        played.end
    );
    assert_eq!(
        (&*played.waits[0].wake_on, &*played.waits[1].wake_on),
        (&["c-1".to_owned()][..], &["po-1".to_owned()][..])
    );
}

#[test]
fn a_withdrawal_that_is_refused_says_why() {
    for state in ["rejected", "done.declined"] {
        let answers = [
            (LOOKUP, found("inProgress")),
            (WITHDRAW, answered(201, &withdrawal("acknowledged"))),
            (WITHDRAWAL, ok(&withdrawal(state))),
        ];
        check_rejected(&play(&cancel(), &answers), state, "too late");
    }
    let done = [(LOOKUP, found("completed")), (POLL, completed())];
    check_rejected(&play(&cancel(), &done), "completed", "the order was carried out");
    check_rejected(
        &play(&cancel(), &[(LOOKUP, nothing())]),
        "notFound",
        "the carrier has no order of that reference",
    );
}
