//! Reading, listing, checking, probing, and what there is not.

use nexusport_sdk::serde_json;

use super::*;

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
    check_stuck(&read(&uneven), FaultKind::UnexpectedAnswer, "or several");
    check_stuck(
        &read(&product("active", 0)),
        FaultKind::UnexpectedAnswer,
        "or several",
    );
    let mut bare = product("active", 100);
    bare["productConfiguration"] = json!({ "@type": "uni" });
    check_stuck(&read(&bare), FaultKind::UnexpectedAnswer, "no rate");
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
    let answers = [
        ("GET /product?offset=20&limit=20", ok(&listed)),
        (READ, active()),
        ("GET /product/uni-1", ok(&uni)),
    ];
    let list =
        |cursor: &str, answers: &[_]| match play(&operation(Task::ListPorts(cursor.into())), answers).end {
            Step::Done(Outcome::States(page)) => page,
            end => panic!("no page but {end:?}"),
        };
    let page = list("20", &answers);
    assert_eq!(
        (page.ports.len(), page.ports[0].mbps, page.next.as_deref()),
        (1, 100, Some("23"))
    );
    let last = list("23", &[("GET /product?offset=23&limit=20", nothing())]);
    assert_eq!((last.ports, last.next), (vec![], None));
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
fn an_order_cannot_be_withdrawn() {
    let withdrawal = play(&operation(Task::Cancel(wanted(500))), &[]);
    check_rejected(&withdrawal, "unsupported", "this adapter has no such task");
}

#[test]
fn a_committed_speed_is_told_and_ordered_where_the_setting_says_so() {
    let committed = |mbps: u32| {
        let rate = json!({ "irValue": mbps, "irUnits": "MBPS" });
        let mut product = product("active", 0);
        for end in ["evcEndPointA", "evcEndPointZ"] {
            let profile =
                &mut product["productConfiguration"][end]["ingressBandwidthProfilePerClassOfServiceName"];
            profile[0]["bwpFlow"]["cir"] = rate.clone();
        }
        product
    };
    let answers = [
        (READ, ok(&committed(100))),
        (PLACE, placed()),
        (POLL, completed()),
    ];
    let played = play(&with_setting("rate", json!("cir")), &answers);
    check_applied(&played);
    let sent: Value = serde_json::from_slice(&played.journal[1].request.body).unwrap();
    let ordered = &sent["productOrderItem"][0]["product"]["productConfiguration"];
    assert_eq!(ordered, &committed(500)["productConfiguration"]);
}
