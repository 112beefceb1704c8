//! The interface texts and the SDKs that this command carries, as the build script found them in the repository. They are
//! laid out in an author's folder as they are here, so that their paths to each other hold.

/// A file of the repository, by its path from the root.
pub(crate) struct File {
    pub path: &'static str,
    pub text: &'static str,
}

/// What a lock file says of the Rust SDK and all that it needs.
pub(crate) const LOCK: &str = include_str!(concat!(env!("OUT_DIR"), "/Cargo.lock"));

include!(concat!(env!("OUT_DIR"), "/embedded.rs"));
