//! What a reseller shows to whoever comes to its address, before anybody is known: the brand that serves all of its
//! customers, where it fails what its house wants instead, or a plain front with its name. What a brand made of one activation
//! is remembered, since it is a function of the release and the settings and strangers may ask as often as they like.

use std::sync::Arc;

use chrono::TimeDelta;
use nexusport_sandbox::branding::{Label, Theme};

use super::{Serving, fallback, labels, theme};
use crate::{
    app::{App, Timestamp},
    fault::Result,
    identity::{Caller, Purpose, tenants},
};

/// The one language that the host's own words are in.
const LANGUAGE: &str = "en";
/// How long a brand that failed is left alone.
const REST: TimeDelta = TimeDelta::minutes(1);

/// What a reseller shows to everybody.
#[derive(Debug, Clone)]
pub struct Front {
    /// Names, colours, logo. Everything in it can be put into a page.
    pub theme: Theme,
    /// The reseller's own words for the host's keys.
    pub labels: Vec<Label>,
}

/// What an activated brand came to.
pub(super) struct Painted {
    /// None where it failed.
    front: Option<Front>,
    /// Until when that is believed, if it is not for good.
    until: Option<Timestamp>,
}

impl Painted {
    /// About how much memory it takes.
    pub(super) fn bytes(&self) -> u64 {
        let labels = |front: &Front| -> usize {
            let labels = front.labels.iter();
            labels.map(|label| label.key.len() + label.text.len() + 64).sum()
        };
        let front = self.front.as_ref();
        let bytes = front.map_or(0, |front| front.theme.logo_svg.len() + labels(front));
        1024 + bytes as u64
    }
}

/// The front of the visitor's reseller.
pub async fn front(app: &App, visitor: &Caller) -> Result<Front> {
    let reseller = visitor.scope().reseller();
    let mut tx = app.db.house(&visitor.for_house(Purpose::Branding)).await?;
    let brands = fallback::brands_to_try(&mut tx, reseller, app.now()).await?;
    let name = tenants::find(&mut tx, reseller).await?.name;
    drop(tx);
    for brand in &brands {
        if let Some(front) = &painted(app, visitor, brand).await.front {
            return Ok(front.clone());
        }
    }
    Ok(plain(name))
}

async fn painted(app: &App, visitor: &Caller, serving: &Serving) -> Arc<Painted> {
    let reseller = visitor.scope().reseller();
    let known = app.plugins.front(reseller, serving.activation);
    let believed = |painted: &Arc<Painted>| painted.until.is_none_or(|until| app.now() < until);
    if let Some(painted) = known.filter(believed) {
        return painted;
    }
    let painted = match paint(app, visitor, serving).await {
        Ok(front) => Painted {
            front: Some(front),
            until: None,
        },
        Err(fault) => {
            tracing::warn!(%fault, digest = serving.digest, "the brand fails at its reseller's front");
            Painted {
                front: None,
                until: Some(app.now() + REST),
            }
        }
    };
    let painted = Arc::new(painted);
    app.plugins.remember_front(reseller, serving.activation, &painted);
    painted
}

async fn paint(app: &App, visitor: &Caller, serving: &Serving) -> Result<Front> {
    let Serving {
        activation: _,
        release,
        digest: _,
        settings,
    } = serving;
    Ok(Front {
        theme: theme(app, visitor, *release, settings).await?,
        labels: labels(app, visitor, *release, LANGUAGE, settings).await?,
    })
}

/// What every reseller starts with: its name on black and white.
fn plain(name: String) -> Front {
    let colour = |digits: &str| format!("#{digits}");
    Front {
        theme: Theme {
            name,
            primary: colour("222222"),
            accent: colour("555555"),
            background: colour("ffffff"),
            text: colour("222222"),
            logo_svg: String::new(),
            support_address: String::new(),
            extras: Vec::new(),
        },
        labels: Vec::new(),
    }
}
