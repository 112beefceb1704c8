//! What is asked of PacketFabric and what it answers.

use nexusport_sdk::carrier::{
    FaultKind, Halt, Link, PortPage, PortState, Request, Response, Run, again, encode, rejected, stuck,
    unexpected,
};
use nexusport_sdk::serde_json::{Value, json};
use serde::Deserialize;

use crate::SETTLE_SECONDS;

pub const API: &str = "api";
pub const KEY: &str = "key";

/// A circuit, and how often it is asked while something happens to it.
pub struct Circuit<'o> {
    pub id: &'o str,
    pub poll_seconds: u32,
}

/// A circuit that delivers.
#[derive(Clone)]
pub struct Delivered {
    pub id: String,
    /// With the burst, if there is one.
    pub mbps: u32,
    /// What its smaller port can do, if PacketFabric tells.
    pub port_mbps: Option<u32>,
}

#[derive(Deserialize)]
struct Body {
    vc_circuit_id: String,
    state: String,
    #[serde(default)]
    bandwidth: Speed,
    /// The ports at its ends.
    #[serde(default)]
    interfaces: Vec<Speed>,
}

#[derive(Default, Deserialize)]
struct Speed {
    speed: Option<String>,
}

impl Circuit<'_> {
    /// Buys a speed for good.
    pub fn modify(&self, mbps: u32) -> Request {
        let target = format!("/v2/billing/services/{}/modify", encode(self.id));
        Request::post(API, target).credential(KEY).json(&speed(mbps))
    }

    /// Puts a burst on the circuit, in the place of any other.
    pub fn burst(&self, mbps: u32) -> Request {
        let target = format!("/v2/services/{}/burst", encode(self.id));
        Request::post(API, target).credential(KEY).json(&speed(mbps))
    }

    pub fn remove_burst(&self) -> Request {
        Request::delete(API, format!("/v2/services/{}/burst", encode(self.id))).credential(KEY)
    }

    /// The circuit's status, once its last workflow is over. PacketFabric forgets workflows that are complete.
    pub fn rest(&self, link: &mut Link<'_>) -> Run<Value> {
        let request = Request::get(API, format!("/v2.1/services/{}/status", encode(self.id))).credential(KEY);
        let answer = link.send(request)?;
        if answer.status == 404 {
            return Ok(Value::Null);
        }
        let body: Value = answer.ok()?.json()?;
        let workflow = &body["status"]["last_workflow"];
        match workflow["is_final"].as_bool() {
            Some(false) => Err(link.poll(self.poll_seconds)),
            None if !workflow.is_null() => Err(answer.unexpected(" (a workflow that may be over)")),
            _ => Ok(body["status"].clone()),
        }
    }

    /// The circuit as it delivers now. Waits for one that is being set up.
    pub fn delivered(&self, link: &mut Link<'_>) -> Run<Delivered> {
        let request = Request::get(API, format!("/v2/services/{}", encode(self.id))).credential(KEY);
        let answer = link.send(request)?;
        if answer.status == 404 {
            return Err(refusal(answer));
        }
        let body: Body = answer.ok()?.json()?;
        match &*body.state.to_ascii_lowercase() {
            "active" => {}
            "provisioning" | "pending" | "requested" => {
                return Err(self.once_more(link, "it is being set up"));
            }
            ended @ ("deleting" | "deleted" | "inactive") => {
                return Err(rejected(ended, "the circuit is not in service"));
            }
            other => {
                let text = format!("the circuit is in a state nobody knows: {other}");
                return Err(unexpected(text));
            }
        }
        let ports = body
            .interfaces
            .iter()
            .filter_map(|port| read(port.speed.as_deref()?));
        let port_mbps = ports.min();
        match body.bandwidth.speed.as_deref() {
            None | Some("") => Err(rejected(
                "no_speed",
                "the circuit is charged by use and has no speed",
            )),
            Some(speed) => match read(speed) {
                Some(mbps) => Ok(Delivered {
                    id: body.vc_circuit_id,
                    mbps,
                    port_mbps,
                }),
                None => Err(answer.unexpected(" (its speed cannot be read)")),
            },
        }
    }

    /// Sends what must not be sent twice and waits until the circuit shows it. `refused` says whether a refusal ends it; if
    /// not, it is given where the circuit does not show it either.
    pub fn place(
        &self,
        order: &Request,
        is_there: impl Fn(u32) -> bool,
        refused: impl Fn(Halt) -> Run<Option<Halt>>,
        link: &mut Link<'_>,
    ) -> Run<Result<Delivered, Halt>> {
        let read = |answer: &Response| match answer.status {
            200..300 => answer.json::<Value>().map(|_| None),
            400 | 404 | 409 | 422 => refused(refusal(answer)),
            _ => Err(answer.unexpected("")),
        };
        let look = |link: &mut Link<'_>| {
            self.rest(link)?;
            Ok(is_there(self.delivered(link)?.mbps).then_some(None))
        };
        let before = self.rest(link)?;
        let no = link.place(order, SETTLE_SECONDS, read, look)?;
        let status = self.rest(link)?;
        let delivered = self.delivered(link)?;
        let workflow = &status["last_workflow"];
        match (no, workflow["state"].as_str()) {
            _ if is_there(delivered.mbps) => Ok(Ok(delivered)),
            (Some(no), _) => Ok(Err(no)),
            (None, Some(failed))
                if failed != "COMPLETE" && workflow["root"] != before["last_workflow"]["root"] =>
            {
                let text = status["current"]["description"].as_str().unwrap_or_default();
                Err(rejected(failed, text))
            }
            _ => Err(self.once_more(link, "it was ordered and does not show")),
        }
    }

    /// Asks again for as long as an order may still take effect; then a person looks.
    fn once_more(&self, link: &Link<'_>, why: &str) -> Halt {
        match link.last() {
            Some(last) if last.at - last.first > i64::from(SETTLE_SECONDS) * 1000 => stuck(
                FaultKind::Uncertain,
                format!("{} for {SETTLE_SECONDS} s: {why}", self.id),
            ),
            _ => again(self.poll_seconds),
        }
    }
}

impl Delivered {
    pub fn state(&self, carrier_data: Vec<u8>) -> PortState {
        PortState {
            carrier_data,
            ..PortState::new(&self.id, self.mbps, None)
        }
    }
}

/// The circuits that deliver a speed. PacketFabric gives them all at once.
pub fn list(link: &mut Link<'_>) -> Run<PortPage> {
    let services: Vec<Body> = link
        .send(Request::get(API, "/v2/services").credential(KEY))?
        .ok()?
        .json()?;
    let delivering = services
        .into_iter()
        .filter(|service| service.state.eq_ignore_ascii_case("active"));
    let ports = delivering.filter_map(|service| {
        let mbps = read(service.bandwidth.speed.as_deref()?)?;
        Some(PortState::new(service.vc_circuit_id, mbps, None))
    });
    Ok(PortPage {
        ports: ports.collect(),
        next: None,
    })
}

/// PacketFabric's no, in its words. It has no codes of its own.
fn refusal(answer: &Response) -> Halt {
    let body: Value = answer.json().unwrap_or_default();
    let text = match body["message"].as_str() {
        Some(message) => message.to_owned(),
        None => String::from_utf8_lossy(&answer.body).into_owned(),
    };
    rejected(answer.status.to_string(), text)
}

fn speed(mbps: u32) -> Value {
    json!({ "speed": written(mbps) })
}

/// A speed as PacketFabric writes it, such as `500Mbps` and `2Gbps`.
pub fn written(mbps: u32) -> String {
    match mbps % 1000 {
        0 => format!("{}Gbps", mbps / 1000),
        _ => format!("{mbps}Mbps"),
    }
}

/// The Mbps of such a speed, `1.5Gbps` among them.
pub fn read(speed: &str) -> Option<u32> {
    if let Some(mbps) = speed.strip_suffix("Mbps") {
        return mbps.parse().ok();
    }
    let gbps = speed.strip_suffix("Gbps")?;
    let (whole, part) = gbps.split_once('.').unwrap_or((gbps, "0"));
    let thousandths: u32 = format!("{part:0<3}").parse().ok().filter(|_| part.len() <= 3)?;
    whole
        .parse::<u32>()
        .ok()?
        .checked_mul(1000)?
        .checked_add(thousandths)
}
