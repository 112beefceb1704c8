//! Makes text that a stranger wrote fit to be shown: in a log, a terminal, a table or an error. It removes what
//! changes the meaning of the text around it; it does not escape markup, which is the business of whoever shows it.

/// The text on one line without control characters, terminal escape codes and marks that reorder or hide text,
/// at most `limit` characters long. Line breaks and tabs become spaces; a cut text ends in `…`.
pub fn clean(text: &str, limit: usize) -> String {
    capped(visible(text).map(|c| if breaks(c) { ' ' } else { c }), limit)
}

/// Like [`clean`], but keeps line breaks and tabs.
pub fn clean_lines(text: &str, limit: usize) -> String {
    capped(visible(text), limit)
}

/// Whether [`clean`] leaves the text as it is.
pub fn is_clean(text: &str, limit: usize) -> bool {
    let plain = |byte: u8| (b' '..=b'~').contains(&byte);
    if text.len() <= limit && text.bytes().all(plain) {
        return true;
    }
    text.chars().take(limit + 1).count() <= limit && text.chars().all(|c| shows(c) && !breaks(c))
}

fn capped(mut characters: impl Iterator<Item = char>, limit: usize) -> String {
    let mut kept: String = characters.by_ref().take(limit).collect();
    if characters.next().is_some() && kept.pop().is_some() {
        kept.push('…');
    }
    kept
}

/// The characters that show. An escape sequence goes as a whole, so that no `[31m` stays behind.
fn visible(text: &str) -> impl Iterator<Item = char> + '_ {
    let mut characters = text.chars().peekable();
    std::iter::from_fn(move || {
        loop {
            let character = characters.next()?;
            if character == '\u{1b}' && characters.next_if_eq(&'[').is_some() {
                while characters
                    .next_if(|c| ('\u{20}'..='\u{3f}').contains(c))
                    .is_some()
                {}
                characters.next_if(|c| ('\u{40}'..='\u{7e}').contains(c));
            } else if shows(character) {
                return Some(character);
            }
        }
    })
}

fn breaks(character: char) -> bool {
    matches!(character, '\n' | '\t')
}

fn shows(character: char) -> bool {
    match character {
        '\n' | '\t' => true,
        // Line and paragraph separators break lines where nobody expects it.
        '\u{2028}' | '\u{2029}' => false,
        // Marks of direction (Unicode UAX 9), zero-width spaces, interlinear notes, tags: invisible themselves. The
        // two joiners, U+200C and U+200D, stay: Persian and the Indian scripts are not written without them.
        '\u{061c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' => false,
        '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}' => false,
        other => !other.is_control(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_codes_go_as_a_whole() {
        assert_eq!(
            clean("\u{1b}[1;31mred\u{1b}[0m \u{1b}]0;title\u{7}", 99),
            "red ]0;title"
        );
    }

    #[test]
    fn marks_that_reorder_text_are_removed_and_words_of_every_script_stay() {
        assert_eq!(clean("price \u{202e}001\u{202c}", 99), "price 001");
        assert_eq!(clean("שלום Größe 価格", 99), "שלום Größe 価格");
    }

    #[test]
    fn one_line_stays_one_line() {
        assert_eq!(clean("a\nb\tc\r\u{2028}d", 99), "a b cd");
        assert_eq!(clean_lines("a\nb\0", 99), "a\nb");
    }

    #[test]
    fn length_is_capped_in_characters() {
        assert_eq!(clean("ääää", 4), "ääää");
        assert_eq!(clean("äääää", 4), "äää…");
        assert_eq!(clean("a", 0), "");
    }

    #[test]
    fn cleaning_twice_is_cleaning_once() {
        let once = clean("a\u{1b}\u{1b}[[31mb\u{200b}", 99);
        assert!(is_clean(&once, 99), "{once}");
        assert!(!is_clean("a\nb", 99));
    }
}
