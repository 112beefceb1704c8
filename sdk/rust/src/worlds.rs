//! The encoded type of each world, for the section that the exporting macros put into a guest.

/// The carrier world's.
pub const CARRIER: [u8; include_bytes!(concat!(env!("OUT_DIR"), "/carrier-plugin")).len()] =
    *include_bytes!(concat!(env!("OUT_DIR"), "/carrier-plugin"));

/// The pricing world's.
pub const PRICING: [u8; include_bytes!(concat!(env!("OUT_DIR"), "/pricing-plugin")).len()] =
    *include_bytes!(concat!(env!("OUT_DIR"), "/pricing-plugin"));

/// The branding world's.
pub const BRANDING: [u8; include_bytes!(concat!(env!("OUT_DIR"), "/branding-plugin")).len()] =
    *include_bytes!(concat!(env!("OUT_DIR"), "/branding-plugin"));
