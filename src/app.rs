//! All parts of the running server, made once: the first argument of every service.

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
use crate::mail::MailTransport;
use crate::secret::{MacKey, MasterKey, SealKey};
use crate::services::operations::keys::{self, KeyRing};
use crate::services::throttle::LocalThrottle;

/// The server's parts. Cheap to clone.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "nothing of it is worth printing")]
pub struct App {
    /// What the operator decided.
    pub config: Arc<Config>,
    /// Where the data lies.
    pub db: Db,
    /// What time it is.
    pub clock: Clock,
    /// How mails leave.
    pub mail: Arc<dyn MailTransport>,
    /// Where passwords are hashed.
    pub hasher: Hasher,
    /// What access tokens are signed with.
    pub keys: Arc<KeyRing>,
    /// What everything else is signed with.
    pub secrets: Arc<Secrets>,
    /// Limits that cost no query.
    pub local_throttle: Arc<LocalThrottle>,
    /// Rung when a mail was asked for.
    pub outbox_bell: Arc<Notify>,
    /// How often in a row no mail could leave.
    pub mail_failures: Arc<AtomicI64>,
    /// When the log said last that mails wait because of `EMAILS_PER_MINUTE`, in seconds since 1970.
    pub emails_alarm_at: Arc<AtomicI64>,
}

/// Keys derived from `SECRET_KEY`, one per purpose.
#[derive(Debug)]
pub struct Secrets {
    /// For keys that depend on the seed of a session as well.
    pub master: MasterKey,
    /// Refresh tokens.
    pub refresh_token: Signer,
    /// Tokens in forms.
    pub csrf: MacKey,
    /// The device cookie.
    pub device: Signer,
    /// The cookie that names the browser state.
    pub browser_state: Signer,
    /// One-time tokens in mailed links.
    pub one_time: MacKey,
    /// Links that let people sign up.
    pub invitation: MacKey,
    /// Questions of `authflow doctor` to the running server.
    pub doctor: Signer,
    /// The credentials of sessions at guarded hosts.
    pub gate_token: Signer,
    /// What gets a sign-in to a guarded host.
    pub gate_ticket: Signer,
    /// Names of throttled things, so that no addresses are at rest.
    pub throttle: MacKey,
    /// What checks of passwords cost for addresses without an account.
    pub decoy: MacKey,
    /// Signing keys at rest.
    pub signing_keys: SealKey,
    /// Secrets of authenticator apps at rest.
    pub totp: SealKey,
}

impl Secrets {
    /// Derives them all.
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
    /// Puts the parts together: opens the database, applies migrations, loads or makes the signing keys. Nothing is asked of a mail
    /// server: it may be away.
    pub async fn start(config: Config, clock: Clock) -> Result<Self> {
        let db = Db::open(&config.database).await?;
        let secrets = Secrets::derive(&config.master_key);
        let now = clock.now();
        let keys = keys::load(&db, &secrets.signing_keys, config.jwt.algorithm, now).await?;
        Ok(Self {
            hasher: Hasher::start(&config.passwords)?,
            mail: Arc::clone(&config.mail),
            config: Arc::new(config),
            db,
            clock,
            keys: Arc::new(KeyRing::new(keys, now)),
            secrets: Arc::new(secrets),
            local_throttle: Arc::default(),
            outbox_bell: Arc::default(),
            mail_failures: Arc::default(),
            emails_alarm_at: Arc::default(),
        })
    }
}
