//! The parts of the running server, built once. Services take them as their first argument.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64};

use tokio::sync::Notify;

use crate::asked_rules::AskedRules;
use crate::clock::Clock;
use crate::config::Config;
use crate::db::{self, Db};
use crate::domain::sign_in::refresh_token::RefreshSigners;
use crate::domain::signed_token::kind::TokenKind;
use crate::domain::signed_token::signer::Signer;
use crate::error::Result;
use crate::handle_register::HandleRegister;
use crate::hasher::Hasher;
use crate::i18n::languages::Languages;
use crate::key_ring::KeyRing;
use crate::local_throttle::LocalThrottle;
use crate::mail::MailTransport;
use crate::secret::{MacKey, MasterKey, SealKey};

/// The parts of the server. Cheap to clone.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "its parts have no useful debug output")]
pub struct App {
    /// The configuration.
    pub config: Arc<Config>,
    /// The database, which has all persistent data.
    pub db: Db,
    /// The only source of time.
    pub clock: Clock,
    /// The languages of pages and emails.
    pub languages: &'static Languages,
    /// Delivers emails.
    pub mail: Arc<dyn MailTransport>,
    /// Hashes passwords on its own threads.
    pub hasher: Hasher,
    /// Signs access tokens.
    pub keys: Arc<KeyRing>,
    /// Gives accounts their handles.
    pub handles: HandleRegister,
    /// Keys for everything else that is signed or encrypted.
    pub secrets: Arc<Secrets>,
    /// The rate limit that is counted in memory, before any query.
    pub local_throttle: Arc<LocalThrottle>,
    /// Which rules of proxies were recorded lately.
    pub asked_rules: Arc<AskedRules>,
    /// Wakes the worker when an email is queued.
    pub outbox_bell: Arc<Notify>,
    /// The number of consecutive failed deliveries.
    pub mail_failures: Arc<AtomicI64>,
    /// Whether the check of the mail server at the start failed, and no email has been delivered since.
    pub mail_check_failed: Arc<AtomicBool>,
    /// When emails delayed by `EMAILS_PER_MINUTE` were last logged, in seconds since 1970.
    pub emails_alarm_at: Arc<AtomicI64>,
}

/// Keys derived from `SECRET_KEY`, one per purpose.
#[derive(Debug)]
pub struct Secrets {
    /// Derives the keys that also depend on a session's seed: for its refresh tokens and its new TOTP secret.
    pub master: MasterKey,
    /// Signs refresh tokens.
    pub refresh_token: RefreshSigners,
    /// Authenticates CSRF tokens.
    pub csrf: MacKey,
    /// Signs the device cookie.
    pub device: Signer,
    /// Signs the cookie with the id of the browser state.
    pub browser_state: Signer,
    /// Authenticates one-time tokens in emailed links.
    pub one_time: MacKey,
    /// Computes the codes that are emailed to signed-in users.
    pub emailed_code: MacKey,
    /// Authenticates tokens in invitation links.
    pub invitation: MacKey,
    /// Authenticates the token in the link that makes the first administrator.
    pub first_administrator: MacKey,
    /// Signs requests of `authflow doctor` to the running server.
    pub doctor: Signer,
    /// Signs gate tokens, the credentials of a session at a guarded host.
    pub gate_token: Signer,
    /// Signs tickets, which carry a sign-in to a guarded host.
    pub gate_ticket: Signer,
    /// Makes the ids of saved return addresses.
    pub return_address: MacKey,
    /// Hashes the subjects of rate limits, so that the database contains no visitor's address.
    pub throttle: MacKey,
    /// Chooses the hash cost to imitate for email addresses without an account.
    pub decoy: MacKey,
    /// Encrypts signing keys in the database.
    pub signing_keys: SealKey,
    /// Encrypts TOTP secrets in the database.
    pub totp: SealKey,
    /// Computes recovery codes from their seed.
    pub recovery_codes: MacKey,
    /// Computes the keys of submissions.
    pub submission: MacKey,
}

impl Secrets {
    /// Derives all keys from `SECRET_KEY`.
    #[must_use]
    pub fn derive(master: &MasterKey) -> Self {
        let signer = |kind| Signer::derive(master, kind);
        Self {
            refresh_token: RefreshSigners::derive(master),
            csrf: master.mac_key(&[], "csrf"),
            device: signer(TokenKind::Device),
            browser_state: signer(TokenKind::BrowserState),
            one_time: master.mac_key(&[], "one-time token"),
            emailed_code: master.mac_key(&[], "emailed code"),
            invitation: master.mac_key(&[], "invitation"),
            first_administrator: master.mac_key(&[], "first administrator"),
            doctor: signer(TokenKind::DoctorQuestion),
            gate_token: signer(TokenKind::GateToken),
            gate_ticket: signer(TokenKind::GateTicket),
            return_address: master.mac_key(&[], "return address"),
            throttle: master.mac_key(&[], "throttle"),
            decoy: master.mac_key(&[], "decoy"),
            signing_keys: master.seal_key("signing key"),
            totp: master.seal_key("totp"),
            recovery_codes: master.mac_key(&[], "recovery codes"),
            submission: master.mac_key(&[], "submission"),
            master: master.clone(),
        }
    }
}

impl App {
    /// Opens the database, applies migrations, loads the signing keys or creates the first one, gives a handle to accounts of earlier
    /// versions, and builds the other parts. Does not contact the mail server, which may be down.
    pub async fn start(config: Config, clock: Clock) -> Result<Self> {
        let db = Db::open(&config.database).await?;
        let secrets = Secrets::derive(&config.master_key);
        let (seal, algorithm) = (secrets.signing_keys.clone(), config.jwt.algorithm);
        let keys = KeyRing::load(db.clone(), seal, algorithm, clock.now()).await?;
        // After the keys have shown that SECRET_KEY is the one of this database.
        let handles = HandleRegister::new(config.master_key.mac_key(&[], "handle"));
        if handles.any_missing(&db).await? {
            let giving = handles.give_missing(&db, clock.now());
            Box::pin(db::under_migration_lock(&config.database, giving)).await?;
        }
        Ok(Self {
            hasher: Hasher::start(&config.passwords)?,
            languages: Languages::embedded(),
            mail: Arc::clone(&config.mail),
            config: Arc::new(config),
            db,
            clock,
            keys: Arc::new(keys),
            handles,
            secrets: Arc::new(secrets),
            local_throttle: Arc::default(),
            asked_rules: Arc::default(),
            outbox_bell: Arc::default(),
            mail_failures: Arc::default(),
            mail_check_failed: Arc::default(),
            emails_alarm_at: Arc::default(),
        })
    }
}
