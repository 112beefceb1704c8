//! `nexusport doctor`: what whoever administers the machine asks before a new build serves. Its words name resellers, plugins
//! and places in answers, and nothing that a plugin was asked or answered.

use clap::Subcommand;
use serde_json::{Value, json};

use crate::{
    app::App,
    fault::Result,
    identity::moving,
    plugins::{self, Examined},
};

/// What is looked for.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Ask every active release its kept questions again and compare; fails where an answer differs
    Plugins {
        /// Print one JSON document
        #[arg(long)]
        json: bool,
    },
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// To be printed.
    pub text: String,
    /// Whether nothing would change.
    pub is_well: bool,
}

impl Command {
    /// Looks for it.
    pub async fn examine(&self, app: &App) -> Result<Found> {
        let Self::Plugins { json } = self;
        let houses = plugins(app).await?;
        let text = match json {
            true => document(&houses).to_string(),
            false => lines(&houses).join("\n"),
        };
        Ok(Found {
            text,
            is_well: is_well(&houses),
        })
    }
}

/// How the releases of one reseller do on this build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct House {
    /// The reseller's short name.
    pub reseller: String,
    /// Its active releases.
    pub releases: Vec<Examined>,
}

/// Asks every active release of every reseller its kept questions again. Each reseller's trail tells that it was done.
pub async fn plugins(app: &App) -> Result<Vec<House>> {
    let mut houses = Vec::new();
    for (reseller, caller) in moving::examine(app).await? {
        let releases = plugins::examine(app, &caller).await?;
        houses.push(House { reseller, releases });
    }
    Ok(houses)
}

/// Whether nothing would change.
pub fn is_well(houses: &[House]) -> bool {
    houses
        .iter()
        .flat_map(|house| &house.releases)
        .all(Examined::is_well)
}

/// A line for each release, and one below it for each difference.
pub fn lines(houses: &[House]) -> Vec<String> {
    let mut lines = Vec::new();
    for house in houses {
        for release in &house.releases {
            let (reseller, plugin, digest) = (&house.reseller, &release.plugin, &release.digest);
            lines.push(format!("{reseller}  {plugin}  {digest}  {}", verdict(release)));
            lines.extend(release.differs.iter().map(|differing| {
                format!(
                    "  run {}: {} differs at {}",
                    differing.run, differing.function, differing.at
                )
            }));
        }
    }
    lines
}

fn verdict(release: &Examined) -> String {
    match &release.not_loaded {
        Some(why) => format!("cannot be loaded: {why}"),
        None => format!(
            "{} same, {} differ, {} unclear",
            release.same,
            release.differs.len(),
            release.unclear
        ),
    }
}

/// The same for programs.
pub fn document(houses: &[House]) -> Value {
    let release = |release: &Examined| {
        let differs = release.differs.iter();
        let differs = differs.map(|it| json!({ "run_id": it.run, "function": it.function, "at": it.at }));
        json!({
            "release_id": release.release.uuid(), "plugin": release.plugin, "digest": release.digest,
            "not_loaded": release.not_loaded, "same": release.same, "differs": differs.collect::<Vec<_>>(),
            "unclear": release.unclear,
        })
    };
    let house = |house: &House| {
        let releases: Vec<_> = house.releases.iter().map(release).collect();
        json!({ "reseller": house.reseller, "releases": releases })
    };
    json!({
        "build": nexusport_sandbox::BUILD,
        "well": is_well(houses),
        "resellers": houses.iter().map(house).collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::plugins::Differing;

    fn house(change: impl FnOnce(&mut Examined)) -> Vec<House> {
        let mut release = Examined {
            release: Uuid::nil().into(),
            digest: "d".to_owned(),
            plugin: "monthly".to_owned(),
            not_loaded: None,
            same: 3,
            differs: Vec::new(),
            unclear: 1,
        };
        change(&mut release);
        vec![House {
            reseller: "northlight".to_owned(),
            releases: vec![release],
        }]
    }

    #[test]
    fn what_differs_is_told_by_its_place_alone() {
        let well = house(|_| {});
        assert!(is_well(&well));
        assert_eq!(
            lines(&well),
            ["northlight  monthly  d  3 same, 0 differ, 1 unclear"]
        );
        let ill = house(|release| {
            release.differs.push(Differing {
                run: Uuid::nil(),
                function: "pricing.price",
                at: "answered.Ok.charges[0].amount".to_owned(),
            });
        });
        assert!(!is_well(&ill));
        let told = lines(&ill);
        assert!(
            told[1].ends_with("pricing.price differs at answered.Ok.charges[0].amount"),
            "{told:?}"
        );
        assert_eq!(document(&ill)["well"], false);
    }

    #[test]
    fn what_cannot_be_loaded_is_not_well() {
        let ill = house(|release| release.not_loaded = Some("it no longer compiles".to_owned()));
        assert!(!is_well(&ill));
        assert!(lines(&ill)[0].ends_with("cannot be loaded: it no longer compiles"));
    }
}
