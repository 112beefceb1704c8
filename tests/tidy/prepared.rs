//! The queries as they are prepared: their text with the types of their parameters, from .sqlx.

use serde_json::Value;

use super::{
    queries::{QUERIES, Query},
    sources::texts,
};

/// A query that can be prepared.
pub struct Prepared {
    /// `path: function`.
    pub place: String,
    pub sql: String,
    /// Of its parameters, as sqlx calls them.
    pub types: Vec<String>,
    /// In the order in which they are named.
    pub tables: Vec<String>,
    words: Vec<String>,
}

/// Every query of the stores.
pub fn prepared() -> Vec<Prepared> {
    let files = texts().into_iter().filter(|(path, _)| path.starts_with(".sqlx/"));
    let described = files.map(|(_, text)| serde_json::from_str::<Value>(&text).unwrap());
    described
        .filter_map(|query| {
            let sql = query["query"].as_str().unwrap().to_owned();
            let parsed = Query::new("", "", &sql);
            let source = QUERIES.iter().find(|source| source.words() == parsed.words())?;
            let types = query["describe"]["parameters"]["Left"]
                .as_array()
                .into_iter()
                .flatten();
            Some(Prepared {
                place: source.place(),
                types: types
                    .map(|name| name.as_str().unwrap_or_default().to_owned())
                    .collect(),
                tables: parsed
                    .mentions()
                    .into_iter()
                    .map(|mention| mention.table)
                    .collect(),
                words: parsed.words().to_vec(),
                sql,
            })
        })
        .collect()
}

impl Prepared {
    /// The column that parameter `n` is compared with; empty where it is with none.
    pub fn compared_with(&self, n: usize) -> &str {
        let column = self
            .comparisons(n)
            .find_map(|at| self.words.get(at.checked_sub(1)?));
        column.map_or("", String::as_str)
    }

    /// Whether the parameter stands behind this sign.
    pub fn says_after(&self, n: usize, sign: &str) -> bool {
        self.comparisons(n).any(|at| self.words[at] == sign)
    }

    /// Where the signs begin that stand before parameter `n`.
    fn comparisons(&self, n: usize) -> impl Iterator<Item = usize> {
        let parameter = format!("${n}");
        let is = move |at: usize, words: &[&str]| words.contains(&self.words[at].as_str());
        let places = (1..self.words.len()).filter(move |at| self.words[*at] == parameter);
        places.filter_map(move |at| {
            let mut sign = at - 1;
            while sign > 1 && is(sign, &["(", "any"]) {
                sign -= 1;
            }
            let compared = is(sign, &["=", "<", ">"]);
            while compared && sign > 1 && is(sign - 1, &["=", "<", ">"]) {
                sign -= 1;
            }
            compared.then_some(sign)
        })
    }
}
