//! Values on their way out of a plugin. Text for people is cleaned; a value that machines compare or send is passed on
//! as it is or refused, since repairing it would make it another value.

use crate::bindings::types::{About, Extra};
use crate::clean::{clean, clean_lines, is_clean};
use crate::failure::Failure;

/// Names, codes and units.
pub(super) const NAME: usize = 100;
/// A sentence.
pub(super) const LINE: usize = 500;
/// A paragraph, a mail, a page of markup: the size of the whole result is limited before.
pub(super) const TEXT: usize = 256 * 1024;
/// Values for machines: references, handles, keys, a target with its query.
const EXACT: usize = 8 * 1024;

/// Cleans a text that is shown on one line.
pub(super) fn line(text: &mut String, limit: usize) {
    if !is_clean(text, limit) {
        *text = clean(text, limit);
    }
}

/// Cleans a text that may have lines.
pub(super) fn lines(text: &mut String, limit: usize) {
    // What is clean as one line is clean as several; most explanations are, and looking is cheaper than copying.
    if !is_clean(text, limit) {
        *text = clean_lines(text, limit);
    }
}

/// Refuses a value that does not show in full.
pub(super) fn exact(field: &'static str, text: &str) -> Result<(), Failure> {
    if is_clean(text, EXACT) {
        Ok(())
    } else {
        Err(Failure::BadText {
            field,
            limit: EXACT as u64,
        })
    }
}

/// Refuses more than the limit.
pub(super) fn at_most(what: &'static str, limit: u64, asked: u64) -> Result<(), Failure> {
    if asked <= limit {
        Ok(())
    } else {
        Err(Failure::TooLarge { what, limit, asked })
    }
}

/// Cleans what a plugin says about itself.
pub(super) fn about(about: &mut About) {
    line(&mut about.name, NAME);
    line(&mut about.version, NAME);
    line(&mut about.summary, LINE);
    extras(&mut about.extras);
}

/// Cleans the room to grow.
pub(super) fn extras(extras: &mut [Extra]) {
    for extra in extras {
        line(&mut extra.name, NAME);
        lines(&mut extra.value, TEXT);
    }
}
