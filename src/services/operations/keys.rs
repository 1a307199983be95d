//! Signing keys: made on first start, kept encrypted, shown as a JWK set, rotated while servers run.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair,
};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::app::App;
use crate::clock::Timestamp;
use crate::db::{self, Db};
use crate::domain::audit_event::{Event, Outcome};
use crate::domain::id;
use crate::domain::sign_in::access_token::JwtAlgorithm;
use crate::domain::sign_in::signing_key::{self, KeyState, PUBLISHED_FIRST, Span, VERIFIES_FOR};
use crate::error::{Error, Result, from_db_error};
use crate::repositories::signing_keys::{self, SealedKey};
use crate::secret::{self, SealKey, Secret};
use crate::services::administration::accounts::Actor;
use crate::services::audit::{self, Act};
use crate::transaction;

/// How often a token with an unknown key is a reason to look again.
const LOOK_AT_MOST_EVERY: Duration = Duration::from_secs(5);

/// The keys as they were when somebody looked last; what each is good for depends on the moment.
#[expect(missing_debug_implementations, reason = "holds private keys")]
pub struct SigningKeys {
    /// What signs here.
    algorithm: JwtAlgorithm,
    /// The newest first.
    keys: Vec<Key>,
}

/// A key ready for use.
struct Key {
    id: Uuid,
    kid: String,
    algorithm: JwtAlgorithm,
    span: Span,
    signing: EncodingKey,
    verifying: DecodingKey,
    jwk: Value,
}

impl SigningKeys {
    /// What it signs with, and what it takes.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        match self.algorithm {
            JwtAlgorithm::Es256 => Algorithm::ES256,
            JwtAlgorithm::EdDsa => Algorithm::EdDSA,
        }
    }

    /// The key that signs at this moment, and its `kid`.
    #[must_use]
    pub fn signing(&self, now: Timestamp) -> Option<(&str, &EncodingKey)> {
        let own = || self.keys.iter().filter(|key| key.algorithm == self.algorithm);
        let signs = own().find(|key| self.state(key, now) == KeyState::Signs);
        signs.map(|key| (key.kid.as_str(), &key.signing))
    }

    /// The key of this name, if it verifies at this moment.
    #[must_use]
    pub fn verifying(&self, kid: &str, now: Timestamp) -> Option<&DecodingKey> {
        self.published(now).find(|key| key.kid == kid).map(|key| &key.verifying)
    }

    /// The public keys (RFC 7517).
    #[must_use]
    pub fn jwks(&self, now: Timestamp) -> Value {
        json!({ "keys": self.published(now).map(|key| &key.jwk).collect::<Vec<_>>() })
    }

    fn published(&self, now: Timestamp) -> impl Iterator<Item = &Key> {
        self.keys.iter().filter(move |key| self.state(key, now).verifies())
    }

    fn state(&self, key: &Key, now: Timestamp) -> KeyState {
        let alike = self.keys.iter().filter(|other| other.algorithm == key.algorithm);
        let spans: Vec<Span> = alike.map(|other| other.span).collect();
        signing_key::state(key.span, &spans, now)
    }
}

/// The keys of a running server: looked at again now and then, since others may rotate them.
#[expect(missing_debug_implementations, reason = "holds private keys")]
pub struct KeyRing {
    keys: RwLock<Arc<SigningKeys>>,
    /// When somebody looked last.
    looked_at: AtomicI64,
}

impl KeyRing {
    /// Those that were found at the start.
    #[must_use]
    pub fn new(keys: SigningKeys, now: Timestamp) -> Self {
        Self { keys: RwLock::new(Arc::new(keys)), looked_at: AtomicI64::new(now.0) }
    }

    /// As they were at the last look.
    #[must_use]
    pub fn current(&self) -> Arc<SigningKeys> {
        Arc::clone(&self.keys.read().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Looks at the keys again: somebody may have rotated them.
pub async fn refresh(app: &App) -> Result<()> {
    app.keys.looked_at.store(app.clock.now().0, Ordering::Relaxed);
    let stored = signing_keys::all(&app.db).await?;
    let known = app.keys.current();
    let is_known = stored.len() == known.keys.len()
        && stored
            .iter()
            .zip(&known.keys)
            .all(|(stored, known)| stored.id == known.id && stored.span() == known.span);
    if !is_known {
        let keys = open(stored, &app.secrets.signing_keys, known.algorithm)?;
        *app.keys.keys.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(keys);
        tracing::info!("the signing keys have changed");
    }
    Ok(())
}

/// The same for somebody who comes with a key that is not known: at most once in [`LOOK_AT_MOST_EVERY`], however many they are.
pub async fn refresh_for_unknown(app: &App) -> Result<()> {
    let (now, last) = (app.clock.now(), app.keys.looked_at.load(Ordering::Relaxed));
    if now.since(Timestamp(last)) < LOOK_AT_MOST_EVERY {
        return Ok(());
    }
    refresh(app).await
}

/// A key, and what it is good for.
#[derive(Clone, Debug)]
pub struct ListedKey {
    /// Its `kid`.
    pub kid: String,
    /// What it signs with.
    pub algorithm: &'static str,
    /// When it was made.
    pub created_at: Timestamp,
    /// What it is good for.
    pub state: KeyState,
}

/// All keys, the newest first.
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

/// A rotation that has begun.
#[derive(Clone, Debug)]
pub struct Rotated {
    /// The `kid` of the new key.
    pub kid: String,
    /// From when on it signs.
    pub signs_from: Timestamp,
    /// Until when the one before it verifies.
    pub former_until: Timestamp,
}

/// Why the keys were not rotated.
#[derive(Debug, thiserror::Error)]
pub enum RotateError {
    /// A new key waits to sign already.
    #[error("There is a new key already, which signs from {0} on.")]
    Pending(Timestamp),
    /// A part failed.
    #[error(transparent)]
    Failed(#[from] Error),
}

from_db_error!(RotateError);

/// Makes a new key, which is published at once and signs after [`PUBLISHED_FIRST`]; from then on the one before it only verifies.
/// Running servers notice by themselves.
pub async fn rotate(app: &App, actor: Actor<'_>) -> Result<Rotated, RotateError> {
    let (now, algorithm) = (app.clock.now(), app.config.jwt.algorithm);
    let signs_from = now.after(PUBLISHED_FIRST);
    let (id, sealed) = make(&app.secrets.signing_keys, algorithm, now);
    let kid = id.to_string();
    transaction!(app.db, |tx| -> Result<_, RotateError> {
        let stored = signing_keys::all(&mut *tx).await?;
        let alike: Vec<&SealedKey> =
            stored.iter().filter(|key| key.algorithm == algorithm).collect();
        let pending = alike.iter().filter_map(|key| key.retired_at).find(|at| *at > now);
        if let Some(at) = pending {
            return Err(RotateError::Pending(at));
        }
        if let Some(former) = alike.iter().find(|key| key.retired_at.is_none())
            && !signing_keys::retire(tx, former.id, signs_from).await?
        {
            return Err(RotateError::Pending(signs_from)); // somebody else was first
        }
        signing_keys::put(tx, id, algorithm, &sealed, now).await?;
        let act = Act {
            event: Event::KeyRotated,
            outcome: Outcome::Success,
            actor: actor.id,
            subject: None,
            detail: Some(&kid),
            source: actor.source,
        };
        Ok(audit::put(tx, &act, now).await?)
    })?;
    Ok(Rotated { kid, signs_from, former_until: signs_from.after(VERIFIES_FOR) })
}

/// A key that was revoked.
#[derive(Clone, Debug)]
pub struct Revoked {
    /// The `kid` of the key that signs from now on, as far as [`Self::algorithm`] is used.
    pub signs: String,
    /// What both sign with: what `JWT_ALGORITHM` says, or what it said before.
    pub algorithm: JwtAlgorithm,
    /// Whether that one was made for it: no service that keeps the public keys has seen it yet.
    pub is_new: bool,
}

/// Why a key was not revoked.
#[derive(Debug, thiserror::Error)]
pub enum RevokeError {
    /// There is no key of this name.
    #[error("There is no key with this ID. `authflow keys list` lists them.")]
    Unknown,
    /// It was revoked before.
    #[error("This key was revoked on {0} already.")]
    AlreadyRevoked(Timestamp),
    /// It has been good for nothing for a while.
    #[error("This key no longer verifies anything: its last token has expired.")]
    Over,
    /// A part failed.
    #[error(transparent)]
    Failed(#[from] Error),
}

from_db_error!(RevokeError);

/// Takes a leaked key out of use: every token that it signed is refused, at once by the process that does this and by running servers
/// when they look next (their workers do so every 30 seconds). If it was the key that signs, its successor signs at once, published or not; if it was
/// the successor, another is made, which is published first.
pub async fn revoke(app: &App, actor: Actor<'_>, id: Uuid) -> Result<Revoked, RevokeError> {
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
            return Err(RevokeError::AlreadyRevoked(now)); // at this very moment
        }
        if !matches!(state, KeyState::Verifies(_)) {
            // Does nothing where a successor is published already.
            let (new, sealed) = make(&app.secrets.signing_keys, key.algorithm, now);
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
        let act = Act {
            event: Event::KeyRevoked,
            outcome: Outcome::Success,
            actor: actor.id,
            subject: None,
            detail: Some(&kid),
            source: actor.source,
        };
        audit::put(tx, &act, now).await?;
        let is_new = before.iter().all(|known| known.id != signing.id);
        Ok(Revoked { signs: signing.id.to_string(), algorithm: key.algorithm, is_new })
    })?;
    refresh(app).await?;
    Ok(revoked)
}

/// Loads the keys; makes the first one for `algorithm` if there is none yet.
pub async fn load(
    db: &Db,
    seal: &SealKey,
    algorithm: JwtAlgorithm,
    now: Timestamp,
) -> Result<SigningKeys> {
    let mut stored = signing_keys::all(db).await?;
    if !stored.iter().any(|key| key.algorithm == algorithm && key.retired_at.is_none()) {
        let (id, sealed) = make(seal, algorithm, now);
        stored = transaction!(db, |tx| -> db::Result<_> {
            signing_keys::put(tx, id, algorithm, &sealed, now).await?;
            signing_keys::all(tx).await
        })?;
    }
    open(stored, seal, algorithm)
}

/// A new key and its name, encrypted.
fn make(seal: &SealKey, algorithm: JwtAlgorithm, now: Timestamp) -> (Uuid, Vec<u8>) {
    let id = id::new(now);
    (id, seal.seal(id.as_bytes(), generate(algorithm).reveal()))
}

fn open(stored: Vec<SealedKey>, seal: &SealKey, algorithm: JwtAlgorithm) -> Result<SigningKeys> {
    let mut keys = Vec::new();
    for key in stored {
        let private = seal.open(key.id.as_bytes(), &key.sealed).ok_or(Error::WrongSecretKey)?;
        let jwk = public_jwk(key.id, key.algorithm, private.reveal())?;
        keys.push(Key {
            id: key.id,
            kid: key.id.to_string(),
            algorithm: key.algorithm,
            span: key.span(),
            signing: match key.algorithm {
                JwtAlgorithm::Es256 => EncodingKey::from_ec_der(private.reveal()),
                JwtAlgorithm::EdDsa => EncodingKey::from_ed_der(private.reveal()),
            },
            verifying: DecodingKey::from_jwk(&Jwk::deserialize(&jwk)?)?,
            jwk,
        });
    }
    Ok(SigningKeys { algorithm, keys })
}

/// Whether this `SECRET_KEY` opens the keys that are there.
pub async fn check(db: &Db, seal: &SealKey) -> Result<()> {
    let opens = |key: &SealedKey| seal.open(key.id.as_bytes(), &key.sealed).is_some();
    if signing_keys::all(db).await?.iter().all(opens) { Ok(()) } else { Err(Error::WrongSecretKey) }
}

fn generate(algorithm: JwtAlgorithm) -> Secret<Vec<u8>> {
    let pkcs8 = match algorithm {
        JwtAlgorithm::Es256 => EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)
            .and_then(|pair| Ok(pair.to_pkcs8v1()?.as_ref().to_vec())),
        JwtAlgorithm::EdDsa => {
            Ed25519KeyPair::generate().and_then(|pair| Ok(pair.to_pkcs8v1()?.as_ref().to_vec()))
        }
    };
    Secret::new(pkcs8.expect("with a working random generator, making a key does not fail"))
}

fn public_jwk(id: Uuid, algorithm: JwtAlgorithm, private: &[u8]) -> Result<Value> {
    let kid = id.to_string();
    Ok(match algorithm {
        JwtAlgorithm::Es256 => {
            let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, private)
                .map_err(|_| Error::WrongSecretKey)?;
            // An uncompressed point (SEC 1, section 2.3.3): 4 ‖ x ‖ y.
            let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
            let (x, y) = (secret::encode(x), secret::encode(y));
            json!({ "kty": "EC", "crv": "P-256", "x": x, "y": y, "use": "sig", "alg": "ES256", "kid": kid })
        }
        JwtAlgorithm::EdDsa => {
            let pair = Ed25519KeyPair::from_pkcs8(private).map_err(|_| Error::WrongSecretKey)?;
            let x = secret::encode(pair.public_key().as_ref());
            json!({ "kty": "OKP", "crv": "Ed25519", "x": x, "use": "sig", "alg": "EdDSA", "kid": kid })
        }
    })
}
