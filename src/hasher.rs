//! Hashes passwords in a pool of threads, one per core, each with memory for one hash. Accounts and networks take turns in a bounded
//! queue. So a flood of sign-ins neither fills the memory nor slows down other pages, and no account or network delays the others.

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

/// Hashes and checks passwords with argon2id (RFC 9106), and rates new ones with zxcvbn. Cheap to clone.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "contains nothing worth printing")]
pub struct Hasher {
    pool: Pool,
    estimates: Arc<Mutex<Estimates>>,
    costs_in_use: Arc<Mutex<CostsInUse>>,
    /// Locked during a measurement, so that a burst of sign-ins measures a cost only once.
    measuring: Arc<tokio::sync::Mutex<()>>,
    params: Params,
    cost: HashCost,
    min_length: usize,
}

/// What a password is checked against.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "contains a password hash")]
pub enum Against {
    /// The hash of an account.
    Hash(Arc<str>),
    /// No hash. The check does the work of a hash of this cost, then fails.
    Decoy(HashCost),
}

/// The start and the duration of a password check.
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

    /// Whether the password matches.
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

    /// The cost of a check for an email address without a password. `point`: a hash of the address. Over many addresses, the costs are
    /// distributed like those of the accounts. So the load of the threads does not reveal whether an account exists.
    #[must_use]
    pub fn decoy_cost(&self, point: u64) -> HashCost {
        lock(&self.costs_in_use).cost_at(point)
    }

    /// Sets how many accounts have hashes of each cost.
    pub fn set_accounts(&self, by_cost: BTreeMap<HashCost, u64>) {
        lock(&self.costs_in_use).set(by_cost);
    }

    /// Counts a new hash in place of the hash that it replaces, if any.
    pub fn count_account(&self, former: Option<HashCost>, new: HashCost) {
        lock(&self.costs_in_use).count(former, new);
    }

    /// Adds costs that are in use. They are equally likely until the accounts are counted.
    pub fn assume_in_use(&self, costs: &[HashCost]) {
        lock(&self.costs_in_use).assume(costs);
    }

    /// Whether one of these costs was unknown when the accounts were counted. True once per cost.
    #[must_use]
    pub fn is_news(&self, costs: &[HashCost]) -> bool {
        lock(&self.costs_in_use).is_news(costs)
    }

    /// Checks a new password against the policy. Runs in the pool, because it costs about as much as a hash.
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

    /// Whether a new hash of this password, which matches `hash`, should replace it: `hash` has another function or other parameters than
    /// new hashes. Never if `hash` ignored the end of the password: what was typed may then differ from the owner's password.
    #[must_use]
    pub fn should_replace(&self, hash: &str, password: &Password) -> bool {
        HashCost::of(hash) != Some(self.cost) && hashing::proves_all_of(password, hash)
    }

    /// Measures hashes of this cost, unless they were measured before. Failed sign-ins wait as long as such a hash takes.
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

    /// Whether hashes of this cost have been measured since the server started.
    #[must_use]
    pub fn has_measured(&self, cost: HashCost) -> bool {
        lock(&self.estimates).knows(cost)
    }

    /// The delay from the start of `check` to the response to a wrong password, if accounts have hashes of these costs. It is never shorter
    /// than a check of the costliest hash takes.
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

    async fn matches(hasher: &Hasher, password: &Password, hash: Option<&str>) -> bool {
        let decoy = || Against::Decoy(hasher.decoy_cost(0));
        let against = hash.map_or_else(decoy, |hash| Against::Hash(hash.into()));
        hasher.verify(Asker::server(), password, against).await.unwrap().0
    }

    #[tokio::test]
    async fn a_hash_matches_only_its_password() {
        let hasher = hasher(8, 2, 8);
        let hash = hasher.hash(Asker::server(), &password("correct horse")).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=8,t=1,p=1$"), "{hash}");
        assert!(matches(&hasher, &password("correct horse"), Some(&hash)).await);
        for wrong in ["correct horsf", "correct horse ", " correct horse", "Correct horse"] {
            assert!(!matches(&hasher, &password(wrong), Some(&hash)).await, "{wrong:?}");
        }
        assert!(!matches(&hasher, &password("correct horse"), None).await);
        assert_ne!(
            hash,
            hasher.hash(Asker::server(), &password("correct horse")).await.unwrap(),
            "salted"
        );
    }

    #[tokio::test]
    async fn hashes_with_other_parameters_verify_and_are_outdated() {
        let (old, new) = (hasher(8, 1, 8), hasher(64, 1, 8));
        let hash = old.hash(Asker::server(), &password("correct horse")).await.unwrap();
        assert!(matches(&new, &password("correct horse"), Some(&hash)).await);
        let own = password("correct horse");
        assert!(new.should_replace(&hash, &own) && !old.should_replace(&hash, &own));
        // The output of the reference implementation for the same input.
        let known = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
        assert!(matches(&new, &password("password"), Some(known)).await);
        let against = Against::Hash("no hash".into());
        assert!(new.verify(Asker::server(), &password("password"), against).await.is_err());
    }

    #[tokio::test]
    async fn bcrypt_hashes_verify_and_are_outdated() {
        let hasher = hasher(8, 1, 8);
        // Test vectors of the OpenBSD and Openwall implementations.
        for (prefix, rest, text) in [
            ("$2a$", "05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "U*U"),
            ("$2b$", "05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK", "U*U*"),
            ("$2y$", "05$XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a", "U*U*U"),
        ] {
            let hash = format!("{prefix}{rest}");
            assert_eq!(check(&hash), Ok(()));
            assert!(matches(&hasher, &password(text), Some(&hash)).await, "{hash}");
            assert!(!matches(&hasher, &password("U*U*U*"), Some(&hash)).await);
            assert!(hasher.should_replace(&hash, &password(text)));
        }
    }

    #[tokio::test]
    async fn a_bcrypt_hash_is_kept_if_it_ignored_the_end_of_the_password() {
        let hasher = hasher(8, 1, 8);
        let long = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
        let hash = bcrypt::hash(format!("{long}, the owner's end"), 4).unwrap();
        for typed in [long.to_owned(), format!("{long}, another end"), format!("{long}ü")] {
            assert!(matches(&hasher, &password(&typed), Some(&hash)).await);
            assert!(!hasher.should_replace(&hash, &password(&typed)), "{typed}");
        }
        // Bytes count, not characters.
        let umlauts = "ü".repeat(36);
        let hash = bcrypt::hash(format!("{umlauts}!"), 4).unwrap();
        assert!(matches(&hasher, &password(&umlauts), Some(&hash)).await);
        assert!(!hasher.should_replace(&hash, &password(&umlauts)));
        // 71 bytes are compared with the end of the text.
        let shorter = &long[..71];
        let hash = bcrypt::hash(shorter, 4).unwrap();
        assert!(matches(&hasher, &password(shorter), Some(&hash)).await);
        assert!(!matches(&hasher, &password(long), Some(&hash)).await);
        assert!(hasher.should_replace(&hash, &password(shorter)));
    }

    #[tokio::test]
    async fn an_argon2_hash_without_a_version_has_version_1_0() {
        let hasher = hasher(8, 1, 8);
        // From the tests of the reference implementation.
        let known =
            "$argon2i$m=256,t=2,p=1$c29tZXNhbHQ$/U3YPXYsSb3q9XxHvc0MLxur+GP960kN9j7emXX8zwY";
        assert_eq!(check(known), Ok(()));
        assert!(matches(&hasher, &password("password"), Some(known)).await);
        assert!(!matches(&hasher, &password("passwore"), Some(known)).await);
        assert_eq!(HashCost::of(known), "argon2i v=16 m=256 t=2 p=1".parse().ok());
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
        assert!(!matches(&hasher, &password("y"), None).await);
        assert!(
            hasher.has_measured(HashCost::of(&hash).unwrap()),
            "the decoy has the current cost"
        );
        // A decoy of another cost does the work of that cost.
        let cost: HashCost = "bcrypt 5".parse().unwrap();
        hasher.set_accounts([(cost, 7)].into());
        assert!(!matches(&hasher, &password("y"), None).await);
        assert!(hasher.has_measured(cost));
    }
}
