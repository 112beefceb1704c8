//! Documents that others publish for everybody, such as an identity provider's keys: fetched without a secret and kept
//! for a few minutes, so that strangers who make the host want one do not make it ask.

use std::{collections::HashMap, sync::Mutex};

use chrono::TimeDelta;

use super::{Answered, Client, Lane, Limits, Outgoing, Sent};
use crate::app::Timestamp;

/// How long a document is good for.
const GOOD_FOR: TimeDelta = TimeDelta::minutes(5);
/// Documents kept at once, of everybody together.
const KEPT: usize = 256;

/// Whether a kept document will do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    /// One of the last minutes.
    Recent,
    /// It has to be asked for: something newer was seen.
    Fetched,
}

/// Documents by whose lane they came through and where they are.
#[derive(Default)]
pub(super) struct Shelf(Mutex<HashMap<(Lane, String), Kept>>);

struct Kept {
    document: Answered,
    until: Timestamp,
}

impl Client {
    /// What a GET of `base_url` and `target` answers. Only a full answer (200) is kept.
    pub async fn document(
        &self,
        lane: Lane,
        (base_url, target): (&str, &str),
        freshness: Freshness,
        now: Timestamp,
    ) -> Sent {
        let shelf = &self.inner.documents;
        let key = (lane, format!("{base_url}{target}"));
        if freshness == Freshness::Recent
            && let Some(document) = shelf.get(&key, now)
        {
            return Sent::Answered(document);
        }
        let sent = self
            .send(Outgoing {
                lane,
                base_url,
                method: "GET",
                target,
                headers: vec![("accept".to_owned(), "application/json".to_owned())],
                body: Vec::new(),
                secret: None,
                hidden: Vec::new(),
                limits: Limits::DOCUMENT,
            })
            .await;
        if let Sent::Answered(document) = &sent
            && document.status == 200
        {
            shelf.put(key, document.clone(), now);
        }
        sent
    }
}

impl Shelf {
    fn get(&self, key: &(Lane, String), now: Timestamp) -> Option<Answered> {
        let kept = self.0.lock().expect("nothing panics while holding the shelf");
        let kept = kept.get(key).filter(|kept| now < kept.until);
        kept.map(|kept| kept.document.clone())
    }

    fn put(&self, key: (Lane, String), document: Answered, now: Timestamp) {
        let mut kept = self.0.lock().expect("nothing panics while holding the shelf");
        if kept.len() >= KEPT {
            kept.retain(|_, kept| now < kept.until);
        }
        // A shelf full of good documents stays as it is: what does not fit is fetched each time.
        if kept.len() < KEPT || kept.contains_key(&key) {
            let until = now + GOOD_FOR;
            kept.insert(key, Kept { document, until });
        }
    }
}
