//! Handles: what adapters call their destinations and credentials.

use crate::fault::{Fault, Result};

/// Refuses what no adapter could ask for: a handle has 1 to 63 of a-z, 0-9, hyphen and underscore.
pub(super) fn check(handle: &str) -> Result<()> {
    let word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_".contains(&byte);
    if !(1..=63).contains(&handle.len()) || !handle.bytes().all(word) {
        let rule = "a handle has 1 to 63 of a-z, 0-9, hyphen and underscore";
        return Err(Fault::invalid("handle_invalid", rule));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handle_is_a_short_plain_word() {
        for handle in ["api", "token-endpoint", "a_1", &"a".repeat(63)] {
            assert!(check(handle).is_ok(), "{handle}");
        }
        for handle in ["", "API", "a b", "a/b", "ä", &"a".repeat(64)] {
            assert!(check(handle).is_err(), "{handle}");
        }
    }
}
