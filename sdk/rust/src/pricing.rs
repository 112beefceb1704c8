//! Pricing rules: a rule is told the facts of one contract within one billing period and returns charges. It is not told
//! whether it makes a quote, an invoice or a replay.

pub use crate::About;
pub use crate::bindings::exports::nexusport::plugin::pricing::{
    Charge, Description, Event, Fact, Guest as Pricing, Interval, Period, Priced, Properties, Refusal,
    Request, Samples,
};
pub use crate::decimal::{self, Decimal};

/// A refusal with a stable code of the rule's own and a text for people.
pub fn refused(code: &str, message: impl Into<String>) -> Refusal {
    Refusal {
        code: code.to_owned(),
        message: message.into(),
    }
}

impl Request {
    /// The settings of the activation; a refusal `bad_settings` where they do not fit `T`.
    pub fn settings<T: serde::de::DeserializeOwned>(&self) -> Result<T, Refusal> {
        crate::settings(&self.settings).map_err(|problem| refused("bad_settings", problem))
    }
}

impl Period {
    /// Its length; 0 where it ends before it starts.
    pub fn millis(&self) -> u64 {
        millis(self.start, self.end)
    }
}

impl Interval {
    /// Its length; 0 where it ends before it starts.
    pub fn millis(&self) -> u64 {
        millis(self.start, self.end)
    }
}

fn millis(start: i64, end: i64) -> u64 {
    u64::try_from(end.saturating_sub(start)).unwrap_or(0)
}
