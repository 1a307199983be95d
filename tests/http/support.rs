//! A server to test, and a browser to test it with.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::str::FromStr;
use std::sync::Arc;

use authflow::app::App;
use authflow::clock::Clock;
use authflow::config::{Config, SecretFile};
use authflow::domain::password::Password;
use authflow::hasher::Hasher;
use authflow::mail::file::{self, FileTransport, WrittenMail};
use authflow::services::outbox;
use authflow::{routes, server};
use reqwest::cookie::{CookieStore, Jar};
use reqwest::header::{HeaderMap, HeaderValue};
use reqwest::{Client, Method, StatusCode, Url, redirect};
use scraper::{ElementRef, Html, Selector};
use sqlx::Connection;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

pub use super::authenticator::Authenticator;

pub const PASSWORD: &str = "quiet lanterns over the marsh";
pub const NEW_PASSWORD: &str = "seven brass kettles at dawn";
pub const ADA: &str = "ada@example.org";

/// The form that changes the password.
pub const CHANGE: [(&str, &str); 3] = [
    ("current_password", PASSWORD),
    ("password", NEW_PASSWORD),
    ("confirm_password", NEW_PASSWORD),
];

/// A running server with a database, a clock and a mailbox of its own.
pub struct TestApp {
    pub app: App,
    pub address: SocketAddr,
    _data: TempDir,
    _database: Option<PostgresDatabase>,
}

impl TestApp {
    pub async fn start() -> Self {
        Self::with(&[]).await
    }

    /// Starts with these variables set.
    pub async fn with(variables: &[(&str, &str)]) -> Self {
        let data = TempDir::new().unwrap();
        let database = PostgresDatabase::make().await;
        let mut all = BTreeMap::from([
            ("DATA_DIR".to_owned(), data.path().to_str().unwrap().to_owned()),
            ("HASH_QUEUE".to_owned(), "1000".to_owned()),
        ]);
        if let Some(database) = &database {
            all.insert("DATABASE_URL".into(), database.url.clone());
            all.insert("SECRET_KEY".into(), "a secret for tests, long enough to be taken".into());
        }
        all.extend(variables.iter().map(|(name, value)| ((*name).into(), (*value).into())));
        let mut config =
            Config::read(all, SecretFile::Create).expect("a good configuration").config;
        config.passwords.argon2 = argon2::Params::new(8, 1, 1, None).unwrap();

        // tower-sessions reads the system's clock, so the fixed one begins there too.
        let clock = Clock::fixed(Clock::System.now());
        let mail = Arc::new(FileTransport::new(config.mail_folder()));
        let app = App::start(config, clock, mail).await.expect("a start");
        let address = serve(&app).await;
        Self { app, address, _data: data, _database: database }
    }

    /// A second server on the same data, with something changed.
    pub async fn beside(&self, change: impl FnOnce(&mut App)) -> Browser {
        let mut app = self.app.clone();
        change(&mut app);
        Browser::at(serve(&app).await)
    }

    /// A second server whose one hashing thread is busy for a while, and what keeps it so.
    pub async fn with_busy_hasher(&self) -> (Browser, JoinHandle<()>) {
        let mut passwords = self.app.config.passwords.clone();
        passwords.argon2 = argon2::Params::new(262_144, 6, 1, None).unwrap();
        passwords.workers = 1;
        let hasher = Hasher::start(&passwords).unwrap();
        let browser = self.beside(|app| app.hasher = hasher.clone()).await;
        let busy = tokio::spawn(async move {
            hasher.hash(&Password::parse("x").unwrap()).await.unwrap();
        });
        (browser, busy)
    }

    /// Waits until so many things are throttled: until a try has been counted.
    pub async fn wait_for_throttles(&self, count: i64) {
        while self.count("SELECT COUNT(*) FROM throttles").await < count {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    }

    pub fn browser(&self) -> Browser {
        Browser::at(self.address)
    }

    pub fn wait(&self, seconds: u64) {
        self.app.clock.advance(std::time::Duration::from_secs(seconds));
    }

    /// Delivers what waits, and gives all mails so far, newest first.
    pub async fn mails(&self) -> Vec<WrittenMail> {
        while outbox::deliver_next(&self.app).await.unwrap() {}
        file::list(self.app.config.mail_folder(), 1_000).await.unwrap()
    }

    /// The subjects of the mails to an address, oldest first, without the site's name.
    pub async fn subjects(&self, to: &str) -> Vec<String> {
        let mails = self.mails().await;
        let subjects = mails.iter().rev().filter(|mail| mail.to == to);
        subjects.map(|mail| mail.subject.split(": ").nth(1).unwrap().to_owned()).collect()
    }

    /// The path of the link in the newest mail to this address that has one.
    pub async fn mailed_path(&self, to: &str) -> String {
        let mails = self.mails().await;
        let links = mails.iter().filter(|mail| mail.to == to).find_map(|mail| self.link_in(mail));
        links.unwrap_or_else(|| panic!("no link was mailed to {to}"))
    }

    pub fn link_in(&self, mail: &WrittenMail) -> Option<String> {
        let origin = self.app.config.public_url.origin();
        let link =
            mail.text.lines().find(|line| line.starts_with(&origin) && line.contains("/auth/"))?;
        Some(link.strip_prefix(&origin)?.to_owned())
    }

    /// The path of the link in the newest mail to this address with this subject.
    pub async fn path_in(&self, to: &str, subject: &str) -> String {
        let mails = self.mails().await;
        let mail = mails.iter().find(|mail| mail.to == to && mail.subject.contains(subject));
        let mail = mail.unwrap_or_else(|| panic!("no mail to {to} says {subject:?}"));
        self.link_in(mail).unwrap_or_else(|| panic!("no link in {}", mail.text))
    }

    /// A browser in which this person has just signed up and confirmed.
    pub async fn person(&self, email: &str) -> Browser {
        let browser = self.browser();
        browser.sign_up(email).await.goes_to("/auth/check-mail");
        let link = self.mailed_path(email).await;
        browser.press(&link, "Confirm and sign in", &[]).await.goes_to("/dashboard");
        browser.get("/dashboard").await.is(200).says("Your address is confirmed");
        browser
    }

    /// Changes the database behind the server's back; says how many rows.
    pub async fn change(&self, sql: &'static str) -> u64 {
        let changed = authflow::transaction!(self.app.db, |tx| -> authflow::error::Result<_> {
            authflow::db::query(tx, sql).execute().await
        });
        changed.unwrap()
    }

    pub async fn count(&self, sql: &'static str) -> i64 {
        let (count,): (i64,) = authflow::db::query(&self.app.db, sql).one().await.unwrap();
        count
    }
}

/// Serves on a free port until the test ends, and its runtime with it.
async fn serve(app: &App) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (router, shown) = tokio::sync::watch::channel(routes::router(app));
    tokio::spawn(async move {
        server::serve(listener, shown, std::future::pending()).await;
        drop(router);
    });
    address
}

/// A PostgreSQL database that lives as long as its test, if `TEST_POSTGRES_URL` names a server.
struct PostgresDatabase {
    server: String,
    name: String,
    url: String,
}

impl PostgresDatabase {
    async fn make() -> Option<Self> {
        let server = std::env::var("TEST_POSTGRES_URL").ok()?;
        let name = format!(
            "authflow_test_{}",
            uuid::Uuid::from_bytes(authflow::secret::random()).simple()
        );
        let mut url = Url::parse(&server).unwrap();
        url.set_path(&name);
        let mut connection = sqlx::PgConnection::connect(&server).await.unwrap();
        sqlx::query(&format!("CREATE DATABASE {name}")).execute(&mut connection).await.unwrap();
        Some(Self { server, name, url: url.into() })
    }
}

impl Drop for PostgresDatabase {
    fn drop(&mut self) {
        let (server, name) = (self.server.clone(), self.name.clone());
        let dropped = std::thread::spawn(move || {
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let mut connection = sqlx::PgConnection::connect(&server).await.unwrap();
                let sql = format!("DROP DATABASE {name} WITH (FORCE)");
                sqlx::query(&sql).execute(&mut connection).await.unwrap();
            });
        });
        let _ = dropped.join();
    }
}

/// A browser without JavaScript that keeps cookies and follows no redirects by itself.
#[derive(Clone)]
pub struct Browser {
    client: Client,
    jar: Arc<Jar>,
    root: Url,
}

impl Browser {
    pub fn at(address: SocketAddr) -> Self {
        let jar = Arc::new(Jar::default());
        let client = Client::builder()
            .redirect(redirect::Policy::none())
            .cookie_provider(Arc::clone(&jar))
            .build()
            .unwrap();
        Self { client, jar, root: Url::parse(&format!("http://{address}")).unwrap() }
    }

    /// Another browser with a copy of this one's cookies.
    pub fn copy(&self) -> Self {
        let copy = Self::at(self.root.socket_addrs(|| None).unwrap()[0]);
        for (name, value) in self.cookies() {
            copy.set_cookie(&name, &value);
        }
        copy
    }

    pub fn cookies(&self) -> BTreeMap<String, String> {
        let header = self.jar.cookies(&self.root);
        let header = header.as_ref().map(|value| value.to_str().unwrap()).unwrap_or_default();
        let pairs = header.split("; ").filter_map(|pair| pair.split_once('='));
        pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    pub fn cookie(&self, name: &str) -> Option<String> {
        self.cookies().remove(name)
    }

    pub fn set_cookie(&self, name: &str, value: &str) {
        self.jar.add_cookie_str(&format!("{name}={value}; Path=/"), &self.root);
    }

    pub fn forget_cookie(&self, name: &str) {
        self.jar.add_cookie_str(&format!("{name}=; Path=/; Max-Age=0"), &self.root);
    }

    pub async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Vec<u8>>,
    ) -> Page {
        let mut request = self.client.request(method, self.root.join(path).unwrap());
        for (name, value) in headers {
            request = request.header(*name, HeaderValue::from_str(value).unwrap());
        }
        if let Some(body) = body {
            request = request.body(body);
        }
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        Page { path: path.to_owned(), status, headers, body: response.text().await.unwrap() }
    }

    pub async fn get(&self, path: &str) -> Page {
        self.send(Method::GET, path, &[], None).await
    }

    /// Posts a body as it is.
    pub async fn post_raw(&self, path: &str, body: impl Into<Vec<u8>>) -> Page {
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        self.send(Method::POST, path, &headers, Some(body.into())).await
    }

    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Page {
        self.post_raw(path, encode(fields)).await
    }

    /// Opens a page, fills in the form with this button, and presses it.
    pub async fn press(&self, path: &str, button: &str, fields: &[(&str, &str)]) -> Page {
        let page = self.get(path).await;
        assert!(page.status.is_success(), "{path}: {} {}", page.status, page.text());
        self.press_on(&page, button, fields).await
    }

    /// Fills in the form with this button on a page that is open already, and presses it.
    pub async fn press_on(&self, page: &Page, button: &str, fields: &[(&str, &str)]) -> Page {
        let form = page.form(button);
        self.post(&form.action, &form.filled(fields)).await
    }

    pub async fn sign_up(&self, email: &str) -> Page {
        self.sign_up_as("Ada Lovelace", email, PASSWORD).await
    }

    pub async fn sign_up_as(&self, username: &str, email: &str, password: &str) -> Page {
        let fields = [
            ("username", username),
            ("email", email),
            ("password", password),
            ("confirm_password", password),
        ];
        self.press("/auth/register", "Create account", &fields).await
    }

    pub async fn sign_in(&self, email: &str, password: &str) -> Page {
        self.press("/auth/login", "Sign in", &[("email", email), ("password", password)]).await
    }

    pub async fn is_signed_in(&self) -> bool {
        let page = self.get("/dashboard").await;
        match page.status {
            StatusCode::OK => true,
            StatusCode::SEE_OTHER | StatusCode::UNAUTHORIZED => false,
            other => panic!("the dashboard answered {other}"),
        }
    }
}

pub fn encode(fields: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

/// An answer.
pub struct Page {
    pub path: String,
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

/// A form as it stands on a page.
pub struct PageForm {
    pub action: String,
    pub fields: Vec<(String, String)>,
}

impl PageForm {
    /// What a browser would send after a person typed `typed`, which must all be on the form.
    pub fn filled<'a>(&'a self, typed: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
        for (name, _) in typed {
            assert!(self.fields.iter().any(|(field, _)| field == name), "there is no field {name}");
        }
        let value =
            |name: &str| typed.iter().find(|(typed, _)| *typed == name).map(|(_, value)| *value);
        let fields = self.fields.iter();
        // A box that nobody ticks is not sent.
        let sent = fields.filter(|(name, kept)| value(name).is_some() || kept != UNTICKED);
        sent.map(|(name, kept)| (name.as_str(), value(name).unwrap_or(kept))).collect()
    }
}

const UNTICKED: &str = "\u{0}unticked";

impl Page {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    #[track_caller]
    pub fn is(&self, status: u16) -> &Self {
        assert_eq!(self.status.as_u16(), status, "{}: {}", self.path, self.text());
        self
    }

    #[track_caller]
    pub fn goes_to(&self, path: &str) -> &Self {
        assert_eq!(
            (self.status.as_u16(), self.header("location")),
            (303, path),
            "{}: {}",
            self.path,
            self.text()
        );
        self
    }

    #[track_caller]
    pub fn says(&self, text: &str) -> &Self {
        assert!(self.text().contains(text), "{} does not say {text:?}: {}", self.path, self.text());
        self
    }

    /// What stands on the page, for people.
    pub fn text(&self) -> String {
        let html = Html::parse_document(&self.body);
        let words = html.root_element().text().flat_map(str::split_whitespace);
        words.collect::<Vec<_>>().join(" ")
    }

    pub fn select(&self, selector: &str) -> Vec<BTreeMap<String, String>> {
        let html = Html::parse_document(&self.body);
        let selector = Selector::parse(selector).unwrap();
        html.select(&selector).map(|element| attributes(&element)).collect()
    }

    /// What stands in each element that matches.
    pub fn each(&self, selector: &str) -> Vec<String> {
        let html = Html::parse_document(&self.body);
        let selector = Selector::parse(selector).unwrap();
        html.select(&selector).map(|it| it.text().collect::<String>().trim().to_owned()).collect()
    }

    /// What stands in the first of them.
    #[track_caller]
    pub fn inside(&self, selector: &str) -> String {
        let found = self.each(selector).into_iter().next();
        found.unwrap_or_else(|| panic!("{} has no {selector}: {}", self.path, self.text()))
    }

    /// The value that a field was drawn with.
    pub fn value(&self, field: &str) -> Option<String> {
        self.select(&format!("[name={field}]")).into_iter().next()?.remove("value")
    }

    /// `name -> the whole line` of the cookies that the answer sets.
    pub fn set_cookies(&self) -> BTreeMap<String, String> {
        let lines = self.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap());
        lines.map(|line| (line.split('=').next().unwrap().to_owned(), line.to_owned())).collect()
    }

    /// The form whose button says this.
    #[track_caller]
    pub fn form(&self, button: &str) -> PageForm {
        let html = Html::parse_document(&self.body);
        let buttons = Selector::parse("button").unwrap();
        let inputs = Selector::parse("input[name]").unwrap();
        let forms = Selector::parse("form").unwrap();
        let form = html.select(&forms).find(|form| {
            // What stands behind a colon is for screen readers, to tell equal buttons apart.
            let says = |it: ElementRef<'_>| it.text().collect::<String>();
            form.select(&buttons).any(|it| says(it).split(':').next().unwrap().trim() == button)
        });
        let form = form
            .unwrap_or_else(|| panic!("{}: no form says {button:?}: {}", self.path, self.text()));
        assert_eq!(form.value().attr("method"), Some("post"));
        let fields = form.select(&inputs).map(|input| {
            let mut attributes = attributes(&input);
            let unticked = attributes.get("type").is_some_and(|it| it == "checkbox")
                && !attributes.contains_key("checked");
            let value = if unticked {
                UNTICKED.into()
            } else {
                attributes.remove("value").unwrap_or_default()
            };
            (attributes.remove("name").unwrap(), value)
        });
        PageForm {
            action: form.value().attr("action").unwrap().to_owned(),
            fields: fields.collect(),
        }
    }
}

fn attributes(element: &ElementRef<'_>) -> BTreeMap<String, String> {
    element.value().attrs().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// The text of a header as a number.
pub fn number<T: FromStr>(page: &Page, header: &str) -> Option<T> {
    page.header(header).parse().ok()
}
