//! Callers of other tenants, what they send along to learn whether a thing is there, and the cursors they bring.

use super::{
    ask,
    entries::Entry,
    guessing, same, told,
    world::{NOBODY, World},
};
use crate::harness::Client;

/// The other reseller, the sibling customer, and the customer that reaches up.
pub async fn strangers(world: &World, entry: &Entry, id: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut strangers = vec![("the other reseller", &world.other.reseller.client)];
    if entry.for_customers() {
        strangers.push(("the sibling customer", &world.sibling.client));
    } else {
        for (who, customer) in [
            ("the customer below", &world.customer),
            ("the sibling customer", &world.sibling),
        ] {
            let answer = ask(&customer.client, entry, world, id).await;
            if answer.status != 403 {
                wrong.push(format!("{who} was answered {}", answer.status));
            }
        }
    }
    for (who, stranger) in strangers {
        if entry.names_something() {
            for guess in Guess::ALL {
                let answer = guessing(stranger, entry, world, id, guess).await;
                let nobody = guessing(stranger, entry, world, NOBODY, guess).await;
                if answer.status.is_success() || !same(&answer, &nobody) {
                    let (answer, nobody) = (told(&answer), told(&nobody));
                    wrong.push(format!(
                        "{who} with {guess:?} was answered {answer} where nobody's is {nobody}"
                    ));
                }
            }
            continue;
        }
        let answer = ask(stranger, entry, world, id).await;
        let seen = world
            .secrets
            .iter()
            .find(|id| String::from_utf8_lossy(&answer.bytes).contains(*id));
        wrong.extend(seen.map(|seen| format!("{who} saw {seen}")));
    }
    wrong
}

/// What a stranger sends along to learn whether a thing is there.
#[derive(Debug, Clone, Copy)]
pub enum Guess {
    Nothing,
    IfMatch,
    IfNoneMatch,
    IdempotencyKey,
}

impl Guess {
    const ALL: [Self; 4] = [
        Self::Nothing,
        Self::IfMatch,
        Self::IfNoneMatch,
        Self::IdempotencyKey,
    ];

    pub fn header(self) -> (&'static str, String) {
        match self {
            Self::Nothing => ("accept", "*/*".to_owned()),
            Self::IfMatch => ("if-match", "*".to_owned()),
            Self::IfNoneMatch => ("if-none-match", "*".to_owned()),
            // One that was not used for the other question.
            Self::IdempotencyKey => ("idempotency-key", hex::encode(nexusport::app::random::<8>())),
        }
    }
}

/// Lists refuse cursors that they did not give to this tenant.
pub async fn cursors(world: &World, entry: &Entry) -> Vec<String> {
    let mut wrong = Vec::new();
    let (owner, stranger) = (world.owner(entry), &world.other.reseller.client);
    let id = (entry.target)(world);
    let path = entry.path(&id);
    let elsewhere = if entry.operation == "GET /v1/audit-events" {
        "/v1/api-keys"
    } else {
        "/v1/audit-events"
    };
    let mut cursors = vec![("a forged", Some("forged".to_owned()))];
    cursors.push((
        "another list's",
        Some(next(&owner, elsewhere).await.expect("several items")),
    ));
    cursors.push(("a stranger's other list's", next(stranger, elsewhere).await));
    if !entry.names_something() {
        cursors.push(("a stranger's", next(stranger, &path).await));
    }
    for (whose, cursor) in cursors {
        let Some(cursor) = cursor else { continue };
        let answer = owner.get(&format!("{path}?cursor={cursor}")).await;
        if answer.status != 400 || answer.json()["code"] != "cursor_invalid" {
            wrong.push(format!("{whose} cursor was answered {}", told(&answer)));
        }
    }
    wrong
}

/// The cursor after the first item of a list, where it has more.
async fn next(client: &Client, path: &str) -> Option<String> {
    let page = client.get(&format!("{path}?limit=1")).await;
    page.json()["next"].as_str().map(str::to_owned)
}
