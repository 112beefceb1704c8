//! What Equinix Fabric v4 says and is told, in its own words: of a connection, the parts that concern its speed.

use nexusport_sdk::carrier::{Halt, PortState, Response, Run, rejected, unexpected};
use nexusport_sdk::serde_json::Value;
use nexusport_sdk::time;
use serde::Deserialize;

/// What the values of the status fields mean; PROVISIONED is shown as a state without being listed as one. What is left to
/// configure at the buyer's end has nothing to do with the speed.
const READY: &str = "|ACTIVE|PROVISIONED|AVAILABLE|NOT_AVAILABLE|N/A|PENDING_BGP|PENDING_BGP_PEERING\
    |PENDING_CONFIGURATION|PENDING_INTERFACE_CONFIGURATION|COMPLETED";
const UNDERWAY: &str = "PENDING|PROVISIONING|ORDERING|DRAFT|PENDING_APPROVAL|PENDING_AUTO_APPROVAL\
    |PENDING_PROVIDER_VLAN|REQUESTED|SUBMITTED_FOR_APPROVAL|APPROVED";
const ENDED: &str = "CANCELLED|DEPROVISIONED|DEPROVISIONING|NOT_DEPROVISIONED|NOT_PROVISIONED|FAILED|ERROR|REJECTED\
    |REJECTED_ACK|DELETING|DELETED|PENDING DELETE|PENDING_DELETE|AUTO_APPROVAL_FAILED|PENDING_PROVIDER_VLAN_ERROR";

/// The bandwidth of a connection changes once in this time.
pub const LOCK_OUT_MS: i64 = 86_400_000;

#[derive(Deserialize)]
pub struct Connection {
    pub uuid: String,
    pub bandwidth: u32,
    #[serde(default)]
    state: Value,
    #[serde(default)]
    operation: Value,
    /// The latest one, whoever asked for it.
    #[serde(default)]
    change: Value,
}

#[derive(Deserialize)]
pub struct Connections {
    pub data: Vec<Connection>,
    pub pagination: Pagination,
}

#[derive(Deserialize)]
pub struct Pagination {
    pub total: u64,
}

/// What a refusal is made of.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Error {
    error_code: String,
    error_message: String,
}

/// What all status fields together say, the worst last.
#[derive(Eq, Ord, PartialEq, PartialOrd)]
pub enum Condition {
    Ready,
    /// The carrier, the provider or an approver is at it, or at a change of it.
    Underway,
    Ended,
}

impl Connection {
    /// Stuck where a status has a value that the document does not list.
    pub fn condition(&self) -> Run<Condition> {
        let operation = &self.operation;
        let fields = [
            &self.state,
            &operation["equinixStatus"],
            &operation["providerStatus"],
        ];
        let told = fields.into_iter().filter(|field| !field.is_null());
        let mut worst = Condition::Ready;
        for status in told
            .map(|field| field.as_str().unwrap_or("without a text"))
            .chain(self.standing())
        {
            let is_one = |values: &str| values.split('|').any(|value| value == status);
            worst = worst.max(match status {
                _ if is_one(READY) => Condition::Ready,
                _ if is_one(UNDERWAY) => Condition::Underway,
                _ if is_one(ENDED) => Condition::Ended,
                _ => return Err(unexpected(format!("the status {status} is unknown"))),
            });
        }
        Ok(worst)
    }

    /// That it is no longer, or never was, in service.
    pub fn ended(&self) -> Halt {
        rejected(
            "not_in_service",
            format!("connection {} is not in service", self.uuid),
        )
    }

    /// The status of its latest change, if that is an update.
    pub fn update(&self) -> Option<&str> {
        let status = self.change["status"].as_str();
        status.filter(|_| self.change["type"] == "CONNECTION_UPDATE")
    }

    /// The same, unless the change came to nothing and left the connection as it was.
    fn standing(&self) -> Option<&str> {
        self.update()
            .filter(|status| !["FAILED", "REJECTED"].contains(status))
    }

    /// Whether its latest change is newer than that of the connection as it was, and may be for this speed.
    pub fn is_ordered_since(&self, before: &Self, mbps: u32) -> bool {
        let is_new = ["uuid", "createdDateTime"]
            .iter()
            .any(|name| self.change[name] != before.change[name]);
        is_new && self.update().is_some() && (self.change["data"].is_null() || self.change_sets(mbps))
    }

    /// How long its latest change of bandwidth still locks out another one.
    pub fn locked_seconds(&self, now: i64) -> u32 {
        let counts = self.standing().is_some() && self.change["data"]["path"] == "/bandwidth";
        let made_at = self.change["createdDateTime"].as_str().filter(|_| counts);
        let over_at = made_at.and_then(time::from_rfc3339).map(|at| at + LOCK_OUT_MS);
        u32::try_from((over_at.unwrap_or(now) - now + 999) / 1000).unwrap_or(0)
    }

    /// Why its latest change came to nothing.
    pub fn refusal(&self) -> Halt {
        let why = self.change["information"].as_str();
        let status = self.change["status"].as_str().unwrap_or_default();
        rejected(status, why.unwrap_or("the carrier gives no reason"))
    }

    pub fn state(&self) -> PortState {
        let is_since = self.change["status"] == "COMPLETED" && self.change_sets(self.bandwidth);
        let changed_at = self.change["updatedDateTime"].as_str().filter(|_| is_since);
        let since = changed_at.and_then(time::from_rfc3339);
        PortState::new(&self.uuid, self.bandwidth, since)
    }

    /// The document calls a patch's value an object, and shows numbers and texts.
    fn change_sets(&self, mbps: u32) -> bool {
        let (path, value) = (&self.change["data"]["path"], &self.change["data"]["value"]);
        let told = value.as_u64().or_else(|| value.as_str()?.parse().ok());
        path == "/bandwidth" && told == Some(mbps.into())
    }
}

/// The order for a speed: a JSON Patch (RFC 6902).
pub fn patch(mbps: u32) -> String {
    format!(r#"[{{"op":"replace","path":"/bandwidth","value":{mbps}}}]"#)
}

pub fn page(offset: u64, limit: u64) -> String {
    let sort = r#"[{"property":"/uuid","direction":"ASC"}]"#;
    format!(r#"{{"pagination":{{"offset":{offset},"limit":{limit}}},"sort":{sort}}}"#)
}

/// Whether a connection is refused a change because it is being changed already: "Connection is in transient state".
pub fn is_transient(answer: &Response) -> bool {
    let errors = answer.json::<Vec<Error>>();
    errors.is_ok_and(|errors| errors.iter().any(|it| it.error_code == "EQ-3142510"))
}

/// The carrier's no, in its own words; stuck where there are none.
pub fn refusal(answer: &Response) -> Halt {
    match answer.json::<Vec<Error>>().as_deref() {
        Ok([error, ..]) => rejected(&*error.error_code, &*error.error_message),
        _ => answer.unexpected(""),
    }
}

/// The connections that cloud events, one or a batch, are about.
pub fn connections(events: &Value) -> Vec<String> {
    let all = events
        .as_array()
        .map_or(std::slice::from_ref(events), Vec::as_slice);
    let subjects = all.iter().filter_map(|event| event["subject"].as_str());
    let named = subjects.filter_map(|it| it.strip_prefix("/fabric/v4/connections/")?.split('/').next());
    named.map(str::to_owned).collect()
}
