//! A provider changes its keys.

use serde_json::json;

use super::{Stage, provider::Plan};

#[tokio::test]
async fn a_key_that_is_new_is_asked_for_once_more_and_once_only() {
    let stage = Stage::set().await;
    let named = |kid: &str, published: &str| Plan {
        kid: Some(kid.to_owned()),
        published_kid: Some(published.to_owned()),
        ..Plan::default()
    };
    let ann = || json!({ "sub": "ann", "email": "ann@quay.example" });
    stage.provider.plan(named("first", "first"));
    stage.come_as(ann()).await.expect(200);
    stage.come_as(ann()).await.expect(200);
    assert_eq!(stage.provider.asked("keys"), 1, "keys are kept for a while");
    stage.provider.plan(named("second", "second"));
    stage.come_as(ann()).await.expect(200);
    assert_eq!(stage.provider.asked("keys"), 2);
    stage.provider.plan(named("third", "second"));
    stage.come_as(ann()).await.problem(401, "provider_disbelieved");
    assert_eq!(stage.provider.asked("keys"), 3);
}
