//! The section of a component in which its author's kept calls lie, so that its digest covers them. What they hold is for
//! others to read.

/// The custom section's name. A component has one at most.
pub const FIXTURES: &str = "nexusport:fixtures";

const CUSTOM: u8 = 0;

/// The component with this text in a section at its end.
pub fn with_fixtures(component: &[u8], text: &str) -> Vec<u8> {
    let name = prefixed(FIXTURES.as_bytes());
    let section = prefixed(&[&name, text.as_bytes()].concat());
    [component, &[CUSTOM], &section].concat()
}

/// The bytes with their number before them, as WebAssembly's binary format writes it (unsigned LEB128).
fn prefixed(bytes: &[u8]) -> Vec<u8> {
    let mut prefixed = Vec::with_capacity(bytes.len() + 5);
    let mut left = bytes.len();
    while left >= 0x80 {
        prefixed.push((left & 0x7f) as u8 | 0x80);
        left >>= 7;
    }
    prefixed.push(left as u8);
    prefixed.extend_from_slice(bytes);
    prefixed
}
