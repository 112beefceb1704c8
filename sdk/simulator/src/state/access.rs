//! Who may call: clients, their tokens, and which fault strikes a call that may.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Account, State, unique};
use crate::{
    fault::{Call, Kind},
    refusal::Refusal,
};

/// The one carrier path that takes no token, in the simulator's own words.
pub(crate) const TOKEN_PATH: &str = "/oauth/token";

/// How long a token is good for, by the simulator's clock.
pub(crate) const TOKEN_SECONDS: u32 = 3600;

/// A client, under its id.
#[derive(Debug)]
pub(super) struct Client {
    pub(super) secret: String,
    pub(super) account: String,
}

/// What a token stands for.
#[derive(Debug)]
pub(super) struct Token {
    client_id: String,
    account: String,
    expires_at: DateTime<Utc>,
}

/// A call that may proceed.
#[derive(Debug)]
pub(crate) struct Admitted {
    /// Whose call it is; absent for a token request, which is about to say so.
    pub(crate) account: Option<String>,
    /// What strikes it.
    pub(crate) fault: Option<Kind>,
}

/// A token just given out.
#[derive(Debug)]
pub(crate) struct Issued {
    pub(crate) token: String,
    pub(crate) account: String,
    pub(crate) expires_in_seconds: u32,
}

impl State {
    /// Adds a client, or gives an existing one another secret or account; its tokens are worthless then.
    pub(crate) fn add_account(&mut self, account: Account) -> Result<(), Refusal> {
        let Account {
            client_id,
            client_secret,
            account,
        } = account;
        if client_id.is_empty() || client_secret.is_empty() || account.is_empty() {
            return Err(Refusal::BadRequest(
                "client_id, client_secret and account are not empty".to_owned(),
            ));
        }
        self.tokens.retain(|_, token| token.client_id != client_id);
        self.clients.insert(
            client_id,
            Client {
                secret: client_secret,
                account,
            },
        );
        Ok(())
    }

    /// Decides whether a call may proceed, and if so what strikes it.
    pub(crate) fn admit(
        &mut self,
        now: DateTime<Utc>,
        call: Call<'_>,
        token: Option<&str>,
    ) -> Result<Admitted, Refusal> {
        let account = match token.and_then(|token| self.tokens.get(token)) {
            _ if call.path == self.token_path => None,
            Some(token) if now < token.expires_at => Some(token.account.clone()),
            _ => return Err(Refusal::Unauthorized),
        };
        Ok(Admitted {
            account,
            fault: self.faults.strike(call),
        })
    }

    /// Gives a token to a client that knows its secret.
    pub(crate) fn issue_token(
        &mut self,
        now: DateTime<Utc>,
        id: &str,
        secret: &str,
    ) -> Result<Issued, Refusal> {
        let client = self
            .clients
            .get(id)
            .filter(|client| client.secret == secret)
            .ok_or(Refusal::InvalidClient)?;
        let account = client.account.clone();
        let token = unique("token-");
        let expires_at = now + TimeDelta::seconds(TOKEN_SECONDS.into());
        self.tokens.retain(|_, token| now < token.expires_at);
        self.tokens.insert(
            token.clone(),
            Token {
                client_id: id.to_owned(),
                account: account.clone(),
                expires_at,
            },
        );
        Ok(Issued {
            token,
            account,
            expires_in_seconds: TOKEN_SECONDS,
        })
    }

    /// Makes a token worthless.
    pub(crate) fn revoke_token(&mut self, token: &str) {
        self.tokens.remove(token);
    }
}
