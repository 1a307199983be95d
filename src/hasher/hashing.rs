//! Computes and checks password hashes: argon2 (RFC 9106), and bcrypt for imported accounts.

use argon2::password_hash::phc::{Ident, Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};

use crate::domain::sign_in::hash_cost::HashCost;
use crate::domain::sign_in::password::Password;
use crate::error::{Error, Result};
use crate::secret;

/// The length of a hash in bytes.
const OUTPUT: usize = 32;
/// How many bytes of a password bcrypt compares, including the NUL that follows a shorter one.
const BCRYPT_LENGTH: usize = 72;

/// The memory that a thread reuses from hash to hash.
pub struct Memory {
    blocks: Vec<Block>,
    kept: usize,
}

impl Memory {
    /// Allocates enough for a hash with these parameters.
    pub fn new(params: &Params) -> Self {
        Self { blocks: Vec::new(), kept: params.block_count() }
    }

    fn for_hash(&mut self, params: &Params) -> &mut [Block] {
        if self.blocks.len() < params.block_count() {
            self.blocks.resize(params.block_count(), Block::default());
        }
        &mut self.blocks
    }

    /// Frees the additional memory of a larger hash.
    pub fn shrink(&mut self) {
        self.blocks.truncate(self.kept);
        self.blocks.shrink_to(self.kept);
    }
}

/// Hashes a password with argon2id and a random salt. Returns the PHC format.
pub fn hash(password: &Password, params: &Params, memory: &mut Memory) -> Result<String> {
    let salt = secret::random::<16>();
    let mut output = [0; OUTPUT];
    let password = password.bare().as_bytes();
    compute(Algorithm::Argon2id, Version::V0x13, params, password, &salt, &mut output, memory)?;
    to_phc(params, &salt, &output)
}

/// Whether the password matches the hash.
pub fn verify(password: &Password, hash: &str, memory: &mut Memory) -> Result<bool> {
    if is_bcrypt(hash) {
        return bcrypt::verify(password.bare(), hash)
            .map_err(|error| Error::Hash(error.to_string()));
    }
    let hash = Argon2Hash::parse(hash).map_err(|why| Error::Hash(why.to_owned()))?;
    let mut output = vec![0; hash.output.len()];
    let Argon2Hash { algorithm, version, ref params, salt, .. } = hash;
    let password = password.bare().as_bytes();
    compute(algorithm, version, params, password, salt.as_ref(), &mut output, memory)?;
    Ok(secret::is_same(&output, hash.output.as_bytes()))
}

/// Whether a match with the hash proves the whole password. bcrypt compares at most 72 bytes, so of a password that fills them, other
/// endings match as well.
pub fn proves_all_of(password: &Password, hash: &str) -> bool {
    !is_bcrypt(hash) || password.bare().len() < BCRYPT_LENGTH
}

/// A parsed argon2 hash in the PHC format.
pub struct Argon2Hash {
    pub algorithm: Algorithm,
    pub version: Version,
    pub params: Params,
    pub salt: Salt,
    pub output: Output,
}

impl Argon2Hash {
    /// Parses a hash, or says why it cannot be checked.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let hash = PasswordHash::new(text).map_err(|_| "it is malformed")?;
        let algorithm =
            Algorithm::try_from(hash.algorithm.as_str()).map_err(|_| "its function is unknown")?;
        // Hashes from before version 1.3 do not name their version.
        let version = hash.version.unwrap_or(Version::V0x10.into());
        let version = Version::try_from(version).map_err(|_| "its version is unknown")?;
        let params = Params::try_from(&hash).map_err(|_| "its parameters are invalid")?;
        if !params.keyid().is_empty() {
            return Err("it was made with a secret key");
        }
        let (Some(salt), Some(output)) = (hash.salt, hash.hash) else {
            return Err("salt or output is missing");
        };
        Ok(Self { algorithm, version, params, salt, output })
    }
}

/// Does the work of a hash of this cost and discards the result.
pub fn try_out(cost: HashCost, password: &[u8], memory: &mut Memory) -> Result<()> {
    let broken = |error: &dyn std::fmt::Display| Error::Hash(error.to_string());
    match cost {
        HashCost::Bcrypt(cost) => {
            let salt = secret::random::<16>();
            bcrypt::hash_with_salt(password, cost, salt).map_err(|error| broken(&error))?;
        }
        HashCost::Argon2 { algorithm, version, memory: kib, passes, lanes } => {
            let params = Params::new(kib, passes, lanes, None).map_err(|error| broken(&error))?;
            let (salt, mut output) = (secret::random::<16>(), [0; OUTPUT]);
            compute(algorithm, version, &params, password, &salt, &mut output, memory)?;
            memory.shrink();
        }
    }
    Ok(())
}

/// The cost of hashes with these parameters.
pub fn cost(params: &Params) -> Result<HashCost> {
    let sample = to_phc(params, &secret::random::<16>(), &secret::random::<OUTPUT>())?;
    HashCost::of(&sample).ok_or_else(|| Error::Hash("its cost is unknown".into()))
}

pub fn is_bcrypt(hash: &str) -> bool {
    ["$2a$", "$2b$", "$2y$"].iter().any(|prefix| hash.starts_with(prefix))
}

fn compute(
    algorithm: Algorithm,
    version: Version,
    params: &Params,
    password: &[u8],
    salt: &[u8],
    output: &mut [u8],
    memory: &mut Memory,
) -> Result<()> {
    Argon2::new(algorithm, version, params.clone())
        .hash_password_into_with_memory(password, salt, output, memory.for_hash(params))
        .map_err(|error| Error::Hash(error.to_string()))
}

fn to_phc(params: &Params, salt: &[u8], output: &[u8]) -> Result<String> {
    let broken = |error: &dyn std::fmt::Display| Error::Hash(error.to_string());
    let hash = PasswordHash {
        algorithm: Ident::new("argon2id").map_err(|error| broken(&error))?,
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(params).map_err(|error| broken(&error))?,
        salt: Some(Salt::new(salt).map_err(|error| broken(&error))?),
        hash: Some(Output::new(output).map_err(|error| broken(&error))?),
    };
    Ok(hash.to_string())
}
