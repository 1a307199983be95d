//! Signed tokens: cookies and tickets that carry their own data, and the keys that prove that we issued them.
//!
//! The text is base64url of `kind ‖ key ID ‖ body ‖ tag`:
//!
//! | part | bytes | |
//! |---|---|---|
//! | kind | 1 | the purpose of the token and the layout of its body: [`kind::TokenKind`] |
//! | key ID | 4 | the `SECRET_KEY` that signed it |
//! | body | by kind | described where the token is defined |
//! | tag | 32 | HMAC-SHA-256 over everything before it, and over a context that is not part of the text |
//!
//! The context is what a token is bound to: the seed of a session, a guarded host.
//!
//! One-time tokens and form tokens are not signed tokens, because they have no body. One-time tokens are looked up by their hash. Form
//! tokens are a tag over a cookie; a form with a wrong one is shown again, filled in.

pub mod kind;
mod legacy;
pub mod signer;
