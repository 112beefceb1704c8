//! From facts to money. One pricing function gives quote, invoice, shadow and replay; every charge carries a receipt
//! that can be re-run. Facts are never edited, invoices never change.

mod answer;
pub mod money;
pub mod price;
pub mod rate;

pub use price::price_facts;
