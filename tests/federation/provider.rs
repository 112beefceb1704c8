//! A small OpenID provider on loopback that signs with real keys and does as it is told, also what no provider should.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use axum::{
    Form, Json, Router,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use nexusport::app::Timestamp;
use openidconnect::{
    JsonWebKeyId, PrivateSigningKey as _,
    core::{CoreJwsSigningAlgorithm, CoreRsaPrivateSigningKey},
};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

pub const CLIENT: &str = "the-client";
pub const SECRET: &str = "a client secret, 100% +odd&";

/// How it answers at one of its addresses.
#[derive(Clone, Default)]
pub enum Reply {
    /// As it should.
    #[default]
    Proper,
    /// A redirect to the proper answer.
    Redirect,
    /// Megabytes.
    Huge,
    /// Nothing, ever.
    Silence,
    /// This instead of the proper fields.
    With(Value),
    /// A refusal with this for an error.
    Denied(String),
    /// The proper answer, once two waits are over: for being asked, and for going on.
    Held(Arc<tokio::sync::Barrier>),
}

/// What a token is signed with.
#[derive(Clone, Copy, Default)]
pub enum Signing {
    #[default]
    Own,
    /// Another key under the same name.
    Other,
    /// `alg: none`.
    None,
    /// HS256 with these words as the secret.
    Hmac(Secret),
}

#[derive(Clone, Copy)]
pub enum Secret {
    /// The public key, which everybody has.
    PublicKey,
    /// What client and provider share.
    Client,
}

/// What it does.
#[derive(Default, Clone)]
pub struct Plan {
    pub discovery: Reply,
    pub keys: Reply,
    pub token: Reply,
    pub signing: Signing,
    /// Written over the token's claims; null takes one away.
    pub claims: Value,
    /// The key's name.
    pub kid: Option<String>,
    /// The name of the key that is published, where it is another one.
    pub published_kid: Option<String>,
}

#[derive(Default)]
struct Inner {
    issuer: String,
    plan: Plan,
    /// Code → (what was asked, claims).
    codes: HashMap<String, (HashMap<String, String>, Value)>,
    asked: Vec<String>,
}

#[derive(Clone)]
pub struct Provider {
    pub issuer: String,
    inner: Arc<Mutex<Inner>>,
}

impl Provider {
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let inner = Arc::new(Mutex::new(Inner {
            issuer: issuer.clone(),
            ..Inner::default()
        }));
        let app = Router::new()
            .route("/.well-known/openid-configuration", get(discovery))
            .route("/keys", get(keys))
            .route("/token", post(token))
            .with_state(inner.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { issuer, inner }
    }

    pub fn plan(&self, plan: Plan) {
        self.inner.lock().unwrap().plan = plan;
    }

    /// How often this was asked.
    pub fn asked(&self, path: &str) -> usize {
        let inner = self.inner.lock().unwrap();
        inner.asked.iter().filter(|asked| *asked == path).count()
    }

    /// A person signs in where the client sent it; gives the code to come back with.
    pub fn sign_in(&self, authorization_url: &str, claims: Value, now: Timestamp) -> String {
        let asked = query(authorization_url);
        assert_eq!(asked["client_id"], CLIENT);
        assert_eq!(asked["response_type"], "code");
        assert_eq!(asked["code_challenge_method"], "S256");
        let mut token = json!({
            "iss": self.issuer, "aud": CLIENT, "nonce": asked["nonce"],
            "iat": now.timestamp(), "exp": now.timestamp() + 300,
        });
        over(&mut token, &claims);
        let mut inner = self.inner.lock().unwrap();
        let code = format!("code-{}", inner.codes.len());
        inner.codes.insert(code.clone(), (asked, token));
        code
    }
}

/// A URL's query by name.
pub fn query(url: &str) -> HashMap<String, String> {
    let url = openidconnect::url::Url::parse(url).unwrap();
    url.query_pairs().into_owned().collect()
}

type Shared = State<Arc<Mutex<Inner>>>;

async fn discovery(State(inner): Shared) -> Response {
    let (reply, issuer) = {
        let mut inner = inner.lock().unwrap();
        inner.asked.push("discovery".to_owned());
        (inner.plan.discovery.clone(), inner.issuer.clone())
    };
    let proper = json!({
        "issuer": issuer, "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"), "jwks_uri": format!("{issuer}/keys"),
        "response_types_supported": ["code"], "subject_types_supported": ["public"],
        // A hostile provider would offer what it wants believed.
        "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
    });
    answer(reply, proper).await
}

async fn keys(State(inner): Shared) -> Response {
    let (reply, kid) = {
        let mut inner = inner.lock().unwrap();
        inner.asked.push("keys".to_owned());
        let kid = inner.plan.published_kid.clone().or(inner.plan.kid.clone());
        (inner.plan.keys.clone(), kid)
    };
    let key = serde_json::to_value(key(Signing::Own, kid).as_verification_key()).unwrap();
    answer(reply, json!({ "keys": [key] })).await
}

async fn token(
    State(inner): Shared,
    headers: HeaderMap,
    Form(form): Form<HashMap<String, String>>,
) -> Response {
    let (reply, proper) = {
        let mut inner = inner.lock().unwrap();
        inner.asked.push("token".to_owned());
        (inner.plan.token.clone(), exchange(&mut inner, &headers, &form))
    };
    match proper {
        Some(proper) => answer(reply, proper).await,
        None => (StatusCode::BAD_REQUEST, Json(json!({ "error": "invalid_grant" }))).into_response(),
    }
}

/// The token for a code, once, for who has the client's secret and the verifier.
fn exchange(inner: &mut Inner, headers: &HeaderMap, form: &HashMap<String, String>) -> Option<Value> {
    let encode = |text: &str| -> String {
        openidconnect::url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
    };
    let pair = format!("{}:{}", encode(CLIENT), encode(SECRET));
    let basic = base64::engine::general_purpose::STANDARD.encode(pair);
    let given = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (asked, mut claims) = inner.codes.remove(form.get("code")?)?;
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(form.get("code_verifier")?));
    let fits = challenge == asked["code_challenge"] && form.get("redirect_uri")? == &asked["redirect_uri"];
    if given != format!("Basic {basic}") || !fits {
        return None;
    }
    over(&mut claims, &inner.plan.claims);
    let token = sign(&inner.plan, &claims);
    Some(json!({ "access_token": "a", "token_type": "Bearer", "id_token": token }))
}

fn sign(plan: &Plan, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let alg = match plan.signing {
        Signing::Own | Signing::Other => "RS256",
        Signing::None => "none",
        Signing::Hmac(_) => "HS256",
    };
    let mut head = json!({ "alg": alg, "typ": "JWT" });
    if let Some(kid) = &plan.kid {
        head["kid"] = json!(kid);
    }
    let signed = format!("{}.{}", part(&head), part(claims));
    let signature = match plan.signing {
        Signing::None => Vec::new(),
        Signing::Hmac(secret) => hmac(secret, &signed),
        which => {
            let alg = CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256;
            key(which, None).sign(&alg, signed.as_bytes()).unwrap()
        }
    };
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

fn hmac(secret: Secret, signed: &str) -> Vec<u8> {
    let secret = match secret {
        Secret::Client => SECRET.to_owned(),
        Secret::PublicKey => {
            let public = serde_json::to_value(key(Signing::Own, None).as_verification_key()).unwrap();
            public["n"].as_str().unwrap().to_owned()
        }
    };
    let key = openidconnect::core::CoreHmacKey::new(secret);
    let alg = CoreJwsSigningAlgorithm::HmacSha256;
    key.sign(&alg, signed.as_bytes()).unwrap()
}

fn key(which: Signing, kid: Option<String>) -> CoreRsaPrivateSigningKey {
    let pem = match which {
        Signing::Other => include_str!("other_key.pem"),
        _ => include_str!("key.pem"),
    };
    CoreRsaPrivateSigningKey::from_pem(pem, kid.map(JsonWebKeyId::new)).unwrap()
}

async fn answer(reply: Reply, mut proper: Value) -> Response {
    match reply {
        Reply::Proper => Json(proper).into_response(),
        Reply::With(fields) => {
            over(&mut proper, &fields);
            Json(proper).into_response()
        }
        Reply::Redirect => (StatusCode::FOUND, [(header::LOCATION, "/elsewhere")]).into_response(),
        Reply::Huge => {
            proper["padding"] = json!("x".repeat(4 * 1024 * 1024));
            Json(proper).into_response()
        }
        Reply::Denied(error) => (StatusCode::BAD_REQUEST, Json(json!({ "error": error }))).into_response(),
        Reply::Held(barrier) => {
            barrier.wait().await;
            barrier.wait().await;
            Json(proper).into_response()
        }
        Reply::Silence => std::future::pending().await,
    }
}

fn over(object: &mut Value, fields: &Value) {
    let object = object.as_object_mut().unwrap();
    for (name, value) in fields.as_object().into_iter().flatten() {
        match value {
            Value::Null => object.remove(name),
            value => object.insert(name.clone(), value.clone()),
        };
    }
}
