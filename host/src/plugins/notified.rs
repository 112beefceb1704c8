//! Asking an adapter what a push of its carrier is about.

use nexusport_sandbox::{Notified, carrier::Header};

use super::calls::ask;
use crate::{
    app::App,
    fault::Result,
    identity::{Caller, Purpose},
    ids::ReleaseId,
};

/// The names that a push is about, in the adapter's words.
pub async fn carrier_notified(
    app: &App,
    caller: &Caller,
    release: ReleaseId,
    (headers, body): (Vec<Header>, Vec<u8>),
) -> Result<Vec<String>> {
    let push = Notified { headers, body };
    let (keys, _) = ask(app, caller, Purpose::Carrier, release, push).await?;
    Ok(keys)
}
