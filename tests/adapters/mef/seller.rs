//! What a Seller keeps of its orders beside the carrier's own: who asked for what, and which charges hold it up.

use std::sync::{Arc, Mutex, MutexGuard};

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use chrono::{DateTime, SecondsFormat, Utc};
use nexusport_simulator::{Desk, Order, Placement, Refusal, Status};
use serde_json::{Value, json};

use super::ORDERS;

/// What every order is charged before it goes on.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Charging {
    Nothing,
    /// 100 EUR that block, and 5 EUR that do not.
    ItemsOfBothKinds,
}

#[derive(Clone)]
pub struct Seller {
    pub desk: Desk,
    pub charging: Charging,
    records: Arc<Mutex<Vec<Record>>>,
}

/// An order as its Buyer placed it.
#[derive(Clone)]
pub struct Record {
    pub id: String,
    pub account: String,
    pub product: String,
    pub mbps: u32,
    pub body: Value,
    pub date: DateTime<Utc>,
    pub stage: Stage,
    /// Which items of its charge were accepted, once the Buyer has answered.
    pub answers: Option<[bool; 2]>,
}

/// How far the Seller is with it.
#[derive(Clone)]
pub enum Stage {
    /// Held for the answer to its charge.
    Held,
    /// In the carrier's hands, under the carrier's own id.
    Placed(String),
    /// Not carried out, since this time, because a blocking charge was declined.
    Declined(DateTime<Utc>),
}

/// Why something is not done: a status, and an error's code and reason.
pub struct No(pub StatusCode, pub &'static str, pub String);

pub type Answer<T> = Result<T, No>;

impl IntoResponse for No {
    fn into_response(self) -> Response {
        let Self(status, code, reason) = self;
        let error = json!({ "code": code, "reason": reason });
        // There may be several problems with what is asked, so they are a list.
        let body = match status {
            StatusCode::UNPROCESSABLE_ENTITY => json!([error]),
            _ => error,
        };
        (status, Json(body)).into_response()
    }
}

impl From<Refusal> for No {
    fn from(refusal: Refusal) -> Self {
        let (status, code) = match refusal {
            Refusal::NotFound(_) => (StatusCode::NOT_FOUND, "notFound"),
            Refusal::TooFast { .. } | Refusal::BadSpeed { .. } => {
                (StatusCode::UNPROCESSABLE_ENTITY, "invalidValue")
            }
            _ => (StatusCode::UNPROCESSABLE_ENTITY, "otherIssue"),
        };
        Self(status, code, refusal.to_string())
    }
}

pub fn not_found() -> No {
    No(StatusCode::NOT_FOUND, "notFound", "there is none".to_owned())
}

impl Seller {
    pub fn new(desk: Desk, charging: Charging) -> Self {
        Self {
            desk,
            charging,
            records: Arc::default(),
        }
    }

    pub fn records(&self) -> MutexGuard<'_, Vec<Record>> {
        self.records.lock().unwrap()
    }

    /// The account's orders, oldest first.
    pub fn of(&self, account: &str) -> Vec<Record> {
        let records = self.records();
        let own = records.iter().filter(|record| record.account == account);
        own.cloned().collect()
    }

    pub fn record(&self, account: &str, id: &str) -> Answer<Record> {
        let own = self.of(account);
        own.into_iter()
            .find(|record| record.id == id)
            .ok_or_else(not_found)
    }

    /// Gives the order to the carrier.
    pub fn place(&self, record: &Record) -> Answer<Stage> {
        let order = self.desk.place(&Placement {
            call: ("POST", ORDERS),
            account: &record.account,
            port: &record.product,
            mbps: record.mbps,
            reference: record.body["externalId"].as_str().unwrap_or(&record.id),
        })?;
        Ok(Stage::Placed(order.id))
    }

    /// The carrier's order, if it has one.
    pub fn placed(&self, record: &Record) -> Option<Order> {
        let Stage::Placed(id) = &record.stage else {
            return None;
        };
        self.desk.order(&record.account, id).ok()
    }

    /// The states of the order and of its item.
    pub fn states(&self, record: &Record) -> (&'static str, &'static str) {
        match (&record.stage, self.placed(record)) {
            (Stage::Held, _) => ("held.assessingCharge", "held"),
            (Stage::Declined(_), _) | (Stage::Placed(_), None) => ("failed", "failed"),
            (Stage::Placed(_), Some(order)) => match order.status {
                Status::Accepted => ("acknowledged", "acknowledged"),
                Status::Provisioning => ("inProgress", "inProgress"),
                Status::Completed => ("completed", "completed"),
                Status::Rejected => ("failed", "failed"),
                Status::Cancelled => ("cancelled", "cancelled"),
            },
        }
    }

    /// When it ended, if it has.
    pub fn ended_at(&self, record: &Record) -> Option<DateTime<Utc>> {
        match record.stage {
            Stage::Declined(at) => Some(at),
            Stage::Held => None,
            Stage::Placed(_) => self.placed(record)?.completed_at,
        }
    }
}

pub fn time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// A page of a list, and how many there are.
pub fn page(all: Vec<Value>, offset: usize, limit: Option<usize>) -> Response {
    let total = all.len();
    let shown: Vec<_> = all
        .into_iter()
        .skip(offset)
        .take(limit.unwrap_or(total))
        .collect();
    let headers = [
        ("x-total-count", total.to_string()),
        ("x-result-count", shown.len().to_string()),
    ];
    (headers, Json(shown)).into_response()
}
