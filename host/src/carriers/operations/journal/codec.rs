//! Requests and answers as bytes, before they are sealed. The names here are what stored journals are made of: they
//! can gain fields and never change.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use nexusport_sandbox::carrier::{Answer, Header, NotSent, Request, Response};
use serde::{Deserialize, Serialize};

use crate::fault::Result;

#[derive(Serialize, Deserialize)]
struct StoredRequest {
    method: String,
    destination: String,
    target: String,
    headers: Vec<(String, String)>,
    body: String,
    credential: Option<String>,
    repeatable: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
enum StoredAnswer {
    Answered {
        status: u16,
        headers: Vec<(String, String)>,
        body: String,
    },
    Lost {
        why: String,
    },
    NotSent {
        temporary: bool,
        why: String,
    },
}

pub(super) fn encode_request(request: &Request) -> Result<Vec<u8>> {
    Ok(serde_json::to_vec(&StoredRequest {
        method: request.method.clone(),
        destination: request.destination.clone(),
        target: request.target.clone(),
        headers: pairs(&request.headers),
        body: STANDARD.encode(&request.body),
        credential: request.credential.clone(),
        repeatable: request.repeatable,
    })?)
}

pub(super) fn decode_request(bytes: &[u8]) -> Result<Request> {
    let stored: StoredRequest = serde_json::from_slice(bytes)?;
    Ok(Request {
        method: stored.method,
        destination: stored.destination,
        target: stored.target,
        headers: headers(stored.headers),
        body: STANDARD.decode(stored.body)?,
        credential: stored.credential,
        repeatable: stored.repeatable,
    })
}

pub(super) fn encode_answer(answer: &Answer) -> Result<Vec<u8>> {
    let stored = match answer {
        Answer::Answered(response) => StoredAnswer::Answered {
            status: response.status,
            headers: pairs(&response.headers),
            body: STANDARD.encode(&response.body),
        },
        Answer::Lost(why) => StoredAnswer::Lost { why: why.clone() },
        Answer::NotSent(not_sent) => StoredAnswer::NotSent {
            temporary: not_sent.temporary,
            why: not_sent.detail.clone(),
        },
    };
    Ok(serde_json::to_vec(&stored)?)
}

pub(super) fn decode_answer(bytes: &[u8]) -> Result<Answer> {
    Ok(match serde_json::from_slice(bytes)? {
        StoredAnswer::Answered {
            status,
            headers: pairs,
            body,
        } => Answer::Answered(Response {
            status,
            headers: headers(pairs),
            body: STANDARD.decode(body)?,
        }),
        StoredAnswer::Lost { why } => Answer::Lost(why),
        StoredAnswer::NotSent { temporary, why } => Answer::NotSent(NotSent {
            temporary,
            detail: why,
        }),
    })
}

fn pairs(headers: &[Header]) -> Vec<(String, String)> {
    headers
        .iter()
        .map(|header| (header.name.clone(), header.value.clone()))
        .collect()
}

fn headers(pairs: Vec<(String, String)>) -> Vec<Header> {
    pairs
        .into_iter()
        .map(|(name, value)| Header { name, value })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back_byte_for_byte() {
        let request = Request {
            method: "POST".into(),
            destination: "api".into(),
            target: "/a?b=c".into(),
            headers: vec![Header {
                name: "x".into(),
                value: "y".into(),
            }],
            body: vec![0, 159, 146, 150],
            credential: Some("oauth".into()),
            repeatable: true,
        };
        assert_eq!(
            decode_request(&encode_request(&request).unwrap()).unwrap(),
            request
        );
        let answers = [
            Answer::Answered(Response {
                status: 202,
                headers: Vec::new(),
                body: vec![255, 0],
            }),
            Answer::Lost("timeout".into()),
            Answer::NotSent(NotSent {
                temporary: true,
                detail: "dns".into(),
            }),
        ];
        for answer in answers {
            assert_eq!(decode_answer(&encode_answer(&answer).unwrap()).unwrap(), answer);
        }
    }
}
