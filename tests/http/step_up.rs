//! Sensitive requests, as the table in `domain::sign_in::demand` lists them, need a recent proof at the full strength of the account.

use std::collections::BTreeSet;

use authflow::domain::sign_in::demand::{Demand, SENSITIVE, SensitiveRequest};
use reqwest::Method;

use super::access;
use super::support::*;

/// Requests of signed-in users that need no proof, and why.
const HARMLESS: [(&str, &str, &str); 37] = [
    ("GET", "/dashboard", SHOWS_NO_SECRET),
    ("POST", "/language", "sets a cookie of this browser"),
    ("POST", "/appearance", "sets a cookie of this browser"),
    ("GET", "/auth/confirm-password", "asks for the proof"),
    ("POST", "/auth/confirm-password", "takes the proof"),
    ("GET", "/profile", SHOWS_NO_SECRET),
    ("POST", "/profile", "name, language and time zone identify no one"),
    ("GET", "/profile/email", SHOWS_NO_SECRET),
    ("POST", "/profile/email/withdraw", KEEPS),
    ("POST", "/profile/email/confirm", "emails the account's own address"),
    ("GET", "/profile/password", "the form asks for the password"),
    ("POST", "/profile/two-factor/recovery-codes/download", "the form contains the codes"),
    ("POST", "/profile/two-factor/recovery-codes/saved", KEEPS),
    ("GET", "/profile/sessions", SHOWS_NO_SECRET),
    ("POST", "/profile/sessions/revoke", ENDS_ACCESS),
    ("POST", "/profile/sessions/revoke-others", ENDS_ACCESS),
    ("GET", "/profile/activity", SHOWS_NO_SECRET),
    ("GET", "/profile/delete", "the form asks for the password"),
    ("GET", "/admin", SHOWS_NO_SECRET),
    ("GET", "/admin/users", SHOWS_NO_SECRET),
    ("GET", "/admin/roles", SHOWS_NO_SECRET),
    ("GET", "/admin/invitations", SHOWS_NO_SECRET),
    ("GET", "/admin/users/{id}", SHOWS_NO_SECRET),
    ("GET", "/admin/emails", SHOWS_NO_SECRET),
    ("GET", "/admin/audit", SHOWS_NO_SECRET),
    ("POST", "/admin/setup/dismiss", "changes only what the dashboard shows"),
    ("GET", "/admin/doctor", SHOWS_NO_SECRET),
    ("POST", "/api/auth/register", "needs no session"),
    ("POST", "/api/auth/login", "takes credentials at full strength"),
    ("POST", "/api/auth/refresh", "continues a session"),
    ("POST", "/api/auth/logout", ENDS_ACCESS),
    ("POST", "/api/auth/forgot-password", "emails the account's own address"),
    ("GET", "/api/auth/profile", SHOWS_NO_SECRET),
    ("GET", "/api/auth/sessions", SHOWS_NO_SECRET),
    ("DELETE", "/api/auth/sessions/{id}", ENDS_ACCESS),
    ("GET", "/api/openapi.json", SHOWS_NO_SECRET),
    (
        "GET",
        "/auth/reset-password/{token}",
        "the link stands for the first factor, and the form asks for the second",
    ),
];
const SHOWS_NO_SECRET: &str = "shows no secret, and changes nothing";
const KEEPS: &str = "keeps the account as it is";
const ENDS_ACCESS: &str = "only ends access";

/// The method of a sensitive request.
fn method(request: SensitiveRequest) -> Method {
    match request {
        SensitiveRequest::Open => Method::GET,
        SensitiveRequest::Send => Method::POST,
    }
}

#[test]
fn every_request_of_a_signed_in_user_is_in_one_of_the_two_tables() {
    let sensitive = SENSITIVE
        .iter()
        .map(|(request, route, _)| (method(*request).as_str().to_owned(), (*route).to_owned()));
    let harmless =
        HARMLESS.iter().map(|(method, route, _)| (method.to_string(), route.to_string()));
    let listed: Vec<_> = sensitive.chain(harmless).collect();
    let known: BTreeSet<_> = listed.iter().cloned().collect();
    assert_eq!(known.len(), listed.len(), "each request is listed once");
    let needs_session = |route: &str| {
        [
            "/dashboard",
            "/language",
            "/appearance",
            "/profile",
            "/admin",
            "/api/",
            "/auth/confirm-password",
            "/auth/reset-password",
        ]
        .iter()
        .any(|start| route.starts_with(start))
    };
    let served: BTreeSet<_> = access::requests()
        .filter(|(_, route)| needs_session(route) && *route != "/admin/doctor/request")
        .map(|(method, route)| (method.to_owned(), route.to_owned()))
        .collect();
    let missing: Vec<_> = served.difference(&known).collect();
    let gone: Vec<_> = known.difference(&served).collect();
    assert!(missing.is_empty() && gone.is_empty(), "not judged: {missing:?}; not served: {gone:?}");
}

/// An administrator, and the browser in which they signed in.
struct Root {
    app: TestApp,
    browser: Browser,
}

impl Root {
    async fn new() -> Self {
        let app = TestApp::start().await;
        let browser = app.person(ADA).await;
        app.give_role(ADA, "admin").await;
        app.person("bob@example.org").await;
        let fields = [("email", ""), ("by_mail", ""), ("roles", ""), ("days", "7")];
        browser.press("/admin/users/invite", "Create invitation", &fields).await.is(303);
        Self { app, browser }
    }

    /// The path of a route about another account, or about the invitation.
    async fn path(&self, route: &str) -> String {
        let invitation = self.browser.get("/admin/invitations").await;
        let invitation = invitation.select("a[href^='/admin/invitations/']")[0]["href"].clone();
        let id = invitation.rsplit('/').next().unwrap().to_owned();
        let id = if route.starts_with("/admin/invitations") {
            id
        } else {
            self.app.user("bob@example.org").await.id.to_string()
        };
        route.replace("{id}", &id).replace("{file}", "audit.csv")
    }

    /// Sends a sensitive request with plausible fields, and with a good CSRF token of this browser.
    async fn send(&self, browser: &Browser, request: SensitiveRequest, route: &str) -> Page {
        let path = self.path(route).await;
        if request == SensitiveRequest::Open {
            return browser.get(&path).await;
        }
        let page = browser.get("/profile").await;
        let csrf = page.value("csrf_token").unwrap_or_default();
        let fields = [
            ("csrf_token", csrf.as_str()),
            ("email", "ada@new.example.org"),
            ("password", NEW_PASSWORD),
            ("confirm_password", NEW_PASSWORD),
            ("code", "123456"),
            ("roles", "family"),
            ("handle", "robert"),
            ("reason", "lost the phone"),
            ("days", "7"),
        ];
        browser.post(&path, &fields).await
    }
}

/// How the pages treat a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Told {
    /// They ask for a proof first.
    Prove,
    /// They ask to sign in first.
    SignIn,
    /// They refuse the form, because it does not contain the credentials.
    Refused,
    /// They carry it out.
    Done,
}

fn told(page: &Page) -> Told {
    let location = page.header("location");
    match page.status.as_u16() {
        303 if location.starts_with("/auth/confirm-password") => Told::Prove,
        303 if location.starts_with("/auth/login") => Told::SignIn,
        401 | 422 => Told::Refused,
        _ => Told::Done,
    }
}

/// Sends every sensitive request of signed-in users in this browser. None may be carried out.
async fn all_are_refused(root: &Root, browser: &Browser, expected: Told, why: &str) {
    let before = (root.app.rows("users").await, root.app.rows("outbox").await);
    let mut wrong = Vec::new();
    for (request, route, demand) in SENSITIVE {
        let is_enabled = root.app.rows("totp").await > 0;
        if is_enabled && (request, route) == (SensitiveRequest::Open, "/profile/two-factor") {
            continue; // the page shows a key only while two-factor authentication is off
        }
        let expected = match demand {
            Demand::Link => continue,
            // The form asks for what is missing. Without a password, the page asks for a proof.
            Demand::Password | Demand::SecondFactor | Demand::Both if expected == Told::Prove => {
                &[Told::Refused, Told::Prove][..]
            }
            _ => &[expected],
        };
        root.app.wait(1); // well within the rate limits
        let told = told(&root.send(browser, request, route).await);
        if !expected.contains(&told) {
            wrong.push(format!("{request:?} {route}: {told:?}, not one of {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{why}:\n{}", wrong.join("\n"));
    let after = (root.app.rows("users").await, root.app.rows("outbox").await);
    assert_eq!(after, before, "{why}");
}

#[tokio::test]
async fn no_sensitive_request_is_carried_out_without_a_recent_proof() {
    let root = Root::new().await;
    root.app.wait(15 * 60);
    all_are_refused(&root, &root.browser, Told::Prove, "the proof is too old").await;
}

#[tokio::test]
async fn a_copied_refresh_cookie_is_no_proof() {
    let root = Root::new().await;
    let thief = root.app.browser();
    thief.set_cookie("authflow-refresh", &root.browser.cookie("authflow-refresh").unwrap());
    all_are_refused(&root, &thief, Told::Prove, "the proof was given in another browser").await;
}

#[tokio::test]
async fn a_session_of_a_program_proves_nothing() {
    let root = Root::new().await;
    let thief = root.app.browser();
    thief.set_cookie("authflow-refresh", &root.app.signed_in_api().await.refresh);
    all_are_refused(&root, &thief, Told::SignIn, "the session belongs to a program").await;
}

#[tokio::test]
async fn a_password_alone_is_no_proof_for_an_account_with_a_second_factor() {
    let root = Root::new().await;
    // As if the second factor had been enabled elsewhere, without ending this session.
    let user = root.app.user(ADA).await.id;
    root.app.put_totp(user).await;
    all_are_refused(&root, &root.browser, Told::Prove, "the second factor is missing").await;
}

#[tokio::test]
async fn the_password_of_before_is_no_proof_for_an_account_without_one() {
    let root = Root::new().await;
    root.app.forget_password(ADA).await;
    all_are_refused(&root, &root.browser, Told::Prove, "an emailed code is missing").await;
}

#[tokio::test]
async fn a_recent_proof_opens_every_sensitive_page() {
    let root = Root::new().await;
    for (request, route, demand) in SENSITIVE {
        if request == SensitiveRequest::Open && demand == Demand::Proof {
            let told = told(&root.send(&root.browser, request, route).await);
            assert_eq!(told, Told::Done, "{route}");
        }
    }
}

#[tokio::test]
async fn an_emailed_link_does_not_replace_the_second_factor() {
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    let authenticator = browser.enable_two_factor(&app).await;
    let stranger = app.browser();
    stranger.press("/auth/forgot-password", "Send reset link", &[("email", ADA)]).await.is(303);
    let link = app.path_in(ADA, "reset your password").await;
    let fields = [("password", NEW_PASSWORD), ("confirm_password", NEW_PASSWORD), ("code", "")];
    stranger.press(&link, "Set password", &fields).await.is(422);
    let token = link.rsplit('/').next().unwrap();
    let body = serde_json::json!({ "token": token, "password": NEW_PASSWORD });
    let api = app.api().await;
    api.post("/api/auth/reset-password", body).await.refuses(401, "two_factor_required");
    let code = authenticator.code(&app);
    let fields = [("password", NEW_PASSWORD), ("confirm_password", NEW_PASSWORD), ("code", &code)];
    stranger.press(&link, "Set password", &fields).await.goes_to("/auth/login");
}

#[tokio::test]
async fn a_password_change_asks_for_a_code_unless_one_was_shown_recently() {
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    let authenticator = browser.enable_two_factor(&app).await;
    let fresh = browser.get("/profile/password").await;
    assert!(fresh.select("[name=code]").is_empty(), "the code of the enrolment is recent");
    app.wait(15 * 60);
    let page = browser.get("/profile/password").await;
    page.says("The code from your authenticator app, or a recovery code.");
    browser.press_on(&fresh, "Change password", &CHANGE).await.is(422).says("Enter the code.");
    let with = async |code: &str| {
        let fields: Vec<_> = CHANGE.into_iter().chain([("code", code)]).collect();
        browser.press_on(&page, "Change password", &fields).await
    };
    with("000000").await.is(401).says("That code is wrong");
    app.browser().sign_in(ADA, PASSWORD).await.goes_to("/auth/two-factor");
    with(&authenticator.code(&app)).await.goes_to("/profile/password");
    app.browser().sign_in(ADA, NEW_PASSWORD).await.goes_to("/auth/two-factor");
}
