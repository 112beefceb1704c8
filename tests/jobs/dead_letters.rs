//! What is done about work that was set aside.

use super::*;

async fn shown(client: &crate::harness::Client) -> Vec<serde_json::Value> {
    let letters = client.get("/v1/dead-letters").await.expect(200);
    letters["items"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_dead_letter_is_done_again_from_the_start_or_let_be() {
    let host = Host::start().await;
    let northlight = host.reseller("northlight").await;
    let caller = entrance::authenticate(&host.app, &northlight.key).await.unwrap();
    let stranger = host.reseller("harbour").await;
    enqueue(&host, &caller, poison(), 0).await;
    worker::drain(&host.app).await.unwrap();
    let letters = shown(&northlight.client).await;
    assert_eq!(letters.len(), 1);
    assert_eq!(letters[0]["kind"], "start_change");
    assert!(shown(&stranger.client).await.is_empty());
    let path = format!("/v1/dead-letters/{}", crate::harness::text(&letters[0]["id"]));
    let replay = format!("{path}/replay");
    stranger
        .client
        .post(&replay, serde_json::json!(null))
        .await
        .problem(404, "not_found");
    northlight
        .client
        .post(&replay, serde_json::json!(null))
        .await
        .expect(204);
    assert!(shown(&northlight.client).await.is_empty());
    let claimed = claim_all(&host).await;
    assert_eq!((claimed.len(), claimed[0].attempts), (1, 1));
    jobs::finish(&host.app, &claimed[0], Outcome::GiveUp("still".into()))
        .await
        .unwrap();
    let again = shown(&northlight.client).await;
    assert_eq!(
        (&again[0]["id"], &again[0]["error"]),
        (&letters[0]["id"], &serde_json::json!("still"))
    );
    northlight
        .client
        .post(&format!("{path}/discard"), serde_json::json!(null))
        .await
        .expect(204);
    assert!(shown(&northlight.client).await.is_empty());
    northlight
        .client
        .post(&replay, serde_json::json!(null))
        .await
        .problem(404, "not_found");
    let events = northlight
        .client
        .get("/v1/audit-events?limit=200")
        .await
        .expect(200)
        .to_string();
    assert!(events.contains("job.replay") && events.contains("job.discard"));
}

#[tokio::test]
async fn work_that_waits_already_is_not_doubled_by_its_dead_letter() {
    let host = Host::start().await;
    let northlight = host.reseller("northlight").await;
    let caller = entrance::authenticate(&host.app, &northlight.key).await.unwrap();
    let kind = poison();
    enqueue(&host, &caller, kind, 0).await;
    worker::drain(&host.app).await.unwrap();
    let letter = crate::harness::text(&shown(&northlight.client).await[0]["id"]);
    enqueue(&host, &caller, kind, 60).await;
    let replay = format!("/v1/dead-letters/{letter}/replay");
    northlight
        .client
        .post(&replay, serde_json::json!(null))
        .await
        .problem(409, "already_waiting");
}
