//! Names for people: what one may be made of, so that two that look alike are alike and none hides anything.

use unicode_normalization::{char::is_combining_mark, is_nfc};

use crate::fault::{Fault, Result};

const CHARS_MAX: usize = 100;
/// More marks on one letter than any script of today needs.
const MARKS_MAX: usize = 4;

/// Refuses names that are empty, over 100 characters, or would not show as they are.
pub fn check(name: &str) -> Result<()> {
    let chars = name.chars().count();
    if name.trim() != name || !(1..=CHARS_MAX).contains(&chars) || name.chars().any(is_hidden) {
        let rule = "a name has 1 to 100 visible characters and no space at its ends";
        return Err(Fault::invalid("name_invalid", rule));
    }
    if !is_nfc(name) {
        let rule =
            "a name is written with composed characters (Unicode's NFC), so that what looks alike is alike";
        return Err(Fault::invalid("name_invalid", rule));
    }
    let marks = name
        .split(|c| !is_combining_mark(c))
        .map(|marks| marks.chars().count())
        .max();
    if marks > Some(MARKS_MAX) {
        return Err(Fault::invalid(
            "name_invalid",
            "a letter of a name carries at most 4 marks",
        ));
    }
    Ok(())
}

/// Characters that show nothing or turn what stands around them (Unicode's Default_Ignorable_Code_Point, with the line and
/// paragraph separators and interlinear annotations).
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{3164}' | '\u{feff}'
            | '\u{ffa0}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_many_scripts_pass() {
        for name in ["Café Zürich", "東京 1", "नमस्ते", "שָׁלוֹם", "Nguyễn", "ภาษาไทย", "a"]
        {
            assert!(check(name).is_ok(), "{name}");
        }
    }

    #[test]
    fn names_that_hide_or_pile_up_something_are_refused() {
        let flood = format!("x{}", "\u{301}".repeat(5));
        let long = "x".repeat(101);
        for name in [
            "",
            " a",
            "a ",
            "Cafe\u{301}",
            "a\u{2060}b",
            "a\u{ad}b",
            "\u{3164}",
            "a\u{e0061}",
            "a\nb",
            &flood,
            &long,
        ] {
            assert!(check(name).is_err(), "{name:?}");
        }
    }
}
