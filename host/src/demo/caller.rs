//! Somebody in the story who uses the API as anyone would: over HTTP, with a key. Remembers what was asked and which
//! ids came back, so that strangers can be tried on everything that was made.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
};

use anyhow::{Context as _, bail};
use reqwest::Method;
use serde_json::Value;
use uuid::Uuid;

/// A request that was made and worked.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The method.
    pub method: Method,
    /// The path with its query.
    pub path: String,
    /// The JSON body.
    pub body: Value,
}

/// What a caller's family asked and got to know.
#[derive(Debug, Default)]
pub struct Memory {
    /// Requests with a body.
    pub asked: Vec<Asked>,
    /// Every id in every answer.
    pub ids: BTreeSet<Uuid>,
}

/// Somebody with a key.
#[derive(Clone)]
pub struct Caller {
    http: reqwest::Client,
    base: String,
    token: Option<String>,
    memory: Arc<Mutex<Memory>>,
}

/// A raw answer.
#[derive(Debug, PartialEq, Eq, Clone)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
}

impl Caller {
    /// Somebody at this address without a key.
    pub fn new(base: &str) -> anyhow::Result<Self> {
        let http = reqwest::Client::builder().no_proxy().build()?;
        Ok(Self {
            http,
            base: base.to_owned(),
            token: None,
            memory: Arc::default(),
        })
    }

    /// Somebody else at the same address, with a memory of its own.
    pub fn with_token(&self, token: &str) -> Self {
        Self {
            token: Some(token.to_owned()),
            memory: Arc::default(),
            ..self.clone()
        }
    }

    /// What was asked and got to know so far.
    pub fn memory(&self) -> std::sync::MutexGuard<'_, Memory> {
        self.memory
            .lock()
            .expect("nothing panics while holding the memory")
    }

    /// Reads something.
    pub async fn get(&self, path: &str) -> anyhow::Result<Value> {
        self.ask(Method::GET, path, Value::Null).await
    }

    /// Makes something.
    pub async fn post(&self, path: &str, body: Value) -> anyhow::Result<Value> {
        self.ask(Method::POST, path, body).await
    }

    /// Sets something.
    pub async fn put(&self, path: &str, body: Value) -> anyhow::Result<Value> {
        self.ask(Method::PUT, path, body).await
    }

    /// Uploads a component.
    pub async fn upload(&self, path: &str, component: &[u8]) -> anyhow::Result<Value> {
        let request = self
            .request(Method::POST, path)
            .header("content-type", "application/wasm")
            .body(component.to_vec());
        let answer = send(request).await?;
        self.understand(&Method::POST, path, answer)
    }

    /// Any request, with whatever comes back.
    pub async fn raw(&self, method: Method, path: &str, body: &Value) -> anyhow::Result<Answer> {
        let mut request = self.request(method, path);
        if !body.is_null() {
            request = request.json(body);
        }
        send(request).await
    }

    async fn ask(&self, method: Method, path: &str, body: Value) -> anyhow::Result<Value> {
        let answer = self.raw(method.clone(), path, &body).await?;
        let value = self.understand(&method, path, answer)?;
        if !body.is_null() {
            self.memory().asked.push(Asked {
                method,
                path: path.to_owned(),
                body,
            });
        }
        Ok(value)
    }

    fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.base));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    fn understand(&self, method: &Method, path: &str, answer: Answer) -> anyhow::Result<Value> {
        let text = String::from_utf8_lossy(&answer.body);
        if !(200..300).contains(&answer.status) {
            bail!("{method} {path} answered {}: {text}", answer.status);
        }
        if answer.body.is_empty() {
            return Ok(Value::Null);
        }
        let value = serde_json::from_slice(&answer.body)
            .with_context(|| format!("{method} {path} answered {text}"))?;
        remember_ids(&value, &mut self.memory().ids);
        Ok(value)
    }
}

async fn send(request: reqwest::RequestBuilder) -> anyhow::Result<Answer> {
    let response = request.send().await?;
    Ok(Answer {
        status: response.status().as_u16(),
        body: response.bytes().await?.to_vec(),
    })
}

/// Every text in the value that is an id.
pub fn remember_ids(value: &Value, ids: &mut BTreeSet<Uuid>) {
    match value {
        Value::String(text) => ids.extend(text.parse::<Uuid>().ok()),
        Value::Array(items) => items.iter().for_each(|item| remember_ids(item, ids)),
        Value::Object(fields) => fields.values().for_each(|field| remember_ids(field, ids)),
        _ => {}
    }
}
