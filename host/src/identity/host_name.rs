//! Host names as resellers give them, brought into the one form in which they are compared: ASCII, in lower case,
//! without the dot of the root. What could be taken for another name, or is no name, is refused.

use std::net::IpAddr;

use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};
use unicode_security::{RestrictionLevel, RestrictionLevelDetection as _};

use crate::fault::{Fault, Result};

/// The longest host name, in bytes (RFC 1035, section 2.3.4).
const BYTES: usize = 253;

/// A name that a host can have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct HostName(String);

impl HostName {
    /// Reads a host name for a reseller of the platform at `platform`.
    ///
    /// A label mixes scripts only as far as UTS 39 calls *highly restrictive*: one script, or Latin with the scripts of
    /// Chinese, Japanese or Korean. `pаypal` with a Cyrillic `а` is refused, `пример` is not.
    pub(super) fn parse(given: &str, platform: &str) -> Result<Self> {
        let name = given.trim();
        if name.len() > 4 * BYTES {
            return Err(too_long());
        }
        check_shape(name)?;
        let name = name.strip_suffix(['.', '。']).unwrap_or(name);
        let ascii = Uts46::new().to_ascii(
            name.as_bytes(),
            AsciiDenyList::STD3,
            Hyphens::CheckFirstLast,
            DnsLength::Ignore,
        );
        let ascii = ascii.map_err(|_| invalid())?.into_owned();
        check_lengths(&ascii)?;
        if !ascii.contains('.') {
            return Err(Fault::invalid(
                "host_single_label",
                "a host name has at least two labels, such as shop.example.com",
            ));
        }
        // What every parser of URLs reads as an IPv4 address ends in a number.
        if ascii.rsplit('.').next().is_some_and(is_number) {
            return Err(address());
        }
        if unicode(&ascii).split('.').any(is_mixed) {
            return Err(Fault::invalid(
                "host_mixed_scripts",
                "a label of the host name mixes scripts that look alike, it can have letters of one script",
            ));
        }
        let platform = platform.to_ascii_lowercase();
        if ascii == platform || ascii.ends_with(&format!(".{platform}")) {
            return Err(Fault::invalid(
                "host_of_the_platform",
                "the host name is at or below the address that hosts are given out at",
            ));
        }
        Ok(Self(ascii))
    }

    /// As it is stored and compared.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

/// As people read it.
pub(super) fn unicode(ascii: &str) -> String {
    let (unicode, _) =
        Uts46::new().to_unicode(ascii.as_bytes(), AsciiDenyList::STD3, Hyphens::CheckFirstLast);
    unicode.into_owned()
}

/// What is no name at all, each named for what it is.
fn check_shape(name: &str) -> Result<()> {
    if name.is_empty() {
        return Err(invalid());
    }
    if name.contains('*') {
        return Err(Fault::invalid(
            "host_wildcard",
            "a host name stands for one host, a wildcard for many",
        ));
    }
    if name.trim_matches(['[', ']']).parse::<IpAddr>().is_ok() {
        return Err(address());
    }
    if name.contains("://") || name.contains('/') {
        return Err(Fault::invalid(
            "host_is_url",
            "a host name has no scheme and no path",
        ));
    }
    if name.contains(':') {
        return Err(Fault::invalid("host_has_port", "a host name has no port"));
    }
    Ok(())
}

fn check_lengths(ascii: &str) -> Result<()> {
    if ascii.len() > BYTES {
        return Err(too_long());
    }
    match ascii.split('.').all(|label| (1..=63).contains(&label.len())) {
        true => Ok(()),
        false => Err(Fault::invalid(
            "host_label_length",
            "each label of a host name has 1 to 63 bytes",
        )),
    }
}

fn is_number(label: &str) -> bool {
    let hexadecimal = label
        .strip_prefix("0x")
        .is_some_and(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()));
    hexadecimal || label.bytes().all(|b| b.is_ascii_digit())
}

/// Whether a label mixes scripts beyond the level (UTS 39, section 5.2).
fn is_mixed(label: &str) -> bool {
    !label.check_restriction_level(RestrictionLevel::HighlyRestrictive)
}

fn invalid() -> Fault {
    Fault::invalid(
        "host_invalid",
        "a host name has letters, digits and hyphens in labels with dots between them",
    )
}

fn address() -> Fault {
    Fault::invalid("host_is_address", "an IP address is no host name")
}

fn too_long() -> Fault {
    Fault::invalid("host_too_long", "a host name has at most 253 bytes")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(given: &str) -> Result<String, &'static str> {
        match HostName::parse(given, "platform.example") {
            Ok(name) => Ok(name.0),
            Err(Fault::Refused(refusal)) => Err(refusal.code),
            Err(fault) => panic!("{fault}"),
        }
    }

    #[test]
    fn a_name_is_brought_into_one_form() {
        let cases = [
            ("Shop.Example.COM", "shop.example.com"),
            ("shop.example.com.", "shop.example.com"),
            (" shop.example.com ", "shop.example.com"),
            ("bücher.example", "xn--bcher-kva.example"),
            ("BU\u{308}CHER.example", "xn--bcher-kva.example"),
            ("xn--bcher-kva.example", "xn--bcher-kva.example"),
            ("faß.example", "xn--fa-hia.example"),
            ("ｓｈｏｐ。example", "shop.example"),
            ("пример.example", "xn--e1afmkfd.example"),
            ("例え.example", "xn--r8jz45g.example"),
            ("a--b.example", "a--b.example"),
        ];
        for (given, expected) in cases {
            assert_eq!(parse(given).as_deref(), Ok(expected), "{given}");
        }
        assert_eq!(unicode("xn--bcher-kva.example"), "bücher.example");
    }

    #[test]
    fn what_is_no_name_of_the_resellers_is_refused_each_by_its_own_code() {
        let long = format!("{}.example", vec!["a".repeat(60); 5].join("."));
        let label = format!("{}.example", "a".repeat(64));
        let cases = [
            ("", "host_invalid"),
            (".", "host_label_length"),
            ("..", "host_label_length"),
            ("a..example", "host_label_length"),
            (".a.example", "host_label_length"),
            ("a.example..", "host_label_length"),
            ("a_b.example", "host_invalid"),
            ("-a.example", "host_invalid"),
            ("a b.example", "host_invalid"),
            ("a\0.example", "host_invalid"),
            ("a\u{202e}b.example", "host_invalid"),
            ("xn--a.example", "host_invalid"),
            ("user@example.com", "host_invalid"),
            ("*.example.com", "host_wildcard"),
            ("shop.example.com:8443", "host_has_port"),
            ("https://shop.example.com", "host_is_url"),
            ("shop.example.com/x", "host_is_url"),
            ("192.0.2.1", "host_is_address"),
            ("[2001:db8::1]", "host_is_address"),
            ("2001:db8::1", "host_is_address"),
            ("127.1", "host_is_address"),
            ("1.0x7f", "host_is_address"),
            ("１２７.０.０.１", "host_is_address"),
            ("com", "host_single_label"),
            ("com.", "host_single_label"),
            ("platform.example", "host_of_the_platform"),
            ("Platform.Example.", "host_of_the_platform"),
            ("www.platform.example", "host_of_the_platform"),
            ("ｐlatform.example", "host_of_the_platform"),
            ("p\u{430}ypal.example", "host_mixed_scripts"),
            ("xn--pypal-4ve.example", "host_mixed_scripts"),
            ("gοοgle.example", "host_mixed_scripts"),
            (&long, "host_too_long"),
            (&label, "host_label_length"),
        ];
        for (given, code) in cases {
            assert_eq!(parse(given), Err(code), "{given:?}");
        }
    }

    #[test]
    fn a_name_that_only_ends_like_the_platforms_is_somebody_elses() {
        assert!(parse("notplatform.example").is_ok());
        assert!(parse("platform.example.com").is_ok());
    }
}
