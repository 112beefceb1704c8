//! What the tests share: a sandbox, plugins in it, and a request that a good plugin prices.

use nexusport_sandbox::compile::compile_trusted;
use nexusport_sandbox::pricing::{Fact, Interval, Period, Priced, Refusal, Request};
use nexusport_sandbox::{Artifact, Compiler, Failure, Limits, Plugin, Report, Run, Sandbox, carrier};

pub const DAY_MS: i64 = 86_400_000;
/// How many times its waiting time a call gets that is not about waiting: the machine may be busy with other tests.
pub const PATIENCE: u64 = 200;

pub fn sandbox() -> Sandbox {
    sandbox_with(|_| {})
}

pub fn sandbox_with(change: impl FnOnce(&mut Limits)) -> Sandbox {
    Sandbox::new(limits_with(change)).unwrap()
}

pub fn limits_with(change: impl FnOnce(&mut Limits)) -> Limits {
    let mut limits = Limits::default();
    change(&mut limits);
    limits
}

/// Compiles without the limits of uploads, which the tests of calls are not about.
pub fn artifact(component: &[u8]) -> Artifact {
    let report = compile_trusted(component, &Limits::default());
    let refusal = format!("{:?}", report.refusal());
    report.artifact.expect(&refusal)
}

pub fn plugin(sandbox: &Sandbox, component: &[u8]) -> Plugin {
    Plugin::load(sandbox, &artifact(component)).unwrap()
}

/// What the child says of a component.
pub fn check(component: &[u8], limits: Limits) -> Report {
    compiler(limits).check(component).unwrap()
}

pub fn compiler(limits: Limits) -> Compiler {
    let none: [&str; 0] = [];
    Compiler::new(env!("CARGO_BIN_EXE_nexusport-compile"), none, limits)
}

/// The check that refused it: its name, figure, limit and message.
pub fn refusal(report: &Report) -> (&str, Option<u64>, Option<u64>, &str) {
    let check = report.refusal().expect("the component passed");
    (&check.name, check.figure, check.limit, &check.message)
}

/// A month with this many intervals of a day or less.
pub fn month(intervals: i64) -> Request {
    let period = Period {
        start: 0,
        end: 30 * DAY_MS,
    };
    let length = period.end / intervals.max(1);
    let interval = |number| {
        Fact::Interval(Interval {
            start: number * length,
            end: (number + 1) * length,
            mbps: 1_000,
            base_mbps: 1_000,
            extras: Vec::new(),
        })
    };
    Request {
        period,
        time_zone: "Europe/Vienna".to_owned(),
        currency: "EUR".to_owned(),
        settings: br#"{"price_per_mbps":"0.40"}"#.to_vec(),
        facts: (0..intervals).map(interval).collect(),
        extras: Vec::new(),
    }
}

pub fn price(plugin: &Plugin, request: &Request) -> Run<Result<Priced, Refusal>> {
    let budget = plugin
        .sandbox()
        .limits()
        .pricing(nexusport_sandbox::pricing::facts(request))
        .more_time(PATIENCE);
    plugin.price(request, &budget)
}

/// Why a pricing plugin did not answer.
pub fn failure(plugin: &Plugin, request: &Request) -> Failure {
    price(plugin, request).result.expect_err("the plugin answered")
}

/// The text of a refusal, which the hostile guests use to say what they saw.
pub fn told(plugin: &Plugin) -> String {
    price(plugin, &month(0)).result.unwrap().unwrap_err().message
}

/// 1000 Mbps for a whole month at 0.40 each.
pub fn serves_others(sandbox: &Sandbox) {
    let good = plugin(sandbox, nexusport_plugins::PRICING_COMMITTED);
    let priced = price(&good, &month(1)).result.unwrap().unwrap();
    assert_eq!(priced.charges[0].amount, "400");
}

pub fn operation(task: carrier::Task) -> carrier::Operation {
    carrier::Operation {
        id: "operation-1".to_owned(),
        asked_at: 0,
        settings: b"{}".to_vec(),
        port: Some(carrier::Port {
            reference: "port".to_owned(),
            carrier_data: Vec::new(),
        }),
        task,
        extras: Vec::new(),
    }
}

/// An exchange that was answered with a body of this length.
pub fn exchange(body_bytes: usize) -> carrier::Exchange {
    carrier::Exchange {
        request: carrier::Request {
            method: "GET".to_owned(),
            destination: "api".to_owned(),
            target: String::new(),
            headers: Vec::new(),
            body: Vec::new(),
            credential: None,
            repeatable: true,
        },
        answer: carrier::Answer::Answered(carrier::Response {
            status: 200,
            headers: Vec::new(),
            body: vec![b' '; body_bytes],
        }),
        at: 0,
        first: 0,
        repeats: 0,
    }
}
