//! The rules that a component's description has to keep to.

use std::collections::BTreeSet;

use nexusport_sandbox::{carrier, clean};

use crate::bench::{Bench, Rule, Step};
use crate::description::{Description, Says};
use crate::schema;

/// Handles and texts of a whole description, as stored.
const BYTES: u64 = 128 * 1024;
const CREDENTIALS: u64 = 8;
const HANDLE_CHARACTERS: usize = 64;
/// Speeds that a carrier's list can name.
const SPEEDS: usize = 256;

/// Holds what a component said about itself against the rules.
pub(crate) fn description(mut says: Says, imports: Vec<String>, bench: &mut Bench<'_>) -> Step<Description> {
    let schema = std::mem::take(&mut says.about_mut().settings_schema);
    let settings_schema = bench.rule("settings_schema", "is a JSON Schema", schema::read(&schema))?;
    let carrier::About {
        name,
        version,
        summary,
        ..
    } = says.about();
    let told = format!("{name} {version}: {summary}");
    bench.rule("about", &told, named(says.about()))?;
    if let Says::Carrier(description) = &says {
        bench.at_most("credentials", description.credentials.len() as u64, CREDENTIALS)?;
        bench.rule(
            "handles",
            "are well formed and belong together",
            handles(description),
        )?;
        bench.rule("rules", "can be kept", rules(&description.rules))?;
    }
    let description = Description {
        says,
        settings_schema,
        imports,
    };
    let bytes = description.to_stored().to_string().len() as u64;
    bench.at_most("description_bytes", bytes, BYTES)?;
    Ok(description)
}

fn named(about: &carrier::About) -> Rule {
    match (about.name.trim(), about.version.trim()) {
        ("", _) => Err("it has no name".to_owned()),
        (_, "") => Err("it has no version".to_owned()),
        _ => Ok(()),
    }
}

fn handles(description: &carrier::Description) -> Rule {
    let destinations = distinct(
        "destination",
        description.destinations.iter().map(|d| d.handle.as_str()),
    )?;
    distinct(
        "credential",
        description.credentials.iter().map(|c| c.handle.as_str()),
    )?;
    for credential in &description.credentials {
        let handle = &credential.handle;
        if credential.destinations.is_empty() {
            return Err(format!("the credential {handle} names no destination"));
        }
        if let Some(unknown) = credential
            .destinations
            .iter()
            .find(|d| !destinations.contains(d.as_str()))
        {
            let unknown = clean(unknown, HANDLE_CHARACTERS);
            return Err(format!(
                "the credential {handle} names the unknown destination {unknown}"
            ));
        }
    }
    Ok(())
}

fn distinct<'a>(kind: &str, handles: impl Iterator<Item = &'a str>) -> Rule<BTreeSet<&'a str>> {
    let mut seen = BTreeSet::new();
    for handle in handles {
        let first = handle.starts_with(|c: char| c.is_ascii_lowercase());
        let rest = handle
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_'));
        if !first || !rest || handle.len() > HANDLE_CHARACTERS {
            let handle = clean(handle, HANDLE_CHARACTERS);
            return Err(format!(
                "the {kind} handle {handle} is not a lower-case letter followed by letters, digits, - or _, at most \
                 {HANDLE_CHARACTERS} characters in all"
            ));
        }
        if !seen.insert(handle) {
            return Err(format!("the {kind} handle {handle} is there twice"));
        }
    }
    Ok(seen)
}

fn rules(rules: &carrier::Rules) -> Rule {
    let carrier::Rules {
        min_mbps,
        max_mbps,
        step_mbps,
        speeds_mbps,
        changes_in_flight,
        ..
    } = rules;
    if min_mbps > max_mbps {
        return Err(format!(
            "its least speed, {min_mbps} Mbps, is above its greatest, {max_mbps} Mbps"
        ));
    }
    if *step_mbps == 0 {
        return Err("its speeds are multiples of 0 Mbps, 1 is the least".to_owned());
    }
    if speeds_mbps.len() > SPEEDS {
        let many = speeds_mbps.len();
        return Err(format!("it names {many} speeds, {SPEEDS} is the most"));
    }
    let beyond = |mbps: &&u32| !(min_mbps..=max_mbps).contains(mbps) || !mbps.is_multiple_of(*step_mbps);
    if let Some(mbps) = speeds_mbps.iter().find(beyond) {
        return Err(format!(
            "its speed {mbps} Mbps is no multiple of {step_mbps} Mbps from {min_mbps} to {max_mbps} Mbps"
        ));
    }
    if *changes_in_flight == 0 {
        return Err("it allows 0 changes in flight, 1 is the least".to_owned());
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::check::{Check, Outcome};
    use crate::place::tests::bench;

    fn adapter() -> carrier::Description {
        carrier::Description {
            about: carrier::About {
                name: "acme".to_owned(),
                version: "1.0.0".to_owned(),
                summary: "An adapter".to_owned(),
                settings_schema: br#"{"type": "object"}"#.to_vec(),
                extras: Vec::new(),
            },
            destinations: vec![carrier::Destination {
                handle: "api".to_owned(),
                summary: String::new(),
            }],
            credentials: vec![carrier::Credential {
                handle: "key".to_owned(),
                summary: String::new(),
                destinations: vec!["api".to_owned()],
            }],
            rules: carrier::Rules {
                min_mbps: 1,
                max_mbps: 1_000,
                step_mbps: 1,
                speeds_mbps: Vec::new(),
                may_decrease: true,
                lock_out_seconds: 0,
                changes_in_flight: 1,
                settle_seconds: 0,
                billing_granularity_seconds: 1,
                has_idempotency_keys: false,
                has_lookup_by_reference: false,
                extras: Vec::new(),
            },
            extras: Vec::new(),
        }
    }

    fn refusal(description: carrier::Description) -> Check {
        let (_, checks) = bench(|bench| super::description(Says::Carrier(description), Vec::new(), bench));
        let last = checks.last().cloned().unwrap();
        assert_eq!(last.outcome, Outcome::Failed);
        last
    }

    #[test]
    fn a_good_description_is_stored_and_read_back_alike() {
        let imports = vec!["wasi:io/streams@0.2.6".to_owned()];
        let (description, checks) = bench(|bench| description(Says::Carrier(adapter()), imports, bench));
        let description = description.unwrap();
        assert!(checks.iter().all(|check| check.outcome == Outcome::Passed));
        let stored = description.to_stored();
        assert_eq!(stored["settings_schema"], json!({ "type": "object" }));
        assert_eq!(Description::from_stored(stored).unwrap(), Some(description));
    }

    #[test]
    fn a_refused_release_has_no_description() {
        assert_eq!(Description::from_stored(json!({})).unwrap(), None);
    }

    #[test]
    fn a_schema_that_is_none_is_refused() {
        let mut description = adapter();
        description.about.settings_schema = br#"{"type": "thing"}"#.to_vec();
        assert_eq!(refusal(description).name, "settings_schema");
    }

    #[test]
    fn handles_are_simple_words_and_distinct() {
        for bad in ["", "Api", "a b", "-api", "9api", "a/b"] {
            let mut description = adapter();
            description.destinations[0].handle = bad.to_owned();
            assert_eq!(refusal(description).name, "handles", "{bad}");
        }
        let mut twice = adapter();
        twice.destinations.push(twice.destinations[0].clone());
        assert!(refusal(twice).message.contains("twice"));
    }

    #[test]
    fn a_credential_goes_to_a_destination_of_the_same_description() {
        let mut description = adapter();
        description.credentials[0].destinations = vec!["elsewhere".to_owned()];
        assert!(
            refusal(description)
                .message
                .contains("unknown destination elsewhere")
        );
        let mut description = adapter();
        description.credentials[0].destinations.clear();
        assert!(refusal(description).message.contains("names no destination"));
    }

    #[test]
    fn listed_speeds_are_such_as_the_rules_allow() {
        let mut description = adapter();
        description.rules = carrier::Rules {
            min_mbps: 50,
            max_mbps: 10_000,
            step_mbps: 50,
            ..description.rules
        };
        for (speeds, wrong) in [
            (vec![50, 75], "75"),
            (vec![20_000], "20000"),
            (vec![50; 257], "257"),
        ] {
            description.rules.speeds_mbps = speeds;
            let check = refusal(description.clone());
            assert_eq!(check.name, "rules");
            assert!(check.message.contains(wrong), "{}", check.message);
        }
    }

    #[test]
    fn figures_are_refused_with_their_limit() {
        let mut description = adapter();
        for n in 0..CREDENTIALS {
            let handle = format!("key{n}");
            description.credentials.push(carrier::Credential {
                handle,
                ..description.credentials[0].clone()
            });
        }
        let check = refusal(description);
        assert_eq!(
            (check.name.as_str(), check.figure, check.limit),
            ("credentials", Some(9), Some(8))
        );
        let mut description = adapter();
        description.extras.push(carrier::Extra {
            name: "x".to_owned(),
            value: "y".repeat(200_000),
        });
        assert_eq!(refusal(description).name, "description_bytes");
    }

    #[test]
    fn rules_that_nothing_can_keep_are_refused() {
        let mut description = adapter();
        description.rules.step_mbps = 0;
        assert_eq!(refusal(description).name, "rules");
        let mut description = adapter();
        description.rules.min_mbps = 2_000;
        assert_eq!(refusal(description).name, "rules");
    }
}
