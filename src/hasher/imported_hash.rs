//! Which password hashes from other systems are accepted.

use std::ops::RangeInclusive;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Params, Version};
use bcrypt::HashParts;

use super::hashing::is_bcrypt;

/// The limits in KiB, passes, lanes and bcrypt's exponent. Every check has this cost, and anyone who knows an email address can cause
/// checks.
const LARGEST_MEMORY: u32 = 256 * 1024;
const MOST_ITERATIONS: u32 = 16;
const MOST_LANES: u32 = 16;
const BCRYPT_COSTS: RangeInclusive<u32> = 4..=15;

/// Why a hash was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidHash {
    /// It is neither argon2 nor bcrypt.
    #[error(
        "It is neither argon2 ($argon2id$…, in the PHC format) nor bcrypt ($2a$, $2b$ or $2y$)."
    )]
    Unknown,
    /// A part is missing or wrong.
    #[error("It is incomplete.")]
    Broken,
    /// A check would cost too much.
    #[error(
        "It costs too much to check: argon2 may have at most 256 MiB, 16 passes and 16 lanes, bcrypt a cost from 4 to 15."
    )]
    Costly,
}

/// Whether passwords can be checked against this hash, at an acceptable cost.
pub fn check(hash: &str) -> Result<(), InvalidHash> {
    if is_bcrypt(hash) {
        let parts: HashParts = hash.parse().map_err(|_| InvalidHash::Broken)?;
        let is_cheap = BCRYPT_COSTS.contains(&parts.get_cost());
        return if is_cheap { Ok(()) } else { Err(InvalidHash::Costly) };
    }
    if !hash.starts_with("$argon2") {
        return Err(InvalidHash::Unknown);
    }
    let hash = PasswordHash::new(hash).map_err(|_| InvalidHash::Broken)?;
    Algorithm::try_from(hash.algorithm.as_str()).map_err(|_| InvalidHash::Unknown)?;
    Version::try_from(hash.version.unwrap_or(0x13)).map_err(|_| InvalidHash::Broken)?;
    let params = Params::try_from(&hash).map_err(|_| InvalidHash::Broken)?;
    if hash.salt.is_none() || hash.hash.is_none_or(|output| output.len() < 16) {
        Err(InvalidHash::Broken)
    } else if params.m_cost() > LARGEST_MEMORY
        || params.t_cost() > MOST_ITERATIONS
        || params.p_cost() > MOST_LANES
    {
        Err(InvalidHash::Costly)
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn broken_costly_and_unknown_hashes_are_refused() {
        let argon2 = |params: &str| {
            format!(
                "$argon2id$v=19${params}$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
            )
        };
        let bcrypt = |cost: &str| {
            format!("$2b${cost}$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW")
        };
        for good in [
            argon2("m=65536,t=2,p=1"),
            argon2("m=65536,t=2,p=1").replace("2id", "2i"),
            bcrypt("15"),
        ] {
            assert_eq!(check(&good), Ok(()), "{good}");
        }
        for costly in [
            argon2("m=262145,t=2,p=1"),
            argon2("m=64,t=17,p=1"),
            argon2("m=512,t=2,p=17"),
            bcrypt("16"),
            bcrypt("31"),
        ] {
            assert_eq!(check(&costly), Err(InvalidHash::Costly), "{costly}");
        }
        for broken in [
            "$argon2id$v=19$m=64,t=2,p=1$c29tZXNhbHQ".to_owned(),
            bcrypt("12")[..40].to_owned(),
            argon2("m=x"),
        ] {
            assert_eq!(check(&broken), Err(InvalidHash::Broken), "{broken}");
        }
        for unknown in
            ["", "secret", "5f4dcc3b5aa765d61d8327deb882cf99", "$6$salt$hash", "$2x$05$x", "!"]
        {
            assert_eq!(check(unknown), Err(InvalidHash::Unknown), "{unknown}");
        }
    }
}
