//! All parts of the running server, built once. Every service takes them as its first argument.

use std::sync::Arc;
use std::sync::atomic::AtomicI64;

use tokio::sync::Notify;

use crate::clock::Clock;
use crate::config::Config;
use crate::db::Db;
use crate::domain::signed_token::kind::TokenKind;
use crate::domain::signed_token::signer::Signer;
use crate::error::Result;
use crate::hasher::Hasher;
use crate::key_ring::KeyRing;
use crate::local_throttle::LocalThrottle;
use crate::mail::MailTransport;
use crate::secret::{MacKey, MasterKey, SealKey};

/// The server's parts. Cheap to clone.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "none of its parts is worth printing")]
pub struct App {
    /// The operator's settings.
    pub config: Arc<Config>,
    /// All persistent data.
    pub db: Db,
    /// The only source of time.
    pub clock: Clock,
    /// Delivers emails.
    pub mail: Arc<dyn MailTransport>,
    /// Hashes passwords, on threads of its own.
    pub hasher: Hasher,
    /// Signs access tokens.
    pub keys: Arc<KeyRing>,
    /// Keys for everything else that is signed or sealed.
    pub secrets: Arc<Secrets>,
    /// The limit on forms, which costs no query.
    pub local_throttle: Arc<LocalThrottle>,
    /// Wakes the worker when an email was queued.
    pub outbox_bell: Arc<Notify>,
    /// How many deliveries in a row have failed.
    pub mail_failures: Arc<AtomicI64>,
    /// When the log last said that emails wait because of `EMAILS_PER_MINUTE`, in seconds since 1970.
    pub emails_alarm_at: Arc<AtomicI64>,
}

/// Keys derived from `SECRET_KEY`, one per purpose.
#[derive(Debug)]
pub struct Secrets {
    /// Refresh tokens and new TOTP secrets, whose keys depend on each session's seed as well.
    pub master: MasterKey,
    /// Refresh tokens.
    pub refresh_token: Signer,
    /// Tokens in forms.
    pub csrf: MacKey,
    /// The device cookie.
    pub device: Signer,
    /// The cookie that names the browser state.
    pub browser_state: Signer,
    /// One-time tokens in emailed links.
    pub one_time: MacKey,
    /// Tokens in invitation links.
    pub invitation: MacKey,
    /// Requests of `authflow doctor` to the running server.
    pub doctor: Signer,
    /// The credentials of sessions at guarded hosts.
    pub gate_token: Signer,
    /// Tickets that carry a sign-in to a guarded host.
    pub gate_ticket: Signer,
    /// Names of throttled subjects, so that the database holds no addresses of visitors.
    pub throttle: MacKey,
    /// The cost of password checks for addresses without an account.
    pub decoy: MacKey,
    /// Signing keys in the database.
    pub signing_keys: SealKey,
    /// TOTP secrets in the database.
    pub totp: SealKey,
}

impl Secrets {
    /// Derives all keys from `SECRET_KEY`.
    #[must_use]
    pub fn derive(master: &MasterKey) -> Self {
        let signer = |kind| Signer::derive(master, kind);
        Self {
            refresh_token: signer(TokenKind::RefreshToken),
            csrf: master.mac_key(&[], "csrf"),
            device: signer(TokenKind::Device),
            browser_state: signer(TokenKind::BrowserState),
            one_time: master.mac_key(&[], "one-time token"),
            invitation: master.mac_key(&[], "invitation"),
            doctor: signer(TokenKind::DoctorQuestion),
            gate_token: signer(TokenKind::GateToken),
            gate_ticket: signer(TokenKind::GateTicket),
            throttle: master.mac_key(&[], "throttle"),
            decoy: master.mac_key(&[], "decoy"),
            signing_keys: master.seal_key("signing key"),
            totp: master.seal_key("totp"),
            master: master.clone(),
        }
    }
}

impl App {
    /// Builds all parts: opens the database, applies migrations, loads the signing keys or makes the first one. Does not contact the
    /// mail server, which may be down.
    pub async fn start(config: Config, clock: Clock) -> Result<Self> {
        let db = Db::open(&config.database).await?;
        let secrets = Secrets::derive(&config.master_key);
        let (seal, algorithm) = (secrets.signing_keys.clone(), config.jwt.algorithm);
        let keys = KeyRing::load(db.clone(), seal, algorithm, clock.now()).await?;
        Ok(Self {
            hasher: Hasher::start(&config.passwords)?,
            mail: Arc::clone(&config.mail),
            config: Arc::new(config),
            db,
            clock,
            keys: Arc::new(keys),
            secrets: Arc::new(secrets),
            local_throttle: Arc::default(),
            outbox_bell: Arc::default(),
            mail_failures: Arc::default(),
            emails_alarm_at: Arc::default(),
        })
    }
}
