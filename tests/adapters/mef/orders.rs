//! Product orders of one item that modifies a product.

use axum::{
    Extension, Json,
    body::Bytes,
    extract::{Path, Query, State},
    http::StatusCode,
    response::Response,
};
use nexusport_simulator::Caller;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    inventory::configuration,
    seller::{Answer, Charging, No, Record, Seller, Stage, page, time},
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Asked {
    #[allow(dead_code, reason = "checked for every call")]
    buyer_id: String,
    external_id: Option<String>,
    #[serde(default)]
    offset: usize,
    limit: Option<usize>,
}

pub async fn list(
    State(seller): State<Seller>,
    Extension(Caller(account)): Extension<Caller>,
    Query(asked): Query<Asked>,
) -> Response {
    let wanted = |record: &Record| {
        let wanted = asked.external_id.as_deref();
        wanted.is_none_or(|id| record.body["externalId"] == id)
    };
    let found = seller.of(&account).into_iter().filter(wanted);
    let summaries = found.map(|record| {
        let (state, _) = seller.states(&record);
        let mut summary = json!({
            "id": record.id, "state": state, "orderDate": time(record.date), "externalId": record.body["externalId"],
        });
        if let Some(at) = seller.ended_at(&record) {
            summary["completionDate"] = json!(time(at));
        }
        summary
    });
    page(summaries.collect(), asked.offset, asked.limit)
}

pub async fn retrieve(
    State(seller): State<Seller>,
    Extension(Caller(account)): Extension<Caller>,
    Path(id): Path<String>,
) -> Answer<Json<Value>> {
    let record = seller.record(&account, &id)?;
    Ok(Json(show(&seller, &record)))
}

/// The order as it was placed, with what has become of it.
fn show(seller: &Seller, record: &Record) -> Value {
    let (state, item_state) = seller.states(record);
    let mut order = record.body.clone();
    order["id"] = json!(record.id);
    order["state"] = json!(state);
    order["orderDate"] = json!(time(record.date));
    let mut item = order["productOrderItem"][0].take();
    item["state"] = json!(item_state);
    if let Some(at) = seller.ended_at(record) {
        order["completionDate"] = json!(time(at));
        item["completionDate"] = json!(time(at));
    }
    let reason = match record.stage {
        Stage::Declined(_) => Some("a blocking charge was declined".to_owned()),
        _ => seller
            .placed(record)
            .and_then(|order| order.reason)
            .map(|it| it.message),
    };
    if let Some(reason) = reason {
        item["terminationError"] = json!([{ "code": "otherIssue", "value": reason }]);
    }
    order["productOrderItem"] = json!([item]);
    order
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct ProductOrder {
    #[allow(dead_code, reason = "echoed as it came")]
    external_id: Option<String>,
    related_contact_information: Vec<Contact>,
    product_order_item: Vec<Item>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[allow(dead_code, reason = "all of it must be there")]
struct Contact {
    email_address: String,
    name: String,
    number: String,
    organization: Option<String>,
    role: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[allow(dead_code, reason = "nothing else may be there")]
struct Item {
    id: String,
    action: String,
    requested_completion_date: Option<chrono::DateTime<chrono::Utc>>,
    related_contact_information: Vec<Contact>,
    billing_account: Option<Value>,
    product: Product,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[allow(dead_code, reason = "nothing else may be there")]
struct Product {
    id: String,
    product_configuration: Value,
    product_offering: Option<Value>,
    product_relationship: Option<Value>,
}

pub async fn create(
    State(seller): State<Seller>,
    Extension(Caller(account)): Extension<Caller>,
    body: Bytes,
) -> Answer<(StatusCode, Json<Value>)> {
    let invalid = |error: serde_json::Error| No(StatusCode::BAD_REQUEST, "invalidBody", error.to_string());
    let order: ProductOrder = serde_json::from_slice(&body).map_err(invalid)?;
    let (product, mbps) = check(&order)?;
    if seller.desk.port(&account, &product).is_err() {
        return Err(wrong("referenceNotFound", "there is no such product"));
    }
    seller.desk.check(&account, &product, mbps)?;
    let is_open = |record: &Record| record.product == product && seller.ended_at(record).is_none();
    if seller.of(&account).iter().any(is_open) {
        return Err(wrong("otherIssue", "another order on the product is open"));
    }
    let mut record = Record {
        id: format!("po-{}", seller.records().len() + 1),
        account,
        product,
        mbps,
        body: serde_json::from_slice(&body).map_err(invalid)?,
        date: seller.desk.now(),
        stage: Stage::Held,
        answers: None,
    };
    if seller.charging == Charging::Nothing {
        record.stage = seller.place(&record)?;
    }
    let mut taken = show(&seller, &record);
    taken["state"] = json!("acknowledged");
    taken["productOrderItem"][0]["state"] = json!("acknowledged");
    seller.records().push(record);
    Ok((StatusCode::CREATED, Json(taken)))
}

/// The product and its new speed, where the order asks for nothing but that and says whom to ask.
fn check(order: &ProductOrder) -> Answer<(String, u32)> {
    let [item] = &*order.product_order_item else {
        return Err(wrong("invalidValue", "there is one item to an order"));
    };
    let has = |contacts: &[Contact], role: &str| contacts.iter().any(|contact| contact.role == role);
    let needed = [
        "buyerProductOrderItemContact",
        "buyerImplementationContact",
        "buyerTechnicalContact",
    ];
    if !has(&order.related_contact_information, "productOrderContact")
        || !needed
            .iter()
            .all(|role| has(&item.related_contact_information, role))
    {
        return Err(wrong("missingProperty", "a contact is missing"));
    }
    if item.action != "modify" || item.requested_completion_date.is_none() {
        return Err(wrong("invalidValue", "only changes on a date are taken"));
    }
    let wanted = &item.product.product_configuration;
    let flow = &wanted["evcEndPointA"]["ingressBandwidthProfilePerClassOfServiceName"][0]["bwpFlow"];
    let rate = &flow["eir"];
    match rate["irValue"].as_u64().filter(|_| rate["irUnits"] == "MBPS") {
        Some(mbps) if *wanted == configuration(rate) => Ok((item.product.id.clone(), mbps as u32)),
        _ => Err(wrong("invalidValue", "that is no such product at another speed")),
    }
}

fn wrong(code: &'static str, reason: &str) -> No {
    No(StatusCode::UNPROCESSABLE_ENTITY, code, reason.to_owned())
}
