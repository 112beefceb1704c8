//! The one setting of an adapter that has no other.

use serde::Deserialize;

/// How often a carrier is asked about a port that it is changing.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Polling {
    /// How long it is left alone in between.
    pub poll_seconds: u32,
}

impl Default for Polling {
    fn default() -> Self {
        Self { poll_seconds: 30 }
    }
}

impl Polling {
    /// The JSON Schema of these settings, for [`about!`](crate::about).
    pub const SCHEMA: &'static str = r#"{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "type": "object",
  "additionalProperties": false,
  "properties": {
    "poll_seconds": {
      "type": "integer", "minimum": 5, "maximum": 3600, "default": 30,
      "description": "How long to wait before a port that is being changed is asked about again"
    }
  }
}"#;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_tells_the_default_that_is_read() {
        let schema: serde_json::Value = serde_json::from_str(Polling::SCHEMA).unwrap();
        let default = &schema["properties"]["poll_seconds"]["default"];
        let silent: Polling = serde_json::from_str("{}").unwrap();
        assert_eq!(*default, silent.poll_seconds);
        let set: Polling = serde_json::from_str(r#"{"poll_seconds": 7}"#).unwrap();
        assert_eq!(set.poll_seconds, 7);
        assert!(serde_json::from_str::<Polling>(r#"{"pol_seconds": 7}"#).is_err());
    }
}
