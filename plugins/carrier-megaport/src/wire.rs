//! What Megaport says and is told, as its own client reads and writes it (megaportgo).

use nexusport_sdk::carrier::{Halt, PortState, Run, rejected, unexpected};
use serde::{Deserialize, Serialize};

/// Every answer with data.
#[derive(Deserialize)]
pub struct Answer<T> {
    pub data: T,
}

/// A port, an MCR or an MVE, with the VXCs that end there.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Product {
    #[serde(default)]
    pub associated_vxcs: Vec<Vxc>,
}

/// The list of products.
pub type Products = Answer<Vec<Product>>;

/// A virtual cross connect.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Vxc {
    pub product_uid: String,
    /// In Mbps.
    pub rate_limit: u32,
    pub provisioning_status: String,
    #[serde(default)]
    pub vxc_approval: Option<Approval>,
    #[serde(default)]
    pub locked: bool,
    #[serde(default)]
    pub admin_locked: bool,
}

/// What a change waits for, where somebody at the other end must agree. All of it is null where nothing waits.
#[derive(Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Approval {
    #[serde(default)]
    pub status: Option<String>,
    #[serde(default)]
    pub message: Option<String>,
    /// Its own name, which tells it from an earlier one in the same words.
    #[serde(default)]
    pub uid: Option<String>,
    #[serde(default)]
    pub new_speed: Option<u32>,
}

impl Approval {
    pub fn status(&self) -> &str {
        self.status.as_deref().unwrap_or_default()
    }

    /// Whether somebody said no, or nothing in time.
    pub fn is_no(&self) -> bool {
        matches!(
            self.status(),
            "DECLINED" | "REJECTED" | "FAILED" | "WITHDRAWN" | "EXPIRED"
        )
    }

    fn is_pending(&self) -> bool {
        self.status().starts_with("PENDING")
    }

    /// Whether what it has come to is known, if it has come to anything.
    pub fn is_known(&self) -> bool {
        self.is_no() || self.is_pending() || self.status() == "APPROVED"
    }

    pub fn refusal(&self) -> Halt {
        let message = self.message.clone().unwrap_or_default();
        rejected(self.status().to_ascii_lowercase(), message)
    }
}

/// The change of a VXC; what is left out stays as it is.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Update {
    pub rate_limit: u32,
}

/// Why something is refused.
#[derive(Deserialize)]
pub struct Refusal {
    pub message: String,
}

impl Refusal {
    /// Megaport's refusals have words and no codes.
    pub fn halt(self, code: &str) -> Halt {
        rejected(code, self.message)
    }
}

impl Vxc {
    /// Refuses a service that ended, and a status that nobody knows.
    pub fn check_lives(&self) -> Run<()> {
        match &*self.provisioning_status {
            "LIVE" | "CONFIGURED" | "DEPLOYABLE" => Ok(()),
            ended @ ("CANCELLED" | "DECOMMISSIONED" | "DESIGN") => {
                Err(rejected(ended.to_ascii_lowercase(), "the VXC is not in service"))
            }
            other => Err(unexpected(format!(
                "the VXC is in a status that this adapter does not know: {other}"
            ))),
        }
    }

    /// Whether its rate limit is in force.
    pub fn is_in_service(&self) -> bool {
        matches!(&*self.provisioning_status, "LIVE" | "CONFIGURED")
    }

    /// Whether a change of it waits for somebody's yes.
    pub fn is_pending(&self) -> bool {
        self.vxc_approval.as_ref().is_some_and(Approval::is_pending)
    }

    /// The approval that a change to this speed waits for or was refused.
    pub fn approval_of(&self, mbps: u32) -> Option<&Approval> {
        let approval = self.vxc_approval.as_ref()?;
        (approval.new_speed == Some(mbps) && approval.status.is_some()).then_some(approval)
    }

    pub fn state(&self) -> PortState {
        PortState::new(&self.product_uid, self.rate_limit, None)
    }
}
