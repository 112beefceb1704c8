//! Journeys that somebody else began, that are over, or that lead to another reseller.

use chrono::TimeDelta;
use serde_json::json;

use super::{Stage, begin, begin_with, call_back, come_back, name_provider, provider::query};

#[tokio::test]
async fn a_provider_of_another_reseller_is_unknown_here() {
    let stage = Stage::set().await;
    stage.host.reseller("harbour").await;
    let there = stage.host.client.at("harbour.localhost");
    let theirs = json!({ "provider_id": stage.provider_id });
    let nobodys = json!({ "provider_id": "00000000-0000-7000-8000-000000000000" });
    let theirs = there.post("/v1/federated-sign-ins", theirs).await;
    theirs.problem(404, "not_found");
    let nobodys = there.post("/v1/federated-sign-ins", nobodys).await;
    assert_eq!((theirs.status, theirs.bytes), (nobodys.status, nobodys.bytes));
    let options = there.get("/v1/sign-in-options").await.expect(200);
    assert_eq!(options["providers"], json!([]));
    let begin = json!({ "provider_id": stage.provider_id });
    stage
        .host
        .client
        .post("/v1/federated-sign-ins", begin)
        .await
        .problem(421, "misdirected");
    stage
        .host
        .client
        .get("/v1/sign-in-options")
        .await
        .problem(421, "misdirected");
    let back = call_back(&stage.host.client, &stage.provider_id, "state=x&code=y", None).await;
    back.problem(421, "misdirected");
}

#[tokio::test]
async fn a_journey_ends_once_in_time_where_and_by_whom_it_began() {
    let stage = Stage::set().await;
    stage.host.reseller("harbour").await;
    let (at, there) = (stage.at(), stage.host.client.at("harbour.localhost"));
    let provider = &stage.provider_id;
    let now = stage.host.app.now();
    let journey = begin(&at, &stage.provider_id).await;
    let ann = json!({ "sub": "ann", "email": "ann@quay.example" });
    let code = stage.provider.sign_in(&journey.url, ann.clone(), now);
    let state = query(&journey.url)["state"].clone();
    let mallory = begin(&at, &stage.provider_id).await;
    let expired = |answer: crate::harness::Answer| answer.problem(401, "sign_in_expired");
    // Somebody who was handed the link, without the cookie or with one of another journey.
    let link = format!("state={state}&code={code}");
    expired(call_back(&at, provider, &link, None).await);
    expired(call_back(&at, provider, &link, Some("__Host-sign-in=made-up")).await);
    expired(call_back(&at, provider, &link, Some(&mallory.cookie)).await);
    expired(
        call_back(
            &at,
            provider,
            &format!("state=made-up&code={code}"),
            Some(&journey.cookie),
        )
        .await,
    );
    // The right asker at another reseller's address.
    expired(come_back(&there, &journey, &code).await);
    assert_eq!(
        stage.provider.asked("token"),
        0,
        "no code was given away meanwhile"
    );
    come_back(&at, &journey, &code).await.expect(200);
    // Replayed, with the code or another.
    expired(come_back(&at, &journey, &code).await);
    let code = stage.provider.sign_in(&journey.url, ann.clone(), now);
    expired(come_back(&at, &journey, &code).await);
    let late = begin(&at, &stage.provider_id).await;
    stage.host.clock.set(now + TimeDelta::minutes(10));
    let code = stage.provider.sign_in(&late.url, ann, stage.host.app.now());
    expired(come_back(&at, &late, &code).await);
    assert_eq!(stage.sessions_begun().await, 1);
    assert_eq!(
        stage.refusals().await.len(),
        7,
        "the other reseller's is in its own trail"
    );
}

#[tokio::test]
async fn a_code_of_another_journey_is_not_exchanged() {
    let stage = Stage::set().await;
    let (at, now) = (stage.at(), stage.host.app.now());
    let (victim, mallory) = (
        begin(&at, &stage.provider_id).await,
        begin(&at, &stage.provider_id).await,
    );
    let ann = json!({ "sub": "ann", "email": "ann@quay.example" });
    let stolen = stage.provider.sign_in(&victim.url, ann, now);
    // The verifier is not the one that the code was asked with.
    come_back(&at, &mallory, &stolen)
        .await
        .problem(401, "provider_disbelieved");
    assert!(stage.last_refusal().await.contains("token endpoint"));
    assert_eq!(stage.sessions_begun().await, 0);
}

#[tokio::test]
async fn only_who_was_invited_comes_in_where_nobody_joins_by_itself() {
    let stage = Stage::set().await;
    let closed = name_provider(&stage.reseller, &stage.provider, "closed", json!(null)).await;
    let (at, now) = (stage.at(), stage.host.app.now());
    let ann = json!({ "sub": "ann", "email": "Ann@quay.example" });
    let journey = begin(&at, &closed).await;
    let code = stage.provider.sign_in(&journey.url, ann.clone(), now);
    come_back(&at, &journey, &code)
        .await
        .problem(401, "no_membership");
    let token = stage.invitation("ann@quay.example").await;
    let invited = || json!({ "provider_id": closed, "invitation_token": token });
    // The provider speaks of somebody with another address, with none, or with one that nobody proved to it.
    for claims in [
        json!({ "sub": "eve", "email": "ann@quay.example", "email_verified": false }),
        json!({ "sub": "eve", "email": "eve@quay.example" }),
        json!({ "sub": "eve" }),
    ] {
        let journey = begin_with(&at, invited()).await;
        let code = stage.provider.sign_in(&journey.url, claims, now);
        come_back(&at, &journey, &code)
            .await
            .problem(422, "invitation_invalid");
    }
    let journey = begin_with(&at, invited()).await;
    let code = stage.provider.sign_in(&journey.url, ann.clone(), now);
    let session = come_back(&at, &journey, &code).await.expect(200);
    assert_eq!(session["tenant_id"], json!(stage.customer.id));
    // Used once; and from now on without.
    let journey = begin_with(&at, invited()).await;
    let code = stage.provider.sign_in(&journey.url, ann.clone(), now);
    come_back(&at, &journey, &code)
        .await
        .problem(422, "invitation_invalid");
    let journey = begin(&at, &closed).await;
    let code = stage.provider.sign_in(&journey.url, ann, now);
    assert_eq!(
        come_back(&at, &journey, &code).await.expect(200)["user"],
        session["user"]
    );
    let no_token = json!({ "provider_id": closed, "invitation_token": stage.reseller.key });
    let answer = at.post("/v1/federated-sign-ins", no_token).await;
    answer.problem(422, "invitation_invalid");
}

#[tokio::test]
async fn another_resellers_invitation_lets_nobody_in() {
    let stage = Stage::set().await;
    let harbour = stage.host.reseller("harbour").await;
    let id = name_provider(&harbour, &stage.provider, "staff", json!(null)).await;
    let token = stage.invitation("ann@quay.example").await;
    let there = stage.host.client.at("harbour.localhost");
    let invited = json!({ "provider_id": id, "invitation_token": token });
    let journey = begin_with(&there, invited).await;
    let ann = json!({ "sub": "ann", "email": "ann@quay.example" });
    let code = stage.provider.sign_in(&journey.url, ann, stage.host.app.now());
    come_back(&there, &journey, &code)
        .await
        .problem(422, "invitation_invalid");
    // It was not used up by that.
    let accept = json!({ "token": token, "name": "Ann", "password": crate::harness::PASSWORD });
    let session = stage
        .at()
        .post("/v1/invitations/accept", accept)
        .await
        .expect(201);
    assert_eq!(session["tenant_id"], json!(stage.customer.id));
}

impl Stage {
    /// The token of a customer's invitation for this address.
    async fn invitation(&self, address: &str) -> String {
        let invite = json!({ "email": address });
        self.customer
            .client
            .post("/v1/invitations", invite)
            .await
            .expect(201);
        self.host.mail(address).await.token()
    }
}
