//! Access tokens: what a request of a live session may claim.

use serde::Serialize;
use uuid::Uuid;

use crate::clock::Timestamp;
use crate::domain::email::EmailAddress;
use crate::domain::id::{SessionId, UserId};
use crate::domain::username::Username;

/// How access tokens are signed (RFC 7518, RFC 8037).
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "TEXT")]
pub enum JwtAlgorithm {
    /// ECDSA on P-256.
    #[sqlx(rename = "ES256")]
    Es256,
    /// Ed25519.
    #[sqlx(rename = "EdDSA")]
    EdDsa,
}

/// The claims of one request (RFC 7519, RFC 9068, OpenID Connect Core's names).
#[derive(Clone, Debug, Serialize)]
pub struct Claims {
    /// `PUBLIC_URL`.
    pub iss: String,
    /// Whom the token is for.
    pub aud: String,
    /// The user's id.
    pub sub: UserId,
    /// The session's id.
    pub sid: SessionId,
    /// Names this token.
    pub jti: Uuid,
    /// When it was issued.
    pub iat: Timestamp,
    /// When it is over.
    pub exp: Timestamp,
    /// When the person last proved who they are.
    pub auth_time: Timestamp,
    /// How (RFC 8176).
    pub amr: Vec<String>,
    /// The address.
    pub email: EmailAddress,
    /// Whether the owner proved to read its mail.
    pub email_verified: bool,
    /// The display name.
    pub name: Username,
    /// Plain names, sorted.
    pub roles: Vec<String>,
}
