//! No certificate authorities at all.
//!
//! sqlx 0.8 trusts the authorities of the crate `webpki-roots` 0.26 in addition to the configured ones, and has no setting to turn that
//! off. This package replaces that crate (`[patch.crates-io]` in Cargo.toml), so that a connection to PostgreSQL trusts exactly the
//! authorities that authflow passes to sqlx. Only sqlx uses version 0.26.

#![forbid(unsafe_code)]

use pki_types::TrustAnchor;

/// The built-in authorities of sqlx: none.
pub const TLS_SERVER_ROOTS: &[TrustAnchor<'static>] = &[];
