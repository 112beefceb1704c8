//! Receipts: what priced a port's charges, so that whoever may read the release can run it again. A receipt holds what
//! the plugin was asked and what it answered, each with its hash; verifying compares answers, never what they took.

mod form;
mod store;

use nexusport_sandbox::World;
use serde_json::{Value, json};

use super::{price::Priced, run::Run};
use crate::{
    app::{App, Timestamp},
    audit,
    db::Scope,
    fault::Result,
    identity::{Caller, Permission},
    ids::{BillingRunId, PortId, ReceiptId, TenantId},
    limits, plugins,
};

pub(super) use store::insert;

/// What priced a port's charges.
#[derive(Debug, Clone, PartialEq)]
pub struct Receipt {
    /// Which one.
    pub id: ReceiptId,
    /// Who is billed, and its reseller.
    pub buyer: Scope,
    /// The run it was made in.
    pub run: BillingRunId,
    /// Whose port it is.
    pub customer: TenantId,
    /// What was priced.
    pub port: PortId,
    /// SHA-256 of the component that priced it, in hexadecimal.
    pub digest: String,
    /// What ran it: the version of the interface and that of the host.
    pub engine: String,
    /// SHA-256 of the input as JSON, keys sorted and without white space.
    pub input_hash: Vec<u8>,
    /// What the plugin answered.
    pub output: Value,
    /// SHA-256 of the output, likewise.
    pub output_hash: Vec<u8>,
    /// When.
    pub created_at: Timestamp,
}

/// A receipt as far as the caller may read it.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// The receipt.
    pub receipt: Receipt,
    /// What the plugin was asked: for those who may read the release, since it holds its settings.
    pub input: Option<Value>,
}

/// What running it again showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// What was run, in hexadecimal.
    pub digest: String,
    /// Whether the input is the one that was priced and gives the same output.
    pub matches: bool,
}

impl Receipt {
    pub(super) fn new(
        app: &App,
        run: &Run,
        customer: TenantId,
        port: PortId,
        priced: &Priced,
    ) -> Result<Self> {
        let output = serde_json::to_value(&priced.output)?;
        Ok(Self {
            id: app.id(),
            buyer: run.buyer,
            run: run.id,
            customer,
            port,
            digest: run.digest.clone(),
            engine: format!("interface {}, host {}", World::VERSION, env!("CARGO_PKG_VERSION")),
            input_hash: form::hash(&form::input(&priced.input)?),
            output_hash: form::hash(&output),
            output,
            created_at: run.created_at,
        })
    }
}

/// One receipt.
pub async fn get(app: &App, caller: &Caller, id: ReceiptId) -> Result<Reading> {
    let mut tx = app.db.read(caller, Permission::BillingRead).await?;
    let receipt = store::find(&mut tx, id).await?;
    let input = match caller.may(Permission::PluginsRead) {
        true => Some(store::replay(&mut tx, id).await?.input),
        false => None,
    };
    Ok(Reading { receipt, input })
}

/// Has the release price the stored input again. For those who may read both the receipt and the release.
pub async fn verify(app: &App, caller: &Caller, id: ReceiptId) -> Result<Verified> {
    let mut tx = app.db.read(caller, Permission::BillingRead).await?;
    let receipt = store::find(&mut tx, id).await?;
    drop(tx);
    let mut tx = app.db.read(caller, Permission::PluginsRead).await?;
    let replay = store::replay(&mut tx, id).await?;
    drop(tx);
    let same_input = form::hash(&replay.input) == receipt.input_hash;
    let request = form::request(replay.input)?;
    limits::admit_plugin_work(app, caller).await?;
    let output = plugins::price(app, caller, replay.release, &request).await?;
    let matches = same_input && form::hash(&serde_json::to_value(&output)?) == receipt.output_hash;
    let tx = app.db.write(caller, Permission::PluginsRead).await?;
    let detail = json!({ "digest": receipt.digest, "matches": matches });
    tx.commit(audit::Event::done("receipt.verify", id.uuid(), detail))
        .await?;
    Ok(Verified {
        digest: receipt.digest,
        matches,
    })
}
