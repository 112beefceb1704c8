//! An adapter's first step of every task. Later steps need what the carrier answered, which fixtures hold.

use nexusport_sandbox::Plugin;
use nexusport_sandbox::carrier::{Operation, Order, Port, Task};

use super::{Figure, Figures};

pub(super) fn figures(plugin: &Plugin, settings: &[u8]) -> Figures {
    let budget = plugin.sandbox().limits().carrier();
    let order = || Order {
        mbps: 5000,
        from_mbps: 1000,
        extras: Vec::new(),
    };
    let tasks = [
        ("read-port", Task::ReadPort),
        ("list-ports", Task::ListPorts(String::new())),
        ("check-change", Task::CheckChange(order())),
        ("change-bandwidth", Task::ChangeBandwidth(order())),
        ("probe", Task::Probe),
    ];
    let mut calls = vec![Figure::measure("describe", budget, |budget| {
        plugin.carrier_describe(budget)
    })];
    for (name, task) in tasks {
        let operation = operation(settings, task);
        calls.push(Figure::measure(
            &format!("first step of {name}"),
            budget,
            |budget| plugin.carrier_next(&operation, &[], budget),
        ));
    }
    Figures { calls, slope: None }
}

fn operation(settings: &[u8], task: Task) -> Operation {
    Operation {
        id: "01900000-0000-7000-8000-000000000000".to_owned(),
        asked_at: 0,
        settings: settings.to_vec(),
        port: Some(Port {
            reference: "port-1".to_owned(),
            carrier_data: Vec::new(),
        }),
        task,
        extras: Vec::new(),
    }
}
