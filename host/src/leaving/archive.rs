//! The container: a tar file (POSIX.1-1988 "ustar" with GNU sizes) of plain files without folders. Written and read
//! one entry at a time.

use std::io::{Read, Seek as _, SeekFrom};

use sha2::{Digest as _, Sha256};

use crate::{
    app::Timestamp,
    fault::{Fault, Result},
};

/// What an entry's bytes are filled up to.
const BLOCK: u64 = 512;

/// The most bytes of a line: a component of 16 MiB in base64, with room for the largest that a plan can allow.
pub(super) const MAX_LINE_BYTES: u64 = 64 * 1024 * 1024;

/// The most bytes of the manifest.
pub(super) const MAX_MANIFEST_BYTES: u64 = 1024 * 1024;

/// The header of a file of this many bytes.
pub(super) fn header(name: &str, bytes: u64, at: Timestamp) -> Result<Vec<u8>> {
    let mut header = tar::Header::new_gnu();
    header.set_path(name)?;
    header.set_size(bytes);
    header.set_mode(0o644);
    header.set_mtime(u64::try_from(at.timestamp()).unwrap_or(0));
    header.set_cksum();
    Ok(header.as_bytes().to_vec())
}

/// What follows a file of this many bytes.
pub(super) fn padding(bytes: u64) -> Vec<u8> {
    vec![0; usize::try_from((BLOCK - bytes % BLOCK) % BLOCK).expect("less than a block")]
}

/// What follows the last file.
pub(super) fn end() -> Vec<u8> {
    vec![0; 2 * BLOCK as usize]
}

/// An archive being read: one plain file after another, nothing else.
pub(super) struct Reader {
    file: std::fs::File,
}

/// A file in an archive.
pub(super) struct Entry<'r> {
    /// Its name, which has no folder.
    pub name: String,
    /// How long it says that it is.
    pub bytes: u64,
    lines: std::io::BufReader<std::io::Take<&'r mut std::fs::File>>,
    read: u64,
    hasher: Sha256,
}

impl Reader {
    pub fn new(file: std::fs::File) -> Self {
        Self { file }
    }

    /// The next file; none after the last. The one before must have been read to its end.
    pub fn next(&mut self) -> Result<Option<Entry<'_>>> {
        let mut block = [0; BLOCK as usize];
        self.file.read_exact(&mut block).map_err(|_| truncated())?;
        if block.iter().all(|byte| *byte == 0) {
            return Ok(None);
        }
        let header = tar::Header::from_byte_slice(&block);
        let sum: u32 = block[..148]
            .iter()
            .chain(&block[156..])
            .map(|byte| u32::from(*byte))
            .sum();
        if header.cksum().ok() != Some(sum + 8 * u32::from(b' ')) {
            return Err(Fault::invalid(
                "archive_malformed",
                "the archive is not a tar file, or damaged",
            ));
        }
        let name = String::from_utf8_lossy(&header.path_bytes()).into_owned();
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '.';
        if header.entry_type() != tar::EntryType::Regular || !name.chars().all(plain) || name.contains("..") {
            let message =
                format!("the archive has an entry {name:?}, which is not a plain file without a folder");
            return Err(Fault::invalid("archive_entry_unexpected", message));
        }
        let bytes = header
            .size()
            .map_err(|_| Fault::invalid("archive_malformed", "an entry's size cannot be read"))?;
        Ok(Some(Entry {
            name,
            bytes,
            lines: std::io::BufReader::new((&mut self.file).take(bytes)),
            read: 0,
            hasher: Sha256::new(),
        }))
    }

    /// Goes to where the next entry begins.
    pub fn skip_padding(&mut self, bytes: u64) -> Result<()> {
        let padding = i64::try_from(padding(bytes).len()).expect("less than a block");
        self.file.seek(SeekFrom::Current(padding))?;
        Ok(())
    }
}

impl Entry<'_> {
    /// The next line without its end; none after the last.
    pub fn line(&mut self) -> Result<Option<String>> {
        let mut line = Vec::new();
        let mut limited = (&mut self.lines).take(MAX_LINE_BYTES + 1);
        std::io::BufRead::read_until(&mut limited, b'\n', &mut line)?;
        if line.is_empty() {
            return if self.read == self.bytes {
                Ok(None)
            } else {
                Err(truncated())
            };
        }
        if line.len() as u64 > MAX_LINE_BYTES {
            let message = format!("a line of {} has more than {MAX_LINE_BYTES} bytes", self.name);
            return Err(Fault::invalid("archive_line_too_long", message));
        }
        self.read += line.len() as u64;
        self.hasher.update(&line);
        if line.pop() != Some(b'\n') {
            return Err(truncated());
        }
        let malformed = || {
            Fault::invalid(
                "archive_malformed",
                format!("a line of {} is not UTF-8", self.name),
            )
        };
        String::from_utf8(line).map(Some).map_err(|_| malformed())
    }

    /// All of a small file.
    pub fn text(mut self, most: u64) -> Result<Vec<u8>> {
        if self.bytes > most {
            let message = format!("{} has {} bytes, it can have {most}", self.name, self.bytes);
            return Err(Fault::invalid("archive_entry_too_large", message));
        }
        let mut text = Vec::new();
        self.lines.read_to_end(&mut text)?;
        if text.len() as u64 == self.bytes {
            Ok(text)
        } else {
            Err(truncated())
        }
    }

    /// The SHA-256 of what was read, in hexadecimal.
    pub fn sha256(self) -> String {
        hex::encode(self.hasher.finalize())
    }
}

fn truncated() -> Fault {
    Fault::invalid("archive_truncated", "the archive ends before it is complete")
}
