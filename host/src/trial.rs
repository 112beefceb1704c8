//! A carrier to try everything on from the first minute: where the operator asks for it, the host runs the simulator on
//! this machine, and whoever signs up has an account there, connected as anybody would connect a carrier.
//!
//! What a reseller gets is its own and is made with its owner's standing: a carrier with a destination and a credential,
//! and a release of the shipped adapter, uploaded, checked, approved and activated. Nothing here is shared but the
//! simulator, which shows an account its own ports alone and cannot be driven over the network.

use std::{net::SocketAddr, sync::Arc};

use anyhow::Context as _;
use bytes::Bytes;
use nexusport_sandbox::{Class, World};
use nexusport_simulator::{Account, NewPort, Refusal, Simulator};
use serde_json::json;

use crate::{
    app::App,
    carriers::{self, NewCredential, OAuth2Client, Secret},
    egress,
    fault::{Fault, Result},
    identity::{Caller, tenants::Tenant},
    ids::CarrierId,
    plugins::{self, NewActivation, Upload, Whom},
};

/// Ports of each account, with their permanent speed and the most they can have.
const PORTS: u8 = 3;
const MBPS: u32 = 1_000;
const MAX_MBPS: u32 = 10_000;
/// How long the adapter waits before it asks about an open order again.
const POLL_SECONDS: u32 = 5;

/// The simulated carrier of this host.
pub struct Trial {
    simulator: Simulator,
}

/// What a reseller has of it.
pub struct Connected {
    /// The carrier in the reseller's house.
    pub carrier: CarrierId,
    /// The ports of its account, as the carrier calls them.
    pub ports: Vec<String>,
}

impl Trial {
    /// Runs a simulator at a loopback address, with an account for every reseller among those who are here: it remembers
    /// nothing, so after a restart its ports are as they were at first.
    pub async fn start(app: &App, address: SocketAddr, here: &[Tenant]) -> anyhow::Result<Arc<Self>> {
        let simulator = Simulator::start_carrier_alone(address)
            .await
            .with_context(|| format!("the simulated carrier cannot listen at {address}"))?;
        let trial = Self { simulator };
        for reseller in here.iter().filter(|tenant| tenant.kind == "reseller") {
            let admitted = trial.admit(app, reseller);
            admitted.map_err(|fault| anyhow::anyhow!("{fault}"))?;
        }
        tracing::warn!(
            url = trial.simulator.url(),
            "whoever signs up has a simulated carrier"
        );
        Ok(Arc::new(trial))
    }

    /// For driving its clock and reading its ledger.
    pub fn simulator(&self) -> &Simulator {
        &self.simulator
    }

    /// The reseller's account with its ports.
    fn admit(&self, app: &App, reseller: &Tenant) -> Result<()> {
        let (control, slug) = (self.simulator.control(), &reseller.slug);
        let account = Account::new(slug, &secret_of(app, reseller), slug);
        control.add_account(account).map_err(Fault::broken)?;
        for port in ports_of(reseller) {
            let new = NewPort::new(slug, &port, MBPS, MAX_MBPS);
            match control.add_port(new) {
                Ok(()) | Err(Refusal::Taken(_)) => {}
                Err(refusal) => return Err(Fault::broken(refusal)),
            }
        }
        Ok(())
    }
}

/// Connects the reseller to the simulated carrier, where the host has one. Whoever just signed up is there in any case, so
/// what fails is logged and can be connected by hand.
pub async fn welcome(app: &App, caller: &Caller, reseller: &Tenant) -> Option<Connected> {
    let trial = app.trial.as_ref()?;
    match connect(app, caller, trial, reseller).await {
        Ok(connected) => Some(connected),
        Err(fault) => {
            tracing::error!(reseller = %reseller.scope.reseller(), %fault, "the simulated carrier is not connected");
            None
        }
    }
}

async fn connect(app: &App, caller: &Caller, trial: &Trial, reseller: &Tenant) -> Result<Connected> {
    trial.admit(app, reseller)?;
    let carrier = carriers::add(app, caller, "simulated carrier").await?.id;
    carriers::set_destination(app, caller, carrier, "api", &trial.simulator.url()).await?;
    let client = OAuth2Client {
        id: reseller.slug.clone(),
        secret: secret_of(app, reseller),
        token_destination: "api".to_owned(),
        token_target: "/oauth/token".to_owned(),
        scope: None,
        token_request: egress::TokenRequest::Form,
    };
    let credential = NewCredential {
        secret: Secret::OAuth2(client),
        destinations: vec!["api".to_owned()],
    };
    carriers::set_credential(app, caller, carrier, "oauth", credential).await?;
    let upload = Upload {
        plugin: "simulated-carrier".to_owned(),
        world: Some(World::Carrier),
        class: Class::Light,
        component: Bytes::from_static(nexusport_plugins::CARRIER_SIMULATOR),
    };
    let uploaded = plugins::upload(app, caller, upload).await?;
    let release = uploaded.id;
    let yes = plugins::Approval {
        digest: uploaded.digest,
        carrier: Some(carrier),
    };
    plugins::approve(app, caller, release, yes).await?;
    let activation = NewActivation {
        release,
        carrier: Some(carrier),
        whom: Whom::All { replacing_own: false },
        settings: json!({ "poll_seconds": POLL_SECONDS }),
        effective_at: None,
        trip: None,
    };
    plugins::activate(app, caller, activation).await?;
    Ok(Connected {
        carrier,
        ports: ports_of(reseller).collect(),
    })
}

/// Always the same for one reseller and master key, so that a simulator that forgot it can be told again.
fn secret_of(app: &App, reseller: &Tenant) -> egress::Secret {
    let id = reseller.scope.reseller().uuid();
    let hash = app.vault.keyed_hash("simulated carrier", &[id.as_bytes()]);
    hex::encode(hash).into()
}

/// A simulator's ports have names of their own, whoever has them.
fn ports_of(reseller: &Tenant) -> impl Iterator<Item = String> {
    (1..=PORTS).map(|n| format!("{}-{n}", reseller.slug))
}
