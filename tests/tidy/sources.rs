//! The repository's files. Rust files are read as tokens, so comments and the insides of strings name nothing.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    str::FromStr as _,
    sync::LazyLock,
};

use proc_macro2::{TokenStream, TokenTree};

/// Folders that are not the product's sources.
const SKIPPED: [&str; 3] = [".git", "target", "node_modules"];

/// Every Rust file, in the order of their paths.
pub static RUST: LazyLock<Vec<Source>> = LazyLock::new(|| {
    let rust = texts().into_iter().filter(|(path, _)| path.ends_with(".rs"));
    rust.map(|(path, text)| Source::new(path, text)).collect()
});

/// One Rust file.
pub struct Source {
    /// From the repository's root.
    pub path: String,
    pub text: String,
    pub tokens: Vec<Token>,
}

/// One token; a group is its opening bracket, its tokens and its closing bracket.
#[derive(Clone, PartialEq)]
pub struct Token {
    pub text: String,
    pub line: usize,
}

impl Source {
    fn new(path: String, text: String) -> Self {
        let stream = TokenStream::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}"));
        let mut tokens = Vec::new();
        flatten(stream, &mut tokens);
        Self { path, text, tokens }
    }

    /// Where each occurrence of these words begins, such as `sqlx :: query`. A word that ends in `*` matches what begins with it.
    pub fn occurrences(&self, phrase: &str) -> Vec<usize> {
        let words: Vec<_> = phrase.split(' ').collect();
        let says = |tokens: &[Token]| {
            tokens
                .iter()
                .zip(&words)
                .all(|(token, word)| matches(&token.text, word))
        };
        let windows = self.tokens.windows(words.len()).enumerate();
        windows
            .filter(|(_, tokens)| says(tokens))
            .map(|(at, _)| at)
            .collect()
    }

    pub fn says(&self, phrase: &str) -> bool {
        !self.occurrences(phrase).is_empty()
    }

    /// The name of the function in which a token stands.
    pub fn function_at(&self, at: usize) -> &str {
        let before = self.tokens[..at].windows(2).rev();
        before
            .filter(|pair| pair[0].text == "fn")
            .map(|pair| pair[1].text.as_str())
            .next()
            .unwrap_or("outside of functions")
    }

    pub fn is_in(&self, folder: &str) -> bool {
        self.path.starts_with(folder)
    }

    /// Whether it is one of the files that have SQL.
    pub fn is_store(&self) -> bool {
        self.path.ends_with("/store.rs") || self.path.contains("/store/")
    }
}

fn matches(token: &str, word: &str) -> bool {
    match word.strip_suffix('*') {
        Some(start) if !start.is_empty() => token.starts_with(start),
        _ => token == word,
    }
}

/// `::` is one token; every other sign stands for itself.
fn flatten(stream: TokenStream, tokens: &mut Vec<Token>) {
    for tree in stream {
        let line = tree.span().start().line;
        let mut push = |text: String| tokens.push(Token { text, line });
        match tree {
            TokenTree::Group(group) => {
                let all = group.to_string();
                push(
                    all.chars()
                        .next()
                        .filter(|c| "([{".contains(*c))
                        .map_or(String::new(), String::from),
                );
                flatten(group.stream(), tokens);
                let line = group.span_close().start().line;
                let close = all.chars().next_back().filter(|c| ")]}".contains(*c));
                tokens.push(Token {
                    text: close.map_or(String::new(), String::from),
                    line,
                });
            }
            TokenTree::Punct(sign) if sign.as_char() == ':' => match tokens.last_mut() {
                Some(last) if last.text == ":" => last.text = "::".to_owned(),
                _ => tokens.push(Token {
                    text: ":".to_owned(),
                    line,
                }),
            },
            other => push(other.to_string()),
        }
    }
}

/// The repository's root.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

pub fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Every file that is UTF-8, by its path from the root.
pub fn texts() -> Vec<(String, String)> {
    let mut found = Vec::new();
    walk(root(), &mut found);
    found.sort();
    found
}

fn walk(folder: &Path, found: &mut Vec<(String, String)>) {
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    for path in paths.filter(|path| !SKIPPED.iter().any(|name| path.ends_with(name))) {
        if path.is_dir() {
            walk(&path, found);
        } else if let Ok(text) = fs::read_to_string(&path) {
            found.push((relative(path), text));
        }
    }
}

fn relative(path: PathBuf) -> String {
    path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned()
}

/// Fails unless exactly the listed breaches of a rule were found: new ones break it, missing ones need no entry.
#[track_caller]
pub fn only(found: impl IntoIterator<Item = String>, listed: &[(&str, &str)], rule: &str) {
    let found: BTreeSet<String> = found.into_iter().collect();
    let listed: BTreeSet<String> = listed.iter().map(|(breach, _)| (*breach).to_owned()).collect();
    let new: Vec<_> = found.difference(&listed).collect();
    assert!(new.is_empty(), "{rule}: {new:#?}");
    let gone: Vec<_> = listed.difference(&found).collect();
    assert!(
        gone.is_empty(),
        "{rule}; these exceptions are no longer needed: {gone:#?}"
    );
}
