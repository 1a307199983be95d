//! No certificate authorities at all.
//!
//! sqlx 0.8 trusts the authorities of the crate `webpki-roots` 0.26 besides the ones that it is given, and has no setting for that.
//! This package takes that crate's place (`[patch.crates-io]` in Cargo.toml), so that a connection to PostgreSQL trusts exactly the
//! authorities that authflow passes to sqlx. Only sqlx uses version 0.26.

#![forbid(unsafe_code)]

use pki_types::TrustAnchor;

/// The authorities that sqlx trusts by itself: none.
pub const TLS_SERVER_ROOTS: &[TrustAnchor<'static>] = &[];
