//! What parent and child write to each other: a JSON head with its length before it, then plain bytes up to the end.

use std::io::{self, Read, Write};

use serde::Serialize;
use serde::de::DeserializeOwned;

/// Far more than a report needs, fixtures with every character escaped among it.
const HEAD_BYTES: u32 = 2 * 1024 * 1024;

pub(super) fn write_head(output: &mut impl Write, head: &impl Serialize) -> io::Result<()> {
    let head = serde_json::to_vec(head)?;
    let length = u32::try_from(head.len()).map_err(io::Error::other)?;
    output.write_all(&length.to_le_bytes())?;
    output.write_all(&head)
}

pub(super) fn read_head<T: DeserializeOwned>(input: &mut impl Read) -> io::Result<T> {
    let mut length = [0; 4];
    input.read_exact(&mut length)?;
    let length = u32::from_le_bytes(length);
    if length > HEAD_BYTES {
        return Err(io::Error::other(format!(
            "a head of {length} bytes, the limit is {HEAD_BYTES}"
        )));
    }
    let mut head = vec![0; length as usize];
    input.read_exact(&mut head)?;
    Ok(serde_json::from_slice(&head)?)
}
