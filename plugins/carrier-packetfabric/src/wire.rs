//! What is asked of PacketFabric and what it answers.

use nexusport_sdk::carrier::{
    FaultKind, Halt, Link, PortPage, PortState, Request, Response, Run, again, encode, rejected, stuck,
};
use serde::{Deserialize, Serialize};

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
pub struct Service {
    pub id: String,
    /// With the burst, if there is one.
    pub mbps: u32,
}

#[derive(Deserialize)]
struct ServiceBody {
    vc_circuit_id: String,
    state: String,
    #[serde(default)]
    bandwidth: Bandwidth,
}

#[derive(Default, Deserialize)]
struct Bandwidth {
    speed: Option<String>,
}

#[derive(Deserialize)]
struct StatusBody {
    status: Status,
}

#[derive(Deserialize)]
struct Status {
    last_workflow: Option<Workflow>,
}

#[derive(Deserialize)]
struct Workflow {
    is_final: bool,
}

#[derive(Serialize)]
struct Speed {
    speed: String,
}

#[derive(Deserialize)]
struct Problem {
    message: String,
}

impl Circuit<'_> {
    /// Buys a speed for good.
    pub fn modify(&self, mbps: u32) -> Request {
        let target = format!("/v2/billing/services/{}/modify", encode(self.id));
        Request::post(API, target)
            .credential(KEY)
            .json(&Speed { speed: written(mbps) })
    }

    /// Puts a burst on the circuit, in the place of any other.
    pub fn burst(&self, mbps: u32) -> Request {
        Request::post(API, self.burst_target())
            .credential(KEY)
            .json(&Speed { speed: written(mbps) })
    }

    pub fn remove_burst(&self) -> Request {
        Request::delete(API, self.burst_target()).credential(KEY)
    }

    fn burst_target(&self) -> String {
        format!("/v2/services/{}/burst", encode(self.id))
    }

    /// Waits until no workflow is under way. How the last one ended is not asked: it may be another's, and the circuit shows
    /// what came of it. PacketFabric forgets workflows that are complete.
    pub fn rest(&self, link: &mut Link<'_>) -> Run<()> {
        let request = Request::get(API, format!("/v2.1/services/{}/status", encode(self.id))).credential(KEY);
        let answer = link.send(request)?;
        if answer.status == 404 {
            return Ok(());
        }
        let StatusBody { status } = answer.ok()?.json()?;
        match status.last_workflow {
            Some(workflow) if !workflow.is_final => Err(again(self.poll_seconds)),
            _ => Ok(()),
        }
    }

    /// The circuit as it delivers now. Waits for one that is being set up.
    pub fn service(&self, link: &mut Link<'_>) -> Run<Service> {
        let request = Request::get(API, format!("/v2/services/{}", encode(self.id))).credential(KEY);
        let answer = link.send(request)?;
        if answer.status == 404 {
            return Err(refusal(answer));
        }
        let body: ServiceBody = answer.ok()?.json()?;
        match &*body.state.to_ascii_lowercase() {
            "active" => {}
            "provisioning" | "pending" | "requested" => {
                return Err(self.once_more(link, "it is being set up"));
            }
            ended @ ("deleting" | "deleted" | "inactive") => {
                return Err(rejected(ended, "the circuit is not in service"));
            }
            other => {
                return Err(stuck(
                    FaultKind::UnexpectedAnswer,
                    format!("the circuit is in a state nobody knows: {other}"),
                ));
            }
        }
        match body.bandwidth.speed.as_deref() {
            None | Some("") => Err(rejected(
                "no_speed",
                "the circuit is charged by use and has no speed",
            )),
            Some(speed) => match read(speed) {
                Some(mbps) => Ok(Service {
                    id: body.vc_circuit_id,
                    mbps,
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
    ) -> Run<Result<Service, Halt>> {
        let read = |answer: &Response| match answer.status {
            200..300 => Ok(None),
            400 | 404 | 409 | 422 => refused(refusal(answer)),
            _ => Err(answer.unexpected("")),
        };
        let look = |link: &mut Link<'_>| {
            self.rest(link)?;
            Ok(is_there(self.service(link)?.mbps).then_some(None))
        };
        let no = link.place(order, SETTLE_SECONDS, read, look)?;
        self.rest(link)?;
        let service = self.service(link)?;
        match no {
            _ if is_there(service.mbps) => Ok(Ok(service)),
            Some(no) => Ok(Err(no)),
            None => Err(self.once_more(link, "it was ordered and does not show")),
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

impl Service {
    pub fn state(&self, carrier_data: Vec<u8>) -> PortState {
        PortState {
            reference: self.id.clone(),
            mbps: self.mbps,
            since: None,
            carrier_data,
            extras: vec![],
        }
    }
}

/// The circuits that deliver a speed. PacketFabric gives them all at once.
pub fn list(link: &mut Link<'_>) -> Run<PortPage> {
    let services: Vec<ServiceBody> = link
        .send(Request::get(API, "/v2/services").credential(KEY))?
        .ok()?
        .json()?;
    let delivering = services
        .into_iter()
        .filter(|service| service.state.eq_ignore_ascii_case("active"));
    let ports = delivering.filter_map(|service| {
        let mbps = read(service.bandwidth.speed.as_deref()?)?;
        Some(
            Service {
                id: service.vc_circuit_id,
                mbps,
            }
            .state(vec![]),
        )
    });
    Ok(PortPage {
        ports: ports.collect(),
        next: None,
    })
}

/// PacketFabric's no, in its words. It has no codes of its own.
fn refusal(answer: &Response) -> Halt {
    let text = match answer.json::<Problem>() {
        Ok(problem) => problem.message,
        Err(_) => String::from_utf8_lossy(&answer.body).into_owned(),
    };
    rejected(answer.status.to_string(), text)
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
