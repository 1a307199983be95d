//! Every page in every state that a browser can see, as HTML, with the files that the pages load.

mod account;
mod administration;
mod errors;
mod links;
mod visitor;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use tokio::sync::OnceCell;

use super::super::access;
use super::super::support::*;

/// A page in one state.
pub struct State {
    /// Which page, and in which state.
    pub name: String,
    pub page: Page,
}

impl State {
    /// Whether this is an email, which has no heading or landmark of ours.
    pub fn is_email(&self) -> bool {
        self.page.path.starts_with("/dev/mail/") && self.page.path.ends_with("/html")
    }
}

/// A file that pages load.
#[derive(Clone)]
pub struct File {
    pub content_type: String,
    pub policy: String,
    pub body: String,
}

/// All states, and the files that they load by path.
pub struct States {
    language: &'static str,
    pub all: Vec<State>,
    pub files: BTreeMap<String, File>,
}

impl States {
    /// All states of all pages, in English. They are collected once per run.
    pub async fn collect() -> &'static Self {
        static COLLECTED: OnceCell<States> = OnceCell::const_new();
        COLLECTED.get_or_init(|| Self::in_language("en")).await
    }

    /// The same in another language, which may be one for tests alone.
    pub async fn in_language(language: &'static str) -> Self {
        let mut states = Self { language, all: Vec::new(), files: BTreeMap::new() };
        Box::pin(visitor::add(&mut states)).await;
        Box::pin(links::add(&mut states)).await;
        Box::pin(account::add(&mut states)).await;
        Box::pin(administration::add(&mut states)).await;
        Box::pin(errors::add(&mut states)).await;
        states
    }

    /// Starts a server in the language of these states.
    async fn server(&self, variables: &[(&str, &str)]) -> TestApp {
        let mut ground = Ground::lay(variables).await;
        ground.config.default_language = self.language.to_owned();
        ground.languages = pseudo::languages();
        TestApp::upon(ground).await
    }

    /// Adds a page, and what it loads with this browser.
    async fn add(&mut self, browser: &Browser, name: &str, page: Page) {
        self.add_files(browser, &page).await;
        self.add_page(name, page);
    }

    /// Adds a page that loads nothing, or only what is already there.
    #[track_caller]
    fn add_page(&mut self, name: &str, page: Page) {
        assert!(
            !page.status.is_redirection(),
            "{name}: {} leads to {}",
            page.path,
            page.header("location")
        );
        assert_eq!(
            page.header("content-type"),
            "text/html; charset=utf-8",
            "{name}: {}",
            page.path
        );
        assert!(self.all.iter().all(|it| it.name != name), "two states are called {name:?}");
        self.all.push(State { name: name.to_owned(), page });
    }

    /// Opens and adds a page.
    async fn open(&mut self, browser: &Browser, name: &str, path: &str) {
        let page = browser.get(path).await;
        self.add(browser, name, page).await;
    }

    /// Opens a page, sends its form to `action` with these fields, and adds the page that comes back with errors.
    async fn refuse(
        &mut self,
        browser: &Browser,
        name: &str,
        (path, action): (&str, &str),
        fields: &[(&str, &str)],
    ) {
        let page = send(browser, path, action, fields).await;
        assert!(page.status.is_client_error(), "{name}: {} {}", page.status, page.text());
        self.add(browser, name, page).await;
    }

    async fn add_files(&mut self, browser: &Browser, page: &Page) {
        let linked = page.select("link[href], iframe[src], img[src]").into_iter();
        let paths = linked.map(|mut it| it.remove("href").or_else(|| it.remove("src")).unwrap());
        for path in paths.filter(|it| it.starts_with('/')) {
            if let Entry::Vacant(place) = self.files.entry(path) {
                let file = browser.get(place.key()).await;
                let [content_type, policy] = ["content-type", "content-security-policy"]
                    .map(|it| file.header(it).to_owned());
                place.insert(File { content_type, policy, body: file.is(200).body.clone() });
            }
        }
    }
}

/// What browsers get from routes that are no page.
const NO_PAGES: [(&str, &str); 11] = [
    ("/", LEADS_ON),
    ("/auth", LEADS_ON),
    ("/auth/return", LEADS_ON),
    ("/gate/start", LEADS_ON),
    ("/profile/export", FILE),
    ("/admin/audit/export/{file}", FILE),
    ("/static/{name}", FILE),
    ("/admin/doctor/request", "for the command line"),
    ("/.well-known/jwks.json", "for machines"),
    ("/health", "for machines"),
    ("/health/ready", "for machines"),
];
const LEADS_ON: &str = "leads to a page, or says that there is none";
const FILE: &str = "a file";

#[tokio::test]
async fn every_page_is_among_the_states() {
    let states = &States::collect().await.all;
    let seen = |route: &str| {
        let (start, end) = route
            .split_once('{')
            .map_or((route, ""), |(start, rest)| (start, rest.split_once('}').unwrap().1));
        let is_part = |part: &str| !part.is_empty() && !part.contains('/');
        states.iter().any(|it| {
            let path = it.page.path.trim_start_matches("https://app.example.org");
            let path = path.split('?').next().unwrap();
            path == route
                || (start != route
                    && path
                        .strip_prefix(start)
                        .and_then(|it| it.strip_suffix(end))
                        .is_some_and(is_part))
        })
    };
    let pages = access::requests()
        .filter(|(method, route)| *method == "GET" && !route.starts_with("/api/"));
    let (pages, others): (Vec<_>, Vec<_>) =
        pages.map(|(_, route)| route).partition(|route| NO_PAGES.iter().all(|(it, _)| it != route));
    let missing: Vec<_> = pages.into_iter().filter(|route| !seen(route)).collect();
    assert!(missing.is_empty(), "no state shows {missing:?}");
    assert_eq!(others.len(), NO_PAGES.len(), "not all are routes: {NO_PAGES:?}");
}

/// Opens a page and sends its form to `action` with these fields.
async fn send(browser: &Browser, path: &str, action: &str, fields: &[(&str, &str)]) -> Page {
    let page = browser.get(path).await;
    let form = page.form_to(action, fields);
    browser.post(&form.action, &form.filled(fields)).await
}

/// The fields of a sign-up.
fn account(email: &str) -> [(&str, &str); 4] {
    [
        ("username", "Grace Hopper"),
        ("email", email),
        ("password", PASSWORD),
        ("confirm_password", PASSWORD),
    ]
}

/// A link whose token no one issued.
fn gone(start: &str) -> String {
    format!("{start}{}", "A".repeat(43))
}
