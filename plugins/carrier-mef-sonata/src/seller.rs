//! Asking a Seller, with what it and a reseller agreed on beside the standard.

use nexusport_sdk::carrier::*;
use nexusport_sdk::serde_json::{self, Value};

use crate::words::{id, refused};

pub const SCHEMA: &str = include_str!("settings.schema.json");
pub const ORDER: &str = "order";
pub const INVENTORY: &str = "inventory";
pub const OAUTH: &str = "oauth";
/// How long a request that was lost may still take effect.
pub const SETTLE_SECONDS: u32 = 60;

/// What was chosen, and what the schema says of the rest.
pub struct Settings {
    chosen: Value,
    schema: Value,
}

impl Settings {
    pub fn of(operation: &Operation) -> Run<Self> {
        let schema = serde_json::from_slice(SCHEMA.as_bytes()).unwrap_or_default();
        let chosen = operation.settings()?;
        Ok(Self { chosen, schema })
    }
}

/// The Seller, as an operation reaches it.
pub struct Seller<'s, 'j> {
    pub operation: &'s Operation,
    pub settings: &'s Settings,
    pub link: &'s mut Link<'j>,
}

impl<'j> Seller<'_, 'j> {
    /// A setting, or its default.
    pub fn setting(&self, name: &str) -> &Value {
        let Settings { chosen, schema } = self.settings;
        let default = &schema["properties"][name]["default"];
        chosen.get(name).unwrap_or(default)
    }

    pub fn get(&mut self, destination: &str, target: &str) -> Run<Value> {
        let request = self.known(Request::get(destination, target));
        self.link.send(request)?.ok()?.json()
    }

    pub fn get_list(&mut self, destination: &str, target: &str) -> Run<Vec<Value>> {
        match self.get(destination, target)? {
            Value::Array(list) => Ok(list),
            _ => Err(stuck(
                FaultKind::UnexpectedAnswer,
                "the carrier's answer is no list",
            )),
        }
    }

    /// A header of the latest answer.
    pub fn header(&self, name: &str) -> Option<&str> {
        match &self.link.last()?.answer {
            Answer::Answered(answer) => answer.header(name),
            _ => None,
        }
    }

    /// Gives the request the credential, and whom it is from and for where either stands for several.
    pub fn known(&self, mut request: Request) -> Request {
        for (parameter, name) in [("buyerId", "buyer_id"), ("sellerId", "seller_id")] {
            if let Some(id) = self.setting(name).as_str() {
                request = request.query(parameter, id);
            }
        }
        request.credential(OAUTH)
    }

    /// Sends an order or a withdrawal once and gives its id.
    pub fn once(
        &mut self,
        target: &str,
        body: &Value,
        find: &dyn Fn(&mut Seller<'_, 'j>) -> Run<Option<Value>>,
    ) -> Run<String> {
        let request = self.known(Request::post(ORDER, target).json(body));
        let (operation, settings) = (self.operation, self.settings);
        let read = |answer: &Response| match answer.status {
            200..300 => answer.json(),
            400 | 422 => Err(refused(answer)),
            _ => Err(answer.unexpected("")),
        };
        let find = |link: &mut Link<'j>| {
            find(&mut Seller {
                operation,
                settings,
                link,
            })
        };
        let taken: Value = self.link.place(&request, SETTLE_SECONDS, read, find)?;
        id(&taken)
    }

    /// Asks again later.
    pub fn wait(&self) -> Halt {
        let seconds = self.setting("poll_seconds").as_u64();
        again(seconds.map_or(60, |it| it as u32))
    }

    pub fn contact(&self, role: &str) -> Value {
        let mut contact = self.setting("contact").clone();
        if let Some(members) = contact.as_object_mut() {
            members.insert("role".to_owned(), role.into());
        }
        contact
    }
}
