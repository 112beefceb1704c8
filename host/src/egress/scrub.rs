//! Removes secrets from what comes back, as they are and in the spellings a carrier gives them when it repeats a
//! request: base64, percent-encoding, JSON escapes, hexadecimal. A carrier that hides one on purpose knows it anyway.

use std::fmt::Write as _;

use aho_corasick::{AhoCorasick, MatchKind};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD},
};
use zeroize::Zeroizing;

use super::Secret;

/// What stands where a secret was.
const MARK: &str = "[secret]";
/// Shorter pieces would take innocent text with them.
const SHORTEST: usize = 6;

/// Removes some secrets.
pub(super) struct Scrub(Option<AhoCorasick>);

impl Scrub {
    /// Upper and lower case are not told apart: hexadecimal and escapes have both.
    pub(super) fn new<'a>(secrets: impl IntoIterator<Item = &'a Secret>) -> Self {
        let mut forms: Vec<Secret> = secrets.into_iter().flat_map(|secret| forms(secret)).collect();
        forms.retain(|form| form.len() >= SHORTEST);
        if forms.is_empty() {
            return Self(None);
        }
        let found = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .ascii_case_insensitive(true)
            .build(forms.iter().map(|form| form.as_bytes()))
            .expect("a few secrets of limited length make a small automaton");
        Self(Some(found))
    }

    pub(super) fn bytes(&self, text: Vec<u8>) -> Vec<u8> {
        match &self.0 {
            Some(found) if found.is_match(&text) => {
                let marks = vec![MARK; found.patterns_len()];
                found.replace_all_bytes(&text, &marks)
            }
            _ => text,
        }
    }

    pub(super) fn text(&self, text: String) -> String {
        String::from_utf8_lossy(&self.bytes(text.into_bytes())).into_owned()
    }
}

/// The beginning of what somebody wrote, for a message about it.
pub(super) fn shown(text: &str) -> String {
    text.chars()
        .take(40)
        .collect::<String>()
        .escape_debug()
        .to_string()
}

fn forms(secret: &str) -> Vec<Secret> {
    let bytes = secret.as_bytes();
    let mut forms = vec![
        secret.to_owned(),
        STANDARD.encode(bytes),
        STANDARD_NO_PAD.encode(bytes),
        URL_SAFE.encode(bytes),
        URL_SAFE_NO_PAD.encode(bytes),
        hex::encode(bytes),
        percent(bytes, |_| false),
        percent(bytes, |byte| is_plain(byte, b"-_.~")),
        percent(bytes, |byte| is_plain(byte, b"-_.!~*'()")),
        percent(bytes, |byte| is_plain(byte, b"*-._ ")).replace(' ', "+"),
    ];
    for shift in 0..3 {
        forms.push(within_base64(&STANDARD_NO_PAD, bytes, shift));
        forms.push(within_base64(&URL_SAFE_NO_PAD, bytes, shift));
    }
    for (ascii_alone, for_html) in [(false, false), (false, true), (true, false), (true, true)] {
        let json = json(secret, |c| {
            (ascii_alone && !c.is_ascii()) || (for_html && "<>&'".contains(c))
        });
        forms.push(json.replace('/', "\\/"));
        forms.push(json);
    }
    forms.into_iter().map(Zeroizing::new).collect()
}

/// The characters of a base64 text that depend on the secret alone when it stands `shift` bytes (modulo three) into what
/// was encoded, as a password does in basic authentication.
fn within_base64(alphabet: &impl base64::Engine, secret: &[u8], shift: usize) -> String {
    let encoded = alphabet.encode([&vec![0; shift][..], secret].concat());
    let first = (shift * 8).div_ceil(6);
    let last = (shift + secret.len()) * 8 / 6;
    encoded.get(first..last).unwrap_or_default().to_owned()
}

fn is_plain(byte: u8, also: &[u8]) -> bool {
    byte.is_ascii_alphanumeric() || also.contains(&byte)
}

fn percent(bytes: &[u8], is_plain: impl Fn(u8) -> bool) -> String {
    bytes.iter().fold(String::new(), |mut text, &byte| {
        if is_plain(byte) {
            text.push(char::from(byte));
        } else {
            write!(text, "%{byte:02X}").expect("a string takes everything");
        }
        text
    })
}

/// A JSON string's inside (RFC 8259), with the characters that need no escape but may have one.
fn json(text: &str, also_escaped: impl Fn(char) -> bool) -> String {
    text.chars().fold(String::new(), |mut json, c| {
        match c {
            '"' | '\\' => json.extend(['\\', c]),
            '\n' => json.push_str("\\n"),
            '\r' => json.push_str("\\r"),
            '\t' => json.push_str("\\t"),
            c if c.is_control() || also_escaped(c) => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    write!(json, "\\u{unit:04x}").expect("a string takes everything");
                }
            }
            c => json.push(c),
        }
        json
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "c4n/ry+S3cret=\"<é>";

    fn scrubbed(text: &str) -> String {
        Scrub::new([&Zeroizing::new(SECRET.to_owned())]).text(text.to_owned())
    }

    #[test]
    fn a_secret_is_removed_in_every_spelling() {
        let spellings = [
            SECRET.to_owned(),
            STANDARD.encode(SECRET),
            STANDARD_NO_PAD.encode(SECRET),
            URL_SAFE.encode(SECRET),
            URL_SAFE_NO_PAD.encode(SECRET),
            hex::encode(SECRET),
            hex::encode_upper(SECRET),
            "c4n%2Fry%2BS3cret%3D%22%3C%C3%A9%3E".to_owned(),
            "c4n%2fry%2bS3cret%3d%22%3c%c3%a9%3e".to_owned(),
            serde_json::to_string(SECRET)
                .unwrap()
                .trim_matches('"')
                .to_owned(),
            "c4n\\/ry+S3cret=\\\"<é>".to_owned(),
            "c4n/ry+S3cret=\\\"\\u003c\\u00e9\\u003e".to_owned(),
            SECRET.bytes().map(|byte| format!("%{byte:02x}")).collect(),
        ];
        for spelling in spellings {
            assert_eq!(
                scrubbed(&format!("a {spelling} b {spelling}")),
                "a [secret] b [secret]",
                "{spelling}"
            );
        }
    }

    #[test]
    fn a_secret_inside_a_longer_base64_text_is_removed() {
        for user in ["", "a", "ab", "abc", "abcd"] {
            for end in ["", "x", "xy"] {
                let encoded = STANDARD.encode(format!("{user}:{SECRET}{end}"));
                let left = scrubbed(&encoded);
                assert!(left.contains(MARK), "{user} {end}");
                let secret_chars = SECRET.len() * 8 / 6;
                assert!(
                    left.len() - MARK.len() <= encoded.len() - secret_chars + 2,
                    "{left}"
                );
            }
        }
    }

    #[test]
    fn text_without_a_secret_stays_as_it_is() {
        let body: Vec<u8> = (0..=255).collect();
        let secrets = [Zeroizing::new(SECRET.to_owned())];
        assert_eq!(Scrub::new(&secrets).bytes(body.clone()), body);
        assert_eq!(Scrub::new([]).bytes(body.clone()), body);
    }

    #[test]
    fn a_secret_that_is_the_beginning_of_another_leaves_nothing_of_it() {
        let secrets = ["abcdefgh", "abcdefghijkl"].map(|text| Zeroizing::new(text.to_owned()));
        assert_eq!(
            Scrub::new(&secrets).text("-abcdefghijkl-".to_owned()),
            "-[secret]-"
        );
    }
}
