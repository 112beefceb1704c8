//! What a carrier can answer when nothing goes well.

use nexusport_sandbox::carrier::{Answer, Header, NotSent, Response};

/// Seconds that a busy carrier asks for.
pub(super) const RETRY_AFTER_S: u32 = 17;

/// An answer, and what it means to whoever knows only HTTP.
#[derive(Clone, Debug)]
pub(super) struct Hostile {
    pub name: String,
    pub answer: Answer,
    pub means: Means,
}

/// What may follow from an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Means {
    /// A status of success around nonsense.
    Nonsense,
    /// The request was turned away, or failed, or nobody knows.
    Failure,
    /// Come back later.
    Busy,
    /// It was not sent and never will be.
    Refused,
}

/// Every one of them.
pub(super) fn hostile() -> Vec<Hostile> {
    let nonsense = bodies().into_iter().map(|(name, body)| Hostile {
        name: format!("200 with {name}"),
        answer: answered(200, body, None),
        means: Means::Nonsense,
    });
    let empty = |status: u16, means| Hostile {
        name: format!("{status} without a body"),
        answer: answered(status, Vec::new(), None),
        means,
    };
    let statuses = [302, 400, 401, 403, 404, 409, 422, 500, 502, 504]
        .into_iter()
        .map(|status| empty(status, Means::Failure));
    let busy = [429, 503].into_iter().map(|status| Hostile {
        name: format!("{status} with Retry-After: {RETRY_AFTER_S}"),
        answer: answered(status, Vec::new(), Some(RETRY_AFTER_S)),
        means: Means::Busy,
    });
    let unsent = |temporary, means| Hostile {
        name: format!("not sent, {}", if temporary { "for now" } else { "for ever" }),
        answer: Answer::NotSent(NotSent {
            temporary,
            detail: "connection refused".to_owned(),
        }),
        means,
    };
    let rest = [
        empty(204, Means::Nonsense),
        Hostile {
            name: "no answer: timeout".to_owned(),
            answer: Answer::Lost("timeout".to_owned()),
            means: Means::Failure,
        },
        unsent(true, Means::Failure),
        unsent(false, Means::Refused),
    ];
    nonsense.chain(statuses).chain(busy).chain(rest).collect()
}

/// Bodies that are no answer to anything.
pub(super) fn bodies() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        (
            "a page of a gateway",
            b"<html><body>Bad gateway</body></html>".to_vec(),
        ),
        ("bytes that are no text", vec![0xff, 0xfe, 0, 0x80]),
        ("half of a JSON document", br#"{"id": "ord-1", "stat"#.to_vec()),
        ("null", b"null".to_vec()),
        ("an empty object", b"{}".to_vec()),
        ("an empty list", b"[]".to_vec()),
        (
            "a state that nobody knows",
            br#"{"id": "x", "status": "HALF_DONE", "state": "HALF_DONE", "mbps": "many"}"#.to_vec(),
        ),
        (
            "a number beyond any type",
            br#"{"mbps": 1e999, "id": -1}"#.to_vec(),
        ),
        ("a thousand brackets", vec![b'['; 1_000]),
        (
            "200 kB of text",
            [b"\"".to_vec(), vec![b'a'; 200_000], b"\"".to_vec()].concat(),
        ),
    ]
}

fn answered(status: u16, body: Vec<u8>, retry_after_s: Option<u32>) -> Answer {
    let retry_after = retry_after_s.map(|seconds| Header {
        name: "retry-after".to_owned(),
        value: seconds.to_string(),
    });
    Answer::Answered(Response {
        status,
        headers: retry_after.into_iter().collect(),
        body,
    })
}
