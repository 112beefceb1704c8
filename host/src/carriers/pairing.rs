//! Whether a request's credential may leave the host for its destination. A request whose credential may not is not
//! sent at all: without it the carrier would answer a question that nobody asked.

use nexusport_sandbox::carrier::Request;

use super::{
    Destinations,
    house::{House, Opened},
};

/// A request and what it may leave with.
pub(super) struct Pair<'a> {
    /// Where the operation's destination leads.
    pub(super) base_url: &'a str,
    /// None where the request asks for none.
    pub(super) credential: Option<&'a Opened>,
}

/// Why a request is not sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Mismatch {
    #[error("the operation has no destination {0}")]
    NoDestination(String),
    #[error("the carrier has no credential {0}")]
    NoCredential(String),
    #[error("the credential {0} is not bound to the destination {1}")]
    NotBound(String, String),
    #[error(
        "the destination {1} led elsewhere when the operation began, so the credential {0} may not leave for it"
    )]
    Moved(String, String),
}

impl Mismatch {
    /// Whether a secret would have gone where it may not.
    pub(super) fn concerns_credential(&self) -> bool {
        !matches!(self, Self::NoDestination(_))
    }
}

/// Pairs a request with the destination it was pinned to and the credential it names, by what the house grants now.
pub(super) fn pair<'a>(
    request: &Request,
    pinned: &'a Destinations,
    house: &'a House,
) -> Result<Pair<'a>, Mismatch> {
    let destination = &request.destination;
    let base_url = pinned
        .get(destination)
        .ok_or_else(|| Mismatch::NoDestination(destination.clone()))?;
    let Some(handle) = &request.credential else {
        return Ok(Pair {
            base_url,
            credential: None,
        });
    };
    let credential = house
        .credentials
        .iter()
        .find(|credential| credential.handle == *handle)
        .ok_or_else(|| Mismatch::NoCredential(handle.clone()))?;
    if !credential.bound_to.contains(destination) {
        return Err(Mismatch::NotBound(handle.clone(), destination.clone()));
    }
    if house.destinations.get(destination) != Some(base_url) {
        return Err(Mismatch::Moved(handle.clone(), destination.clone()));
    }
    Ok(Pair {
        base_url,
        credential: Some(credential),
    })
}

/// The base URL of a client's token destination, if the credential is still bound to it.
pub(super) fn token_base_url<'a>(
    house: &'a House,
    credential: &Opened,
    destination: &str,
) -> Option<&'a str> {
    let bound = credential.bound_to.iter().any(|handle| handle == destination);
    house
        .destinations
        .get(destination)
        .filter(|_| bound)
        .map(String::as_str)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;
    use zeroize::Zeroizing;

    use super::*;
    use crate::carriers::Secret;

    const HERE: &str = "https://api.example.com";

    fn destinations(api: &str) -> Destinations {
        let other = ("other".to_owned(), "https://other.example.com".to_owned());
        [("api".to_owned(), api.to_owned()), other].into()
    }

    fn house(bound_to: &[&str]) -> House {
        House {
            destinations: destinations(HERE),
            credentials: vec![Opened {
                id: Uuid::nil().into(),
                handle: "key".to_owned(),
                bound_to: bound_to.iter().map(|&handle| handle.to_owned()).collect(),
                secret: Secret::Bearer {
                    token: Zeroizing::new("t0ken-value".to_owned()),
                },
            }],
            has_failed: false,
        }
    }

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

    #[track_caller]
    fn refused(request: &Request, pinned: &Destinations, house: &House, expected: &Mismatch) {
        assert_eq!(pair(request, pinned, house).err().as_ref(), Some(expected));
    }

    #[test]
    fn a_credential_leaves_for_a_destination_it_is_bound_to() {
        let (house, pinned) = (house(&["api"]), destinations(HERE));
        let found = pair(&request("api", Some("key")), &pinned, &house).unwrap();
        assert_eq!((found.base_url, found.credential.is_some()), (HERE, true));
    }

    #[test]
    fn a_request_without_a_credential_goes_to_any_pinned_destination() {
        let (house, pinned) = (house(&[]), destinations("https://former.example.com"));
        let found = pair(&request("api", None), &pinned, &house).unwrap();
        assert_eq!(found.base_url, "https://former.example.com");
        let nowhere = Mismatch::NoDestination("none".to_owned());
        refused(&request("none", None), &pinned, &house, &nowhere);
        assert!(!nowhere.concerns_credential());
    }

    #[test]
    fn a_credential_does_not_leave_for_another_destination() {
        let mismatch = Mismatch::NotBound("key".to_owned(), "other".to_owned());
        refused(
            &request("other", Some("key")),
            &destinations(HERE),
            &house(&["api"]),
            &mismatch,
        );
        assert!(mismatch.concerns_credential());
    }

    #[test]
    fn a_credential_does_not_leave_for_where_its_destination_used_to_lead() {
        let pinned = destinations("https://former.example.com");
        let mismatch = Mismatch::Moved("key".to_owned(), "api".to_owned());
        refused(&request("api", Some("key")), &pinned, &house(&["api"]), &mismatch);
    }

    #[test]
    fn a_removed_credential_is_named() {
        let mut house = house(&["api"]);
        house.credentials.clear();
        let mismatch = Mismatch::NoCredential("key".to_owned());
        refused(
            &request("api", Some("key")),
            &destinations(HERE),
            &house,
            &mismatch,
        );
    }

    #[test]
    fn tokens_are_fetched_only_where_the_credential_is_still_bound() {
        let house = house(&["api"]);
        let credential = &house.credentials[0];
        assert_eq!(token_base_url(&house, credential, "api"), Some(HERE));
        assert_eq!(token_base_url(&house, credential, "other"), None);
        assert_eq!(token_base_url(&house, credential, "none"), None);
    }
}
