//! The signing keys in memory: opened with `SECRET_KEY`, used to sign and verify access tokens, and published as a JWK set.

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

use crate::clock::Timestamp;
use crate::db::Db;
use crate::domain::id;
use crate::domain::sign_in::access_token::JwtAlgorithm;
use crate::domain::sign_in::signing_key::{self, KeyState, Span};
use crate::error::{Error, Result};
use crate::repositories::signing_keys::{self, SealedKey};
use crate::secret::{self, SealKey, Secret};
use crate::transaction;

/// Tokens with an unknown key cause at most one reload of the keys within this time.
const UNKNOWN_KEY_READS_EVERY: Duration = Duration::from_secs(5);

/// The keys as of the last reload. The state of each key depends on the time.
#[expect(missing_debug_implementations, reason = "contains private keys")]
pub struct SigningKeys {
    /// The algorithm that this server signs with.
    algorithm: JwtAlgorithm,
    /// Newest first.
    keys: Vec<OpenedKey>,
}

/// A decrypted key.
struct OpenedKey {
    id: Uuid,
    kid: String,
    algorithm: JwtAlgorithm,
    span: Span,
    signing: EncodingKey,
    verifying: DecodingKey,
    jwk: Value,
}

impl SigningKeys {
    /// The algorithm that this server signs with, and the only one that it accepts.
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

    /// The key with this `kid`, if it verifies at this moment.
    #[must_use]
    pub fn verifying(&self, kid: &str, now: Timestamp) -> Option<&DecodingKey> {
        self.published(now).find(|key| key.kid == kid).map(|key| &key.verifying)
    }

    /// The public keys (RFC 7517).
    #[must_use]
    pub fn jwks(&self, now: Timestamp) -> Value {
        json!({ "keys": self.published(now).map(|key| &key.jwk).collect::<Vec<_>>() })
    }

    fn published(&self, now: Timestamp) -> impl Iterator<Item = &OpenedKey> {
        self.keys.iter().filter(move |key| self.state(key, now).verifies())
    }

    fn state(&self, key: &OpenedKey, now: Timestamp) -> KeyState {
        let alike = self.keys.iter().filter(|other| other.algorithm == key.algorithm);
        let spans: Vec<Span> = alike.map(|other| other.span).collect();
        signing_key::state(key.span, &spans, now)
    }

    fn is_same_as(&self, stored: &[SealedKey]) -> bool {
        stored.len() == self.keys.len()
            && stored
                .iter()
                .zip(&self.keys)
                .all(|(stored, known)| stored.id == known.id && stored.span() == known.span)
    }

    fn open(stored: Vec<SealedKey>, seal: &SealKey, algorithm: JwtAlgorithm) -> Result<Self> {
        let keys = stored.into_iter().map(|key| OpenedKey::open(&key, seal));
        Ok(Self { algorithm, keys: keys.collect::<Result<_>>()? })
    }
}

impl OpenedKey {
    fn open(key: &SealedKey, seal: &SealKey) -> Result<Self> {
        let private = seal.open(key.id.as_bytes(), &key.sealed).ok_or(Error::WrongSecretKey)?;
        let jwk = public_jwk(key.id, key.algorithm, private.reveal())?;
        Ok(Self {
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
        })
    }
}

/// The keys of a running server. They are reloaded from time to time, since another process may rotate them.
#[expect(missing_debug_implementations, reason = "contains private keys")]
pub struct KeyRing {
    db: Db,
    seal: SealKey,
    keys: RwLock<Arc<SigningKeys>>,
    read_at: AtomicI64,
}

impl KeyRing {
    /// Loads the keys, and creates the first one for `algorithm` if there is none.
    pub async fn load(
        db: Db,
        seal: SealKey,
        algorithm: JwtAlgorithm,
        now: Timestamp,
    ) -> Result<Self> {
        let mut stored = signing_keys::all(&db).await?;
        if !stored.iter().any(|key| key.algorithm == algorithm && key.retired_at.is_none()) {
            let (id, sealed) = generate(&seal, algorithm, now);
            stored = transaction!(db, |tx| {
                signing_keys::put(tx, id, algorithm, &sealed, now).await?;
                signing_keys::all(tx).await
            })?;
        }
        let keys = SigningKeys::open(stored, &seal, algorithm)?;
        Ok(Self { db, seal, keys: RwLock::new(Arc::new(keys)), read_at: AtomicI64::new(now.0) })
    }

    /// The keys as of the last reload.
    #[must_use]
    pub fn current(&self) -> Arc<SigningKeys> {
        Arc::clone(&self.keys.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reloads the keys.
    pub async fn refresh(&self, now: Timestamp) -> Result<()> {
        self.read_at.store(now.0, Ordering::Relaxed);
        let stored = signing_keys::all(&self.db).await?;
        let known = self.current();
        if !known.is_same_as(&stored) {
            let keys = SigningKeys::open(stored, &self.seal, known.algorithm)?;
            *self.keys.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(keys);
            tracing::info!("the signing keys have changed");
        }
        Ok(())
    }

    /// Reloads the keys because a token names an unknown one, unless they were just reloaded.
    pub async fn refresh_for_unknown(&self, now: Timestamp) -> Result<()> {
        let last = Timestamp(self.read_at.load(Ordering::Relaxed));
        if last.is_within(UNKNOWN_KEY_READS_EVERY, now) {
            return Ok(());
        }
        self.refresh(now).await
    }
}

/// Whether this `SECRET_KEY` opens all stored keys.
pub async fn check(db: &Db, seal: &SealKey) -> Result<()> {
    let opens = |key: &SealedKey| seal.open(key.id.as_bytes(), &key.sealed).is_some();
    if signing_keys::all(db).await?.iter().all(opens) { Ok(()) } else { Err(Error::WrongSecretKey) }
}

/// Generates a key, and returns its ID and the sealed private key.
#[must_use]
pub fn generate(seal: &SealKey, algorithm: JwtAlgorithm, now: Timestamp) -> (Uuid, Vec<u8>) {
    let id = id::new(now);
    (id, seal.seal(id.as_bytes(), private_key(algorithm).reveal()))
}

fn private_key(algorithm: JwtAlgorithm) -> Secret<Vec<u8>> {
    let pkcs8 = match algorithm {
        JwtAlgorithm::Es256 => EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)
            .and_then(|pair| Ok(pair.to_pkcs8v1()?.as_ref().to_vec())),
        JwtAlgorithm::EdDsa => {
            Ed25519KeyPair::generate().and_then(|pair| Ok(pair.to_pkcs8v1()?.as_ref().to_vec()))
        }
    };
    Secret::new(pkcs8.expect("generating a key fails only without a random generator"))
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
