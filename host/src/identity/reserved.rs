//! Short names that no reseller gets, because of the addresses that they would make.

use crate::fault::{Fault, Result};

/// Refuses short names of resellers whose addresses would be taken for the platform's own: names that RFC 2142 and
/// custom give to a domain's services, and those that clients look up by themselves.
pub(super) fn check(slug: &str) -> Result<()> {
    const RESERVED: &[&str] = &[
        "abuse",
        "account",
        "accounts",
        "admin",
        "administrator",
        "api",
        "app",
        "assets",
        "auth",
        "autoconfig",
        "autodiscover",
        "billing",
        "blog",
        "cdn",
        "console",
        "dashboard",
        "demo",
        "dev",
        "dns",
        "docs",
        "download",
        "email",
        "ftp",
        "gateway",
        "health",
        "help",
        "host",
        "hostmaster",
        "id",
        "imap",
        "info",
        "internal",
        "isatap",
        "localhost",
        "login",
        "mail",
        "metrics",
        "mta-sts",
        "mx",
        "news",
        "noc",
        "ns",
        "oauth",
        "openid",
        "operator",
        "ops",
        "platform",
        "pop",
        "pop3",
        "portal",
        "postmaster",
        "root",
        "security",
        "sftp",
        "signin",
        "signup",
        "smtp",
        "ssh",
        "sso",
        "staging",
        "static",
        "status",
        "support",
        "system",
        "test",
        "vpn",
        "web",
        "webmail",
        "webmaster",
        "wpad",
        "www",
    ];
    // `ns1` and `mx-2` are meant as well.
    let word = slug.trim_end_matches(|c: char| c.is_ascii_digit() || c == '-');
    // What begins with `xn--` is read as an encoded name of another alphabet.
    match RESERVED.contains(&word) || slug.get(2..4) == Some("--") {
        true => Err(Fault::invalid(
            "slug_reserved",
            "this slug is kept for the platform's own services, or reads as an encoded name",
        )),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reseller_cannot_have_an_address_that_reads_as_the_platforms_own() {
        for slug in [
            "www", "api", "admin", "mail", "ns", "ns1", "mx-2", "wpad", "xn--a",
        ] {
            assert!(check(slug).is_err(), "{slug}");
        }
        for slug in ["northlight", "apis", "mailers", "web-shop", "a--b"] {
            assert!(check(slug).is_ok(), "{slug}");
        }
    }
}
