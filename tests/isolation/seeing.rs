//! docs/who-sees-and-bills-whom.md, cell by cell (C24): whoever it says yes to reaches the thing, and nobody else does.

use reqwest::Method;
use serde_json::json;
use sqlx::Row as _;

use super::{
    ask,
    entries::{Entry, entries},
    operations, operator,
    outside::{ENTRANCE, EVERYBODY, ONESELF},
    same, told,
    world::{NOBODY, World},
};
use crate::{
    billing::levels,
    harness::{Client, text},
    tidy,
};

/// A row of one of the document's tables: its cells by their column's name.
struct Row(Vec<(String, String)>);

impl Row {
    fn cell(&self, column: &str) -> &str {
        let cell = self.0.iter().find(|(name, _)| name == column);
        &cell.unwrap_or_else(|| panic!("no column {column}")).1
    }

    /// What a cell names in code.
    fn named(&self, column: &str) -> Vec<String> {
        self.cell(column)
            .split('`')
            .skip(1)
            .step_by(2)
            .map(str::to_owned)
            .collect()
    }

    fn says_yes(&self, column: &str) -> bool {
        match self.cell(column) {
            "yes" => true,
            "no" => false,
            other => panic!("{other} is neither yes nor no"),
        }
    }
}

const DOCUMENT: &str = "docs/who-sees-and-bills-whom.md";
const VIEWERS: [&str; 5] = [
    "Its customer",
    "Its reseller",
    "Sibling customer",
    "Other reseller",
    VISITOR,
];
/// An operator inside the reseller, to look around.
const VISITOR: &str = "Visiting operator";

#[test]
fn every_operation_and_every_table_has_its_place_in_the_document() {
    let rows = rows("Whose things");
    let mut named: Vec<_> = rows.iter().flat_map(|row| row.named("Operations")).collect();
    let aside = ENTRANCE.iter().chain(EVERYBODY).map(|(operation, _)| *operation);
    let aside = aside.chain(ONESELF.iter().copied()).chain(operator::operations());
    named.extend(aside.map(str::to_owned));
    named.sort();
    let mut served: Vec<_> = operations().into_iter().map(|(operation, _)| operation).collect();
    served.sort();
    assert_eq!(named, served, "left: in {DOCUMENT}, right: served");
    let text = tidy::read(DOCUMENT);
    let forgotten = tidy::table_names()
        .into_iter()
        .filter(|table| !text.contains(&format!("`{table}`")));
    assert_eq!(
        forgotten.collect::<Vec<_>>(),
        Vec::<String>::new(),
        "{DOCUMENT} says nothing of these tables"
    );
}

#[tokio::test]
async fn who_is_said_to_get_at_nothing_gets_at_nothing() {
    let world = World::build().await;
    let mut wrong = Vec::new();
    for (row, entry) in tried() {
        for viewer in VIEWERS.iter().filter(|viewer| !row.says_yes(viewer)) {
            wrong.extend(contradiction(&world, viewer, &entry, false).await);
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[tokio::test]
async fn who_is_said_to_get_at_something_does() {
    let mut wrong = Vec::new();
    for viewer in ["Its customer", "Its reseller", VISITOR] {
        let mut world = World::build().await;
        let mut asked: Vec<_> = tried()
            .into_iter()
            .filter(|(row, _)| row.says_yes(viewer))
            .collect();
        // Who asks must outlive what it asks for: reading first, taking away last.
        asked.sort_by_key(|(_, entry)| (entry.method() != Method::GET, entry.method() == Method::DELETE));
        for (_, entry) in asked {
            let entry = in_earnest(entry);
            if client(&world, viewer).await.get("/v1/me").await.status != 200 {
                world = World::build().await;
            }
            wrong.extend(contradiction(&world, viewer, &entry, true).await);
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[tokio::test]
async fn the_operators_login_is_granted_what_the_document_says() {
    let world = World::build().await;
    let mut conn = world.host.database.superuser().await;
    for row in rows("Whose things") {
        for table in row.named("Kept in") {
            let granted: bool = sqlx::query_scalar(
                "select has_any_column_privilege('app_operator', quote_ident($1)::regclass, 'select')",
            )
            .bind(&table)
            .fetch_one(&mut conn)
            .await
            .unwrap();
            assert_eq!(granted, row.says_yes("Operator"), "{table}");
        }
    }
}

#[tokio::test]
async fn each_level_has_its_seller_and_buyer_and_is_seen_by_those_it_concerns() {
    let world = World::build().await;
    for level in ["wholesale", "cost"] {
        levels::buy(&world.host, level).await;
    }
    let mut conn = world.host.database.superuser().await;
    for row in rows("Who bills whom") {
        let level = row.cell("Level");
        let sides = sqlx::query(
            "select distinct coalesce(seller.kind, 'carrier'), buyer.kind from charge
            join tenant buyer on buyer.tenant_id = charge.tenant_id
            left join tenant seller on seller.tenant_id = charge.seller_id
            where charge.level = $1",
        )
        .bind(level)
        .fetch_one(&mut conn)
        .await
        .unwrap();
        assert_eq!(
            (row.cell("Seller"), row.cell("Buyer")),
            (sides.get::<&str, _>(0), sides.get::<&str, _>(1)),
            "{level}"
        );
        for viewer in VIEWERS {
            let seen = client(&world, viewer)
                .await
                .get("/v1/charges?limit=200")
                .await
                .expect(200);
            let seen = seen["items"]
                .as_array()
                .unwrap()
                .iter()
                .any(|charge| text(&charge["level"]) == level);
            assert_eq!(seen, row.says_yes(viewer), "{viewer} and {level}");
        }
    }
}

/// Every row with each of its operations as the matrix asks it.
fn tried() -> Vec<(Row, Entry)> {
    let mut tried = Vec::new();
    for entry in entries() {
        let mut rows = rows("Whose things").into_iter();
        let row = rows.find(|row| row.named("Operations").contains(&entry.operation.to_owned()));
        tried.push((
            row.unwrap_or_else(|| panic!("{DOCUMENT} does not name {}", entry.operation)),
            entry,
        ));
    }
    tried
}

async fn client(world: &World, viewer: &str) -> Client {
    match viewer {
        VISITOR => {
            let visit =
                json!({ "tenant_id": world.shop.reseller.id, "reason": "to look around", "minutes": 60 });
            let visit = world
                .operator
                .post("/v1/operator/visits", visit)
                .await
                .expect(201);
            world.host.client.with_token(&text(&visit["token"]))
        }
        "Its customer" => world.customer.client.clone(),
        "Its reseller" => world.shop.reseller.client.clone(),
        "Sibling customer" => world.sibling.client.clone(),
        "Other reseller" => world.other.reseller.client.clone(),
        other => panic!("who is {other}?"),
    }
}

/// Asks, and says what came back if that is not what the document says.
async fn contradiction(world: &World, viewer: &str, entry: &Entry, expected: bool) -> Option<String> {
    let caller = client(world, viewer).await;
    let before = done(world).await;
    let answer = ask(&caller, entry, world, &(entry.target)(world)).await;
    let reached = if [401, 403, 404, 421].contains(&answer.status.as_u16()) {
        false
    } else if entry.names_something() {
        // Refused by a rule of the thing itself is as good as carried out; what a thing of nobody's gets is not.
        let nobody = ask(&caller, entry, world, NOBODY).await;
        expected || !same(&answer, &nobody)
    } else if entry.method() == Method::GET {
        let body = String::from_utf8_lossy(&answer.bytes);
        let ours = [
            &world.customer.id,
            &world.shop.reseller.id,
            &world.shop.carrier_id,
            &world.pricing_release,
        ];
        expected
            || world
                .secrets
                .iter()
                .chain(ours)
                .any(|id| body.contains(id.as_str()))
    } else {
        // Something new is made in the caller's own tenant: whose trail tells of it says whose it is.
        done(world).await > before || (expected && (answer.status.is_success() || answer.status == 409))
    };
    (reached != expected).then(|| format!("{viewer}, {}: {}", entry.operation, told(&answer)))
}

/// The entry as somebody would fill it in whose things they are.
fn in_earnest(entry: Entry) -> Entry {
    match entry.operation {
        "POST /v1/ports" => Entry {
            body: |w, id| json!({ "customer_id": id, "name": "new", "carrier_id": w.shop.carrier_id, "reference": "new", "base_mbps": 1000 }),
            ..entry
        },
        _ => entry,
    }
}

/// How much was done in the name of the customer and of its reseller.
async fn done(world: &World) -> i64 {
    let mut conn = world.host.database.superuser().await;
    sqlx::query_scalar(
        "select count(*) from audit_event where outcome = 'done' and tenant_id::text = any($1)",
    )
    .bind([world.customer.id.clone(), world.shop.reseller.id.clone()].as_slice())
    .fetch_one(&mut conn)
    .await
    .unwrap()
}

/// The rows of the table below a heading.
fn rows(heading: &str) -> Vec<Row> {
    let text = tidy::read(DOCUMENT);
    let section = text
        .split("\n## ")
        .find(|section| section.starts_with(heading))
        .unwrap();
    let cells = |line: &str| -> Vec<String> {
        line.trim_matches('|')
            .split('|')
            .map(|cell| cell.trim().to_owned())
            .collect()
    };
    let mut lines = section.lines().filter(|line| line.starts_with('|')).map(cells);
    let header = lines.next().unwrap();
    lines
        .skip(1)
        .map(|cells| Row(header.iter().cloned().zip(cells).collect()))
        .collect()
}
