//! Signed tokens: cookies and tickets that carry their data themselves, and the key that proves that we made them.
//!
//! The text is base64url of `kind ‖ key id ‖ body ‖ tag`:
//!
//! | part | bytes | |
//! |---|---|---|
//! | kind | 1 | what the token is, and how its body is laid out: [`kind::TokenKind`] |
//! | key id | 4 | which `SECRET_KEY` it was signed under |
//! | body | by kind | laid out where the token is defined |
//! | tag | 32 | HMAC-SHA-256 over everything before it, and over a context that is not part of the text |
//!
//! The context is what a token is bound to: the seed of a session, a guarded host.
//!
//! One-time tokens and tokens in forms are no signed tokens, because there is no body to read. The first are looked up by their hash.
//! The second are a tag over a cookie, and a form whose token is refused is shown again, filled in.

pub mod kind;
mod legacy;
pub mod signer;
