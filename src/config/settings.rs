//! The settings of the operator, as types.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use argon2::Params;
use ipnet::IpNet;
use lettre::message::Mailbox;

use crate::db::Location;
use crate::domain::account::user::User;
use crate::domain::gate::guarded_app::GuardedApp;
use crate::domain::proxy::TrustedProxies;
use crate::domain::public_url::PublicUrl;
use crate::domain::sign_in::access_token::{Audiences, JwtAlgorithm};
use crate::domain::sign_in::refresh_token::Rotation;
use crate::domain::two_factor::policy::SecondFactorPolicy;
use crate::i18n::zone::Zone;
use crate::looks::Looks;
use crate::looks::assets::Assets;
use crate::mail::MailTransport;
use crate::secret::MasterKey;

/// The whole configuration.
#[derive(Clone, Debug)]
pub struct Config {
    /// The address to listen on (`HOST`, `PORT`).
    pub listen: SocketAddr,
    /// The URL that browsers use (`PUBLIC_URL`).
    pub public_url: PublicUrl,
    /// The location of the database (`DATABASE_URL`).
    pub database: Location,
    /// The name of the setting with the location, and where it is set: `DATABASE_URL (.env:2)`.
    pub database_setting: String,
    /// The file with the authorities to trust for PostgreSQL (`DATABASE_CA_FILE`). Also used for the target of `db copy`.
    pub database_ca_file: Option<String>,
    /// The folder of the secret, the SQLite database and the emails of the `file` transport (`DATA_DIR`).
    pub data_dir: PathBuf,
    /// The key from which all others are derived (`SECRET_KEY`).
    pub master_key: MasterKey,
    /// The file that has this key, if no variable has it: an absolute path.
    pub secret_file: Option<PathBuf>,
    /// The sender of emails (`MAIL_FROM`).
    pub mail_from: Mailbox,
    /// How emails are sent (`MAIL_TRANSPORT` and the variables of that transport).
    pub mail: Arc<dyn MailTransport>,
    /// How long a mail server may take until it is ready for an email, and the same again to accept the email (`MAIL_TIMEOUT`).
    pub mail_timeout: Duration,
    /// The maximum number of emails per minute that visitors can cause, for all instances together (`EMAILS_PER_MINUTE`).
    pub emails_per_minute: i64,
    /// Who may sign up (`REGISTRATION`).
    pub registration: Registration,
    /// Whether users must confirm their email address before they can sign in (`EMAIL_VERIFICATION`).
    pub verification_required: bool,
    /// Who must have a second factor (`SECOND_FACTOR`).
    pub second_factor: SecondFactorPolicy,
    /// Lifetimes of tokens and sessions.
    pub lifetimes: Lifetimes,
    /// How long entries of the audit log are kept (`AUDIT_RETENTION`).
    pub audit_retention: Duration,
    /// The apps that the gate guards (`GATE_ORIGINS`).
    pub guarded_apps: Vec<GuardedApp>,
    /// How guarded apps identify users (`GATE_REMOTE_USER`).
    pub gate_remote_user: RemoteUser,
    /// Other origins whose pages may read responses of the API, as browsers send them (`CORS_ALLOWED_ORIGINS`).
    pub cors_allowed_origins: Vec<String>,
    /// Peers whose `X-Forwarded-For` is trusted (`TRUSTED_PROXIES`).
    pub trusted_proxies: TrustedProxies,
    /// Peers that may send requests to the gate (`GATE_PROXIES`).
    pub gate_proxies: Vec<IpNet>,
    /// Whether browsers must use https for all subdomains as well (`HSTS_INCLUDE_SUBDOMAINS`).
    pub hsts_include_subdomains: bool,
    /// How access tokens are signed, and for which audiences.
    pub jwt: JwtConfig,
    /// How passwords are checked and hashed.
    pub passwords: PasswordConfig,
    /// The name of the site in pages and emails (`SITE_NAME`).
    pub site_name: String,
    /// The logo, the color and the links of the site.
    pub looks: Looks,
    /// The files that pages load, which depend on the look.
    pub assets: Arc<Assets>,
    /// The language of readers whose own languages this program does not have (`DEFAULT_LANGUAGE`).
    pub default_language: String,
    /// The time zone of readers who have not set theirs (`DEFAULT_TIME_ZONE`).
    pub default_time_zone: Zone,
    /// The format of the log (`LOG_FORMAT`).
    pub log_format: LogFormat,
    /// Which messages are logged, if not the default ones (`RUST_LOG`).
    pub log_filter: Option<String>,
}

impl Config {
    /// The folder that `/dev/mail` shows, if there is one. The emails contain links that open accounts, so there is one only if the site
    /// is reachable from this machine alone.
    #[must_use]
    pub fn mailbox(&self) -> Option<&Path> {
        let is_development = self.public_url.is_loopback() && !self.public_url.is_https();
        self.mail.folder().filter(|_| is_development)
    }
}

/// Lifetimes of tokens and sessions.
#[derive(Clone, Copy, Debug)]
pub struct Lifetimes {
    /// `ACCESS_TOKEN_TTL`.
    pub access_token: Duration,
    /// `REFRESH_TOKEN_TTL`: the absolute lifetime of a session.
    pub session: Duration,
    /// `SESSION_IDLE_TTL`: the lifetime of a remembered session without a request.
    pub idle: Duration,
    /// `RESET_TOKEN_TTL`.
    pub reset_token: Duration,
    /// `ROTATE_AFTER` and `ROTATION_GRACE`.
    pub rotation: Rotation,
}

/// How access tokens are signed, and for which audiences.
#[derive(Clone, Debug)]
pub struct JwtConfig {
    /// `JWT_ALGORITHM`.
    pub algorithm: JwtAlgorithm,
    /// The allowed values of `aud` (`JWT_AUDIENCE`).
    pub audiences: Audiences,
}

/// How passwords are checked and hashed.
#[derive(Clone, Debug)]
pub struct PasswordConfig {
    /// The minimum length in characters (`PASSWORD_MIN_LENGTH`).
    pub min_length: usize,
    /// argon2id's memory, iterations and lanes (`ARGON2_MEMORY_KIB`, `ARGON2_ITERATIONS`).
    pub argon2: Params,
    /// The number of hashing threads (`HASH_WORKERS`).
    pub workers: usize,
    /// The number of passwords that may wait for a thread (`HASH_QUEUE`).
    pub queue: usize,
}

/// Who may sign up (`REGISTRATION`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registration {
    /// Anyone.
    Open,
    /// Only people invited by an administrator.
    Invite,
    /// Anyone, but an administrator has to approve the account.
    Approval,
    /// No one.
    Closed,
}

impl Registration {
    /// Whether a sign-up may become an account. Checked at the sign-up, and again when the account is activated.
    #[must_use]
    pub fn admits(self, is_invited: bool) -> bool {
        match self {
            Self::Open | Self::Approval => true,
            Self::Invite => is_invited,
            Self::Closed => false,
        }
    }

    /// Whether an earlier sign-up may no longer become an account, because the policy has changed since.
    #[must_use]
    pub fn shuts_out(self, user: &User) -> bool {
        user.is_pending() && !self.admits(user.invitation_id.is_some())
    }
}

/// The content of the header `Remote-User` (`GATE_REMOTE_USER`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RemoteUser {
    /// The email address, if the user has confirmed it.
    Email,
    /// The handle.
    Handle,
    /// The ID of the account.
    Id,
}

/// The format of the log (`LOG_FORMAT`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// Text for people.
    Text,
    /// One JSON object per line.
    Json,
}
