//! Hashes passwords in a pool of threads: one per core, each with memory for one hash, behind a bounded queue in which accounts and
//! networks take turns. A flood of sign-ins fills neither the memory nor slows down other pages, and no account or network delays the
//! others.

mod asker;
mod costs_in_use;
mod estimates;
mod hashing;
mod imported_hash;
mod lock;
mod pool;
mod queue;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use argon2::Params;

pub use self::asker::Asker;
use self::costs_in_use::CostsInUse;
use self::estimates::Estimates;
pub use self::imported_hash::{InvalidHash, check};
use self::lock::lock;
use self::pool::Pool;
use crate::config::PasswordConfig;
use crate::domain::sign_in::hash_cost::HashCost;
use crate::domain::sign_in::password::{InvalidPassword, Password};
use crate::error::Result;
use crate::secret::Secret;

/// A cost whose hashes take less than this is measured [`SHORT_TIMES`] times, because a single short measurement is imprecise.
const SHORT: Duration = Duration::from_millis(100);
const SHORT_TIMES: u32 = 5;

/// Hashes, checks and judges passwords, with argon2id (RFC 9106) and zxcvbn. Cheap to clone.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "nothing of it is worth printing")]
pub struct Hasher {
    pool: Pool,
    estimates: Arc<Mutex<Estimates>>,
    costs_in_use: Arc<Mutex<CostsInUse>>,
    /// Held during a measurement, so that a burst of sign-ins measures a cost only once.
    measuring: Arc<tokio::sync::Mutex<()>>,
    params: Params,
    cost: HashCost,
    min_length: usize,
}

/// What a password is checked against.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "holds the password's hash")]
pub enum Against {
    /// The hash of an account.
    Hash(Arc<str>),
    /// No hash: the check fails after the work of a hash of this cost.
    Decoy(HashCost),
}

/// When a password was checked.
#[derive(Clone, Copy, Debug)]
pub struct Check {
    /// When a thread began the check.
    pub begun: Instant,
    /// How long the check took.
    pub took: Duration,
}

impl Hasher {
    /// Starts the threads.
    pub fn start(config: &PasswordConfig) -> Result<Self> {
        let cost = hashing::cost(&config.argon2)?;
        Ok(Self {
            pool: Pool::start(config.workers, config.queue, &config.argon2)?,
            estimates: Arc::default(),
            costs_in_use: Arc::new(Mutex::new(CostsInUse::new(cost))),
            measuring: Arc::default(),
            params: config.argon2.clone(),
            cost,
            min_length: config.min_length,
        })
    }

    /// A new hash of the password, as a PHC string.
    pub async fn hash(&self, asker: Asker, password: &Password) -> Result<String> {
        let (password, params) = (password.clone(), self.params.clone());
        self.pool.run(asker, move |memory| hashing::hash(&password, &params, memory)).await?
    }

    /// Whether the password is the hashed one.
    pub async fn verify(
        &self,
        asker: Asker,
        password: &Password,
        against: Against,
    ) -> Result<(bool, Check)> {
        let (password, estimates) = (password.clone(), Arc::clone(&self.estimates));
        let verified = self.pool.run(asker, move |memory| -> Result<_> {
            let begun = Instant::now();
            let (is_same, cost) = match &against {
                Against::Hash(hash) => {
                    (hashing::verify(&password, hash, memory)?, HashCost::of(hash))
                }
                Against::Decoy(cost) => {
                    hashing::try_out(*cost, password.bare().as_bytes(), memory)?;
                    (false, Some(*cost))
                }
            };
            let took = begun.elapsed();
            if let Some(cost) = cost {
                lock(&estimates).observe(cost, took);
            }
            Ok((is_same, Check { begun, took }))
        });
        verified.await?
    }

    /// The cost of a check for an email address without a password. Over many addresses, each with its own `point`, the costs are
    /// distributed like those of the accounts. So the time that the threads are busy does not reveal whether an account exists.
    #[must_use]
    pub fn decoy_cost(&self, point: u64) -> HashCost {
        lock(&self.costs_in_use).cost_at(point)
    }

    /// Sets how many accounts have hashes of each cost.
    pub fn set_accounts(&self, by_cost: BTreeMap<HashCost, u64>) {
        lock(&self.costs_in_use).set(by_cost);
    }

    /// Counts a new hash, and the one that it replaces.
    pub fn count_account(&self, former: Option<HashCost>, new: HashCost) {
        lock(&self.costs_in_use).count(former, new);
    }

    /// Adds costs that are in use. Until the accounts are counted, all are equally likely.
    pub fn assume_in_use(&self, costs: &[HashCost]) {
        lock(&self.costs_in_use).assume(costs);
    }

    /// Whether one of these costs was unknown when the accounts were counted. True once per cost.
    #[must_use]
    pub fn is_news(&self, costs: &[HashCost]) -> bool {
        lock(&self.costs_in_use).is_news(costs)
    }

    /// Judges a new password. This runs in the pool because it costs about as much as a hash.
    pub async fn choose(
        &self,
        asker: Asker,
        text: &str,
        context: &[&str],
    ) -> Result<Result<Password, InvalidPassword>> {
        let (text, min_length) = (Secret::new(text.to_owned()), self.min_length);
        let context: Vec<String> = context.iter().map(ToString::to_string).collect();
        self.pool
            .run(asker, move |_| {
                let context: Vec<&str> = context.iter().map(String::as_str).collect();
                Password::choose(text.reveal(), min_length, &context)
            })
            .await
    }

    /// Whether the hash was made with another function or other parameters than new hashes.
    #[must_use]
    pub fn is_outdated(&self, hash: &str) -> bool {
        HashCost::of(hash) != Some(self.cost)
    }

    /// Measures hashes of this cost once, so that failed sign-ins can wait as long as such a hash takes.
    pub async fn measure(&self, cost: HashCost) -> Result<()> {
        let _alone = self.measuring.lock().await;
        if self.has_measured(cost) {
            return Ok(());
        }
        let estimates = Arc::clone(&self.estimates);
        let measured = self.pool.run(Asker::server(), move |memory| {
            for _ in 0..SHORT_TIMES {
                let begun = Instant::now();
                hashing::try_out(cost, b"", memory)?;
                let took = begun.elapsed();
                lock(&estimates).observe(cost, took);
                if took > SHORT {
                    break;
                }
            }
            Ok(())
        });
        measured.await?
    }

    /// Records how long a hash of this cost took.
    pub fn observe(&self, cost: HashCost, took: Duration) {
        lock(&self.estimates).observe(cost, took);
    }

    /// Whether hashes of this cost were measured since the server started.
    #[must_use]
    pub fn has_measured(&self, cost: HashCost) -> bool {
        lock(&self.estimates).knows(cost)
    }

    /// How long after the start of `check` a wrong password is answered, if accounts have hashes of these costs. Never earlier than a check
    /// of the costliest hash would be.
    #[must_use]
    pub fn until_answer(&self, costs: &[HashCost], check: Check) -> Duration {
        let mut estimates = lock(&self.estimates);
        estimates.observe_rest(check.begun.elapsed().saturating_sub(check.took));
        estimates.until_answer(costs.iter().copied().chain([self.cost]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;

    fn hasher(memory: u32, workers: usize, queue: usize) -> Hasher {
        let argon2 = Params::new(memory, 1, 1, None).unwrap();
        Hasher::start(&PasswordConfig { min_length: 8, argon2, workers, queue }).unwrap()
    }

    fn password(text: &str) -> Password {
        Password::parse(text).unwrap()
    }

    async fn fits(hasher: &Hasher, password: &Password, hash: Option<&str>) -> bool {
        let decoy = || Against::Decoy(hasher.decoy_cost(0));
        let against = hash.map_or_else(decoy, |hash| Against::Hash(hash.into()));
        hasher.verify(Asker::server(), password, against).await.unwrap().0
    }

    #[tokio::test]
    async fn a_hash_matches_only_its_password() {
        let hasher = hasher(8, 2, 8);
        let hash = hasher.hash(Asker::server(), &password("correct horse")).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=8,t=1,p=1$"), "{hash}");
        assert!(fits(&hasher, &password("correct horse"), Some(&hash)).await);
        for wrong in ["correct horsf", "correct horse ", " correct horse", "Correct horse"] {
            assert!(!fits(&hasher, &password(wrong), Some(&hash)).await, "{wrong:?}");
        }
        assert!(!fits(&hasher, &password("correct horse"), None).await);
        assert_ne!(
            hash,
            hasher.hash(Asker::server(), &password("correct horse")).await.unwrap(),
            "salted"
        );
    }

    #[tokio::test]
    async fn hashes_of_other_parameters_verify_and_are_outdated() {
        let (old, new) = (hasher(8, 1, 8), hasher(64, 1, 8));
        let hash = old.hash(Asker::server(), &password("correct horse")).await.unwrap();
        assert!(fits(&new, &password("correct horse"), Some(&hash)).await);
        assert!(new.is_outdated(&hash) && !old.is_outdated(&hash));
        // The reference implementation's answer for the same input.
        let known = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
        assert!(fits(&new, &password("password"), Some(known)).await);
        let against = Against::Hash("no hash".into());
        assert!(new.verify(Asker::server(), &password("password"), against).await.is_err());
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
            assert!(fits(&hasher, &password(text), Some(&hash)).await, "{hash}");
            assert!(!fits(&hasher, &password("U*U*U*"), Some(&hash)).await);
            assert!(hasher.is_outdated(&hash));
        }
        let long = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
        let hash = bcrypt::hash(long, 4).unwrap();
        let longer = password(&format!("{long}chars after 72 are ignored"));
        assert!(fits(&hasher, &longer, Some(&hash)).await);
    }

    #[tokio::test]
    async fn a_full_queue_refuses_immediately() {
        let hasher = hasher(65_536, 1, 1);
        let rush = (0..8).map(|_| {
            let hasher = hasher.clone();
            tokio::spawn(
                async move { hasher.hash(Asker::server(), &password("correct horse")).await },
            )
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

    #[tokio::test]
    async fn costs_are_measured() {
        let hasher = hasher(8, 1, 8);
        for cost in ["bcrypt 4", "argon2i v=16 m=64 t=3 p=1", "argon2id v=19 m=1024 t=1 p=1"] {
            let cost: HashCost = cost.parse().unwrap();
            assert!(!hasher.has_measured(cost));
            hasher.measure(cost).await.unwrap();
            assert!(hasher.has_measured(cost), "{cost}");
        }
        let hash = hasher.hash(Asker::server(), &password("x")).await.unwrap();
        assert!(!hasher.has_measured(HashCost::of(&hash).unwrap()));
        assert!(!fits(&hasher, &password("y"), None).await);
        assert!(
            hasher.has_measured(HashCost::of(&hash).unwrap()),
            "the decoy has the current cost"
        );
        // A decoy of another cost is work of that cost.
        let cost: HashCost = "bcrypt 5".parse().unwrap();
        hasher.set_accounts([(cost, 7)].into());
        assert!(!fits(&hasher, &password("y"), None).await);
        assert!(hasher.has_measured(cost));
    }
}
