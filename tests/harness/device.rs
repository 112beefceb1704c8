//! A person's authenticator: the secret it was given, and the codes that it makes of it.

use chrono::TimeDelta;
use nexusport::app::Clock as _;
use serde_json::json;
use totp_rs::Totp;

use super::{Host, PASSWORD, text};

/// What a person has in hand.
pub struct Device {
    totp: Totp,
    /// On paper.
    pub recovery_codes: Vec<String>,
}

impl Device {
    /// What it shows at this moment.
    pub fn code(&self, host: &Host) -> String {
        let seconds = u64::try_from(host.clock.now().timestamp()).unwrap();
        self.totp.generate(seconds).to_string()
    }
}

impl Host {
    /// The clock goes on by so many seconds.
    pub fn later(&self, seconds: i64) {
        self.clock.set(self.clock.now() + TimeDelta::seconds(seconds));
    }

    /// Whoever reads this mailbox answers the newest mail in it, which asks for that.
    pub async fn prove(&self, email: &str) {
        let proof = json!({ "token": self.mail(email).await.token(), "password": PASSWORD });
        self.client.post("/v1/address-proofs", proof).await.expect(204);
    }

    /// Turns a second factor on for the person of this session, whose address is proven.
    pub async fn second_factor(&self, session: &str) -> Device {
        let client = self.client.with_token(session);
        let path = "/v1/me/second-factor";
        let start = json!({ "password": PASSWORD });
        let started = client.post(path, start).await.expect(201);
        let totp = Totp::from_url(text(&started["url"])).unwrap();
        let mut device = Device {
            totp,
            recovery_codes: Vec::new(),
        };
        let code = json!({ "code": device.code(self) });
        let confirmed = client.post(&format!("{path}/confirm"), code).await.expect(200);
        let codes = confirmed["recovery_codes"].as_array().unwrap();
        device.recovery_codes = codes.iter().map(text).collect();
        device
    }
}
