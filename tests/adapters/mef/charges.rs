//! Charges that an order is held for. A charge has the number of its order.

use axum::{
    Extension, Json,
    body::Bytes,
    extract::{Path, Query, State},
    http::StatusCode,
    response::Response,
};
use chrono::TimeDelta;
use nexusport_simulator::Caller;
use serde::Deserialize;
use serde_json::{Value, json};

use super::seller::{Answer, Charging, No, Record, Seller, Stage, not_found, page, time};

/// The items of every charge: id, whether it blocks, and what it costs.
const ITEMS: [(&str, bool, u32); 2] = [("1", true, 100), ("2", false, 5)];

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Asked {
    #[allow(dead_code, reason = "checked for every call")]
    buyer_id: String,
    product_order_id: String,
}

pub async fn list(
    State(seller): State<Seller>,
    Extension(Caller(account)): Extension<Caller>,
    Query(asked): Query<Asked>,
) -> Response {
    let charged = charged(&seller, &account).into_iter();
    let of_the_order = charged.filter(|record| record.id == asked.product_order_id);
    let summary = |record: Record| {
        let mut summary = show(&record);
        summary.as_object_mut().unwrap().remove("chargeItem");
        summary
    };
    page(of_the_order.map(summary).collect(), 0, None)
}

pub async fn retrieve(
    State(seller): State<Seller>,
    Extension(Caller(account)): Extension<Caller>,
    Path(id): Path<String>,
) -> Answer<Json<Value>> {
    Ok(Json(show(&find(&seller, &account, &id)?)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Reply {
    charge_item: Vec<ReplyItem>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct ReplyItem {
    id: String,
    acceptance_indicator: Indicator,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
enum Indicator {
    Accepted,
    Rejected,
}

/// The Buyer's answer to all items at once. The order goes on where what blocks is accepted.
pub async fn respond(
    State(seller): State<Seller>,
    Extension(Caller(account)): Extension<Caller>,
    Path(id): Path<String>,
    body: Bytes,
) -> Answer<Json<Value>> {
    let invalid = |why: String| No(StatusCode::BAD_REQUEST, "invalidBody", why);
    let reply: Reply = serde_json::from_slice(&body).map_err(|error| invalid(error.to_string()))?;
    let mut record = find(&seller, &account, &id)?;
    if record.answers.is_some() {
        let reason = "the charge is answered already".to_owned();
        return Err(No(StatusCode::CONFLICT, "conflict", reason));
    }
    let answer = |id: &str| reply.charge_item.iter().find(|item| item.id == id);
    let [Some(blocking), Some(other)] = ITEMS.map(|(id, ..)| answer(id)) else {
        return Err(invalid("an item is not answered".to_owned()));
    };
    let answers = [blocking, other].map(|item| item.acceptance_indicator == Indicator::Accepted);
    record.answers = Some(answers);
    record.stage = match answers {
        [true, _] => seller.place(&record)?,
        [false, _] => Stage::Declined(seller.desk.now()),
    };
    let shown = show(&record);
    let mut records = seller.records();
    let kept = records.iter_mut().find(|it| it.id == record.id).unwrap();
    *kept = record;
    Ok(Json(shown))
}

fn charged(seller: &Seller, account: &str) -> Vec<Record> {
    match seller.charging {
        Charging::Nothing => Vec::new(),
        Charging::ItemsOfBothKinds => seller.of(account),
    }
}

fn find(seller: &Seller, account: &str, id: &str) -> Answer<Record> {
    let charged = charged(seller, account).into_iter();
    let mut found = charged.filter(|record| name(record) == id);
    found.next().ok_or_else(not_found)
}

fn name(record: &Record) -> String {
    format!("charge-of-{}", record.id)
}

fn show(record: &Record) -> Value {
    let items = ITEMS.iter().enumerate().map(|(n, (id, blocking, price))| {
        let mut item = json!({
            "id": id, "activityType": "new", "blocking": blocking, "priceType": "nonRecurring", "priceCategory": "connection",
            "price": { "dutyFreeAmount": { "unit": "EUR", "value": price } }, "state": "awaitingResponse",
        });
        if let Some(answers) = record.answers {
            let (state, indicator) = match answers[n] {
                true => ("acceptedByBuyer", "accepted"),
                false => ("declinedByBuyer", "rejected"),
            };
            item["state"] = json!(state);
            item["acceptanceIndicator"] = json!(indicator);
        }
        item
    });
    let state = match record.answers {
        Some(_) => "completed",
        None => "awaitingResponse",
    };
    json!({
        "id": name(record), "state": state, "creationDate": time(record.date),
        "responseDueDate": time(record.date + TimeDelta::days(2)), "chargeItem": items.collect::<Vec<_>>(),
        "productOrderItem": { "productOrderId": record.id, "productOrderItemId": "1" },
    })
}
