//! The client against real connections to this machine.

mod sending;
mod server;
mod tokens;

use std::time::Duration;

use uuid::Uuid;
use zeroize::Zeroizing;

use super::*;

fn client() -> Client {
    Client::new(Rules {
        allow_loopback: true,
        ..Rules::default()
    })
}

fn lane() -> Lane {
    Lane {
        reseller: Uuid::from_u128(1).into(),
        id: Uuid::from_u128(2),
        breaker: LaneBreaker::Here,
    }
}

fn secret(text: &str) -> Secret {
    Zeroizing::new(text.to_owned())
}

fn get<'a>(base_url: &'a str, target: &'a str) -> Outgoing<'a> {
    Outgoing {
        lane: lane(),
        base_url,
        method: "GET",
        target,
        headers: Vec::new(),
        body: Vec::new(),
        secret: None,
        hidden: Vec::new(),
        limits: Limits {
            timeout: Duration::from_secs(10),
            request_bytes: 1000,
            response_bytes: 1000,
        },
    }
}

fn answered(sent: Sent) -> Answered {
    match sent {
        Sent::Answered(answered) => answered,
        other => panic!("not answered: {other:?}"),
    }
}

fn lost(sent: Sent) -> String {
    match sent {
        Sent::Lost(reason) => reason,
        other => panic!("not lost: {other:?}"),
    }
}

fn not_sent(sent: Sent) -> (bool, String) {
    match sent {
        Sent::NotSent { temporary, detail } => (temporary, detail),
        other => panic!("sent: {other:?}"),
    }
}
