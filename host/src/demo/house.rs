//! One reseller of the story and everything it brings: plugins, a carrier, customers with ports.

use anyhow::Context as _;
use nexusport_simulator::{Account, NewPort};
use serde_json::{Value, json};

use super::{caller::Caller, narrator::Narrator, stage::Stage};
use crate::app;

/// Who a reseller is and what it brings.
pub struct Plan {
    /// Short name in its address.
    pub slug: &'static str,
    /// Name for people.
    pub name: &'static str,
    /// ISO 4217.
    pub currency: &'static str,
    /// IANA name.
    pub time_zone: &'static str,
    /// The pricing plugin: name, component, settings.
    pub pricing: (&'static str, &'static [u8], Value),
    /// The branding plugin: name, component.
    pub brand: (&'static str, &'static [u8]),
}

/// A reseller that is ready to sell.
pub struct House {
    /// Who it is.
    pub plan: Plan,
    /// The reseller itself.
    pub reseller: Caller,
    /// Its key, to try the API with.
    pub key: String,
    /// Its carrier.
    pub carrier_id: String,
    /// The owner's address and password.
    pub login: (String, String),
    password: String,
}

/// A customer with a port.
pub struct Customer {
    /// The tenant.
    pub id: String,
    /// The customer itself.
    pub caller: Caller,
    /// Its key, to try the API with.
    pub key: String,
    /// Its port.
    pub port_id: String,
    /// The owner's address and password.
    pub login: (String, String),
}

impl House {
    /// Signs up, uploads, connects, activates: with nobody's help.
    pub async fn open(stage: &Stage, plan: Plan, tell: &Narrator) -> anyhow::Result<Self> {
        let anybody = stage.anybody()?;
        let password = hex::encode(app::random::<8>());
        let email = format!("owner@{}.example", plan.slug);
        let signed_up = anybody
            .post("/v1/signup", json!({
                "slug": plan.slug, "name": plan.name, "currency": plan.currency, "time_zone": plan.time_zone,
                "owner": { "email": email, "name": "Olivia Owner", "password": password },
            }))
            .await?;
        tell.step(
            plan.name,
            &format!(
                "signs up by itself and is served at {}",
                text(&signed_up["address"])?
            ),
        );
        let session = anybody.with_token(&text(&signed_up["token"])?);
        let key = text(&session.post("/v1/api-keys", json!({ "name": "demo" })).await?["secret"])?;
        let reseller = anybody.with_token(&key);
        let mut house = Self {
            reseller,
            key,
            carrier_id: String::new(),
            login: (email, password.clone()),
            password,
            plan,
        };
        house.connect_carrier(stage, tell).await?;
        house.activate_all(tell).await?;
        Ok(house)
    }

    async fn connect_carrier(&mut self, stage: &Stage, tell: &Narrator) -> anyhow::Result<()> {
        let secret = hex::encode(app::random::<16>());
        let account = Account::new(self.plan.slug, &secret, self.plan.slug);
        stage
            .carrier
            .control()
            .add_account(account)
            .map_err(|refusal| anyhow::anyhow!("{refusal:?}"))?;
        // The month goes by in seconds: four looks at each port are enough to tell of.
        let weekly = json!({ "every_minutes": 10_080 });
        self.reseller.put("/v1/settings/reconciliation", weekly).await?;
        let carrier = self
            .reseller
            .post("/v1/carriers", json!({ "name": "metro-net" }))
            .await?;
        self.carrier_id = text(&carrier["id"])?;
        let path = format!("/v1/carriers/{}", self.carrier_id);
        let url = json!({ "base_url": stage.carrier.url() });
        self.reseller
            .put(&format!("{path}/destinations/api"), url)
            .await?;
        let secret = json!({
            "secret": { "kind": "oauth2", "client_id": self.plan.slug, "client_secret": secret,
                "token_destination": "api", "token_target": "/oauth/token" },
            "destinations": ["api"],
        });
        self.reseller
            .put(&format!("{path}/credentials/oauth"), secret)
            .await?;
        tell.step(
            self.plan.name,
            "connects its carrier with a credential of its own, sealed and bound to one destination",
        );
        Ok(())
    }

    async fn activate_all(&self, tell: &Narrator) -> anyhow::Result<()> {
        let (pricing, price_component, settings) = &self.plan.pricing;
        let (brand, brand_component) = self.plan.brand;
        self.activate(
            "metro-adapter",
            nexusport_plugins::CARRIER_SIMULATOR,
            json!({
                "world": "carrier", "carrier_id": self.carrier_id, "settings": { "poll_seconds": 10 },
            }),
            tell,
        )
        .await?;
        self.activate(
            pricing,
            price_component,
            json!({ "world": "pricing", "settings": settings }),
            tell,
        )
        .await?;
        self.activate(
            brand,
            brand_component,
            json!({ "world": "branding", "settings": {} }),
            tell,
        )
        .await
    }

    /// Uploads a component, approves what it asks for and lets it serve.
    pub async fn activate(
        &self,
        name: &str,
        component: &[u8],
        activation: Value,
        tell: &Narrator,
    ) -> anyhow::Result<()> {
        let release = self
            .reseller
            .upload(&format!("/v1/plugins/{name}/releases"), component)
            .await?;
        let id = text(&release["id"])?;
        self.reseller
            .post(
                &format!("/v1/releases/{id}/approve"),
                json!({ "digest": release["digest"] }),
            )
            .await?;
        let mut activation = activation;
        activation["release_id"] = json!(id);
        let world = activation
            .as_object_mut()
            .and_then(|fields| fields.remove("world"));
        self.reseller.post("/v1/activations", activation).await?;
        let (world, digest) = (world.unwrap_or_default(), text(&release["digest"])?);
        let size = component.len() / 1024;
        tell.step(
            self.plan.name,
            &format!(
                "uploads {name} ({} plugin, {size} KiB, sha256 {}…), approves and activates it",
                world.as_str().unwrap_or_default(),
                &digest[..12]
            ),
        );
        Ok(())
    }

    /// Adds a customer whose owner accepts an invitation, and its port at the carrier.
    pub async fn add_customer(
        &self,
        stage: &Stage,
        slug: &str,
        name: &str,
        mbps: u32,
        tell: &Narrator,
    ) -> anyhow::Result<Customer> {
        let Plan {
            currency, time_zone, ..
        } = self.plan;
        let new = json!({ "slug": slug, "name": name, "currency": currency, "time_zone": time_zone });
        let id = text(&self.reseller.post("/v1/customers", new).await?["id"])?;
        let email = format!("owner@{slug}.example");
        let invitation = json!({ "email": email });
        self.reseller
            .post(&format!("/v1/customers/{id}/invitations"), invitation)
            .await?;
        let anybody = stage.anybody()?;
        let accept = json!({ "token": stage.mailed_token(&email).await?, "name": "Carla Customer", "password": self.password });
        let session = anybody.post("/v1/invitations/accept", accept).await?;
        let session = anybody.with_token(&text(&session["token"])?);
        let key = text(&session.post("/v1/api-keys", json!({ "name": "demo" })).await?["secret"])?;
        let reference = format!("{slug}-1");
        let port = NewPort::new(self.plan.slug, &reference, mbps, 10_000);
        stage
            .carrier
            .control()
            .add_port(port)
            .map_err(|refusal| anyhow::anyhow!("{refusal:?}"))?;
        let port = self
            .reseller
            .post("/v1/ports", json!({
                "customer_id": id, "name": reference, "carrier_id": self.carrier_id, "reference": reference, "base_mbps": mbps,
            }))
            .await?;
        tell.step(
            self.plan.name,
            &format!("adds the customer {name}, who accepts the invitation, and its port {reference}"),
        );
        Ok(Customer {
            id,
            caller: anybody.with_token(&key),
            key,
            port_id: text(&port["id"])?,
            login: (email, self.password.clone()),
        })
    }
}

/// A JSON string's text.
pub fn text(value: &Value) -> anyhow::Result<String> {
    Ok(value
        .as_str()
        .with_context(|| format!("{value} where a text was expected"))?
        .to_owned())
}
