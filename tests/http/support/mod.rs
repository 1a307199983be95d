//! The server under test and the browser for it.

mod api;
mod authenticator;
mod browser;
mod certificate;
pub mod chromium;
mod database;
mod held;
mod left_out;
mod pgbouncer;
mod postgres;
mod program;
pub mod pseudo;
mod resend;
mod smtp;
mod waiting;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use authflow::app::App;
use authflow::clock::Clock;
use authflow::config::{Config, SecretFile};
use authflow::domain::two_factor::policy::SecondFactorPolicy;
use authflow::i18n::languages::Languages;
use authflow::mail::file::{self, WrittenMail};
use authflow::services::email::delivery::{self, Delivered};
use authflow::{routes, server};
use tempfile::TempDir;
use tokio::net::TcpListener;

pub use self::api::{Answer, ApiClient, Description};
pub use self::authenticator::{Authenticator, RECOVERY_CODES};
pub use self::browser::{Browser, Page, PageForm, encode, number};
pub use self::certificate::Certificate;
pub use self::chromium::Chromium;
pub use self::database::{count, write_sqlite};
pub use self::left_out::left_out;
pub use self::pgbouncer::PgBouncer;
pub use self::postgres::{Cluster, PostgresDatabase, is_root};
pub use self::program::{Killed, Program, command, command_under, run, said, wait_for_log};
pub use self::resend::{API_KEY, Instead, ResendStub};
pub use self::smtp::{Manner, Quirk, SmtpServer};
pub use self::waiting::{PATIENCE, wait_for, wait_until};

pub const SECRET_KEY: &str = "a secret for tests, long enough to be taken";
pub const PASSWORD: &str = "quiet lanterns over the marsh";
pub const NEW_PASSWORD: &str = "seven brass kettles at dawn";
pub const ADA: &str = "ada@example.org";
/// The sender of emails that are really sent.
pub const FROM: (&str, &str) = ("MAIL_FROM", "no-reply@login.example.org");

/// The form that changes the password.
pub const CHANGE: [(&str, &str); 3] = [
    ("current_password", PASSWORD),
    ("password", NEW_PASSWORD),
    ("confirm_password", NEW_PASSWORD),
];

/// A folder and, with `TEST_POSTGRES_URL`, a database for a server to start on.
pub struct Ground {
    pub config: Config,
    pub data: TempDir,
    /// The languages of its servers.
    pub languages: &'static Languages,
    _database: Option<PostgresDatabase>,
}

impl Ground {
    /// A ground with the database of this test run.
    pub async fn lay(variables: &[(&str, &str)]) -> Self {
        let database = PostgresDatabase::make().await;
        let url = database.as_ref().map(|it| it.url.clone());
        Self { _database: database, ..Self::on(url.as_deref(), variables) }
    }

    /// A ground with this PostgreSQL database, or with SQLite.
    pub fn on(postgres: Option<&str>, variables: &[(&str, &str)]) -> Self {
        let data = TempDir::new().unwrap();
        let mut all = BTreeMap::from([
            ("DATA_DIR".to_owned(), data.path().to_str().unwrap().to_owned()),
            ("HASH_QUEUE".to_owned(), "1000".to_owned()),
            ("EMAILS_PER_MINUTE".to_owned(), "10000".to_owned()),
        ]);
        if let Some(url) = postgres {
            all.insert("DATABASE_URL".into(), url.to_owned());
            all.insert("SECRET_KEY".into(), SECRET_KEY.into());
        }
        all.extend(variables.iter().map(|(name, value)| ((*name).into(), (*value).into())));
        let mut config = Config::read(all, SecretFile::Create)
            .expect("the configuration should be valid")
            .config;
        config.passwords.argon2 = argon2::Params::new(8, 1, 1, None).unwrap();
        Self { config, data, languages: pseudo::english_and_german(), _database: None }
    }

    /// Builds a server on this ground without serving requests.
    pub async fn start(&self, clock: &Clock) -> authflow::error::Result<App> {
        let app = Box::pin(App::start(self.config.clone(), clock.clone())).await?;
        Ok(App { languages: self.languages, ..app })
    }
}

/// A running server with a database, a clock and a mailbox of its own.
pub struct TestApp {
    pub app: App,
    pub address: SocketAddr,
    pub ground: Ground,
}

impl TestApp {
    pub async fn start() -> Self {
        Self::with(&[]).await
    }

    /// Starts with these variables set.
    pub async fn with(variables: &[(&str, &str)]) -> Self {
        Self::upon(Ground::lay(variables).await).await
    }

    /// Starts on this ground.
    pub async fn upon(ground: Ground) -> Self {
        // tower-sessions reads the system's clock, so the fixed one starts there too.
        let clock = Clock::fixed(Clock::System.now());
        let app = ground.start(&clock).await.expect("the server should start");
        let address = serve(&app).await;
        Self { app, address, ground }
    }

    /// Another instance on the same ground and clock, with its own connections and memory.
    pub async fn another(&self) -> (App, Browser) {
        let app = self.ground.start(&self.app.clock).await.expect("the server should start");
        let browser = Browser::at(serve(&app).await);
        (app, browser)
    }

    /// A second server on the same data with a changed `App`.
    pub async fn beside(&self, change: impl FnOnce(&mut App)) -> Browser {
        let mut app = self.app.clone();
        change(&mut app);
        Browser::at(serve(&app).await)
    }

    /// A second server on the same data, which demands a second factor of these users.
    pub async fn demanding(&self, policy: SecondFactorPolicy) -> Browser {
        let config = Config { second_factor: policy, ..Config::clone(&self.app.config) };
        self.beside(|app| app.config = config.into()).await
    }

    pub fn browser(&self) -> Browser {
        Browser::at(self.address)
    }

    /// A browser at this address, as a trusted proxy reports it.
    pub fn browser_at(&self, address: &str) -> Browser {
        Browser::behind(self.address, &[("x-forwarded-for", address)])
    }

    pub fn wait(&self, seconds: u64) {
        self.app.clock.advance(std::time::Duration::from_secs(seconds));
    }

    /// Corrects a clock that was ahead.
    pub fn set_back(&self, seconds: u64) {
        self.app.clock.set_back(std::time::Duration::from_secs(seconds));
    }

    /// Where the `file` transport writes emails.
    pub fn mail_folder(&self) -> PathBuf {
        self.app.config.mail.folder().unwrap().to_owned()
    }

    /// Delivers all due emails, and returns all emails so far, newest first.
    pub async fn mails(&self) -> Vec<WrittenMail> {
        deliver_all(&self.app).await;
        let found = file::list(self.mail_folder(), 1_000).await.unwrap();
        found.into_iter().map(|mail| mail.unwrap()).collect()
    }

    /// The subjects of the emails to an address, oldest first, without the site's name.
    pub async fn subjects(&self, to: &str) -> Vec<String> {
        let mails = self.mails().await;
        let subjects = mails.iter().rev().filter(|mail| mail.to == to);
        subjects.map(|mail| mail.subject.split(": ").nth(1).unwrap().to_owned()).collect()
    }

    /// The path of the link in the newest email to this address that has one.
    pub async fn mailed_path(&self, to: &str) -> String {
        let mails = self.mails().await;
        let links = mails.iter().filter(|mail| mail.to == to).find_map(|mail| self.link_in(mail));
        links.unwrap_or_else(|| panic!("no link was emailed to {to}"))
    }

    pub fn link_in(&self, mail: &WrittenMail) -> Option<String> {
        let origin = self.app.config.public_url.origin();
        let link =
            mail.text.lines().find(|line| line.starts_with(&origin) && line.contains("/auth/"))?;
        Some(link.strip_prefix(&origin)?.to_owned())
    }

    /// The path of the link in the newest email to this address with this subject.
    pub async fn path_in(&self, to: &str, subject: &str) -> String {
        let mails = self.mails().await;
        let mail = mails.iter().find(|mail| mail.to == to && mail.subject.contains(subject));
        let mail = mail.unwrap_or_else(|| panic!("no email to {to} has the subject {subject:?}"));
        self.link_in(mail).unwrap_or_else(|| panic!("no link in {}", mail.text))
    }

    /// The code in the newest email with a confirmation code.
    pub async fn emailed_code(&self) -> String {
        let mails = self.mails().await;
        let is_code = |line: &&str| {
            let digits = line.bytes().filter(u8::is_ascii_digit).count();
            line.len() == 9 && line.as_bytes()[4] == b' ' && digits == 8
        };
        let code = mails.iter().find_map(|mail| mail.text.lines().find(is_code));
        code.expect("a code was emailed").to_owned()
    }

    /// A running server, the browser of Ada, its administrator, and the page about her.
    pub async fn administered() -> (Self, Browser, String) {
        let app = Self::start().await;
        let ada = app.person(ADA).await;
        app.give_role(ADA, "admin").await;
        let page = format!("/admin/users/{}", app.user(ADA).await.id);
        (app, ada, page)
    }

    /// A browser in which this person has signed up and confirmed the address.
    pub async fn person(&self, email: &str) -> Browser {
        let browser = self.browser();
        browser.sign_up(email).await.goes_to("/auth/check-mail");
        let link = self.mailed_path(email).await;
        browser.fill_in(&link, &link, &[]).await.goes_to("/dashboard");
        assert_eq!(browser.get("/dashboard").await.is(200).select(".flash").len(), 1);
        browser
    }
}

/// Delivers until no email is due or none can be sent.
pub async fn deliver_all(app: &App) {
    while delivery::deliver_next(app).await.unwrap() == Delivered::One {}
}

/// A free port for a program that the test starts. It is below those that the system chooses from (32,768 and up, for connections too), so hardly
/// anything else takes it before the program listens.
pub fn free_port() -> u16 {
    const FIRST: u32 = 10_000;
    const PORTS: u32 = 20_000;
    static TAKEN: AtomicU32 = AtomicU32::new(0);
    // Runs at the same time start at different places.
    let start = std::process::id().wrapping_mul(101) % PORTS;
    for _ in 0..PORTS {
        let at = start + TAKEN.fetch_add(1, Ordering::Relaxed);
        let port = u16::try_from(FIRST + at % PORTS).unwrap();
        if std::net::TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
    panic!("no port is free");
}

/// Serves on a free port until the test's runtime ends.
async fn serve(app: &App) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (router, shown) = tokio::sync::watch::channel(routes::router(app));
    tokio::spawn(async move {
        let limits = server::Limits::default();
        server::serve(listener, shown, |peer| peer.is_loopback(), limits, std::future::pending())
            .await;
        drop(router);
    });
    address
}
