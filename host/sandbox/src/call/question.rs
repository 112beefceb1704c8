//! What a host asks of plugins, one type for each function: what goes in, what it may take, what comes out. Whoever keeps
//! calls to make them again needs no more than these values. `describe` is no question: its answer is kept with a release.

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{branding, carrier, pricing};
use crate::limits::{Budget, Limits};
use crate::plugin::{Plugin, Run};

/// One call of a plugin, without the plugin.
pub trait Question: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// The world and its function, such as `pricing.price`.
    const FUNCTION: &'static str;
    /// What the function returns.
    type Answer: Serialize + Send + Sync + 'static;

    /// What the call may take.
    fn budget(&self, limits: &Limits) -> Budget;

    /// Asks it.
    fn ask(&self, plugin: &Plugin, budget: &Budget) -> Run<Self::Answer>;
}

/// The next step of an operation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Next {
    /// What is to be done at the carrier.
    pub operation: carrier::Operation,
    /// What was sent and answered so far.
    pub journal: Vec<carrier::Exchange>,
}

/// What a push of the carrier is about.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notified {
    /// As they came.
    pub headers: Vec<carrier::Header>,
    /// As it came.
    pub body: Vec<u8>,
}

/// Names, colours and logo.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RenderTheme {
    /// A JSON document.
    pub settings: Vec<u8>,
}

/// The tenant's own words for the host's keys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RenderLabels {
    /// A language tag, such as `en`.
    pub language: String,
    /// A JSON document.
    pub settings: Vec<u8>,
}

impl Question for Next {
    const FUNCTION: &'static str = "carrier.next";
    type Answer = carrier::Step;

    fn budget(&self, limits: &Limits) -> Budget {
        limits.carrier()
    }

    fn ask(&self, plugin: &Plugin, budget: &Budget) -> Run<carrier::Step> {
        plugin.carrier_next(&self.operation, &self.journal, budget)
    }
}

impl Question for Notified {
    const FUNCTION: &'static str = "carrier.notified";
    type Answer = Vec<String>;

    fn budget(&self, limits: &Limits) -> Budget {
        limits.carrier()
    }

    fn ask(&self, plugin: &Plugin, budget: &Budget) -> Run<Vec<String>> {
        plugin.carrier_notified(&self.headers, &self.body, budget)
    }
}

impl Question for pricing::Request {
    const FUNCTION: &'static str = "pricing.price";
    type Answer = Result<pricing::Priced, pricing::Refusal>;

    fn budget(&self, limits: &Limits) -> Budget {
        limits.pricing(pricing::facts(self))
    }

    fn ask(&self, plugin: &Plugin, budget: &Budget) -> Run<Self::Answer> {
        plugin.price(self, budget)
    }
}

impl Question for RenderTheme {
    const FUNCTION: &'static str = "branding.render-theme";
    type Answer = branding::Theme;

    fn budget(&self, limits: &Limits) -> Budget {
        limits.branding()
    }

    fn ask(&self, plugin: &Plugin, budget: &Budget) -> Run<branding::Theme> {
        plugin.branding_theme(&self.settings, budget)
    }
}

impl Question for RenderLabels {
    const FUNCTION: &'static str = "branding.render-labels";
    type Answer = Vec<branding::Label>;

    fn budget(&self, limits: &Limits) -> Budget {
        limits.branding()
    }

    fn ask(&self, plugin: &Plugin, budget: &Budget) -> Run<Vec<branding::Label>> {
        plugin.branding_labels(&self.language, &self.settings, budget)
    }
}

impl Question for branding::MessageRequest {
    const FUNCTION: &'static str = "branding.render-message";
    type Answer = branding::Message;

    fn budget(&self, limits: &Limits) -> Budget {
        limits.branding()
    }

    fn ask(&self, plugin: &Plugin, budget: &Budget) -> Run<branding::Message> {
        plugin.branding_message(self, budget)
    }
}

impl Question for branding::DocumentRequest {
    const FUNCTION: &'static str = "branding.render-document";
    type Answer = branding::Document;

    fn budget(&self, limits: &Limits) -> Budget {
        limits.branding()
    }

    fn ask(&self, plugin: &Plugin, budget: &Budget) -> Run<branding::Document> {
        plugin.branding_document(self, budget)
    }
}
