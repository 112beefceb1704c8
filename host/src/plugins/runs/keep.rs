//! What of a call is kept beside its figures: a failure's question always, an answer's for some of the calls, and what the
//! plugin printed. It may name people, so it is sealed under the reseller's key, and it has a largest size.

use nexusport_sandbox::{Question, branding::MessageRequest, fixture::Fixture};
use uuid::Uuid;

use crate::{
    app::{self, App},
    db::Tx,
    fault::{Fault, Result},
    settings::plugin_runs::Sampling,
    vault::TenantKey,
};

/// The largest call that is kept, as a document. An operation's journal is mostly a tenth of it.
pub(super) const KEPT_BYTES: usize = 1024 * 1024;

/// Whether a call's question and answer are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keeping {
    /// They are.
    Kept,
    /// It was answered, and it is not one of those that are kept of the answered ones.
    NotSampled,
    /// It has more than 1 MiB.
    TooLarge,
    /// It holds what opens somebody's account: a mail's link.
    Secret,
}

impl Keeping {
    const ALL: [Self; 4] = [Self::Kept, Self::NotSampled, Self::TooLarge, Self::Secret];

    /// The word in the database and on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::NotSampled => "not_sampled",
            Self::TooLarge => "too_large",
            Self::Secret => "secret",
        }
    }

    pub(super) fn parse(name: &str) -> Result<Self> {
        let found = Self::ALL.into_iter().find(|keeping| keeping.name() == name);
        found.ok_or_else(|| Fault::broken(format!("{name} is no way of keeping a run")))
    }
}

/// A call that could be kept.
#[derive(Clone, Copy)]
pub(in crate::plugins) struct Evidence<'a> {
    /// The question's function.
    pub function: &'static str,
    /// Made only where it is kept: it is as large as the question and the answer together.
    pub fixture: &'a (dyn Fn() -> Fixture + Sync),
}

impl Evidence<'_> {
    /// A mail's question holds the link that lets somebody in: neither it nor what the brand prints of it is kept.
    fn is_secret(&self) -> bool {
        self.function == MessageRequest::FUNCTION
    }

    /// The document to keep, or why there is none.
    pub(super) fn document(
        &self,
        answered: bool,
        sampling: Sampling,
    ) -> std::result::Result<Vec<u8>, Keeping> {
        if self.is_secret() {
            return Err(Keeping::Secret);
        }
        if answered && !sampling.takes(u32::from_le_bytes(app::random())) {
            return Err(Keeping::NotSampled);
        }
        let document = serde_json::to_vec(&(self.fixture)()).expect("a fixture is JSON");
        match document.len() <= KEPT_BYTES {
            true => Ok(document),
            false => Err(Keeping::TooLarge),
        }
    }

    pub(super) fn log<'a>(&self, log: &'a str) -> &'a str {
        if self.is_secret() { "" } else { log }
    }
}

/// Seals a run's fixture or log; the key is looked up at the first value there is.
pub(super) struct Sealer<'a> {
    app: &'a App,
    key: Option<TenantKey>,
}

impl<'a> Sealer<'a> {
    pub(super) fn new(app: &'a App) -> Self {
        Self { app, key: None }
    }

    pub(super) async fn seal(&mut self, tx: &mut impl Tx, context: &str, plain: &[u8]) -> Result<Vec<u8>> {
        Ok(self.key(tx).await?.seal(context, plain))
    }

    pub(super) async fn open(&mut self, tx: &mut impl Tx, context: &str, sealed: &[u8]) -> Result<Vec<u8>> {
        Ok(self.key(tx).await?.open(context, sealed)?.to_vec())
    }

    async fn key(&mut self, tx: &mut impl Tx) -> Result<&TenantKey> {
        if self.key.is_none() {
            let reseller = tx.scope().reseller();
            self.key = Some(self.app.vault.key(tx, reseller).await?);
        }
        self.key
            .as_ref()
            .ok_or_else(|| Fault::broken("a key was just found"))
    }
}

/// What a run's fixture is sealed for.
pub(super) fn fixture_of(run: Uuid) -> String {
    format!("plugin_run:{run}:fixture")
}

/// What a run's log is sealed for.
pub(super) fn log_of(run: Uuid) -> String {
    format!("plugin_run:{run}:log")
}

#[cfg(test)]
mod tests {
    use nexusport_sandbox::{Failure, RenderTheme};

    use super::*;

    fn theme(bytes: usize) -> Fixture {
        let question = RenderTheme {
            settings: vec![b' '; bytes],
        };
        Fixture::of("d", &question, &Err(Failure::Panicked))
    }

    fn kept(function: &'static str, bytes: usize, answered: bool, percent: u32) -> Keeping {
        let fixture = || theme(bytes);
        let evidence = Evidence {
            function,
            fixture: &fixture,
        };
        let document = evidence.document(answered, Sampling::of(percent));
        document.map_or_else(|why| why, |_| Keeping::Kept)
    }

    #[test]
    fn failures_are_kept_and_answers_by_the_setting() {
        assert_eq!(kept("pricing.price", 1, false, 0), Keeping::Kept);
        assert_eq!(kept("pricing.price", 1, true, 0), Keeping::NotSampled);
        assert_eq!(kept("pricing.price", 1, true, 100), Keeping::Kept);
    }

    #[test]
    fn what_is_too_large_or_opens_an_account_is_not_kept() {
        assert_eq!(kept("pricing.price", KEPT_BYTES, false, 0), Keeping::TooLarge);
        assert_eq!(kept("branding.render-message", 1, false, 100), Keeping::Secret);
        let fixture = || theme(1);
        let evidence = Evidence {
            function: MessageRequest::FUNCTION,
            fixture: &fixture,
        };
        assert_eq!(evidence.log("the link is"), "");
    }

    #[test]
    fn names_lead_back() {
        for keeping in Keeping::ALL {
            assert_eq!(Keeping::parse(keeping.name()).unwrap(), keeping);
        }
    }
}
