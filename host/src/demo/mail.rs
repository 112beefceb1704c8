//! The mailboxes of the story's people: the folder that a host without a mail server writes to.

use std::path::Path;

use anyhow::Context as _;

/// What the newest mail to this address carries in its link.
pub fn token(folder: &Path, to: &str) -> anyhow::Result<String> {
    let mut names: Vec<_> = std::fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    names.sort();
    let addressed = format!("\r\nTo: {to}\r\n");
    for path in names.iter().rev() {
        // Long lines are broken by quoted-printable's `=` at their ends (RFC 2045, 6.7).
        let mail = std::fs::read_to_string(path)?.replace("=\r\n", "");
        if !mail.contains(&addressed) {
            continue;
        }
        let (_, link) = mail.split_once('#').context("the mail has no link")?;
        let end = link.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '-'));
        return Ok(link[..end.unwrap_or(link.len())].to_owned());
    }
    anyhow::bail!("no mail came to {to}")
}
