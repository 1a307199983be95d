//! Which password hashes from other systems are accepted.

use std::ops::RangeInclusive;

use bcrypt::HashParts;

use super::hashing::{Argon2Hash, is_bcrypt};
use crate::domain::sign_in::hash_cost::HashCost;

/// The limits in KiB, passes, lanes and bcrypt's exponent. Every check has this cost, and anyone who knows an email address can cause
/// checks.
const LARGEST_MEMORY: u32 = 256 * 1024;
const MOST_ITERATIONS: u32 = 16;
const MOST_LANES: u32 = 16;
const BCRYPT_COSTS: RangeInclusive<u32> = 4..=15;
/// The length of a bcrypt hash as text.
const BCRYPT_TEXT: usize = 60;

/// Why a hash was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidHash {
    /// It is neither argon2 nor bcrypt.
    #[error(
        "It is neither argon2 ($argon2id$…, in the PHC format) nor bcrypt ($2a$, $2b$ or $2y$)."
    )]
    Unknown,
    /// A part is missing or wrong, and which.
    #[error("No password can be checked against it: {0}.")]
    Broken(&'static str),
    /// A check would cost too much.
    #[error(
        "It costs too much to check: argon2 may have at most 256 MiB, 16 passes and 16 lanes, bcrypt a cost from 4 to 15."
    )]
    Costly,
}

/// Whether passwords can be checked against this hash, at an acceptable cost.
pub fn check(hash: &str) -> Result<(), InvalidHash> {
    if is_bcrypt(hash) {
        let parts = bcrypt_parts(hash).map_err(InvalidHash::Broken)?;
        let is_cheap = BCRYPT_COSTS.contains(&parts.get_cost());
        return if is_cheap { Ok(()) } else { Err(InvalidHash::Costly) };
    }
    if !hash.starts_with("$argon2") {
        return Err(InvalidHash::Unknown);
    }
    let Argon2Hash { params, output, .. } = Argon2Hash::parse(hash).map_err(InvalidHash::Broken)?;
    // The library has defaults for missing parameters, but the hash may have been made with others.
    if HashCost::of(hash).is_none() {
        return Err(InvalidHash::Broken("a parameter is missing"));
    }
    if output.len() < 16 {
        Err(InvalidHash::Broken("its output is shorter than 16 bytes"))
    } else if params.m_cost() > LARGEST_MEMORY
        || params.t_cost() > MOST_ITERATIONS
        || params.p_cost() > MOST_LANES
    {
        Err(InvalidHash::Costly)
    } else {
        Ok(())
    }
}

/// Parses a bcrypt hash, or says why it cannot be checked.
fn bcrypt_parts(hash: &str) -> Result<HashParts, &'static str> {
    if hash.len() != BCRYPT_TEXT {
        return Err("a bcrypt hash has 60 characters");
    }
    let has_cost = hash.as_bytes()[4..6].iter().all(u8::is_ascii_digit);
    hash.parse().ok().filter(|_| has_cost).ok_or("it is malformed")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn argon2(params: &str) -> String {
        format!("$argon2id$v=19${params}$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc")
    }

    fn bcrypt(cost: &str) -> String {
        format!("$2b${cost}$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW")
    }

    #[test]
    fn good_and_costly_hashes_are_told_apart() {
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
    }

    #[test]
    fn broken_and_unknown_hashes_are_refused() {
        let (malformed, missing) = ("it is malformed", "a parameter is missing");
        let output = "CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
        for (broken, why) in [
            ("$argon2id$v=19$m=64,t=2,p=1$c29tZXNhbHQ".to_owned(), "salt or output is missing"),
            (argon2("m=64,t=2"), missing),
            (format!("$argon2id$v=19$c29tZXNhbHQ${output}"), missing),
            (argon2("m=x,t=2,p=1"), "its parameters are invalid"),
            (argon2("m=4,t=2,p=1"), "its parameters are invalid"),
            (argon2("m=64,t=0,p=1"), "its parameters are invalid"),
            (argon2("m=64,t=2,p=1,keyid=Hj5+dsK0"), "it was made with a secret key"),
            (argon2("m=64,t=2,p=1").replace("v=19", "v=20"), "its version is unknown"),
            (argon2("m=64,t=2,p=1").replace("argon2id", "argon2x"), "its function is unknown"),
            (argon2("m=64,t=2,p=1").replace("c29tZXNhbHQ", "c2FsdA"), malformed),
            (argon2("m=64,t=2,p=1").replace("c29tZXNhbHQ", "c29tZ!NhbHQ"), malformed),
            (
                argon2("m=64,t=2,p=1").replace(output, "c29tZXNhbHRzYWx0"),
                "its output is shorter than 16 bytes",
            ),
            (argon2("m=64,t=2,p=1") + "=", malformed),
            (bcrypt("12")[..40].to_owned(), "a bcrypt hash has 60 characters"),
            (bcrypt("12")[..59].to_owned(), "a bcrypt hash has 60 characters"),
            (bcrypt("12") + "x", "a bcrypt hash has 60 characters"),
            (bcrypt("+9"), malformed),
            (bcrypt("x9"), malformed),
            (bcrypt("12").replace("$CC", "$C!"), malformed),
            (bcrypt("12").replace("C.E5", "CzE5"), malformed),
        ] {
            assert_eq!(check(&broken), Err(InvalidHash::Broken(why)), "{broken}");
        }
        for unknown in [
            "",
            "secret",
            "5f4dcc3b5aa765d61d8327deb882cf99",
            "$6$salt$hash",
            "$2x$05$x",
            "$2$05$x",
            "!",
        ] {
            assert_eq!(check(unknown), Err(InvalidHash::Unknown), "{unknown}");
        }
    }
}
