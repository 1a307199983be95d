//! Lists, rotates and revokes signing keys. Running servers reload the keys every 30 seconds.

use uuid::Uuid;

use crate::app::App;
use crate::clock::Timestamp;
use crate::db::Db;
use crate::domain::audit_event::Event;
use crate::domain::sign_in::access_token::JwtAlgorithm;
use crate::domain::sign_in::signing_key::{self, KeyState, PUBLISHED_FIRST, Span, VERIFIES_FOR};
use crate::error::{Error, Result, from_db_error};
use crate::installation::authflow;
use crate::key_ring;
use crate::repositories::signing_keys::{self, SealedKey};
use crate::services::audit::{self, Actor};
use crate::transaction;

/// A key and its state.
#[derive(Clone, Debug)]
pub struct ListedKey {
    /// The key ID in tokens and in the JWK set.
    pub kid: String,
    /// `ES256` or `EdDSA`.
    pub algorithm: &'static str,
    /// When it was created. This decides which key is the newest.
    pub created_at: Timestamp,
    /// Whether it is published, signs, verifies, has expired or is revoked.
    pub state: KeyState,
}

/// All keys, newest first.
pub async fn list(db: &Db, now: Timestamp) -> Result<Vec<ListedKey>> {
    let keys = signing_keys::all(db).await?;
    let listed = keys.iter().map(|key| ListedKey {
        kid: key.id.to_string(),
        algorithm: key.algorithm.name(),
        created_at: key.created_at,
        state: state_among(&keys, key, now),
    });
    Ok(listed.collect())
}

fn state_among(keys: &[SealedKey], of: &SealedKey, now: Timestamp) -> KeyState {
    let alike = keys.iter().filter(|other| other.algorithm == of.algorithm);
    let spans: Vec<Span> = alike.map(SealedKey::span).collect();
    signing_key::state(of.span(), &spans, now)
}

/// A rotation that has started.
#[derive(Clone, Debug)]
pub struct Rotated {
    /// The `kid` of the new key.
    pub kid: String,
    /// When the new key starts to sign.
    pub signs_from: Timestamp,
    /// Until when tokens of the previous key are accepted.
    pub former_until: Timestamp,
}

/// Why the keys were not rotated.
#[derive(Debug, thiserror::Error)]
pub enum RotateError {
    /// The new key of an earlier rotation does not sign yet. Contains the time when it starts.
    #[error("There is a new key already, which signs from {0} on.")]
    Pending(Timestamp),
    /// An unexpected error.
    #[error(transparent)]
    Failed(#[from] Error),
}

from_db_error!(RotateError);

/// Creates a new key. It is published at once and starts to sign after [`PUBLISHED_FIRST`]. From then on the previous key only verifies.
/// If a key was created before the clock was set back and still waits, that one starts to sign instead.
pub async fn rotate(app: &App, actor: Actor<'_>) -> Result<Rotated, RotateError> {
    let (now, algorithm) = (app.clock.now(), app.config.jwt.algorithm);
    let signs_from = now.after(PUBLISHED_FIRST);
    let (new, sealed) = key_ring::generate(&app.secrets.signing_keys, algorithm, now);
    let kid = transaction!(app.db, |tx| -> Result<_, RotateError> {
        let stored = signing_keys::all(&mut *tx).await?;
        let alike =
            || stored.iter().filter(|key| key.algorithm == algorithm && key.revoked_at.is_none());
        let newest = alike().find(|key| key.retired_at.is_none()).map(|key| key.id);
        let retiring = || alike().filter_map(|key| Some((key.id, key.retired_at?)));
        let pending: Vec<(Uuid, Timestamp)> = retiring().filter(|(_, at)| *at > now).collect();
        let is_ahead = |at: Timestamp| at.before(PUBLISHED_FIRST).is_ahead_of(now);
        if let Some((_, at)) = pending.iter().find(|(_, at)| !is_ahead(*at)) {
            return Err(RotateError::Pending(*at));
        }
        // The clock was set back since these rotations, so their keys would sign much too late.
        for (former, _) in &pending {
            signing_keys::retire_at(tx, *former, signs_from).await?;
        }
        let kid = if let Some(published) = newest.filter(|_| !pending.is_empty()) {
            published
        } else {
            if let Some(former) = newest
                && !signing_keys::retire(tx, former, signs_from).await?
            {
                return Err(RotateError::Pending(signs_from)); // a concurrent rotation won
            }
            signing_keys::put(tx, new, algorithm, &sealed, now).await?;
            new
        };
        let kid = kid.to_string();
        let act = actor.act(Event::KeyRotated, None, Some(&kid));
        audit::put(tx, &act, now).await?;
        Ok(kid)
    })?;
    Ok(Rotated { kid, signs_from, former_until: signs_from.after(VERIFIES_FOR) })
}

/// The result of revoking a key.
#[derive(Clone, Debug)]
pub struct RevokedKey {
    /// The `kid` of the key that signs from now on with [`Self::algorithm`].
    pub signs: String,
    /// The algorithm of both keys. It differs from `JWT_ALGORITHM` if that setting was changed.
    pub algorithm: JwtAlgorithm,
    /// Whether the signing key was created by this revocation. Services that cache the JWK set do not know it yet.
    pub is_new: bool,
}

/// Why a key was not revoked.
#[derive(Debug, thiserror::Error)]
pub enum RevokeError {
    /// No key has this ID.
    #[error("There is no key with this ID. To list the keys: {} keys list", authflow())]
    Unknown,
    /// It was revoked before, at this time.
    #[error("This key was revoked on {0} already.")]
    AlreadyRevoked(Timestamp),
    /// All tokens of this key have expired.
    #[error("This key no longer verifies anything: its last token has expired.")]
    Over,
    /// An unexpected error.
    #[error(transparent)]
    Failed(#[from] Error),
}

from_db_error!(RevokeError);

/// Revokes a leaked key. This process refuses its tokens at once; other servers do when they reload the keys.
///
/// If the key was signing, its successor signs at once, even if it was not published for long. If the key was the successor, a new
/// successor is published first.
pub async fn revoke(app: &App, actor: Actor<'_>, id: Uuid) -> Result<RevokedKey, RevokeError> {
    let (now, kid) = (app.clock.now(), id.to_string());
    let revoked = transaction!(app.db, |tx| -> Result<_, RevokeError> {
        let before = signing_keys::all(&mut *tx).await?;
        let key = before.iter().find(|key| key.id == id).ok_or(RevokeError::Unknown)?;
        let state = state_among(&before, key, now);
        match state {
            KeyState::Revoked(at) => return Err(RevokeError::AlreadyRevoked(at)),
            KeyState::Over => return Err(RevokeError::Over),
            KeyState::Published(_) | KeyState::Signs | KeyState::Verifies(_) => {}
        }
        if !signing_keys::revoke(tx, id, now).await? {
            return Err(RevokeError::AlreadyRevoked(now)); // by a concurrent request
        }
        if !matches!(state, KeyState::Verifies(_)) {
            // Does nothing if a successor is already published.
            let (new, sealed) = key_ring::generate(&app.secrets.signing_keys, key.algorithm, now);
            signing_keys::put(tx, new, key.algorithm, &sealed, now).await?;
        }
        if let KeyState::Published(_) = state {
            let signing = before.iter().filter(|other| other.algorithm == key.algorithm);
            let signing = signing.filter(|it| state_among(&before, it, now) == KeyState::Signs);
            for former in signing {
                signing_keys::retire_at(tx, former.id, now.after(PUBLISHED_FIRST)).await?;
            }
        }
        let after = signing_keys::all(&mut *tx).await?;
        let signing = after.iter().filter(|other| other.algorithm == key.algorithm);
        let mut signing = signing.filter(|it| state_among(&after, it, now) == KeyState::Signs);
        let signing = signing.next().ok_or(Error::NoSigningKey)?;
        let act = actor.act(Event::KeyRevoked, None, Some(&kid));
        audit::put(tx, &act, now).await?;
        let is_new = before.iter().all(|known| known.id != signing.id);
        Ok(RevokedKey { signs: signing.id.to_string(), algorithm: key.algorithm, is_new })
    })?;
    app.keys.refresh(now).await?;
    Ok(revoked)
}
