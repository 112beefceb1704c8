//! What a person approved for a release, and whether what an adapter asks the host to send is covered by it.

mod capability;
mod claims;
mod difference;
mod store;

use std::collections::BTreeSet;

use nexusport_sandbox::carrier::Request;

use crate::fault::{Fault, Result};

pub use capability::{Capability, CapabilityKind};
pub(super) use claims::claims;
pub use claims::{Claim, ClaimKind};
pub use difference::{Changed, Difference};
pub(super) use store::{grant, granted};

/// Refuses a destination or a credential that was not granted.
pub(super) fn cover(granted: &BTreeSet<Capability>, request: &Request) -> Result<()> {
    let destination = Capability::new(CapabilityKind::Destination, &request.destination);
    let credential = request
        .credential
        .as_ref()
        .map(|handle| Capability::new(CapabilityKind::Credential, handle));
    for wanted in std::iter::once(destination).chain(credential) {
        if !granted.contains(&wanted) {
            let handle = nexusport_sandbox::clean(&wanted.handle, 64);
            let message = format!("the release was not granted the {} {handle}", wanted.kind.name());
            return Err(Fault::invalid("plugin_capability_missing", message));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(destination: &str, credential: Option<&str>) -> Request {
        Request {
            method: "GET".to_owned(),
            destination: destination.to_owned(),
            target: "/".to_owned(),
            headers: Vec::new(),
            body: Vec::new(),
            credential: credential.map(str::to_owned),
            repeatable: true,
        }
    }

    #[test]
    fn only_what_was_granted_is_sent() {
        let granted = BTreeSet::from([
            Capability::new(CapabilityKind::Destination, "api"),
            Capability::new(CapabilityKind::Credential, "key"),
        ]);
        assert!(cover(&granted, &request("api", None)).is_ok());
        assert!(cover(&granted, &request("api", Some("key"))).is_ok());
        for stranger in [
            request("other", None),
            request("api", Some("other")),
            request("key", None),
        ] {
            assert!(
                matches!(cover(&granted, &stranger), Err(Fault::Refused(_))),
                "{stranger:?}"
            );
        }
    }
}
