//! Access tokens: claims for every request of a live session, a signature only for those that leave the process.

use jsonwebtoken::{Header, encode};

use crate::app::App;
use crate::domain::access_token::Claims;
use crate::domain::id;
use crate::domain::session::Session;
use crate::error::Result;
use crate::secret::Secret;

/// What a request of this session may claim.
#[must_use]
pub fn claims(app: &App, session: &Session) -> Claims {
    let now = app.clock.now();
    Claims {
        iss: app.config.public_url.to_string(),
        aud: app.config.jwt.audience.clone(),
        sub: session.user_id,
        sid: session.id,
        jti: id::new(now),
        iat: now,
        exp: now.after(app.config.lifetimes.access_token).min(session.expires_at),
        auth_time: session.authenticated_at,
        amr: session.amr.split(' ').map(ToOwned::to_owned).collect(),
        email: session.email.clone(),
        email_verified: session.email_verified_at.is_some(),
        name: session.username.clone(),
        roles: session.roles().map(ToOwned::to_owned).collect(),
    }
}

/// The claims as a signed JWT of type `at+jwt` (RFC 9068).
pub fn sign(app: &App, claims: &Claims) -> Result<Secret<String>> {
    let mut header = Header::new(app.keys.algorithm);
    header.typ = Some("at+jwt".into());
    header.kid = Some(app.keys.kid.clone());
    Ok(Secret::new(encode(&header, claims, &app.keys.key)?))
}
