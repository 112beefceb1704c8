//! A PacketFabric of a few lines: a circuit with what is bought, a burst and a workflow.

use nexusport_sdk::carrier::{Answer, Request};

use super::CIRCUIT;
use crate::wire;

/// A circuit. Orders take effect once its status has been asked for `polls` times.
pub struct Fabric {
    pub bought_mbps: u32,
    pub burst_mbps: u32,
    pub polls: u32,
    pub under_way: Option<(u32, u32, u32)>,
    /// Answers that come before any other to an order: the work is done if told so.
    pub orders: Vec<(Answer, bool)>,
    pub state: &'static str,
    /// How workflows end; none but complete ones do anything.
    pub ends_as: &'static str,
    pub sent: Vec<String>,
    /// How many workflows there were.
    pub begun: u32,
}

impl Default for Fabric {
    fn default() -> Self {
        Self {
            bought_mbps: 1000,
            burst_mbps: 0,
            polls: 1,
            under_way: None,
            orders: vec![],
            state: "Active",
            ends_as: "COMPLETE",
            sent: vec![],
            begun: 0,
        }
    }
}

impl Fabric {
    /// With 1000 Mbps that are bought, and a burst.
    pub fn bursting(burst_mbps: u32) -> Self {
        Self {
            burst_mbps,
            ..Self::default()
        }
    }

    /// That answers its orders so, the last of these first, and does them where told so.
    pub fn answering(orders: Vec<(Answer, bool)>) -> Self {
        Self {
            orders,
            ..Self::default()
        }
    }

    /// To which somebody else just adds a burst.
    pub fn going_to_1500() -> Self {
        Self {
            under_way: Some((3, 1000, 500)),
            ..Self::default()
        }
    }

    pub fn answer(&mut self, request: &Request) -> Answer {
        match (&*request.method, &*request.target) {
            ("GET", "/v2/services") => Answer::json(200, &format!("[{}]", self.service())),
            ("GET", target) if target.ends_with("/status") => self.status(),
            ("GET", _) => Answer::json(200, &self.service()),
            (method, target) => {
                let body = String::from_utf8_lossy(&request.body);
                self.sent.push(
                    format!(
                        "{method} {} {body}",
                        target.rsplit('/').next().unwrap_or_default()
                    )
                    .trim_end()
                    .to_owned(),
                );
                let (answer, done) = self
                    .orders
                    .pop()
                    .unwrap_or((Answer::json(200, r#"{"message": "started"}"#), true));
                if done {
                    self.order(method, target, &body);
                }
                answer
            }
        }
    }

    fn order(&mut self, method: &str, target: &str, body: &str) {
        let (mut bought, mut burst) = (self.bought_mbps, self.burst_mbps);
        let speed = || body.split('"').nth(3).and_then(wire::read).expect("a speed");
        match (method, target) {
            ("DELETE", _) => burst = 0,
            (_, target) if target.ends_with("/burst") => burst = speed(),
            _ => bought = speed(),
        }
        self.begun += 1;
        self.under_way = Some((self.polls, bought, burst));
    }

    pub fn status(&mut self) -> Answer {
        let (state, last) = match self.under_way {
            Some((polls @ 1.., bought, burst)) => {
                self.under_way = Some((polls - 1, bought, burst));
                ("STAGED", false)
            }
            over => {
                if let Some((_, bought, burst)) = over.filter(|_| self.ends_as == "COMPLETE") {
                    (self.bought_mbps, self.burst_mbps) = (bought, burst);
                }
                self.under_way = None;
                (self.ends_as, true)
            }
        };
        let begun = self.begun;
        let workflow = format!(r#"{{"root": "{begun}", "state": "{state}", "is_final": {last}}}"#);
        let current = r#"{"state": "ACTIVE", "description": "no capacity today"}"#;
        let status = format!(r#"{{"current": {current}, "last_workflow": {workflow}}}"#);
        Answer::json(
            200,
            &format!(r#"{{"circuit_id": "{CIRCUIT}", "status": {status}}}"#),
        )
    }

    fn service(&self) -> String {
        let speed = wire::written(self.bought_mbps + self.burst_mbps);
        let bandwidth = format!(r#"{{"longhaul_type": "dedicated", "speed": "{speed}"}}"#);
        let ports = r#"[{"speed": "10Gbps"}, {"speed": "5Gbps"}]"#;
        format!(
            r#"{{"vc_circuit_id": "{CIRCUIT}", "state": "{}", "bandwidth": {bandwidth}, "interfaces": {ports}}}"#,
            self.state
        )
    }
}

/// A refusal in PacketFabric's form.
pub fn no(status: u16, message: &str) -> Answer {
    Answer::json(
        status,
        &format!(r#"{{"message": "{message}", "request_id": "1"}}"#),
    )
}
