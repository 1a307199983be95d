//! The pool that hashes passwords: as many threads as cores, each with memory for one hash, and a bounded queue, so that a
//! storm of sign-ins costs neither memory nor the speed of other pages.

use std::ops::RangeInclusive;
use std::panic::{self, AssertUnwindSafe};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use argon2::password_hash::phc::{Ident, Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use bcrypt::HashParts;
use tokio::sync::oneshot;

use crate::config::PasswordConfig;
use crate::domain::password::{InvalidPassword, Password};
use crate::error::{Error, Result};
use crate::secret::{self, Secret};

/// Bytes of a hash.
const OUTPUT: usize = 32;

/// Hashes, checks and judges passwords, with argon2id (RFC 9106) and zxcvbn. Cheap to clone.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "nothing of it is worth printing")]
pub struct Hasher {
    queue: SyncSender<Job>,
    params: Params,
    min_length: usize,
    /// A hash that no password has: checking against it costs what checking a real one costs.
    decoy: Arc<str>,
}

/// What a thread keeps from one hash to the next.
type Memory = Vec<Block>;
type Job = Box<dyn FnOnce(&mut Memory) + Send>;

impl Hasher {
    /// Starts the threads.
    pub fn start(config: &PasswordConfig) -> Result<Self> {
        let (queue, jobs) = sync_channel(config.queue);
        let jobs = Arc::new(Mutex::new(jobs));
        for number in 0..config.workers {
            let jobs = Arc::clone(&jobs);
            thread::Builder::new()
                .name(format!("hasher-{number}"))
                .spawn(move || work(&jobs))
                .map_err(Error::io("starting the hashing threads"))?;
        }
        let decoy = to_phc(&config.argon2, &secret::random::<16>(), &secret::random::<OUTPUT>())?;
        let (params, min_length) = (config.argon2.clone(), config.min_length);
        Ok(Self { queue, params, min_length, decoy: decoy.into() })
    }

    /// A new hash of the password, as a PHC string.
    pub async fn hash(&self, password: &Password) -> Result<String> {
        let (password, params) = (password.clone(), self.params.clone());
        self.run(move |memory| hash(&password, &params, memory)).await?
    }

    /// Whether the password is the hashed one. Without a hash (no such account) the answer is no, after the same work.
    pub async fn verify(&self, password: &Password, hash: Option<&str>) -> Result<bool> {
        let against = hash.map_or_else(|| Arc::clone(&self.decoy), Arc::from);
        let password = password.clone();
        let same = self.run(move |memory| verify(&password, &against, memory)).await??;
        Ok(same && hash.is_some())
    }

    /// Takes a password that somebody wants to use from now on, if it is good enough: judging costs about as much as hashing.
    pub async fn choose(
        &self,
        text: &str,
        context: &[&str],
    ) -> Result<Result<Password, InvalidPassword>> {
        let (text, min_length) = (Secret::new(text.to_owned()), self.min_length);
        let context: Vec<String> = context.iter().map(ToString::to_string).collect();
        self.run(move |_| {
            let context: Vec<&str> = context.iter().map(String::as_str).collect();
            Password::choose(text.reveal(), min_length, &context)
        })
        .await
    }

    /// Whether the hash was made in another way or with other parameters than today's.
    #[must_use]
    pub fn is_outdated(&self, hash: &str) -> bool {
        let Ok(hash) = PasswordHash::new(hash) else { return true };
        let is_of_today = hash.algorithm.as_str() == "argon2id" && hash.version == Some(0x13);
        !is_of_today
            || !Params::try_from(&hash).is_ok_and(|params| {
                (params.m_cost(), params.t_cost(), params.p_cost())
                    == (self.params.m_cost(), self.params.t_cost(), self.params.p_cost())
            })
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Memory) -> T + Send + 'static,
    ) -> Result<T> {
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move |memory| {
            // Whoever asked may have left by now.
            if !answer.is_closed() {
                let _ = answer.send(work(memory));
            }
        });
        self.queue.try_send(job).map_err(|error| match error {
            TrySendError::Full(_) => Error::HashQueueFull,
            TrySendError::Disconnected(_) => Error::Hash("the hashing threads are gone".into()),
        })?;
        answered.await.map_err(|_| Error::Hash("a hashing thread broke off".into()))
    }
}

fn work(jobs: &Mutex<Receiver<Job>>) {
    let mut memory = Memory::new();
    loop {
        let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = job else { return };
        // A job that panics must not cost the pool a thread.
        if panic::catch_unwind(AssertUnwindSafe(|| job(&mut memory))).is_err() {
            tracing::error!("a hashing job panicked");
        }
    }
}

fn hash(password: &Password, params: &Params, memory: &mut Memory) -> Result<String> {
    let salt = secret::random::<16>();
    let mut output = [0; OUTPUT];
    compute(Algorithm::Argon2id, Version::V0x13, params, password, &salt, &mut output, memory)?;
    to_phc(params, &salt, &output)
}

/// The costliest hashes of elsewhere that are taken: each sign-in pays for them once, and a stranger who knows an address can ask for
/// as many.
const LARGEST_MEMORY: u32 = 256 * 1024;
const MOST_ITERATIONS: u32 = 16;
const MOST_LANES: u32 = 16;
const BCRYPT_COSTS: RangeInclusive<u32> = 4..=15;

/// Why a hash of elsewhere is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidHash {
    /// It is of no kind that is known here.
    #[error(
        "It is neither argon2 ($argon2id$…, in the PHC format) nor bcrypt ($2a$, $2b$ or $2y$)."
    )]
    Unknown,
    /// A part of it is missing or wrong.
    #[error("It is not whole.")]
    Broken,
    /// Checking a password against it would cost too much.
    #[error(
        "It costs too much to check: argon2 may have 256 MiB, 16 passes and 16 lanes, bcrypt a cost from 4 to 15."
    )]
    Costly,
}

/// Whether passwords can be checked against a hash that was made elsewhere.
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

fn is_bcrypt(hash: &str) -> bool {
    ["$2a$", "$2b$", "$2y$"].iter().any(|prefix| hash.starts_with(prefix))
}

fn verify(password: &Password, hash: &str, memory: &mut Memory) -> Result<bool> {
    let broken = |error: &dyn std::fmt::Display| Error::Hash(error.to_string());
    if is_bcrypt(hash) {
        // Only its first 72 bytes count, as where the hash was made; the next sign-in replaces it. Until then its cost tells it from
        // an address without an account to somebody who measures.
        return bcrypt::verify(password.bare(), hash).map_err(|error| broken(&error));
    }
    let hash = PasswordHash::new(hash).map_err(|error| broken(&error))?;
    let algorithm = Algorithm::try_from(hash.algorithm.as_str()).map_err(|error| broken(&error))?;
    let version =
        Version::try_from(hash.version.unwrap_or(0x13)).map_err(|error| broken(&error))?;
    let params = Params::try_from(&hash).map_err(|error| broken(&error))?;
    let (Some(salt), Some(expected)) = (hash.salt, hash.hash) else {
        return Err(Error::Hash("salt or output is missing".into()));
    };
    let mut output = vec![0; expected.len()];
    let before = memory.len();
    compute(algorithm, version, &params, password, salt.as_ref(), &mut output, memory)?;
    if before > 0 {
        // What a larger hash of elsewhere needed is given back.
        memory.truncate(before);
        memory.shrink_to(before);
    }
    Ok(secret::is_same(&output, expected.as_bytes()))
}

fn compute(
    algorithm: Algorithm,
    version: Version,
    params: &Params,
    password: &Password,
    salt: &[u8],
    output: &mut [u8],
    memory: &mut Memory,
) -> Result<()> {
    if memory.len() < params.block_count() {
        memory.resize(params.block_count(), Block::default());
    }
    Argon2::new(algorithm, version, params.clone())
        .hash_password_into_with_memory(password.bare().as_bytes(), salt, output, memory)
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

#[cfg(test)]
mod tests {
    use super::*;

    fn hasher(memory: u32, workers: usize, queue: usize) -> Hasher {
        let argon2 = Params::new(memory, 1, 1, None).unwrap();
        Hasher::start(&PasswordConfig { min_length: 8, argon2, workers, queue }).unwrap()
    }

    fn password(text: &str) -> Password {
        Password::parse(text).unwrap()
    }

    #[tokio::test]
    async fn a_hash_fits_its_password_alone() {
        let hasher = hasher(8, 2, 8);
        let hash = hasher.hash(&password("correct horse")).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=8,t=1,p=1$"), "{hash}");
        assert!(hasher.verify(&password("correct horse"), Some(&hash)).await.unwrap());
        for wrong in ["correct horsf", "correct horse ", " correct horse", "Correct horse"] {
            assert!(!hasher.verify(&password(wrong), Some(&hash)).await.unwrap(), "{wrong:?}");
        }
        assert!(!hasher.verify(&password("correct horse"), None).await.unwrap());
        assert_ne!(hash, hasher.hash(&password("correct horse")).await.unwrap(), "salted");
    }

    #[tokio::test]
    async fn hashes_of_other_parameters_verify_and_are_outdated() {
        let (old, new) = (hasher(8, 1, 8), hasher(64, 1, 8));
        let hash = old.hash(&password("correct horse")).await.unwrap();
        assert!(new.verify(&password("correct horse"), Some(&hash)).await.unwrap());
        assert!(new.is_outdated(&hash) && !old.is_outdated(&hash));
        // The reference implementation's answer for the same input.
        let known = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
        assert!(new.verify(&password("password"), Some(known)).await.unwrap());
        assert!(new.verify(&password("password"), Some("no hash")).await.is_err());
    }

    #[tokio::test]
    async fn hashes_of_bcrypt_verify_and_are_outdated() {
        let hasher = hasher(8, 1, 8);
        // From the tests of OpenBSD's and Openwall's implementations.
        for (prefix, rest, text) in [
            ("$2a$", "05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "U*U"),
            ("$2b$", "05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK", "U*U*"),
            ("$2y$", "05$XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a", "U*U*U"),
        ] {
            let hash = format!("{prefix}{rest}");
            assert_eq!(check(&hash), Ok(()));
            assert!(hasher.verify(&password(text), Some(&hash)).await.unwrap(), "{hash}");
            assert!(!hasher.verify(&password("U*U*U*"), Some(&hash)).await.unwrap());
            assert!(hasher.is_outdated(&hash));
        }
        let long = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
        let hash = bcrypt::hash(long, 4).unwrap();
        let longer = password(&format!("{long}chars after 72 are ignored"));
        assert!(hasher.verify(&longer, Some(&hash)).await.unwrap());
    }

    #[test]
    fn hashes_of_elsewhere_are_looked_at_before_they_are_taken() {
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

    #[tokio::test]
    async fn a_full_queue_refuses_at_once() {
        let hasher = hasher(65_536, 1, 1);
        let rush = (0..8).map(|_| {
            let hasher = hasher.clone();
            tokio::spawn(async move { hasher.hash(&password("correct horse")).await })
        });
        let mut refused = 0;
        for one in rush.collect::<Vec<_>>() {
            match one.await.unwrap() {
                Ok(_) => {}
                Err(Error::HashQueueFull) => refused += 1,
                Err(other) => panic!("{other}"),
            }
        }
        assert!((1..8).contains(&refused), "{refused} of 8 refused");
    }
}
