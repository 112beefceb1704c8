//! What time it is: the system's, until somebody drives it. Everything else takes the time as a value, so a
//! month passes as fast as it can be said. Times are whole milliseconds, on the wire and inside.

use chrono::{DateTime, SubsecRound, Utc};

/// The simulator's clock.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) enum Clock {
    /// Follows the system.
    #[default]
    System,
    /// Stands still at the time it was last set to.
    Driven(DateTime<Utc>),
}

impl Clock {
    /// A clock that stands at `now`.
    pub(crate) fn driven(now: DateTime<Utc>) -> Self {
        Self::Driven(now.trunc_subsecs(3))
    }

    /// Whether time passes by itself.
    pub(crate) fn ticks(self) -> bool {
        matches!(self, Self::System)
    }

    /// The time, in whole milliseconds. The only place that reads the system's clock.
    #[allow(
        clippy::disallowed_methods,
        reason = "the one reading that every other time comes from"
    )]
    pub(crate) fn now(self) -> DateTime<Utc> {
        match self {
            Self::System => Utc::now().trunc_subsecs(3),
            Self::Driven(now) => now,
        }
    }
}

/// RFC 3339 in UTC with three decimals, for serde's `with`.
pub(crate) mod millis {
    use chrono::{DateTime, SecondsFormat, Utc};
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(crate) fn serialize<S: Serializer>(at: &DateTime<Utc>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&at.to_rfc3339_opts(SecondsFormat::Millis, true))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<DateTime<Utc>, D::Error> {
        let text = String::deserialize(deserializer)?;
        let at = DateTime::parse_from_rfc3339(&text)
            .map_err(|error| D::Error::custom(format!("{text:?} is not an RFC 3339 time: {error}")))?;
        Ok(at.to_utc())
    }
}

/// The same for a time that may be absent.
pub(crate) mod optional_millis {
    use chrono::{DateTime, Utc};
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Serialize, Deserialize)]
    struct Wrapped(#[serde(with = "super::millis")] DateTime<Utc>);

    pub(crate) fn serialize<S: Serializer>(
        at: &Option<DateTime<Utc>>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        at.map(Wrapped).serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Option<DateTime<Utc>>, D::Error> {
        Ok(Option::<Wrapped>::deserialize(d)?.map(|Wrapped(at)| at))
    }
}
