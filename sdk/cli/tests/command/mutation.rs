//! What can happen to a component on its way: bits that flip, bytes that are cut off, sections of another one.

use std::ops::Range;

use nexusport_plugins::{BRAND_HARBOUR, CARRIER_SIMULATOR, PRICING_BURST, PRICING_COMMITTED, hostile};
use nexusport_sandbox::compile::with_fixtures;

/// Numbers that follow from their seed (SplitMix64, Steele and others 2014).
pub struct Chance(pub u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }
}

/// What something happens to: every world, with recordings and with imports.
pub fn originals() -> Vec<Vec<u8>> {
    let recorded = with_fixtures(CARRIER_SIMULATOR, "{}");
    let others = [PRICING_COMMITTED, PRICING_BURST, BRAND_HARBOUR, hostile::SLEEPS];
    let others = others.into_iter().map(<[u8]>::to_vec);
    others.chain([recorded]).collect()
}

/// Where the sections of a component lie, as far as their lengths can be followed.
fn sections(component: &[u8]) -> Vec<Range<usize>> {
    let (mut found, mut at) = (Vec::new(), 8);
    while at < component.len() {
        let (mut length, mut shift, mut end) = (0_usize, 0, at + 1);
        while let Some(byte) = component.get(end).filter(|_| shift < 35) {
            length |= usize::from(byte & 0x7f) << shift;
            (shift, end) = (shift + 7, end + 1);
            if byte & 0x80 == 0 {
                break;
            }
        }
        let next = end.saturating_add(length);
        if next > component.len() {
            break;
        }
        found.push(at..next);
        at = next;
    }
    found
}

/// One of the originals after a stroke of chance.
pub fn mutated(chance: &mut Chance, originals: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = originals[chance.below(originals.len())].clone();
    let other = &originals[chance.below(originals.len())];
    match chance.below(6) {
        0 => {
            for _ in 0..=chance.below(8) {
                let at = chance.below(bytes.len());
                bytes[at] ^= 1 << chance.below(8);
            }
        }
        1 => bytes.truncate(chance.below(bytes.len())),
        2 => {
            let at = chance.below(bytes.len());
            bytes[at] = [0, 0x7f, 0x80, 0xff][chance.below(4)];
        }
        3 => {
            let (own, theirs) = (sections(&bytes), sections(other));
            let at = own[chance.below(own.len())].start;
            let section = other[theirs[chance.below(theirs.len())].clone()].to_vec();
            bytes.splice(at..at, section);
        }
        4 => {
            let own = sections(&bytes);
            let gone = own[chance.below(own.len())].clone();
            let kept: Vec<u8> = bytes.drain(gone).collect();
            if chance.below(2) == 0 {
                bytes.extend(kept);
            }
        }
        _ => {
            let from = chance.below(other.len());
            let length = chance.below(64).min(other.len() - from);
            let at = chance.below(bytes.len() - length.min(bytes.len() - 1));
            bytes[at..at + length].copy_from_slice(&other[from..from + length]);
        }
    }
    bytes
}
