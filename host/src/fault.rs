//! The three ways in which something does not happen: a rule refused it, it is not there for the caller, or we
//! broke. Says nothing about HTTP; `api::problem` does.

use std::borrow::Cow;

use chrono::TimeDelta;

use crate::{app::Timestamp, identity::Permission};

/// Why something did not happen.
#[derive(Debug)]
pub enum Fault {
    /// A rule said no. The caller can know why.
    Refused(Refusal),
    /// The caller's tenant does not give it this permission.
    Denied(Permission),
    /// Not there, or not the caller's: nobody can tell which.
    Missing,
    /// Ours. Logged once at the boundary, never shown.
    Broken(anyhow::Error),
}

/// A rule's no.
#[derive(Debug, Clone, PartialEq)]
pub struct Refusal {
    /// What sort of no this is.
    pub kind: RefusalKind,
    /// Stable, for programs: `window_overlaps`.
    pub code: &'static str,
    /// For people: lower case, names the thing and its limit, no full stop.
    pub message: Cow<'static, str>,
    /// How long to wait before asking again, where that is known.
    pub wait: Option<TimeDelta>,
    /// The first time for which the same could be asked, where it was asked for a time that cannot be had.
    pub possible_at: Option<Timestamp>,
}

/// What sort of no a refusal is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusalKind {
    /// The request itself is not well formed.
    Malformed,
    /// Well formed, but against a rule.
    Invalid,
    /// Against the present state of things; it may go through later.
    Conflict,
    /// Meant for another version than the present one.
    Stale,
    /// More than a limit admits.
    TooLarge,
    /// More often than a limit admits.
    TooMany,
    /// Somebody known, whose tenant may begin nothing new.
    Forbidden,
    /// Nobody known is asking.
    Unauthenticated,
    /// Somebody known is asking at another reseller's address.
    Misdirected,
}

/// What most functions return.
pub type Result<T, E = Fault> = std::result::Result<T, E>;

impl Fault {
    /// Against a rule.
    pub fn invalid(code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self::refused(RefusalKind::Invalid, code, message)
    }

    /// Against the present state of things.
    pub fn conflict(code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self::refused(RefusalKind::Conflict, code, message)
    }

    /// A refusal of the given kind.
    pub fn refused(kind: RefusalKind, code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self::Refused(Refusal {
            kind,
            code,
            message: message.into(),
            wait: None,
            possible_at: None,
        })
    }

    /// More often than a limit admits; `wait` from now on it may be tried again.
    pub fn throttled(code: &'static str, message: impl Into<Cow<'static, str>>, wait: TimeDelta) -> Self {
        Self::Refused(Refusal {
            kind: RefusalKind::TooMany,
            code,
            message: message.into(),
            wait: Some(wait),
            possible_at: None,
        })
    }

    /// The same refusal with the first time for which it would not be one.
    pub fn possible_at(self, at: impl FnOnce() -> Option<Timestamp>) -> Self {
        match self {
            Self::Refused(refusal) => Self::Refused(Refusal {
                possible_at: at(),
                ..refusal
            }),
            fault => fault,
        }
    }

    /// Ours, with what we were doing.
    pub fn broken(message: impl std::fmt::Display + std::fmt::Debug + Send + Sync + 'static) -> Self {
        Self::Broken(anyhow::Error::msg(message))
    }
}

impl<E: Into<anyhow::Error>> From<E> for Fault {
    fn from(error: E) -> Self {
        let error = error.into();
        if is_unstorable(&error) {
            return Self::invalid(
                "value_unstorable",
                "a text has the character U+0000, or a time is outside of the years -4712 to 294276",
            );
        }
        if is_new_work_of_who_leaves(&error) {
            return Self::conflict(
                "tenant_leaving",
                "the tenant is leaving: nothing new begins for it",
            );
        }
        Self::Broken(error)
    }
}

/// Whether a table refused a row because its tenant is leaving (tenancy.refuse_new_work).
fn is_new_work_of_who_leaves(error: &anyhow::Error) -> bool {
    let error = error.downcast_ref::<sqlx::Error>();
    let constraint = error.and_then(|error| error.as_database_error()?.constraint());
    constraint == Some("tenant_is_leaving")
}

/// Whether PostgreSQL says that no row can hold what it was given (SQLSTATE, PostgreSQL's appendix A).
fn is_unstorable(error: &anyhow::Error) -> bool {
    let error = error.downcast_ref::<sqlx::Error>();
    let code = error.and_then(|error| error.as_database_error()?.code());
    matches!(code.as_deref(), Some("22021" | "22P05" | "22008"))
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Refused(refusal) => write!(f, "{} ({})", refusal.message, refusal.code),
            Self::Denied(permission) => write!(f, "the permission {} is missing", permission.name()),
            Self::Missing => write!(f, "there is no such thing"),
            Self::Broken(error) => write!(f, "{error:#}"),
        }
    }
}

/// Names a failed database rule.
pub trait OnConstraint<T> {
    /// Where the constraint of this name was violated, `fault` takes the error's place.
    fn on_constraint(self, name: &str, fault: impl FnOnce() -> Fault) -> Result<T>;
}

impl<T> OnConstraint<T> for std::result::Result<T, sqlx::Error> {
    fn on_constraint(self, name: &str, fault: impl FnOnce() -> Fault) -> Result<T> {
        self.map_err(
            |error| match error.as_database_error().and_then(|e| e.constraint()) {
                Some(violated) if violated == name => fault(),
                _ => error.into(),
            },
        )
    }
}

impl<T> OnConstraint<T> for Result<T> {
    fn on_constraint(self, name: &str, fault: impl FnOnce() -> Fault) -> Result<T> {
        self.map_err(|error| match error {
            Fault::Broken(broken) => match broken.downcast::<sqlx::Error>() {
                Ok(error) => Err::<T, _>(error)
                    .on_constraint(name, fault)
                    .err()
                    .expect("an error stays one"),
                Err(broken) => Fault::Broken(broken),
            },
            other => other,
        })
    }
}

/// Exactly one row must have been touched: row-level security hides rows silently.
pub fn exactly_one(touched: u64) -> Result<()> {
    match touched {
        1 => Ok(()),
        0 => Err(Fault::Missing),
        n => Err(Fault::broken(format!(
            "{n} rows were touched where one was meant"
        ))),
    }
}
