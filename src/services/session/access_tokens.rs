//! Access tokens: signs the claims of a session for clients, and finds the session of a presented token.

use std::time::Duration;

use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Header, TokenData, Validation, decode, decode_header, encode};

use crate::app::App;
use crate::domain::id;
use crate::domain::sign_in::access_token::{Claims, Presented};
use crate::domain::sign_in::session::Session;
use crate::domain::sign_in::session_kind::SessionKind;
use crate::error::{Error, Result};
use crate::secret::Secret;
use crate::services::session::session_management;

/// The JWT type (RFC 9068, section 2.1), so that no other JWT that we sign is accepted as an access token.
const TYPE: &str = "at+jwt";

/// The claims of this session, for our own API.
#[must_use]
pub fn claims(app: &App, session: &Session) -> Claims {
    let now = app.clock.now();
    Claims {
        iss: app.config.public_url.to_string(),
        aud: app.config.jwt.audiences.own().to_owned(),
        sub: session.user_id,
        sid: session.id,
        jti: id::new(now),
        iat: now,
        exp: now.after(app.config.lifetimes.access_token).min(session.expires_at),
        auth_time: session.authenticated_at,
        amr: session.amr,
        email: session.email.clone(),
        email_verified: session.email_verified_at.is_some(),
        name: session.username.clone(),
        preferred_username: session.handle.clone(),
        roles: session.roles().map(ToOwned::to_owned).collect(),
    }
}

/// Signs the claims as a JWT (RFC 9068).
pub fn sign(app: &App, claims: &Claims) -> Result<Secret<String>> {
    let keys = app.keys.current();
    let (kid, key) = keys.signing(app.clock.now()).ok_or(Error::NoSigningKey)?;
    let mut header = Header::new(keys.algorithm());
    header.typ = Some(TYPE.into());
    header.kid = Some(kid.to_owned());
    Ok(Secret::new(encode(&header, claims, key)?))
}

/// An access token for a client that stores it.
#[derive(Clone, Debug)]
pub struct Issued {
    /// The signed JWT.
    pub token: Secret<String>,
    /// The time until it expires.
    pub lives_for: Duration,
}

/// Issues an access token of the session for this audience.
pub fn issue(app: &App, session: &Session, audience: &str) -> Result<Issued> {
    let claims = Claims { aud: audience.to_owned(), ..claims(app, session) };
    Ok(Issued { token: sign(app, &claims)?, lives_for: claims.exp.since(claims.iat) })
}

/// The session of a presented token (ASVS 9.1.1 to 9.2.4, 7.4.1). `None` if we did not sign the token, it has another audience or has
/// expired, or the session has ended. Only programs have tokens for our own API.
pub async fn resume(app: &App, presented: &str) -> Result<Option<Session>> {
    let Some(presented) = read(app, presented).await? else { return Ok(None) };
    let session = session_management::visit(app, presented.sid).await?;
    let is_of_program = |session: &Session| session.kind != Some(SessionKind::Browser);
    Ok(session.filter(|session| session.user_id == presented.sub && is_of_program(session)))
}

/// The claims, if this server signed the token as an access token for itself and it has not expired.
async fn read(app: &App, presented: &str) -> Result<Option<Presented>> {
    let Ok(header) = decode_header(presented) else { return Ok(None) };
    let (true, Some(kid)) = (header.typ.as_deref() == Some(TYPE), header.kid) else {
        return Ok(None);
    };
    let now = app.clock.now();
    let mut keys = app.keys.current();
    if keys.verifying(&kid, now).is_none() {
        // Another instance may have signed with a key that this one has not read yet.
        app.keys.refresh_for_unknown(now).await?;
        keys = app.keys.current();
    }
    let Some(key) = keys.verifying(&kid, now) else { return Ok(None) };
    // The token's header must not choose the algorithm (RFC 8725, section 3.1). The library would use the system clock and accept
    // missing claims, so it checks only the signature, and we check the claims.
    let mut signature_alone = Validation::new(keys.algorithm());
    signature_alone.required_spec_claims.clear();
    signature_alone.validate_exp = false;
    signature_alone.validate_aud = false;
    let decoded = decode::<Presented>(presented, key, &signature_alone).inspect_err(|error| {
        if let ErrorKind::InvalidSignature = error.kind() {
            tracing::warn!("refused a forged access token"); // the request log has the client's address (ASVS 16.3.3)
        }
    });
    let Ok(TokenData { claims, .. }) = decoded else { return Ok(None) };
    let issuer = app.config.public_url.to_string();
    Ok(claims.is_good(&issuer, app.config.jwt.audiences.own(), now).then_some(claims))
}
