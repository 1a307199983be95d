//! The gate's responses, with the test in place of the proxy. Most tests run once as nginx and once as the other proxies.

mod cookies;
mod demanded_factor;
mod identity;
mod languages;
mod long_addresses;
mod public_paths;
mod redirect_loops;
mod requests;
mod rules;
mod sessions;
mod sign_in;
mod ticket_address;
mod tickets;

use reqwest::Method;
use url::Url;

use super::super::support::*;
use super::traveller::{NAVIGATION, SCRIPT, Traveller, sign_up};

const LOGIN: &str = "https://login.example.org";
const APP: &str = "https://app.example.org";
const WIKI: &str = "https://wiki.example.net";
const DEEP: &str = "https://app.example.org/deep/link?a=b&c=%2F+x&a=2";
const GATE: &str = "__Host-authflow-gate";
const NONCE: &str = "__Host-authflow-gate-nonce";

const VARIABLES: [(&str, &str); 4] = [
    ("PUBLIC_URL", LOGIN),
    ("MAIL_TRANSPORT", "file"),
    ("GATE_ORIGINS", "https://app.example.org, https://wiki.example.net"),
    ("SECOND_FACTOR", "optional"),
];

/// A server with Ada's account, and her browser, which has no session yet.
async fn stage(is_nginx: bool, rules: &[(&str, &str)]) -> (TestApp, Traveller) {
    let app = TestApp::with(&VARIABLES).await;
    sign_up(&app, ADA).await;
    let ada = Traveller::playing(&app, is_nginx, rules);
    (app, ada)
}

/// The same after Ada has signed in at authflow itself, but not at any app.
async fn signed_in(is_nginx: bool) -> (TestApp, Traveller) {
    let (app, ada) = stage(is_nginx, &[]).await;
    let login = ada.open(&format!("{LOGIN}/auth/login")).await;
    ada.sign_in(&login, ADA).await.is(200);
    (app, ada)
}

/// The same after Ada has signed in to open the first app.
async fn signed_in_to_app(is_nginx: bool, rules: &[(&str, &str)]) -> (TestApp, Traveller) {
    let (app, ada) = stage(is_nginx, rules).await;
    let login = ada.open(DEEP).await;
    ada.sign_in(&login, ADA).await.is(200);
    (app, ada)
}

/// Asserts that the app itself responded, at this address.
#[track_caller]
fn reached(page: &Page, url: &str) {
    assert_eq!((page.path.as_str(), page.body.as_str()), (url, "the application"));
}

/// The page's `form-action` policy allows redirects to the first app. Otherwise browsers would block them.
#[track_caller]
fn allows_forms_to_the_app(page: &Page) {
    let policy = page.header("content-security-policy");
    assert!(policy.contains("form-action 'self' https://app.example.org;"), "{policy}");
}

fn location(page: &Page) -> Url {
    Url::parse(page.header("location")).unwrap_or_else(|_| panic!("{}: {}", page.path, page.status))
}

fn parameter(url: &Url, name: &str) -> Option<String> {
    url.query_pairs().find(|(own, _)| own == name).map(|(_, value)| value.into_owned())
}

/// The address of the link with this text in the main part of a page.
fn link(page: &Page, text: &str) -> String {
    let at = page.each("main a").iter().position(|it| it == text);
    let at = at.unwrap_or_else(|| panic!("no link says {text}: {}", page.text()));
    let href = &page.select("main a")[at]["href"];
    Url::parse(&page.path).unwrap().join(href).unwrap().to_string()
}

/// The address of a ticket that has not been used yet.
async fn ticket(ada: &Traveller, guarded: &str) -> String {
    let start = ada.go(guarded).await;
    let page = ada.go(start.header("location")).await;
    page.is(303).header("location").to_owned()
}
