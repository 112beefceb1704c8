//! What makes two requests or two answers the same.

use nexusport_sandbox::carrier::{Answer, Header, Request};

/// What identifies a request: every part of it, so that requests of one hash are the same request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hash(pub [u8; 32]);

impl Hash {
    /// The hash of a request.
    pub fn of(request: &Request) -> Self {
        // Exhaustive, so that a new part of a request cannot be forgotten.
        let Request {
            method,
            destination,
            target,
            headers,
            body,
            credential,
            repeatable,
        } = request;
        let mut parts = Parts::new("request");
        parts.add(method.as_bytes());
        parts.add(destination.as_bytes());
        parts.add(target.as_bytes());
        parts.add(&[u8::from(*repeatable), u8::from(credential.is_some())]);
        parts.add(credential.as_deref().unwrap_or_default().as_bytes());
        parts.add(&(headers.len() as u64).to_le_bytes());
        for Header { name, value } in headers {
            parts.add(name.as_bytes());
            parts.add(value.as_bytes());
        }
        parts.add(body);
        parts.hash()
    }
}

/// What makes two answers of one slot the same poll: status and body. Headers such as the date always differ; those
/// of the first such answer are kept.
pub(super) fn of_answer(answer: &Answer) -> Hash {
    let mut parts = Parts::new("answer");
    match answer {
        Answer::Answered(response) => {
            parts.add(&response.status.to_le_bytes());
            parts.add(&response.body);
        }
        Answer::Lost(why) => {
            parts.add(b"lost");
            parts.add(why.as_bytes());
        }
        Answer::NotSent(why) => {
            parts.add(b"not_sent");
            parts.add(&[u8::from(why.temporary)]);
            parts.add(why.detail.as_bytes());
        }
    }
    parts.hash()
}

/// Bytes of a request: method, destination, target, headers and body.
pub fn request_bytes(request: &Request) -> u64 {
    let texts = request.method.len() + request.destination.len() + request.target.len();
    let headers: usize = request
        .headers
        .iter()
        .map(|header| header.name.len() + header.value.len())
        .sum();
    (texts + headers + request.body.len()) as u64
}

/// Parts are hashed with their length, so that moving a byte from one to the next gives another hash.
struct Parts(blake3::Hasher);

impl Parts {
    fn new(of: &str) -> Self {
        let mut parts = Self(blake3::Hasher::new());
        parts.add(of.as_bytes());
        parts
    }

    fn add(&mut self, part: &[u8]) {
        self.0.update(&(part.len() as u64).to_le_bytes());
        self.0.update(part);
    }

    fn hash(&self) -> Hash {
        Hash(*self.0.finalize().as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use nexusport_sandbox::carrier::Response;

    use super::*;

    fn request() -> Request {
        Request {
            method: "POST".into(),
            destination: "api".into(),
            target: "/orders".into(),
            headers: vec![Header {
                name: "a".into(),
                value: "bc".into(),
            }],
            body: b"{}".to_vec(),
            credential: None,
            repeatable: false,
        }
    }

    #[test]
    fn every_part_of_a_request_counts() {
        let changes: [fn(&mut Request); 9] = [
            |r| r.method = "PUT".into(),
            |r| r.destination = "other".into(),
            |r| r.target.push('x'),
            |r| r.headers[0].name = "ab".into(),
            |r| {
                r.headers[0] = Header {
                    name: "ab".into(),
                    value: "c".into(),
                }
            },
            |r| r.headers.clear(),
            |r| r.body.push(b' '),
            |r| r.credential = Some(String::new()),
            |r| r.repeatable = true,
        ];
        assert_eq!(Hash::of(&request()), Hash::of(&request()));
        for (n, change) in changes.iter().enumerate() {
            let mut changed = request();
            change(&mut changed);
            assert_ne!(Hash::of(&changed), Hash::of(&request()), "change {n}");
        }
    }

    #[test]
    fn polls_that_differ_in_their_date_alone_are_the_same() {
        let answer = |date: &str, status| {
            Answer::Answered(Response {
                status,
                headers: vec![Header {
                    name: "date".into(),
                    value: date.into(),
                }],
                body: b"{}".to_vec(),
            })
        };
        assert_eq!(of_answer(&answer("Mon", 200)), of_answer(&answer("Tue", 200)));
        assert_ne!(of_answer(&answer("Mon", 200)), of_answer(&answer("Mon", 202)));
        assert_ne!(
            of_answer(&Answer::Lost("a".into())),
            of_answer(&Answer::Lost("b".into()))
        );
    }
}
