//! The SQL of the store files: each query with the function it stands in, and the tables it names.

use std::{collections::BTreeMap, sync::LazyLock};

use super::sources::{RUST, Source, Token, texts};

/// Class by table, from what the migrations declare.
pub static TABLES: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
    let migrations = texts()
        .into_iter()
        .filter(|(path, _)| path.starts_with("migrations/"));
    let sql: String = migrations.map(|(_, text)| text).collect();
    let declared = sql.split("tenancy.declare('").skip(1);
    declared
        .map(|after| {
            let mut quoted = after.split('\'');
            let (table, class) = (quoted.next().unwrap(), quoted.nth(1).unwrap());
            (table.to_owned(), class.to_owned())
        })
        .collect()
});

/// Every table there is.
pub fn table_names() -> Vec<String> {
    TABLES.keys().cloned().collect()
}

/// Every query of the host's store files.
pub static QUERIES: LazyLock<Vec<Query>> = LazyLock::new(|| {
    let stores = RUST
        .iter()
        .filter(|source| source.is_in("host/src/") && source.is_store());
    stores.flat_map(queries).collect()
});

/// Keys that the host's code names: to translate a violation, or to have an insert rest on one.
pub fn named_keys() -> Vec<String> {
    let translated = RUST
        .iter()
        .filter(|source| source.is_in("host/src/"))
        .flat_map(|source| {
            let calls = source.occurrences("on_constraint (").into_iter();
            calls.map(|at| source.tokens[at + 2].text.clone())
        });
    let literals =
        translated.filter_map(|token| Some(token.strip_prefix('"')?.strip_suffix('"')?.to_owned()));
    let relied_upon = QUERIES.iter().filter_map(|query| {
        let at = query.after("on conflict on constraint")?;
        Some(query.words[at].clone())
    });
    literals.chain(relied_upon).collect()
}

/// Table and columns of each unique key that an insert rests on without naming it.
pub fn conflict_targets() -> Vec<(String, Vec<String>)> {
    let target = |query: &Query| {
        let at = query.after("on conflict (")?;
        let table = query
            .mentions()
            .into_iter()
            .find(|mention| mention.columns.is_some())?
            .table;
        Some((
            table,
            columns(
                &query.words[at - 1..]
                    .iter()
                    .map(String::as_str)
                    .collect::<Vec<_>>(),
            ),
        ))
    };
    QUERIES.iter().filter_map(target).collect()
}

/// One query's text as words.
pub struct Query {
    pub path: String,
    pub function: String,
    words: Vec<String>,
}

/// A table where a query names it.
#[derive(Debug, PartialEq)]
pub struct Mention {
    pub table: String,
    /// What the query calls it: its alias, else its own name.
    pub called: String,
    /// The columns of an insert.
    pub columns: Option<Vec<String>>,
}

impl Query {
    pub fn new(path: &str, function: &str, sql: &str) -> Self {
        Self {
            path: path.to_owned(),
            function: function.to_owned(),
            words: words(sql),
        }
    }

    /// `path: function`, which names a query in lists of exceptions.
    pub fn place(&self) -> String {
        format!("{}: {}", self.path, self.function)
    }

    pub fn words(&self) -> &[String] {
        &self.words
    }

    pub fn mentions(&self) -> Vec<Mention> {
        let words = self.words.iter().map(String::as_str).collect::<Vec<_>>();
        let mut mentions = Vec::new();
        for (at, pair) in words.windows(2).enumerate() {
            if ["from", "join", "into", "update", "using"].contains(&pair[0]) && TABLES.contains_key(pair[1])
            {
                mentions.push(Mention {
                    table: pair[1].to_owned(),
                    called: alias(&words[at + 2..]).unwrap_or(pair[1]).to_owned(),
                    columns: (pair[0] == "into").then(|| columns(&words[at + 2..])),
                });
            }
        }
        mentions
    }

    /// Whether this column of a mentioned table is compared: `called.column = …`, or the bare column where the table
    /// has no other name, alone or as the first of a tuple.
    pub fn compares(&self, mention: &Mention, column: &str) -> bool {
        let qualified = format!("{}.{column}", mention.called);
        let bare = mention.called == mention.table;
        let named = |word: &String| *word == qualified || (bare && word == column);
        (0..self.words.len()).any(|at| named(&self.words[at]) && self.is_compared(at))
    }

    /// Whether the column is compared to a value from outside, not only to other columns.
    pub fn is_given(&self, column: &str) -> bool {
        let is_column = |word: &str| word == column || word.ends_with(&format!(".{column}"));
        let given = |pair: &[String]| is_column(&pair[0]) && pair[1] == "=" && pair[2].starts_with('$');
        self.words.windows(3).any(given)
    }

    /// Where the words behind this phrase begin.
    fn after(&self, phrase: &str) -> Option<usize> {
        let phrase: Vec<_> = phrase.split(' ').collect();
        let at = self
            .words
            .windows(phrase.len())
            .position(|words| words == phrase)?;
        Some(at + phrase.len())
    }

    pub fn says(&self, word: &str) -> bool {
        self.words.iter().any(|said| said == word)
    }

    fn is_compared(&self, at: usize) -> bool {
        let word = |at: usize| self.words.get(at).map_or("", String::as_str);
        let (before, after) = (word(at.wrapping_sub(1)), word(at + 1));
        let tuple = before == "(" && {
            let close = (at..self.words.len()).find(|at| word(*at) == ")").unwrap_or(at);
            ["in", "="].contains(&word(close + 1))
        };
        before == "=" || after == "=" || after == "in" || tuple
    }
}

fn queries(source: &Source) -> Vec<Query> {
    let calls = source.occurrences("sqlx :: query*");
    calls
        .into_iter()
        .flat_map(|at| {
            let sql = strings(&source.tokens[at..]);
            let sites = match macro_around(source, at) {
                Some(name) => expansions(source, name, &sql),
                None => vec![(at, sql)],
            };
            sites.into_iter()
        })
        .map(|(at, sql)| Query::new(&source.path, source.function_at(at), &sql))
        .collect()
}

/// The macro that makes the query at `at`, of one text for several questions: one whose name is called in the file.
fn macro_around(source: &Source, at: usize) -> Option<&str> {
    let mut defined = source.occurrences("macro_rules !").into_iter();
    let before = defined.rfind(|defined| *defined < at)?;
    let (name, body) = (&source.tokens[before + 2].text, &source.tokens[before + 3..]);
    (at < before + 3 + group(body).len()).then_some(name.as_str())
}

/// Where a macro is called, with the query that it makes there: its text with the first literal of the call.
fn expansions(source: &Source, name: &str, sql: &str) -> Vec<(usize, String)> {
    let calls = source.occurrences(&format!("{name} ! (")).into_iter();
    let expanded = calls.map(|at| {
        let literal = strings(&source.tokens[at..=at + 3]);
        (at, sql.replace(PLACE, &literal))
    });
    expanded.collect()
}

/// The tokens of the group that begins here.
fn group(tokens: &[Token]) -> &[Token] {
    let mut depth = 0;
    let end = tokens.iter().position(|token| {
        match token.text.as_str() {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth -= 1,
            _ => {}
        }
        depth == 0
    });
    &tokens[..=end.unwrap_or(tokens.len() - 1)]
}

/// Stands in a macro's query for the literal of a call.
const PLACE: &str = "$literal";

/// The string literals within the next pair of brackets, and a place for what a macro's caller adds to them.
fn strings(tokens: &[Token]) -> String {
    let (mut depth, mut text) = (0, String::new());
    for (at, token) in tokens.iter().enumerate() {
        match token.text.as_str() {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth -= 1,
            "$" if at > 0 && tokens[at - 1].text == "+" => text = text + PLACE + " ",
            literal if depth > 0 && literal.ends_with(['"', '#']) => {
                text += literal
                    .trim_start_matches('r')
                    .trim_matches('#')
                    .trim_matches('"');
                text.push(' ');
            }
            _ => continue,
        }
        if depth == 0 {
            break;
        }
    }
    text.replace("\\\"", "\"").replace("\\n", " ")
}

/// Names with their qualifier, parameters, and signs; quotes around a name and quoted texts are gone.
fn words(sql: &str) -> Vec<String> {
    let (mut words, mut word) = (Vec::new(), String::new());
    let sql = sql.split('\'').step_by(2).collect::<Vec<_>>().join(" ");
    for letter in sql.to_lowercase().chars().chain([' ']) {
        match letter {
            'a'..='z' | '0'..='9' | '_' | '.' | '$' => word.push(letter),
            '"' => {}
            sign => {
                words.extend((!word.is_empty()).then(|| std::mem::take(&mut word)));
                words.extend((!sign.is_whitespace()).then(|| sign.to_string()));
            }
        }
    }
    words
}

/// What a table is called, from the words after its name.
fn alias<'a>(after: &[&'a str]) -> Option<&'a str> {
    const CLAUSES: [&str; 20] = [
        "where",
        "set",
        "on",
        "join",
        "left",
        "inner",
        "cross",
        "using",
        "order",
        "group",
        "limit",
        "for",
        "returning",
        "values",
        "select",
        "union",
        "having",
        "default",
        "offset",
        "do",
    ];
    let next = match after {
        ["as", name, ..] | [name, ..] => *name,
        [] => return None,
    };
    (next.starts_with(|c: char| c.is_ascii_lowercase()) && !CLAUSES.contains(&next)).then_some(next)
}

fn columns(after: &[&str]) -> Vec<String> {
    let named = after
        .iter()
        .skip(1)
        .take_while(|word| **word != ")")
        .filter(|word| **word != ",");
    named.map(|word| (*word).to_owned()).collect()
}
