//! Access tokens: their claims and audiences.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::clock::Timestamp;
use crate::domain::account::email::EmailAddress;
use crate::domain::account::handle::Handle;
use crate::domain::account::username::Username;
use crate::domain::id::{SessionId, UserId};
use crate::domain::sign_in::amr::Amr;

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

impl JwtAlgorithm {
    /// The name in JWT headers and settings (RFC 7518, RFC 8037).
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::EdDsa => "EdDSA",
        }
    }
}

/// The audiences of access tokens (`JWT_AUDIENCE`), our own API first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audiences {
    own: String,
    others: Vec<String>,
}

/// Why a token is not issued for an audience.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Tokens are not issued for this audience.")]
pub struct UnknownAudience;

impl Audiences {
    /// The audience of our own API, and those of services that verify tokens by themselves.
    #[must_use]
    pub fn new(own: String, others: Vec<String>) -> Self {
        Self { own, others }
    }

    /// The default, and the only audience that our own API accepts, so that a service cannot use the tokens it receives against this API.
    #[must_use]
    pub fn own(&self) -> &str {
        &self.own
    }

    /// Every audience.
    pub fn all(&self) -> impl Iterator<Item = &str> {
        [&self.own].into_iter().chain(&self.others).map(String::as_str)
    }

    /// The audience that a client requests.
    pub fn find(&self, asked: &str) -> Result<&str, UnknownAudience> {
        self.all().find(|it| *it == asked).ok_or(UnknownAudience)
    }
}

/// The claims of an access token (RFC 7519, RFC 9068, with the names of OpenID Connect Core).
#[derive(Clone, Debug, Serialize)]
pub struct Claims {
    /// `PUBLIC_URL`.
    pub iss: String,
    /// The audience.
    pub aud: String,
    /// The user's ID.
    pub sub: UserId,
    /// The session's ID.
    pub sid: SessionId,
    /// The token's ID.
    pub jti: Uuid,
    /// When it was issued.
    pub iat: Timestamp,
    /// When it expires.
    pub exp: Timestamp,
    /// When the user last authenticated.
    pub auth_time: Timestamp,
    /// How the user authenticated (RFC 8176).
    pub amr: Amr,
    /// The email address.
    pub email: EmailAddress,
    /// Whether the address is confirmed.
    pub email_verified: bool,
    /// The display name.
    pub name: Username,
    /// The handle.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preferred_username: Option<Handle>,
    /// The roles, sorted.
    pub roles: Vec<String>,
}

/// How far the clocks of issuer and verifier may differ.
const LEEWAY: Duration = Duration::from_secs(30);

/// The claims that our API checks, from a token with a valid signature.
#[derive(Clone, Debug, Deserialize)]
pub struct Presented {
    /// The issuer.
    pub iss: String,
    /// The audience.
    pub aud: String,
    /// The user's ID.
    pub sub: UserId,
    /// The session's ID.
    pub sid: SessionId,
    /// When it was issued.
    pub iat: Timestamp,
    /// When it expires.
    pub exp: Timestamp,
}

impl Presented {
    /// Whether `issuer` issued it for `audience` and it has not expired. A token that was issued before the clock was set back would
    /// live too long.
    #[must_use]
    pub fn is_good(&self, issuer: &str, audience: &str, now: Timestamp) -> bool {
        self.iss == issuer
            && self.aud == audience
            && now < self.exp.after(LEEWAY)
            && !self.iat.is_ahead_of(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_valid_for_its_audience_until_it_expires() {
        let now = Timestamp(1_000_000);
        let presented = |iat, exp| Presented {
            iss: "https://login.example.org".into(),
            aud: "https://api.example.org".into(),
            sub: UserId::new(now),
            sid: SessionId::new(now),
            iat: Timestamp(iat),
            exp: Timestamp(exp),
        };
        for (exp, issuer, audience, good) in [
            (1_000_001, "https://login.example.org", "https://api.example.org", true),
            (1_000_000 - 29, "https://login.example.org", "https://api.example.org", true),
            (1_000_000 - 30, "https://login.example.org", "https://api.example.org", false),
            (i64::MIN + 300, "https://login.example.org", "https://api.example.org", false),
            (1_000_001, "https://login.example.org/", "https://api.example.org", false),
            (1_000_001, "https://login.example.org", "https://login.example.org", false),
            (1_000_001, "https://login.example.org", "", false),
        ] {
            let is_good = presented(exp - 300, exp).is_good(issuer, audience, now);
            assert_eq!(is_good, good, "{exp} {issuer} {audience}");
        }
        for (iat, good) in [(1_000_030, true), (1_000_031, false), (1_086_400, false)] {
            let token = presented(iat, iat + 300);
            assert_eq!(token.is_good(&token.iss, &token.aud, now), good, "{iat}");
        }
    }
}
