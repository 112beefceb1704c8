//! Comparing a request with the one that the journal holds in its place.

use super::{Header, Request};

/// Where the two first differ, in words; `None` where they are the same.
pub(super) fn difference(recorded: &Request, asked: &Request) -> Option<String> {
    let parts = [
        ("methods", recorded.method.as_bytes(), asked.method.as_bytes()),
        (
            "destination",
            recorded.destination.as_bytes(),
            asked.destination.as_bytes(),
        ),
        ("targets", recorded.target.as_bytes(), asked.target.as_bytes()),
        ("headers", &lines(&recorded.headers), &lines(&asked.headers)),
        ("bodies", &recorded.body, &asked.body),
        ("credentials", handle(recorded), handle(asked)),
        (
            "claims to be repeatable",
            &[u8::from(recorded.repeatable)],
            &[u8::from(asked.repeatable)],
        ),
    ];
    parts.iter().find_map(|(part, recorded, asked)| {
        first_difference(recorded, asked).map(|byte| format!("{part} differ from byte {byte} on"))
    })
}

fn first_difference(a: &[u8], b: &[u8]) -> Option<usize> {
    let common = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    (common < a.len() || common < b.len()).then_some(common)
}

fn handle(request: &Request) -> &[u8] {
    request.credential.as_deref().unwrap_or_default().as_bytes()
}

fn lines(headers: &[Header]) -> Vec<u8> {
    let mut lines = Vec::new();
    for Header { name, value } in headers {
        lines.extend_from_slice(name.as_bytes());
        lines.extend_from_slice(b": ");
        lines.extend_from_slice(value.as_bytes());
        lines.push(b'\n');
    }
    lines
}
