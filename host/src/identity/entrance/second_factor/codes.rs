//! What shows a second factor: six digits that a device makes of a secret and the time (RFC 6238 with SHA-1 and 30 seconds,
//! which every authenticator knows), or one of the codes on paper.

use totp_rs::{Builder, Totp, TotpError};

use crate::app::{self, Timestamp};

/// Codes on paper that a person gets at a time.
pub(super) const RECOVERY_CODES: usize = 10;

/// Crockford's letters and digits, none of which is taken for another: 50 bits in ten of them.
const LETTERS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const DIGITS: usize = 6;
const PAPER: usize = 10;

/// A code as somebody gave it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Given {
    /// From the device.
    Digits(String),
    /// From the paper, written in the one way to write it.
    Paper(String),
}

impl Given {
    /// Spaces, hyphens and capitals do not matter; nothing where it can be neither.
    pub(super) fn read(code: &str) -> Option<Self> {
        let letters = code.chars().filter(|c| !c.is_whitespace() && *c != '-');
        let plain: String = letters.take(PAPER + 1).collect::<String>().to_ascii_lowercase();
        match plain.len() {
            DIGITS if plain.bytes().all(|b| b.is_ascii_digit()) => Some(Self::Digits(plain)),
            PAPER => Some(Self::Paper(plain.replace(['i', 'l'], "1").replace('o', "0"))),
            _ => None,
        }
    }
}

/// The device's side of this secret, without names.
pub(super) fn device(secret: &[u8]) -> Result<Totp, TotpError> {
    Builder::new().with_secret(secret.to_vec()).build()
}

/// The device's side of this secret, as it will be called there.
pub(super) fn named_device(secret: &[u8], issuer: &str, account: &str) -> Result<Totp, TotpError> {
    // A colon is what parts the two names.
    let plain = |name: &str| name.replace(':', " ").trim().to_owned();
    Builder::new()
        .with_secret(secret.to_vec())
        .with_issuer(Some(plain(issuer)))
        .with_account_name(plain(account))
        .build()
}

/// The step of time whose digits these are: the present one, the one before or the one after, and later than `last`.
pub(super) fn step(device: &Totp, digits: &str, now: Timestamp, last: i64) -> Option<i64> {
    let seconds = u64::try_from(now.timestamp()).ok()?;
    let step = i64::try_from(device.check(digits, seconds)?).ok()?;
    (step > last).then_some(step)
}

/// New codes for paper.
pub(super) fn recovery_codes() -> Vec<String> {
    let code = || {
        let letters = app::random::<PAPER>().map(|byte| char::from(LETTERS[usize::from(byte & 31)]));
        let (first, second) = letters.split_at(PAPER / 2);
        format!("{}-{}", String::from_iter(first), String::from_iter(second))
    };
    (0..RECOVERY_CODES).map(|_| code()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B.
    const SECRET: &[u8] = b"12345678901234567890";

    fn at(seconds: i64) -> Timestamp {
        chrono::DateTime::from_timestamp(seconds, 0).unwrap()
    }

    #[test]
    fn the_digits_are_those_of_the_standard() {
        let device = device(SECRET).unwrap();
        for (seconds, digits) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (2_000_000_000, "279037"),
        ] {
            assert_eq!(step(&device, digits, at(seconds), 0), Some(seconds / 30));
        }
    }

    #[test]
    fn a_step_earlier_or_later_is_accepted_and_no_further_and_none_twice() {
        let device = device(SECRET).unwrap();
        let found = |seconds, last| step(&device, "287082", at(seconds), last);
        for seconds in [0, 29, 30, 59, 60, 89] {
            assert_eq!(found(seconds, 0), Some(1), "{seconds}");
        }
        assert_eq!(found(90, 0), None);
        assert_eq!(found(59, 1), None);
    }

    #[test]
    fn codes_are_read_as_people_write_them() {
        assert_eq!(Given::read(" 287 082"), Some(Given::Digits("287082".into())));
        let paper = Some(Given::Paper("01abcdefgh".into()));
        for written in ["01abc-defgh", "OIABC DEFGH", "olabcdefgh"] {
            assert_eq!(Given::read(written), paper, "{written}");
        }
        for neither in ["", "28708", "abcdef", "2870821", "01abc-defghj", "２８７０８２"] {
            assert_eq!(Given::read(neither), None, "{neither}");
        }
    }

    #[test]
    fn what_is_made_for_paper_can_be_read_back() {
        let codes = recovery_codes();
        let read = codes.iter().map(|code| Given::read(code));
        for (read, code) in read.zip(&codes) {
            assert_eq!(read, Some(Given::Paper(code.replace('-', ""))));
        }
        let once: std::collections::BTreeSet<_> = codes.iter().collect();
        assert_eq!(once.len(), RECOVERY_CODES);
    }

    #[test]
    fn a_name_with_a_colon_is_still_a_name() {
        let device = named_device(SECRET, "North: light", "ann@example.com").unwrap();
        assert_eq!(device.issuer(), Some("North  light"));
    }
}
