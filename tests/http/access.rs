//! Access control: every route answers every kind of visitor and every method as the table below says.

use std::collections::BTreeSet;

use authflow::domain::two_factor::policy::SecondFactorPolicy;
use authflow::routes;
use authflow::web::access::Who;
use reqwest::Method;

use super::support::*;

/// Who may reach the handler of a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum For {
    All,
    /// All, but a session must not lack the second factor that `SECOND_FACTOR` demands.
    Complete,
    /// People, also those who must still set up the demanded second factor.
    Enrolling,
    People,
    Administrators,
    /// Programs, also those whose session lacks the demanded second factor.
    EveryProgram,
    Programs,
}
use For::{Administrators, All, Complete, Enrolling, EveryProgram, People, Programs};

/// Every path with its methods and who may use them.
const TABLE: &[(&str, &str, For)] = &[
    ("/", "GET", All),
    ("/auth", "GET", All),
    ("/auth/register", "GET POST", All),
    ("/auth/check-mail", "GET", All),
    ("/auth/awaiting-approval", "GET", All),
    ("/auth/login", "GET POST", All),
    ("/auth/two-factor", "GET POST", All),
    ("/auth/logout", "GET POST", All),
    ("/auth/forgot-password", "GET POST", All),
    ("/auth/return", "GET", All),
    ("/language", "POST", All),
    ("/appearance", "POST", All),
    ("/gate/start", "GET", All),
    ("/auth/verify-email/{token}", "GET POST", All),
    ("/auth/reset-password/{token}", "GET POST", All),
    ("/auth/confirm-email/{token}", "GET POST", Complete),
    ("/auth/not-me/{token}", "GET POST", All),
    ("/auth/invitation/{token}", "GET POST", All),
    ("/auth/first-administrator/{token}", "GET POST", All),
    ("/dev/mail", "GET", All),
    ("/dev/mail/{id}", "GET", All),
    ("/dev/mail/{id}/html", "GET", All),
    ("/dashboard", "GET", People),
    ("/auth/confirm-password", "GET POST", Enrolling),
    ("/profile", "GET POST", People),
    ("/profile/email", "GET POST", People),
    ("/profile/email/withdraw", "POST", People),
    ("/profile/email/confirm", "POST", People),
    ("/profile/password", "GET POST", People),
    ("/profile/two-factor", "GET POST", Enrolling),
    ("/profile/two-factor/disable", "POST", People),
    ("/profile/two-factor/recovery-codes", "GET POST", People),
    ("/profile/two-factor/recovery-codes/download", "POST", People),
    ("/profile/two-factor/recovery-codes/saved", "POST", People),
    ("/profile/sessions", "GET", People),
    ("/profile/sessions/revoke", "POST", People),
    ("/profile/sessions/revoke-others", "POST", People),
    ("/profile/activity", "GET", People),
    ("/profile/export", "GET", People),
    ("/profile/delete", "GET POST", People),
    ("/admin", "GET", Administrators),
    ("/admin/users", "GET", Administrators),
    ("/admin/users/invite", "GET POST", Administrators),
    ("/admin/roles", "GET", Administrators),
    ("/admin/invitations", "GET", Administrators),
    ("/admin/invitations/{id}", "GET", Administrators),
    ("/admin/invitations/{id}/revoke", "POST", Administrators),
    ("/admin/users/{id}", "GET", Administrators),
    ("/admin/users/{id}/approve", "POST", Administrators),
    ("/admin/users/{id}/reject", "GET POST", Administrators),
    ("/admin/users/{id}/disable", "POST", Administrators),
    ("/admin/users/{id}/enable", "POST", Administrators),
    ("/admin/users/{id}/roles", "POST", Administrators),
    ("/admin/users/{id}/handle", "POST", Administrators),
    ("/admin/users/{id}/revoke-sessions", "POST", Administrators),
    ("/admin/users/{id}/send-reset", "POST", Administrators),
    ("/admin/users/{id}/resend-confirmation", "POST", Administrators),
    ("/admin/users/{id}/verify-email", "POST", Administrators),
    ("/admin/users/{id}/remove-second-factor", "GET POST", Administrators),
    ("/admin/users/{id}/delete", "GET POST", Administrators),
    ("/admin/emails", "GET", Administrators),
    ("/admin/emails/retry", "POST", Administrators),
    ("/admin/audit", "GET", Administrators),
    ("/admin/audit/export/{file}", "GET", Administrators),
    ("/admin/setup/dismiss", "POST", Administrators),
    ("/admin/doctor", "GET", Administrators),
    ("/admin/doctor/request", "GET", All),
    ("/api/auth/register", "POST", All),
    ("/api/auth/login", "POST", All),
    ("/api/auth/refresh", "POST", All),
    ("/api/auth/logout", "POST", EveryProgram),
    ("/api/auth/forgot-password", "POST", All),
    ("/api/auth/reset-password", "POST", All),
    ("/api/auth/profile", "GET", Programs),
    ("/api/auth/sessions", "GET", Programs),
    ("/api/auth/sessions/{id}", "DELETE", Programs),
    ("/api/openapi.json", "GET", All),
    ("/health", "GET", All),
    ("/health/ready", "GET", All),
    ("/.well-known/jwks.json", "GET", All),
    ("/static/{name}", "GET", All),
    ("/gate/nginx", "ANY", All),
    ("/gate/forward", "ANY", All),
    ("/.authflow/ticket", "GET", All),
];

/// Every method and path of the table.
pub fn requests() -> impl Iterator<Item = (&'static str, &'static str)> {
    TABLE.iter().flat_map(|(path, methods, _)| methods.split(' ').map(move |it| (it, *path)))
}

const METHODS: [Method; 7] = [
    Method::GET,
    Method::HEAD,
    Method::POST,
    Method::PUT,
    Method::PATCH,
    Method::DELETE,
    Method::OPTIONS,
];

/// Who sends the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Person {
    Anonymous,
    User,
    Administrator,
    /// Signed in until an administrator disabled the account.
    Disabled,
}

/// The kinds of responses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    /// The handler's response.
    Handler,
    /// A redirect to the sign-in page, which returns here afterwards.
    SignInFirst,
    /// Only administrators may use this.
    NotAllowed,
    /// An API client needs a valid token.
    TokenNeeded,
    /// The method is not allowed here.
    NotThere,
}

fn expected(methods: &str, of: For, person: Person, method: &Method) -> Answer {
    let name = if *method == Method::HEAD { "GET" } else { method.as_str() };
    if methods != "ANY" && !methods.split(' ').any(|it| it == name) {
        return Answer::NotThere;
    }
    let is_known = matches!(person, Person::User | Person::Administrator);
    match of {
        Enrolling | People | Administrators if !is_known => Answer::SignInFirst,
        Administrators if person != Person::Administrator => Answer::NotAllowed,
        EveryProgram | Programs if !is_known => Answer::TokenNeeded,
        _ => Answer::Handler,
    }
}

fn told(page: &Page) -> Answer {
    let location = page.header("location");
    match page.status.as_u16() {
        405 => Answer::NotThere,
        303 if location.contains("/auth/login?return_to=") => Answer::SignInFirst,
        403 if page.body.contains("Only administrators can see this page.") => Answer::NotAllowed,
        // A response to HEAD has no body.
        403 if page.body.is_empty() && page.path.contains("/admin") => Answer::NotAllowed,
        401 if page.header("www-authenticate").starts_with("Bearer") => Answer::TokenNeeded,
        _ => Answer::Handler,
    }
}

/// A path of the table with its parameters filled in.
fn filled(path: &str) -> String {
    path.replace("{id}", "019adf6b-1c40-7000-8000-00000000beef")
        .replace("{token}", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
        .replace("{name}", "authflow.css")
        .replace("{file}", "audit.csv")
}

#[tokio::test]
async fn the_table_lists_exactly_the_routes() {
    let app = TestApp::start().await;
    let served: BTreeSet<(String, String)> = routes::table(&app.app)
        .into_iter()
        .map(|(path, who)| {
            let of = match who {
                Who::Anybody => All,
                Who::AnybodyComplete => Complete,
                Who::Enrolling => Enrolling,
                Who::SignedIn => People,
                Who::Administrators => Administrators,
                Who::EveryBearer => EveryProgram,
                Who::Bearers => Programs,
            };
            (path, format!("{of:?}"))
        })
        .collect();
    let named: BTreeSet<_> =
        TABLE.iter().map(|(path, _, of)| ((*path).to_owned(), format!("{of:?}"))).collect();
    assert_eq!(named.len(), TABLE.len(), "each route is listed once");
    let missing: Vec<_> = served.difference(&named).collect();
    let gone: Vec<_> = named.difference(&served).collect();
    assert!(
        missing.is_empty() && gone.is_empty(),
        "missing from the table: {missing:?}; not served: {gone:?}"
    );
}

/// Browsers and API tokens of a user, an administrator and a disabled user.
async fn people(app: &TestApp, base: &str) -> [(Browser, String); 3] {
    let path = |path: &str| format!("{base}{path}");
    let mut people = Vec::new();
    for name in ["user", "admin", "disabled"] {
        let email = format!("{name}@example.org");
        let browser = app.browser();
        sign_up(app, &browser, &path, &email).await;
        if name == "admin" {
            app.give_role(&email, "admin").await;
        }
        let body = serde_json::json!({ "email": email, "password": PASSWORD }).to_string();
        let headers = [("content-type", "application/json")];
        let signed_in =
            browser.send(Method::POST, &path("/api/auth/login"), &headers, Some(body.into())).await;
        let signed_in: serde_json::Value = serde_json::from_str(&signed_in.is(200).body).unwrap();
        people.push((browser, signed_in["accessToken"].as_str().unwrap().to_owned()));
    }
    app.disable("disabled@example.org").await;
    people.try_into().ok().unwrap()
}

/// Sends every request of the table as every person, at an address below `base`.
async fn walk(base: &str) {
    let public_url = format!("http://localhost:5000{base}");
    let app = TestApp::with(&[("PUBLIC_URL", &public_url), ("ACCESS_TOKEN_TTL", "1h")]).await;
    let people = people(&app, base).await;
    let visitor = app.browser();
    let mut asked = 0;
    let mut wrong = Vec::new();
    for person in [Person::Anonymous, Person::User, Person::Administrator, Person::Disabled] {
        let signed_in = match person {
            Person::Anonymous => None,
            Person::User => Some(&people[0]),
            Person::Administrator => Some(&people[1]),
            Person::Disabled => Some(&people[2]),
        };
        let browser = signed_in.map_or(&visitor, |(browser, _)| browser);
        let bearer = signed_in.map(|(_, token)| format!("Bearer {token}"));
        for (template, methods, of) in TABLE {
            for method in &METHODS {
                asked += 1;
                if asked % 150 == 0 {
                    app.wait(61); // past the rate limit
                }
                // A sign-out would end the session that the next request needs. Other tests cover it.
                let is_sign_out = template.ends_with("/logout") && *method == Method::POST;
                let expected = expected(methods, *of, person, method);
                if is_sign_out && expected == Answer::Handler && signed_in.is_some() {
                    continue;
                }
                let is_api = template.starts_with("/api/");
                let bearer = bearer.as_deref().filter(|_| is_api);
                let headers: Vec<_> = bearer.map(|it| ("authorization", it)).into_iter().collect();
                // Guarded hosts have the reserved path at their root, whatever path authflow is served at.
                let base = if template.starts_with("/.authflow/") { "" } else { base };
                let path = format!("{base}{}", filled(template));
                let page = browser.send(method.clone(), &path, &headers, None).await;
                let told = told(&page);
                if told != expected {
                    wrong.push(format!("{person:?} {method} {path}: {told:?}, not {expected:?}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(asked > 1_000);
    pages_and_api_are_apart(&app, base, &people[1]).await;
    // No request has harmed an account or a session.
    assert_eq!(app.rows("users").await, 3);
    assert_eq!(app.active_sessions().await, 6);
}

/// The API ignores cookies, and pages ignore tokens.
async fn pages_and_api_are_apart(app: &TestApp, base: &str, signed_in: &(Browser, String)) {
    let (browser, token) = signed_in;
    browser.get(&format!("{base}/api/auth/profile")).await.is(401);
    let (path, bearer) = (format!("{base}/admin/users"), format!("Bearer {token}"));
    let headers = [("authorization", bearer.as_str())];
    let page = app.browser().send(Method::GET, &path, &headers, None).await;
    assert_eq!(told(&page), Answer::SignInFirst);
}

async fn sign_up(app: &TestApp, browser: &Browser, path: &impl Fn(&str) -> String, email: &str) {
    let fields = [
        ("username", "Ada Lovelace"),
        ("email", email),
        ("password", PASSWORD),
        ("confirm_password", PASSWORD),
    ];
    browser.press(&path("/auth/register"), "Create account", &fields).await.is(303);
    let link = app.mailed_path(email).await;
    browser.press(&link, "Confirm and sign in", &[]).await.is(303);
}

#[tokio::test]
async fn every_route_follows_the_access_table() {
    walk("").await;
}

#[tokio::test]
async fn every_route_follows_the_access_table_below_a_path() {
    walk("/id").await;
}

#[tokio::test]
async fn without_the_demanded_second_factor_only_the_way_to_it_opens() {
    let app = TestApp::with(&[("ACCESS_TOKEN_TTL", "1h")]).await;
    let people = people(&app, "").await;
    let demanding = app.demanding(SecondFactorPolicy::Everyone).await;
    let mut asked = 0;
    let mut wrong = Vec::new();
    for (browser, token) in &people[..2] {
        let browser = browser.moved_to(demanding.address());
        let bearer = format!("Bearer {token}");
        for (template, methods, of) in TABLE {
            for method in METHODS.iter().filter(|it| methods.contains(it.as_str())) {
                asked += 1;
                if asked % 150 == 0 {
                    app.wait(61); // past the rate limit
                }
                if template.ends_with("/logout") && *method == Method::POST {
                    continue; // below
                }
                let is_api = template.starts_with("/api/");
                let headers = [("authorization", bearer.as_str())];
                let headers = if is_api { &headers[..] } else { &[] };
                let path = filled(template);
                let page = browser.send(method.clone(), &path, headers, None).await;
                let is_led = page.status == 303
                    && page.header("location") == "/profile/two-factor"
                    && page.body.is_empty();
                let is_refused =
                    page.status == 403 && page.body.contains(r#""error":"second_factor_missing""#);
                let expected = match of {
                    Complete | People | Administrators => (true, false),
                    Programs => (false, true),
                    All | Enrolling | EveryProgram => (false, false),
                };
                if (is_led, is_refused) != expected {
                    wrong.push(format!("{method} {path}: {}", page.status));
                }
            }
        }
        browser.press("/auth/logout", "Sign out now", &[]).await.goes_to("/auth/login");
        let headers = [("authorization", bearer.as_str())];
        browser.send(Method::POST, "/api/auth/logout", &headers, None).await.is(200);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(asked > 140, "{asked}");
    assert_eq!(app.rows("users").await, 3);
}

#[tokio::test]
async fn page_views_change_nothing() {
    let app = TestApp::start().await;
    let root = app.person(ADA).await;
    app.give_role(ADA, "admin").await;
    let count = async || {
        [
            app.rows("users").await,
            app.rows("user_roles").await,
            app.active_sessions().await,
            app.rows("outbox").await,
            app.count("SELECT COUNT(*) FROM one_time_tokens WHERE spent_at IS NULL").await,
            app.rows("email_changes").await,
            app.rows("signing_keys").await,
            app.rows("spent_tickets").await,
            // Downloads are logged.
            app.count("SELECT COUNT(*) FROM audit_events WHERE event NOT IN ('data_exported', 'audit_exported')").await,
        ]
    };
    let before = count().await;
    for (template, methods, _) in TABLE {
        if methods.contains("GET") || *methods == "ANY" {
            root.get(&filled(template)).await;
        }
    }
    assert_eq!(count().await, before);
}
