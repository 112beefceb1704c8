//! A code is asked for, after the password was right: whoever does not have the password is never told that there is one.

use serde_json::json;

use super::{SEALED_AS, codes, codes::Given, hash};
use crate::{
    app::{App, Timestamp},
    audit,
    db::Scope,
    fault::{Fault, RefusalKind, Result},
    identity::{
        AtTheEntrance,
        entrance::{
            sign_in::STRANGER,
            throttle::{self, Counted},
        },
        store::{self, SecondFactor},
    },
    ids::UserId,
};

/// Where a code is asked for, and of whom.
pub(in crate::identity::entrance) struct Asked {
    /// The person whose password it was.
    pub(in crate::identity::entrance) user: UserId,
    /// Whose trail tells of a wrong one; none where there is no tenant yet.
    pub(in crate::identity::entrance) scope: Option<Scope>,
    /// What is refused without one.
    pub(in crate::identity::entrance) action: &'static str,
    /// What sort of no it is.
    pub(in crate::identity::entrance) refused_as: RefusalKind,
}

impl Asked {
    /// Goes on where the person has no second factor, or the code is right, which uses it up. Says since when it is on.
    pub(in crate::identity::entrance) async fn check(
        self,
        app: &App,
        code: Option<&str>,
    ) -> Result<Option<Timestamp>> {
        let mut tx = app.db.entrance(AtTheEntrance(())).await?;
        let factor = store::second_factor(tx.conn(), self.user).await?;
        drop(tx);
        let Some(factor) = factor.filter(|factor| factor.confirmed_at.is_some()) else {
            return Ok(None);
        };
        let Some(code) = code else {
            return Err(Fault::refused(
                self.refused_as,
                "second_factor_required",
                "a code is needed too, from the person's device or a recovery code",
            ));
        };
        let tries = Counted::person(app, "second_factor", self.user);
        throttle::attempt(app, &[&tries]).await?;
        if self.use_up(app, &factor, code).await? {
            throttle::worked(app, &tries).await?;
            return Ok(factor.confirmed_at);
        }
        if let Some(scope) = self.scope {
            let detail = json!({ "code": "second_factor_wrong" });
            let event = audit::Event::refused(self.action, self.user.uuid(), detail);
            let tx = app.db.entrance(AtTheEntrance(())).await?;
            tx.commit(scope, &STRANGER, app.now(), event).await?;
        }
        Err(Fault::refused(
            self.refused_as,
            "second_factor_wrong",
            "the code is wrong, too old or used already",
        ))
    }

    /// Whether the code was right and still to be used.
    async fn use_up(&self, app: &App, factor: &SecondFactor, code: &str) -> Result<bool> {
        let (Some(given), now) = (Given::read(code), app.now()) else {
            return Ok(false);
        };
        let mut tx = app.db.entrance(AtTheEntrance(())).await?;
        let used = match given {
            Given::Paper(code) => {
                store::use_recovery_code(tx.conn(), self.user, &hash(app, self.user, &code), now).await?
            }
            Given::Digits(digits) => {
                let secret = app.vault.open_for_person(self.user, SEALED_AS, &factor.sealed)?;
                match codes::step(&codes::device(&secret)?, &digits, now, factor.last_step) {
                    Some(step) => store::use_step(tx.conn(), self.user, step).await?,
                    None => false,
                }
            }
        };
        tx.commit_attempt().await?;
        Ok(used)
    }
}
