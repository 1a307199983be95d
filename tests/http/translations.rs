//! Every page in every language and in the pseudo languages: nothing is left untranslated, and nothing breaks the layout.

use std::fs;

use scraper::{Html, Node};
use serde_json::Value;

use super::support::*;

/// The pages of a visitor without a session.
const PUBLIC: [&str; 6] = [
    "/auth/login",
    "/auth/login?return_to=/profile",
    "/auth/register",
    "/auth/check-mail",
    "/auth/forgot-password",
    "/nowhere",
];

/// The pages of an administrator who has just signed in.
const OWN: [&str; 20] = [
    "/dashboard",
    "/profile",
    "/profile/email",
    "/profile/password",
    "/profile/sessions",
    "/profile/two-factor",
    "/profile/activity",
    "/profile/delete",
    "/auth/logout",
    "/admin",
    "/admin/roles",
    "/admin/users",
    "/admin/users?search=no-one-has-this-name",
    "/admin/users/invite",
    "/admin/invitations",
    "/admin/emails",
    "/admin/emails?state=failed",
    "/admin/audit",
    "/admin/audit?from=nonsense",
    "/admin/doctor",
];

/// A server with all languages, and a signed-in administrator.
struct Stage {
    app: TestApp,
    visitor: Browser,
    administrator: Browser,
}

impl Stage {
    async fn set() -> Self {
        let app = TestApp::start().await;
        let visitor = app.beside(|app| app.languages = pseudo::languages()).await;
        let administrator = app.person(ADA).await;
        app.give_role(ADA, "admin").await;
        app.change("UPDATE users SET language = NULL").await;
        let administrator = administrator.moved_to(visitor.address());
        Self { app, visitor, administrator }
    }

    /// Every page, also with errors, in this language.
    async fn pages(&self, language: &str) -> Vec<Page> {
        let mut pages = Vec::new();
        self.visitor.set_cookie("authflow-language", language);
        self.administrator.set_cookie("authflow-language", language);
        for path in PUBLIC {
            pages.push(self.visitor.get(path).await);
        }
        for path in OWN {
            pages.push(self.administrator.get(path).await);
        }
        let user = self.app.user(ADA).await.id;
        pages.push(self.administrator.get(&format!("/admin/users/{user}")).await);
        let wrong = [("email", "grace@example.org"), ("password", "wrong")];
        let weak = [("username", "Grace"), ("email", "x"), ("password", "password1234")];
        for (browser, path, fields) in [
            (&self.visitor, "/auth/login", &[][..]),
            (&self.visitor, "/auth/login", &wrong),
            (&self.visitor, "/auth/register", &[]),
            (&self.visitor, "/auth/register", &weak),
            (&self.visitor, "/auth/forgot-password", &[]),
            (&self.administrator, "/profile/password", &[]),
            (&self.administrator, "/profile/email", &[]),
            (&self.administrator, "/admin/users/invite", &[("roles", "No; role")]),
        ] {
            let page = browser.get(path).await;
            // The buttons are in the language of the page.
            let button = page.inside("main form button");
            pages.push(browser.press_on(&page, &button, fields).await);
        }
        pages
    }
}

/// Words that are the same in every language: data, and names of things.
const SAME: [&str; 13] = [
    "authflow",
    "Ada Lovelace",
    "Grace",
    ADA,
    "localhost",
    "UTC",
    "JSON",
    "CSV",
    "admin",
    "adminlovelace",
    "ada-lovelace",
    "127.0.0.1",
    "no-one-has-this-name",
];

/// The texts on a page that are in unaccented letters, outside of data and of the lists of time zones and languages.
fn untranslated(page: &Page) -> Vec<String> {
    let html = Html::parse_document(&page.body);
    let mut found = Vec::new();
    for node in html.tree.nodes() {
        let is_data = node.ancestors().any(|it| {
            let Node::Element(element) = it.value() else { return false };
            let is_list_of_names = element.name() == "select"
                && matches!(element.attr("name"), Some("time_zone" | "language"));
            is_list_of_names
                || matches!(element.name(), "code" | "style" | "svg" | "bdi")
                || element.has_class("address", scraper::CaseSensitivity::CaseSensitive)
        });
        let texts: Vec<&str> = match node.value() {
            Node::Text(text) if !is_data => vec![text],
            Node::Element(element) => {
                let read = ["aria-label", "title", "placeholder", "alt"];
                read.iter().filter_map(|name| element.attr(name)).collect()
            }
            _ => continue,
        };
        found.extend(
            texts.into_iter().filter(|it| has_plain_words(it)).map(|it| it.trim().to_owned()),
        );
    }
    found
}

fn has_plain_words(text: &str) -> bool {
    let mut rest = text.to_owned();
    let names_of_languages = pseudo::languages().all().iter().map(|it| &*it.name);
    for same in SAME.into_iter().chain(names_of_languages) {
        rest = rest.replace(same, " ");
    }
    // Addresses, paths and the names of our cookies.
    let is_data = |it: &&str| it.contains("://") || it.starts_with('/') || it.starts_with('-');
    let texts = rest.split_whitespace().filter(|it| !is_data(it));
    let words = texts.flat_map(|it| it.split(|c: char| !c.is_alphanumeric()));
    words.into_iter().any(|word| word.len() > 2 && word.bytes().all(|it| it.is_ascii_alphabetic()))
}

#[test]
fn untranslated_texts_are_found() {
    let page = |body: &str| Page::of("/", &format!("<title>Ŝîîĝñ · authflow</title>{body}"));
    for (body, found) in [
        ("<p>Ŝîîĝñ îîñ</p>", &[][..]),
        ("<p>Ada Lovelace 12:30</p><code>plain words</code>", &[]),
        ("<p>Ŝîîĝñ <b>and more</b></p>", &["and more"]),
        ("<nav aria-label=\"Account\"></nav>", &["Account"]),
        ("<select name=\"time_zone\"><option>Europe/Berlin</option></select>", &[]),
        ("<select name=\"kind\"><option>Sign-ins</option></select>", &["Sign-ins"]),
    ] {
        assert_eq!(untranslated(&page(body)), found, "{body}");
    }
}

#[tokio::test]
async fn nothing_on_a_page_is_left_untranslated() {
    let stage = Stage::set().await;
    let mut left = Vec::new();
    for page in stage.pages(pseudo::LONG).await {
        let root = page.select("html").remove(0);
        assert_eq!((&*root["lang"], &*root["dir"]), (pseudo::LONG, "ltr"), "{}", page.path);
        assert_eq!(page.header("content-language"), pseudo::LONG, "{}", page.path);
        let path = &page.path;
        left.extend(untranslated(&page).into_iter().map(|text| format!("{path}: {text}")));
    }
    assert!(left.is_empty(), "{} texts:\n{}", left.len(), left.join("\n"));
}

/// The elements that reach over the edge of the page, and how far.
const TOO_WIDE: &str = "(() => {
    const width = document.documentElement.clientWidth;
    const found = [...document.querySelectorAll('body *')].filter(it => {
        const box = it.getBoundingClientRect();
        const scrolls = it.closest('pre, .scroll, .skip');
        return !scrolls && box.width > 0 && (box.right > width + 1 || box.left < -1);
    });
    const over = document.documentElement.scrollWidth > width ? ['the page scrolls'] : [];
    return over.concat(found.map(it => it.outerHTML.slice(0, 120))).join('\\n');
})()";

#[tokio::test]
async fn no_language_breaks_the_layout_of_a_narrow_screen() {
    let Some((browser, driver)) = chromium::installed() else { return };
    let stage = Stage::set().await;
    let chromium = Chromium::start(browser, driver).await;
    chromium.narrow(360).await;
    let folder = tempfile::TempDir::new().unwrap();
    let style = &stage.visitor.get("/auth/login").await.select("link[rel=stylesheet]")[0]["href"];
    let style = stage.visitor.get(style).await.body;
    let mut broken = Vec::new();
    for language in pseudo::languages().all() {
        let code = &language.code;
        for (number, page) in stage.pages(code).await.into_iter().enumerate() {
            let file = folder.path().join(format!("{code}-{number}.html"));
            let shown = page.body.replace("</head>", &format!("<style>{style}</style></head>"));
            fs::write(&file, shown).unwrap();
            chromium.open(&format!("file://{}", file.display())).await;
            let Value::String(faults) = chromium.value(TOO_WIDE).await else { unreachable!() };
            if !faults.is_empty() {
                broken.push(format!("{code} {}: {faults}", page.path));
            }
            let direction = chromium.value("getComputedStyle(document.body).direction").await;
            assert_eq!(direction, language.direction, "{code} {}", page.path);
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}
