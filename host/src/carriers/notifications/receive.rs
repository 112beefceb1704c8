//! Taking a notification in: known by its inbox, signed where that is demanded, kept, and left to a job.

use chrono::TimeDelta;
use http::HeaderMap;
use sha2::{Digest as _, Sha256};

use super::{Content, KEPT, MAX_BODY_BYTES, store};
use crate::{
    app::App,
    db::{Housekeeping, Tx as _},
    fault::{Fault, RefusalKind, Result},
    identity::{
        Permission,
        inboxes::{self, Knock},
    },
    ids::NotificationId,
    jobs,
};

/// The most that are kept of a carrier in a minute.
const A_MINUTE: i64 = 120;

/// How long the same notification is only counted.
const SAME: TimeDelta = TimeDelta::minutes(1);

/// Headers that may show who sent it, or say nothing of what was sent.
const UNKEPT: [&str; 7] = [
    "authorization",
    "cookie",
    "proxy-authorization",
    "host",
    "forwarded",
    "x-forwarded-for",
    "x-real-ip",
];

/// The most headers that are kept, and the most bytes of one.
const HEADERS: usize = 50;
const HEADER_BYTES: usize = 1024;

/// Takes in what was brought to an inbox's address. The same within a minute is only counted.
pub async fn receive(app: &App, token: &str, headers: &HeaderMap, body: &[u8]) -> Result<()> {
    let Knock { caller, carrier } = inboxes::knock(app, token).await?;
    if body.len() > MAX_BODY_BYTES {
        return Err(too_large());
    }
    let mut tx = app.db.write(&caller, Permission::AcceptedWork).await?;
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    inboxes::check(app, &mut tx, carrier, header, body).await?;
    let now = tx.now();
    let hash = Sha256::digest(body).to_vec();
    if store::count_again(&mut tx, carrier, &hash, now - SAME).await? {
        return tx.commit_housekeeping(Housekeeping::Notification).await;
    }
    if store::lately(&mut tx, carrier, now - TimeDelta::minutes(1)).await? >= A_MINUTE {
        return Err(inboxes::too_many());
    }
    let id: NotificationId = app.id();
    let content = Content {
        headers: kept(headers),
        body: body.to_vec(),
    };
    let reseller = tx.scope().reseller();
    let key = app.vault.key(&mut tx, reseller).await?;
    store::insert(&mut tx, id, carrier, store::seal(&key, id, content)?, hash).await?;
    store::forget(&mut tx, carrier, now - KEPT).await?;
    let by = tx.initiator();
    jobs::enqueue(&mut tx, jobs::Kind::HandleNotification(id), now, by).await?;
    tx.commit_housekeeping(Housekeeping::Notification).await
}

/// The refusal of a body that is too large.
pub fn too_large() -> Fault {
    let message = format!("a notification has at most {MAX_BODY_BYTES} bytes");
    Fault::refused(RefusalKind::TooLarge, "body_too_large", message)
}

fn kept(headers: &HeaderMap) -> Vec<(String, String)> {
    let told = headers
        .iter()
        .filter(|(name, value)| !UNKEPT.contains(&name.as_str()) && value.len() <= HEADER_BYTES);
    let told =
        told.filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())));
    told.take(HEADERS).collect()
}
