//! Signing keys: made on first start, kept encrypted, shown as a JWK set.

use std::collections::BTreeMap;

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
use crate::domain::access_token::JwtAlgorithm;
use crate::domain::id;
use crate::error::{Error, Result};
use crate::repositories::signing_keys::{self, SealedKey};
use crate::secret::{self, SealKey, Secret};
use crate::transaction;

/// The key that signs, and the public half of every key that still verifies.
#[expect(missing_debug_implementations, reason = "holds private keys")]
pub struct SigningKeys {
    /// The `kid` of the key that signs.
    pub kid: String,
    /// What it signs with.
    pub algorithm: Algorithm,
    /// The key itself.
    pub key: EncodingKey,
    /// The public keys (RFC 7517).
    pub jwks: Value,
    /// The same, ready to verify with.
    verifying: BTreeMap<String, DecodingKey>,
}

impl SigningKeys {
    /// The key of this name, to verify with.
    #[must_use]
    pub fn verifying(&self, kid: &str) -> Option<&DecodingKey> {
        self.verifying.get(kid)
    }
}

/// A key, and since when there is one.
#[derive(Clone, Debug)]
pub struct KeyAge {
    /// Its `kid`.
    pub kid: String,
    /// What it signs with.
    pub algorithm: &'static str,
    /// When it was made.
    pub created_at: Timestamp,
    /// Whether another signs in its place.
    pub is_retired: bool,
}

/// All keys, the newest first.
pub async fn ages(db: &Db) -> Result<Vec<KeyAge>> {
    let keys = signing_keys::all(db).await?.into_iter().map(|key| KeyAge {
        kid: key.id.to_string(),
        algorithm: key.algorithm.name(),
        created_at: key.created_at,
        is_retired: key.retired_at.is_some(),
    });
    Ok(keys.collect())
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
        let id = id::new(now);
        let sealed = seal.seal(id.as_bytes(), generate(algorithm).reveal());
        stored = transaction!(db, |tx| -> Result<_> {
            signing_keys::put(tx, id, algorithm, &sealed, now).await?;
            signing_keys::all(tx).await
        })?;
    }

    let (mut jwks, mut verifying) = (Vec::new(), BTreeMap::new());
    let mut signs = None;
    for key in stored {
        let private = seal.open(key.id.as_bytes(), &key.sealed).ok_or(Error::WrongSecretKey)?;
        let jwk = public_jwk(key.id, key.algorithm, private.reveal())?;
        verifying.insert(key.id.to_string(), DecodingKey::from_jwk(&Jwk::deserialize(&jwk)?)?);
        jwks.push(jwk);
        if key.algorithm == algorithm && key.retired_at.is_none() {
            signs = Some(match algorithm {
                JwtAlgorithm::Es256 => {
                    (key.id, Algorithm::ES256, EncodingKey::from_ec_der(private.reveal()))
                }
                JwtAlgorithm::EdDsa => {
                    (key.id, Algorithm::EdDSA, EncodingKey::from_ed_der(private.reveal()))
                }
            });
        }
    }
    let (id, algorithm, key) = signs.ok_or(sqlx::Error::RowNotFound)?;
    let (kid, jwks) = (id.to_string(), json!({ "keys": jwks }));
    Ok(SigningKeys { kid, algorithm, key, jwks, verifying })
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
