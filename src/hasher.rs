//! The pool that hashes passwords: as many threads as cores, each with memory for one hash, and a bounded queue in which accounts and
//! networks take turns. A storm of sign-ins costs neither memory nor the speed of other pages, and no account or network keeps the
//! others waiting.

mod accounts;
mod estimates;
mod queue;

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::panic::{self, AssertUnwindSafe};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use argon2::password_hash::phc::{Ident, Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use bcrypt::HashParts;
use ipnet::IpNet;
use tokio::sync::oneshot;

use self::accounts::Accounts;
use self::estimates::Estimates;
use self::queue::{FairQueue, Pushed, Rank};
use crate::config::PasswordConfig;
use crate::domain::id::UserId;
use crate::domain::sign_in::hash_cost::HashCost;
use crate::domain::sign_in::password::{InvalidPassword, Password};
use crate::domain::source::Source;
use crate::error::{Error, Result};
use crate::secret::{self, Secret};

/// Bytes of a hash.
const OUTPUT: usize = 32;
/// The prefix of IPv6 addresses that takes turns as one network: what one customer of a provider gets at most.
const WIDEST_PREFIX: u8 = 48;
/// A hash of a cost that is measured takes less than this: it is measured more than once.
const SHORT: Duration = Duration::from_millis(100);
/// How often.
const SHORT_TIMES: u32 = 5;

/// Hashes, checks and judges passwords, with argon2id (RFC 9106) and zxcvbn. Cheap to clone.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "nothing of it is worth printing")]
pub struct Hasher {
    entrance: Arc<Entrance>,
    estimates: Arc<Mutex<Estimates>>,
    accounts: Arc<Mutex<Accounts>>,
    /// Held while a cost is measured, so that a burst of sign-ins measures it once.
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
    /// Nothing: no password is right, after the work of a hash of this cost.
    Decoy(HashCost),
}

/// Who asks for a hash. Accounts and networks take turns, and known askers go first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asker {
    key: Key,
    rank: Rank,
}

/// Who has one turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Key {
    /// The server itself.
    Server,
    /// Strangers of this network.
    Network(IpNet),
    /// The owner of this account, wherever they are.
    Account(UserId),
}

impl Asker {
    /// Anyone: IPv4 addresses take turns, and IPv6 networks by /48.
    #[must_use]
    pub fn stranger(source: &Source) -> Self {
        Self { key: Key::Network(widest_network(source)), rank: Rank::Stranger }
    }

    /// Someone who has shown that this is their account: in a session, by an emailed link, or in a browser that the account knows.
    /// Accounts take turns, so that a user with many addresses gains nothing.
    #[must_use]
    pub fn known(account: UserId) -> Self {
        Self { key: Key::Account(account), rank: Rank::Known }
    }

    /// The server itself.
    #[must_use]
    pub fn server() -> Self {
        Self { key: Key::Server, rank: Rank::Known }
    }
}

fn widest_network(source: &Source) -> IpNet {
    let address = IpNet::from(source.address);
    let prefix = WIDEST_PREFIX.min(address.prefix_len());
    IpNet::new_assert(source.address, prefix).trunc()
}

/// When a password was checked.
#[derive(Clone, Copy, Debug)]
pub struct Check {
    /// When a thread began with it.
    pub begun: Instant,
    /// How long that took.
    pub took: Duration,
}

/// What a thread keeps from one hash to the next: the memory for a hash of today.
struct Memory {
    blocks: Vec<Block>,
    kept: usize,
}

impl Memory {
    fn for_hash(&mut self, params: &Params) -> &mut [Block] {
        if self.blocks.len() < params.block_count() {
            self.blocks.resize(params.block_count(), Block::default());
        }
        &mut self.blocks
    }

    /// Gives back what a larger hash needed.
    fn shrink(&mut self) {
        self.blocks.truncate(self.kept);
        self.blocks.shrink_to(self.kept);
    }
}

/// Work for a thread. Without memory, it is not done: it had to make room for another.
type Job = Box<dyn FnOnce(Option<&mut Memory>) + Send>;

/// The queue, shared by all clones of a [`Hasher`] and its threads.
struct Waiting {
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    jobs: FairQueue<Key, Job>,
    is_closed: bool,
}

/// Ends the threads with the last [`Hasher`].
struct Entrance(Arc<Waiting>);

impl Drop for Entrance {
    fn drop(&mut self) {
        lock(&self.0.state).is_closed = true;
        self.0.changed.notify_all();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Hasher {
    /// Starts the threads.
    pub fn start(config: &PasswordConfig) -> Result<Self> {
        let state = State { jobs: FairQueue::new(config.queue), is_closed: false };
        let waiting = Arc::new(Waiting { state: Mutex::new(state), changed: Condvar::new() });
        let entrance = Arc::new(Entrance(Arc::clone(&waiting)));
        let kept = config.argon2.block_count();
        for number in 0..config.workers {
            let waiting = Arc::clone(&waiting);
            thread::Builder::new()
                .name(format!("hasher-{number}"))
                .spawn(move || work(&waiting, Memory { blocks: Vec::new(), kept }))
                .map_err(Error::io("starting the hashing threads"))?;
        }
        let sample = to_phc(&config.argon2, &secret::random::<16>(), &secret::random::<OUTPUT>())?;
        let cost =
            HashCost::of(&sample).ok_or_else(|| Error::Hash("its cost is unknown".into()))?;
        let (params, min_length) = (config.argon2.clone(), config.min_length);
        let (estimates, measuring) = (Arc::default(), Arc::default());
        let accounts = Arc::new(Mutex::new(Accounts::new(cost)));
        Ok(Self { entrance, estimates, accounts, measuring, params, cost, min_length })
    }

    /// A new hash of the password, as a PHC string.
    pub async fn hash(&self, asker: Asker, password: &Password) -> Result<String> {
        let (password, params) = (password.clone(), self.params.clone());
        self.run(asker, move |memory| hash(&password, &params, memory)).await?
    }

    /// Whether the password is the hashed one.
    pub async fn verify(
        &self,
        asker: Asker,
        password: &Password,
        against: Against,
    ) -> Result<(bool, Check)> {
        let (password, estimates) = (password.clone(), Arc::clone(&self.estimates));
        let verified = self.run(asker, move |memory| -> Result<_> {
            let begun = Instant::now();
            let (is_same, cost) = match &against {
                Against::Hash(hash) => (verify(&password, hash, memory)?, HashCost::of(hash)),
                Against::Decoy(cost) => {
                    try_out(*cost, password.bare().as_bytes(), memory)?;
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

    /// What a check for an address without a password costs. Of many addresses, each with a `point` of its own, as many have each cost
    /// as of the accounts: how long the threads are busy tells no one whether there is an account.
    #[must_use]
    pub fn decoy_cost(&self, point: u64) -> HashCost {
        lock(&self.accounts).cost_at(point)
    }

    /// Takes note of how many accounts have hashes of each cost.
    pub fn set_accounts(&self, by_cost: BTreeMap<HashCost, u64>) {
        lock(&self.accounts).set(by_cost);
    }

    /// Takes note of a new hash, and of the one that it replaces.
    pub fn count_account(&self, former: Option<HashCost>, new: HashCost) {
        lock(&self.accounts).count(former, new);
    }

    /// Takes note of costs in use. As long as the accounts were not counted, each is as likely as the others.
    pub fn assume_in_use(&self, costs: &[HashCost]) {
        lock(&self.accounts).assume(costs);
    }

    /// Whether one of these costs was not known when the accounts were counted: once for each cost.
    #[must_use]
    pub fn is_news(&self, costs: &[HashCost]) -> bool {
        lock(&self.accounts).is_news(costs)
    }

    /// Takes a password that somebody wants to use from now on, if it is good enough: judging costs about as much as hashing.
    pub async fn choose(
        &self,
        asker: Asker,
        text: &str,
        context: &[&str],
    ) -> Result<Result<Password, InvalidPassword>> {
        let (text, min_length) = (Secret::new(text.to_owned()), self.min_length);
        let context: Vec<String> = context.iter().map(ToString::to_string).collect();
        self.run(asker, move |_| {
            let context: Vec<&str> = context.iter().map(String::as_str).collect();
            Password::choose(text.reveal(), min_length, &context)
        })
        .await
    }

    /// Whether the hash was made in another way or with other parameters than today's.
    #[must_use]
    pub fn is_outdated(&self, hash: &str) -> bool {
        HashCost::of(hash) != Some(self.cost)
    }

    /// Measures hashes of this cost, unless that was done, so that failed sign-ins can wait as long as one of them takes.
    pub async fn measure(&self, cost: HashCost) -> Result<()> {
        let _alone = self.measuring.lock().await;
        if self.has_measured(cost) {
            return Ok(());
        }
        let estimates = Arc::clone(&self.estimates);
        let measured = self.run(Asker::server(), move |memory| {
            for _ in 0..SHORT_TIMES {
                let begun = Instant::now();
                try_out(cost, b"", memory)?;
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

    /// Takes note of how long a hash of this cost took.
    pub fn observe(&self, cost: HashCost, took: Duration) {
        lock(&self.estimates).observe(cost, took);
    }

    /// Whether hashes of this cost were measured since the start.
    #[must_use]
    pub fn has_measured(&self, cost: HashCost) -> bool {
        lock(&self.estimates).knows(cost)
    }

    /// How long after the beginning of its check a wrong password may be answered, if accounts have hashes of these costs: no earlier than
    /// the costliest of them would be. `check` is the one that is about to be answered.
    #[must_use]
    pub fn until_answer(&self, costs: &[HashCost], check: Check) -> Duration {
        let mut estimates = lock(&self.estimates);
        estimates.observe_rest(check.begun.elapsed().saturating_sub(check.took));
        estimates.until_answer(costs.iter().copied().chain([self.cost]))
    }

    async fn run<T: Send + 'static>(
        &self,
        asker: Asker,
        work: impl FnOnce(&mut Memory) -> T + Send + 'static,
    ) -> Result<T> {
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move |memory| {
            // The client may have left by now.
            if !answer.is_closed() {
                let _ = answer.send(memory.map(work));
            }
        });
        let Waiting { state, changed } = &*self.entrance.0;
        let without_place = match lock(state).jobs.push(asker.rank, asker.key, job) {
            Pushed::Waits => None,
            Pushed::InsteadOf(job) | Pushed::Refused(job) => Some(job),
        };
        changed.notify_one();
        if let Some(job) = without_place {
            job(None);
        }
        let answer =
            answered.await.map_err(|_| Error::Hash("a hashing thread broke off".into()))?;
        answer.ok_or(Error::HashQueueFull)
    }
}

fn work(waiting: &Waiting, mut memory: Memory) {
    while let Some(job) = next(waiting) {
        // A job that panics must not cost the pool a thread.
        if panic::catch_unwind(AssertUnwindSafe(|| job(Some(&mut memory)))).is_err() {
            tracing::error!("a hashing job panicked");
        }
        memory.shrink();
    }
}

/// Waits for a job. Nothing once no one can ask for more.
fn next(waiting: &Waiting) -> Option<Job> {
    let mut state = lock(&waiting.state);
    loop {
        if let Some(job) = state.jobs.pop() {
            return Some(job);
        }
        if state.is_closed {
            return None;
        }
        state = waiting.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
    }
}

/// Computes a hash of this cost, for nothing.
fn try_out(cost: HashCost, password: &[u8], memory: &mut Memory) -> Result<()> {
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

fn hash(password: &Password, params: &Params, memory: &mut Memory) -> Result<String> {
    let salt = secret::random::<16>();
    let mut output = [0; OUTPUT];
    let password = password.bare().as_bytes();
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
        // Only its first 72 bytes count, as where the hash was made; the next sign-in replaces it.
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
    let password = password.bare().as_bytes();
    compute(algorithm, version, &params, password, salt.as_ref(), &mut output, memory)?;
    Ok(secret::is_same(&output, expected.as_bytes()))
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

    async fn fits(hasher: &Hasher, password: &Password, hash: Option<&str>) -> bool {
        let decoy = || Against::Decoy(hasher.decoy_cost(0));
        let against = hash.map_or_else(decoy, |hash| Against::Hash(hash.into()));
        hasher.verify(Asker::server(), password, against).await.unwrap().0
    }

    #[tokio::test]
    async fn a_hash_fits_its_password_alone() {
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

    fn stranger(address: &str) -> Asker {
        Asker::stranger(&Source::new(address.parse().unwrap(), "", String::new()))
    }

    fn account(n: u128) -> Asker {
        Asker::known(UserId(uuid::Uuid::from_u128(n)))
    }

    #[test]
    fn networks_take_turns_by_ipv4_address_and_ipv6_48() {
        for (address, network) in [
            ("192.0.2.7", "192.0.2.7/32"),
            ("::ffff:192.0.2.7", "192.0.2.7/32"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1::/48"),
        ] {
            let key = Key::Network(network.parse().unwrap());
            assert_eq!(stranger(address), Asker { key, rank: Rank::Stranger });
        }
    }

    /// Asks for a hash and waits until it is in the queue, behind those that were asked for before.
    async fn queue(
        hasher: &Hasher,
        asker: Asker,
        done: &Arc<Mutex<Vec<u8>>>,
        n: u8,
    ) -> tokio::task::JoinHandle<Result<()>> {
        let (hasher, done) = (hasher.clone(), Arc::clone(done));
        let job =
            tokio::spawn(async move { hasher.run(asker, move |_| lock(&done).push(n)).await });
        tokio::task::yield_now().await;
        job
    }

    /// The only thread is busy until it is told to go on.
    async fn keep_busy(
        hasher: &Hasher,
    ) -> (tokio::task::JoinHandle<Result<()>>, std::sync::mpsc::Sender<()>) {
        let (go_on, told) = std::sync::mpsc::channel::<()>();
        let (begun, begins) = oneshot::channel();
        let hasher = hasher.clone();
        let busy = tokio::spawn(async move {
            let work = move |_: &mut Memory| {
                let _ = begun.send(());
                let _ = told.recv();
            };
            hasher.run(Asker::server(), work).await
        });
        begins.await.unwrap();
        (busy, go_on)
    }

    #[tokio::test]
    async fn accounts_in_many_known_browsers_do_not_keep_out_the_owner_of_another() {
        let hasher = hasher(8, 1, 16);
        let done = Arc::default();
        let (busy, go_on) = keep_busy(&hasher).await;
        let mut flood = Vec::new();
        for n in 0..24 {
            flood.push(queue(&hasher, account(1 + u128::from(n) % 2), &done, n).await);
        }
        let mut owners = Vec::new();
        for n in 100..105 {
            owners.push(queue(&hasher, account(n), &done, u8::try_from(n).unwrap()).await);
        }
        go_on.send(()).unwrap();
        busy.await.unwrap().unwrap();
        for owner in owners {
            owner.await.unwrap().unwrap();
        }
        for one in flood {
            assert!(matches!(one.await.unwrap(), Ok(()) | Err(Error::HashQueueFull)));
        }
        let order = lock(&done).clone();
        let last = order.iter().rposition(|n| *n >= 100).unwrap();
        assert!(last < 7, "each account has one turn: {order:?}");
    }

    #[tokio::test]
    async fn a_flood_from_one_network_neither_delays_nor_keeps_out_another() {
        let hasher = hasher(8, 1, 4);
        let done = Arc::default();
        let (busy, go_on) = keep_busy(&hasher).await;
        let mut flood = Vec::new();
        for n in 0..6 {
            let address = format!("2001:db8:1:{n}::1"); // one /48
            flood.push(queue(&hasher, stranger(&address), &done, n).await);
        }
        let other = queue(&hasher, stranger("192.0.2.7"), &done, 10).await;
        let owner = queue(&hasher, account(9), &done, 20).await;
        go_on.send(()).unwrap();
        busy.await.unwrap().unwrap();
        other.await.unwrap().unwrap();
        owner.await.unwrap().unwrap();
        let mut refused = Vec::new();
        for (n, one) in flood.into_iter().enumerate() {
            match one.await.unwrap() {
                Ok(()) => {}
                Err(Error::HashQueueFull) => refused.push(n),
                Err(other) => panic!("{other}"),
            }
        }
        assert_eq!(refused, [2, 3, 4, 5], "two had no place, and two made room");
        assert_eq!(*lock(&done), [20, 0, 10, 1]);
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
        assert!(hasher.has_measured(HashCost::of(&hash).unwrap()), "the decoy is one of today");
        // A decoy of another cost is work of that cost.
        let cost: HashCost = "bcrypt 5".parse().unwrap();
        hasher.set_accounts([(cost, 7)].into());
        assert!(!fits(&hasher, &password("y"), None).await);
        assert!(hasher.has_measured(cost));
    }

    #[tokio::test]
    async fn threads_end_with_the_last_hasher() {
        let hasher = hasher(8, 2, 8);
        let waiting = Arc::downgrade(&hasher.entrance.0);
        let clone = hasher.clone();
        drop(hasher);
        fits(&clone, &password("x"), None).await;
        drop(clone);
        while waiting.upgrade().is_some() {
            tokio::task::yield_now().await;
        }
    }
}
