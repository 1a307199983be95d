//! What the gate answers, with the test in the place of the proxy: each test for both kinds.

use std::collections::BTreeSet;

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

const VARIABLES: [(&str, &str); 3] = [
    ("PUBLIC_URL", LOGIN),
    ("MAIL_TRANSPORT", "file"),
    ("GATE_ORIGINS", "https://app.example.org, https://wiki.example.net"),
];

/// A server with Ada's account, and her browser, which is signed in nowhere.
async fn stage(is_nginx: bool, rules: &[(&str, &str)]) -> (TestApp, Traveller) {
    let app = TestApp::with(&VARIABLES).await;
    sign_up(&app, ADA).await;
    let ada = Traveller::playing(&app, is_nginx, rules);
    (app, ada)
}

fn location(page: &Page) -> Url {
    Url::parse(page.header("location")).unwrap_or_else(|_| panic!("{}: {}", page.path, page.status))
}

fn parameter(url: &Url, name: &str) -> Option<String> {
    url.query_pairs().find(|(own, _)| own == name).map(|(_, value)| value.into_owned())
}

#[tokio::test]
async fn a_deep_link_leads_through_the_login_and_back() {
    for is_nginx in [true, false] {
        let (_app, ada) = stage(is_nginx, &[]).await;
        let sent = ada.go(DEEP).await;
        sent.is(if is_nginx { 303 } else { 302 });
        assert_eq!(sent.set_cookies().len(), 1);
        assert!(sent.set_cookies()[NONCE].contains("; Path=/; Max-Age=86400"));
        let way = location(&sent);
        assert!(way.as_str().starts_with(&format!("{LOGIN}/gate/start?return_to=https%3A%2F%2F")));
        assert_eq!(parameter(&way, "return_to").as_deref(), Some(DEEP));
        assert!(!sent.header("location").contains("=https://"), "common filters block it");
        let nonce = &ada.cookies(APP)[NONCE];
        assert!(!way.as_str().contains(nonce.as_str()), "only its hash goes along");

        let login = ada.follow(sent).await;
        login.says("Please sign in to go on to https://app.example.org.");
        let policy = login.header("content-security-policy");
        assert!(policy.contains("form-action 'self' https://app.example.org;"), "{policy}");
        let there = ada.sign_in(&login, ADA).await;
        assert_eq!((there.path.as_str(), there.body.as_str()), (DEEP, "the application"));
        for (name, value) in [
            ("remote-user", ADA),
            ("remote-email", ADA),
            ("remote-name", "Ada Lovelace"),
            ("remote-groups", ""),
        ] {
            assert_eq!(there.header(name), value, "{name}");
            assert!(there.headers.contains_key(name), "{name} goes out on every 200");
        }
        assert_eq!(there.header("remote-id").len(), 36);
        assert!(
            !there.headers.contains_key("remote-token") && !there.headers.contains_key("cookie")
        );
        let refresh = ada.cookies(LOGIN).contains_key("__Host-authflow-refresh");
        assert!(refresh && !ada.cookies(APP).keys().any(|it| it.contains("refresh")));

        // Another application: no other sign-in, a token of its own.
        let wiki = ada.open("https://wiki.example.net/x").await;
        assert_eq!(wiki.path, "https://wiki.example.net/x");
        assert_ne!(ada.cookies(WIKI)[GATE], ada.cookies(APP)[GATE]);
        let again = ada.go(DEEP).await;
        again.is(200);
        assert_eq!(ada.cookies(APP).len(), 2);
    }
}

#[tokio::test]
async fn the_way_is_walked_step_by_step() {
    for is_nginx in [true, false] {
        let (_app, ada) = stage(is_nginx, &[]).await;
        let login = ada.open(DEEP).await;
        ada.sign_in(&login, ADA).await.is(200);
        ada.forget_cookie(APP, GATE);
        let start = ada.go(DEEP).await;
        let start = ada.go(start.header("location")).await;
        start.is(303);
        let back = start.header("location").to_owned();
        assert!(back.starts_with(&format!("{APP}/.authflow/ticket?ticket=")), "{back}");
        assert!(
            back.ends_with(
                "&to=https%3A%2F%2Fapp.example.org%2Fdeep%2Flink%3Fa%3Db%26c%3D%252F%2Bx%26a%3D2"
            ),
            "{back}"
        );
        assert_eq!(start.header("referrer-policy"), "no-referrer");
        assert_eq!(start.header("cache-control"), "no-store");
        let arrived = ada.go(&back).await;
        arrived.is(303);
        assert_eq!(arrived.header("location"), DEEP, "the clean address");
        assert_eq!(arrived.header("referrer-policy"), "no-referrer");
        assert_eq!(arrived.header("cache-control"), "no-store");
        let cookies = arrived.set_cookies();
        assert_eq!(cookies.len(), 1);
        assert!(cookies[GATE].ends_with("; HttpOnly; SameSite=Lax; Secure; Path=/"), "{cookies:?}");
        ada.go(DEEP).await.is(200);

        // Again: the ticket is spent, but she is in.
        let again = ada.go(&back).await;
        assert_eq!(again.is(303).header("location"), DEEP);
        assert!(again.set_cookies().is_empty());
    }
}

#[tokio::test]
async fn who_wants_to_stay_signed_in_keeps_the_cookie_as_long_as_the_session() {
    let (app, ada) = stage(false, &[]).await;
    let login = ada.open(DEEP).await;
    let form = login.form("Sign in");
    assert_eq!(form.action, "/auth/login");
    let fields = [("email", ADA), ("password", PASSWORD), ("remember", "on")];
    ada.press(&login, "Sign in", &fields).await.is(200);
    ada.forget_cookie(APP, GATE);
    app.wait(86_400);
    let start = ada.go(DEEP).await;
    let back = ada.go(start.header("location")).await;
    let arrived = ada.go(back.header("location")).await;
    let days = 29 * 86_400;
    let cookie = &arrived.set_cookies()[GATE];
    assert!(cookie.contains(&format!("; Max-Age={days}")), "{cookie}");
}

#[tokio::test]
async fn sign_out_and_disabling_shut_every_application_at_once() {
    for is_nginx in [true, false] {
        let (app, ada) = stage(is_nginx, &[]).await;
        let login = ada.open(DEEP).await;
        ada.sign_in(&login, ADA).await.is(200);
        ada.open(WIKI).await.is(200).says("the application");
        let asks = ada.open(&format!("{LOGIN}/auth/logout")).await;
        asks.is(200).says("all applications that you reached");
        ada.go(DEEP).await.is(200);
        ada.press(&asks, "Sign out now", &[]).await.says("You are signed out.");
        for guarded in [DEEP, WIKI] {
            let sent = ada.go(guarded).await;
            assert_eq!(location(&sent).path(), "/gate/start");
            ada.open(guarded).await.is(200).says("Sign in");
        }
        let login = ada.open(DEEP).await;
        ada.sign_in(&login, ADA).await.is(200).says("the application");
        ada.open(WIKI).await.says("the application");
        assert_eq!(app.change("UPDATE users SET disabled_at = created_at").await, 1);
        for guarded in [DEEP, WIKI] {
            ada.open(guarded).await.is(200).says("Sign in");
            ada.send(Method::GET, guarded, &SCRIPT, None).await.is(401);
        }
    }
}

#[tokio::test]
async fn lifetimes_end_at_the_gate_too() {
    let (app, ada) = stage(false, &[]).await;
    let login = ada.open(DEEP).await;
    ada.sign_in(&login, ADA).await.is(200);
    for _ in 0..3 {
        app.wait(11 * 3_600);
        ada.go(DEEP).await.is(200); // which is a visit
    }
    app.wait(12 * 3_600);
    ada.go(DEEP).await.is(302);
    let login = ada.open(DEEP).await;
    ada.sign_in(&login, ADA).await.is(200);
    for _ in 0..(30 * 24 / 11) {
        app.wait(11 * 3_600);
        ada.go(DEEP).await.is(200);
    }
    app.wait(11 * 3_600);
    ada.go(DEEP).await.is(302);
}

#[tokio::test]
async fn without_the_role_there_is_a_page_that_says_so() {
    for is_nginx in [true, false] {
        let rules = [(APP, "role=admin"), (WIKI, "role=admin&role=family")];
        let (app, ada) = stage(is_nginx, &rules).await;
        let login = ada.open(DEEP).await;
        let refused = ada.sign_in(&login, ADA).await;
        refused.is(403).says("You are signed in as Ada Lovelace (ada@example.org).");
        refused.says("only for people with the role admin, which you do not have");
        assert_eq!(refused.path, DEEP);
        ada.open(WIKI).await.is(403).says("one of the roles admin, family");
        let policy = refused.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
        let script = ada.send(Method::GET, DEEP, &SCRIPT, None).await;
        script.is(403);
        assert!(!script.body.contains('<') && script.header("authflow-reason") == "role_missing");

        app.change("INSERT INTO user_roles (user_id, role) SELECT id, 'family' FROM users").await;
        let there = ada.go(WIKI).await;
        assert_eq!((there.status.as_u16(), there.header("remote-groups")), (200, "family"));
        ada.go(DEEP).await.is(403);
        app.change("INSERT INTO user_roles (user_id, role) SELECT id, 'admin' FROM users").await;
        assert_eq!(ada.go(DEEP).await.is(200).header("remote-groups"), "admin,family");
        app.change("DELETE FROM user_roles").await;

        // As somebody else.
        let refused = ada.go(DEEP).await;
        let href = refused.select("main a").remove(0).remove("href").unwrap();
        let asks = ada.open(&href).await;
        let login = ada.press(&asks, "Sign out now", &[]).await;
        login.is(200).says("You are signed out.");
        assert!(
            login.header("content-security-policy").contains("'self' https://app.example.org;")
        );
        ada.sign_in(&login, ADA).await.is(403).says("role admin");
    }
}

#[tokio::test]
async fn without_a_second_factor_one_is_asked_for() {
    for is_nginx in [true, false] {
        let (app, ada) = stage(is_nginx, &[(APP, "factor=2")]).await;
        let login = ada.open(DEEP).await;
        let sets_up = ada.sign_in(&login, ADA).await;
        sets_up.is(200).says(
            "https://app.example.org is only open to people who sign in with a second factor",
        );
        let script = ada.send(Method::GET, WIKI, &SCRIPT, None).await;
        script.is(401);
        let page = ada.open(&format!("{LOGIN}/profile/two-factor")).await;
        let authenticator = Authenticator::scan(&page);
        let done = ada.press(&page, "Switch on", &[("code", &authenticator.shows(&app, 0))]).await;
        done.is(200).says("I have saved them: go on to https://app.example.org");
        let on = done.select("main ul.links a").remove(0).remove("href").unwrap();
        let there = ada.open(&format!("{LOGIN}{on}")).await;
        assert_eq!((there.path.as_str(), there.body.as_str()), (DEEP, "the application"));

        // Another browser: password, code, and back.
        app.wait(60);
        let other = ada.another();
        let login = other.open(DEEP).await;
        let code = other.sign_in(&login, ADA).await;
        code.is(200).says("Enter your code");
        let policy = code.header("content-security-policy");
        assert!(policy.contains("form-action 'self' https://app.example.org;"), "{policy}");
        let wrong = other.press(&code, "Sign in", &[("code", "000000")]).await;
        assert!(
            wrong
                .is(401)
                .header("content-security-policy")
                .contains("'self' https://app.example.org;")
        );
        let there =
            other.press(&wrong, "Sign in", &[("code", &authenticator.shows(&app, 0))]).await;
        assert_eq!((there.path.as_str(), there.body.as_str()), (DEEP, "the application"));
    }
}

/// The one link in the main part of a page with this text, as an address.
fn link(page: &Page, text: &str) -> String {
    let at = page.each("main a").iter().position(|it| it == text);
    let at = at.unwrap_or_else(|| panic!("no link says {text}: {}", page.text()));
    let href = &page.select("main a")[at]["href"];
    Url::parse(&page.path).unwrap().join(href).unwrap().to_string()
}

#[tokio::test]
async fn who_has_to_sign_up_first_arrives_as_well() {
    for verification in ["required", "off"] {
        // Where addresses are not confirmed, applications know people by their id.
        let more = [("EMAIL_VERIFICATION", verification), ("GATE_REMOTE_USER", "id")];
        let variables = [&VARIABLES[..], &more].concat();
        let app = TestApp::with(&variables).await;
        let bob = Traveller::playing(&app, true, &[]);
        let login = bob.open(DEEP).await;
        let form = bob.open(&link(&login, "Create an account")).await;
        // There and back again, and a form with an error in it: the way goes along.
        let login = bob.open(&link(&form, "Sign in")).await;
        login.says("Please sign in to go on to https://app.example.org.");
        let mut page = bob.open(&link(&login, "Create an account")).await;
        for (password, status) in [("short", 422), (PASSWORD, 200)] {
            let policy = page.header("content-security-policy");
            assert!(policy.contains("form-action 'self' https://app.example.org;"), "{policy}");
            let fields = [
                ("username", "Bob"),
                ("email", "bob@example.org"),
                ("password", password),
                ("confirm_password", password),
            ];
            page = bob.press(&page, "Create account", &fields).await;
            page.is(status);
        }
        if verification == "required" {
            page.says("Check your mail");
            let page =
                bob.open(&format!("{LOGIN}{}", app.mailed_path("bob@example.org").await)).await;
            let policy = page.header("content-security-policy");
            assert!(policy.contains("form-action 'self' https://app.example.org;"), "{policy}");
            let there = bob.press(&page, "Confirm and sign in", &[]).await;
            assert_eq!((there.path.as_str(), there.body.as_str()), (DEEP, "the application"));
            assert!(!bob.open(&format!("{LOGIN}/dashboard")).await.text().contains("Welcome!"));
        } else {
            assert_eq!((page.path.as_str(), page.body.as_str()), (DEEP, "the application"));
            assert_eq!(page.header("remote-user"), page.header("remote-id"));
            assert_eq!(page.header("remote-email"), "", "nobody has confirmed it");
            assert!(page.headers.contains_key("remote-email"), "it goes out on every 200");
        }
    }
}

#[tokio::test]
async fn an_address_that_nobody_confirmed_is_nobodys_name() {
    for is_nginx in [true, false] {
        let (app, ada) = stage(is_nginx, &[(WIKI, "role=staff"), (APP, "token=1")]).await;
        let login = ada.open(DEEP).await;
        ada.sign_in(&login, ADA).await.is(200);
        // As accounts are that were made while addresses did not have to be confirmed.
        app.change("UPDATE users SET email_verified_at = NULL").await;
        let page = ada.go(DEEP).await;
        page.is(403).says("Confirm your email address").says(ADA);
        page.says("The site’s administrator can confirm it for you as well.");
        assert_eq!(page.header("authflow-reason"), "email_unconfirmed");
        for name in ["remote-user", "remote-email", "remote-token"] {
            assert!(!page.headers.contains_key(name), "{name}");
        }
        let script = ada.send(Method::GET, DEEP, &SCRIPT, None).await;
        assert_eq!(script.is(403).header("authflow-reason"), "email_unconfirmed");
        assert!(!script.body.contains('<'));
        ada.open(WIKI).await.is(403).says("only for people with the role staff");

        // The page leads to where it can be confirmed, and that leads back.
        let own = ada.open(&link(&page, "Confirm your email address")).await;
        own.is(200).says("has not been confirmed yet");
        let sent = ada.press(&own, "Send a confirmation link", &[]).await;
        sent.is(200).says("We sent an email to ada@example.org");
        let mailed = format!("{LOGIN}{}", app.mailed_path(ADA).await);
        let confirms = ada.open(&mailed).await;
        confirms.says("Type your password to confirm.");
        assert!(!confirms.text().contains("another browser"), "she is signed in");
        ada.another().open(&mailed).await.says("You signed up in another browser");
        ada.press(&confirms, "Confirm and sign in", &[("password", PASSWORD)]).await.is(200);
        let there = ada.open(DEEP).await;
        assert_eq!(there.is(200).header("remote-user"), ADA);
        assert_eq!(there.header("remote-email"), ADA);
        let own = ada.open(&format!("{LOGIN}/profile/email")).await;
        assert!(!own.text().contains("Send a confirmation link"));
    }
}

#[tokio::test]
async fn a_cookie_of_the_gate_that_was_sent_twice_counts_as_absent() {
    for is_nginx in [true, false] {
        let (_app, ada) = stage(is_nginx, &[]).await;
        let login = ada.open(DEEP).await;
        ada.sign_in(&login, ADA).await.is(200);
        let own = ada.cookies(APP);
        let (gate, nonce) = (&own[GATE], &own[NONCE]);
        for sent in [
            format!("{GATE}={gate}; {GATE}=x"),
            format!("{GATE}=x; a=b; {GATE}={gate}"),
            format!("{GATE}={gate}; {GATE}={gate}"),
        ] {
            let other = ada.another();
            other.set_cookie(APP, "a", &format!("b; {sent}"));
            let page = other.go(DEEP).await;
            page.is(403).says(&format!("two cookies named {GATE}"));
            assert_eq!(page.header("authflow-reason"), "cookies_refused");
            other.send(Method::GET, DEEP, &SCRIPT, None).await.is(401);
        }
        // The page at the end of the way says so.
        let other = ada.another();
        other.set_cookie(
            LOGIN,
            "__Host-authflow-refresh",
            &ada.cookies(LOGIN)["__Host-authflow-refresh"],
        );
        other.set_cookie(APP, "a", &format!("b; {NONCE}={nonce}; {NONCE}=x"));
        other.open(DEEP).await.is(400).says(&format!("two cookies named {NONCE}"));
        let other = ada.another();
        let refresh = "__Host-authflow-refresh";
        other.set_cookie(LOGIN, refresh, &ada.cookies(LOGIN)[refresh]);
        other.set_cookie(APP, "a", &format!("b; {GATE}=x; {GATE}=y"));
        other.open(DEEP).await.is(403).says(&format!("two cookies named {GATE}"));
        assert!(!other.cookies(APP).contains_key(GATE));
    }
}

#[tokio::test]
async fn who_has_forgotten_the_password_arrives_as_well() {
    let (app, ada) = stage(true, &[]).await;
    let login = ada.open(DEEP).await;
    let page = ada.open(&link(&login, "Forgot your password?")).await;
    let login = ada.open(&link(&page, "Back to sign-in")).await;
    login.says("Please sign in to go on to https://app.example.org.");
    let page = ada.press(&page, "Send me a link", &[("email", "nonsense")]).await;
    let page = ada.press(page.is(422), "Send me a link", &[("email", ADA)]).await;
    page.says("Check your mail");
    let page = ada.open(&format!("{LOGIN}{}", app.mailed_path(ADA).await)).await;
    let fields =
        [("password", "another long password"), ("confirm_password", "another long password")];
    let login = ada.press(&page, "Set password", &fields).await;
    login.says("Your password has been changed");
    let fields = [("email", ADA), ("password", "another long password")];
    let there = ada.press(&login, "Sign in", &fields).await;
    assert_eq!((there.path.as_str(), there.body.as_str()), (DEEP, "the application"));

    // Another browser knows nothing of it.
    let other = ada.another();
    let page =
        other.open(&format!("{LOGIN}/auth/forgot-password?return_to=https://evil.example/")).await;
    assert!(!page.body.contains("evil"));
}

#[tokio::test]
async fn a_session_without_second_factor_is_told_so_where_nobody_looks() {
    for is_nginx in [true, false] {
        let (app, ada) = stage(is_nginx, &[(WIKI, "factor=2")]).await;
        let login = ada.open(DEEP).await;
        ada.sign_in(&login, ADA).await.is(200);
        // At a host where she has a token: by way of one without the rule.
        ada.open(WIKI).await.is(200).says("second factor");
        let plain = Traveller::playing(&app, is_nginx, &[]);
        let login = plain.open(WIKI).await;
        plain.sign_in(&login, ADA).await.is(200).says("the application");
        ada.set_cookie(WIKI, GATE, &plain.cookies(WIKI)[GATE]);
        let script = ada.send(Method::GET, WIKI, &SCRIPT, None).await;
        script.is(401).says("second factor");
        assert_eq!(script.header("authflow-reason"), "second_factor_missing");
        assert!(!script.headers.contains_key("location"));
        assert_eq!(location(&ada.go(WIKI).await).path(), "/gate/start");
    }
}

#[tokio::test]
async fn scripts_programs_and_sockets_get_a_plain_401() {
    let websocket =
        [("upgrade", "websocket"), ("connection", "upgrade"), ("accept", "text/html, */*")];
    for is_nginx in [true, false] {
        let (_app, ada) = stage(is_nginx, &[]).await;
        for headers in [
            &SCRIPT[..],
            &websocket,
            &[("sec-fetch-mode", "websocket")],
            &[("sec-fetch-mode", "no-cors"), ("accept", "image/avif,image/webp,*/*")],
            &[("accept", "text/html"), ("x-requested-with", "XMLHttpRequest")],
            &[("accept", "application/json"), ("user-agent", "Mozilla/5.0")],
            &[],
        ] {
            for method in [Method::GET, Method::POST, Method::HEAD, Method::OPTIONS] {
                let page = ada.send(method, DEEP, headers, None).await;
                page.is(401);
                assert!(!page.headers.contains_key("location"), "{headers:?}");
                assert!(page.set_cookies().is_empty() && page.body.len() < 100);
                assert_eq!(page.header("cache-control"), "no-store");
            }
        }
        let login = ada.open(DEEP).await;
        ada.sign_in(&login, ADA).await.is(200);
        for headers in [&SCRIPT[..], &websocket, &[]] {
            for method in [Method::GET, Method::POST, Method::HEAD, Method::DELETE] {
                let there = ada.send(method, DEEP, headers, None).await;
                assert_eq!(there.is(200).header("remote-user"), ADA);
            }
        }
    }
}

#[tokio::test]
async fn what_was_sent_after_the_end_leads_back_to_the_form() {
    for is_nginx in [true, false] {
        let (app, ada) = stage(is_nginx, &[]).await;
        let post = async |referer: &str| {
            let mut headers = NAVIGATION.to_vec();
            headers.push(("referer", referer));
            ada.send(
                Method::POST,
                "https://app.example.org/save?x=1",
                &headers,
                Some(b"a=b".into()),
            )
            .await
        };
        for (referer, back) in [
            ("https://app.example.org/form?id=7", "https://app.example.org/form?id=7"),
            ("https://app.example.org/", "https://app.example.org/"),
            ("https://wiki.example.net/form", "https://app.example.org/"),
            ("https://evil.example/", "https://app.example.org/"),
        ] {
            let sent = post(referer).await;
            sent.is(303);
            assert_eq!(parameter(&location(&sent), "return_to").as_deref(), Some(back));
            let login = ada.follow(sent).await;
            login.says("what you sent was not saved. Sign in and send it again");
        }
        let login = ada.follow(post("https://app.example.org/form").await).await;
        let there = ada.sign_in(&login, ADA).await;
        assert_eq!(there.path, "https://app.example.org/form");
        assert_eq!(post("https://app.example.org/form").await.is(200).body, "the application");
        assert_eq!(app.count("SELECT COUNT(*) FROM sessions").await, 2);
    }
}

#[tokio::test]
async fn head_is_sent_on_like_get() {
    for is_nginx in [true, false] {
        let (_app, ada) = stage(is_nginx, &[]).await;
        let sent = ada.send(Method::HEAD, DEEP, &NAVIGATION[..1], None).await;
        sent.is(if is_nginx { 303 } else { 302 });
        assert_eq!(parameter(&location(&sent), "return_to").as_deref(), Some(DEEP));
    }
}

/// A ticket on its way, not yet used.
async fn ticket(ada: &Traveller, guarded: &str) -> String {
    let start = ada.go(guarded).await;
    let page = ada.go(start.header("location")).await;
    page.is(303).header("location").to_owned()
}

#[tokio::test]
async fn a_ticket_is_good_once_in_one_browser_at_one_host_for_a_minute() {
    for is_nginx in [true, false] {
        let (app, ada) = stage(is_nginx, &[]).await;
        let login = ada.open(&format!("{LOGIN}/auth/login")).await;
        ada.sign_in(&login, ADA).await.is(200);
        let mallory = ada.another();

        // In a browser that the gate has never seen: it opens nothing there, and is spent.
        let spent = async || app.count("SELECT COUNT(*) FROM spent_tickets").await;
        let back = ticket(&ada, DEEP).await;
        let refused = mallory.go(&back).await;
        let way = location(refused.is(303));
        assert_eq!((way.path(), parameter(&way, "again").as_deref()), ("/gate/start", Some("on")));
        assert!(refused.set_cookies().keys().eq([NONCE]), "{:?}", refused.set_cookies());
        assert_eq!(spent().await, 1);
        mallory.open(&back).await.is(200).says("Sign in");
        assert!(!mallory.cookies(APP).contains_key(GATE));
        let late = ada.go(&back).await;
        assert!(late.set_cookies().keys().eq([NONCE]), "{:?}", late.set_cookies());
        assert_eq!(ada.follow(late).await.is(200).path, DEEP, "another ticket opens it");
        assert_eq!(spent().await, 2);

        // In one that it has sent to the login itself.
        ada.forget_cookie(APP, GATE);
        mallory.go(DEEP).await;
        let back = ticket(&ada, DEEP).await;
        assert_eq!(location(&mallory.go(&back).await).path(), "/gate/start");
        assert!(!mallory.cookies(APP).contains_key(GATE));

        // The browser that it was for; a second time it is spent, also for a copy of the browser's cookies.
        let back = ticket(&ada, DEEP).await;
        ada.open(&back).await.is(200).says("the application");
        let copy = ada.another();
        copy.set_cookie(APP, NONCE, &ada.cookies(APP)[NONCE]);
        assert_eq!(location(&copy.go(&back).await).path(), "/gate/start");
        assert!(!copy.cookies(APP).contains_key(GATE));

        // At another host, with the same nonce there: it is none of that host's, and stays good where it belongs.
        app.wait(60);
        ada.forget_cookie(APP, GATE);
        let back = ticket(&ada, DEEP).await;
        let elsewhere = back.replacen(APP, WIKI, 1);
        ada.set_cookie(WIKI, NONCE, &ada.cookies(APP)[NONCE]);
        let before = spent().await;
        assert_eq!(location(&ada.go(&elsewhere).await).path(), "/gate/start");
        assert!(!ada.cookies(WIKI).contains_key(GATE));
        assert_eq!(spent().await, before);
        ada.go(&back).await.is(303);
        assert!(ada.cookies(APP).contains_key(GATE));

        // A minute later.
        ada.forget_cookie(APP, GATE);
        let back = ticket(&ada, DEEP).await;
        app.wait(60);
        let late = ada.go(&back).await;
        assert!(late.set_cookies().keys().eq([NONCE]), "{:?}", late.set_cookies());
        ada.follow(late).await.is(200).says("the application");

        // After the session's end.
        ada.forget_cookie(APP, GATE);
        let back = ticket(&ada, DEEP).await;
        app.change("UPDATE sessions SET ended_at = created_at, end_reason = 'revoked'").await;
        ada.open(&back).await.is(200).says("Sign in");
    }
}

/// Somebody makes the signed-in Ada open the start of the way with a nonce of their own, and gets hold of the ticket.
#[tokio::test]
async fn a_ticket_for_a_nonce_of_somebody_else_is_worth_nothing_to_them() {
    for is_nginx in [true, false] {
        let (app, ada) = stage(is_nginx, &[]).await;
        let login = ada.open(&format!("{LOGIN}/auth/login")).await;
        ada.sign_in(&login, ADA).await.is(200);
        let mallory = ada.another();
        let way = location(&mallory.go(DEEP).await);
        let planted = ada.go(way.as_str()).await.header("location").to_owned();

        // Ada's own browser goes on with it, which spends it, and arrives all the same.
        let there = ada.open(&planted).await;
        assert_eq!((there.path.as_str(), there.body.as_str()), (DEEP, "the application"));
        mallory.go(&planted).await;
        assert!(!mallory.cookies(APP).contains_key(GATE));

        // The ticket on any other path than its own, such as one past the gate, is never honoured, in either form.
        let planted = ada.go(way.as_str()).await.header("location").to_owned();
        let ticket = parameter(&Url::parse(&planted).unwrap(), "ticket").unwrap();
        let before = app.count("SELECT COUNT(*) FROM spent_tickets").await;
        for address in [
            format!("{APP}/open?__gate={ticket}"),
            format!("{APP}/open?ticket={ticket}"),
            format!("{APP}/.authflow/other?ticket={ticket}"),
        ] {
            let page = mallory.go(&address).await;
            assert!(!mallory.cookies(APP).contains_key(GATE), "{address}: {}", page.status);
        }
        assert_eq!(app.count("SELECT COUNT(*) FROM spent_tickets").await, before);
    }
}

#[tokio::test]
async fn forged_tickets_write_nothing() {
    /// This byte is believed in a forged ticket, too: it only stops a loop.
    const SECOND_TRY: usize = 5;
    let (app, ada) = stage(false, &[]).await;
    let login = ada.open(&format!("{LOGIN}/auth/login")).await;
    ada.sign_in(&login, ADA).await.is(200);
    let back = ticket(&ada, DEEP).await;
    let good = parameter(&Url::parse(&back).unwrap(), "ticket").unwrap();
    let bytes = authflow::secret::decode(&good).unwrap();
    for byte in (0..bytes.len()).filter(|byte| *byte != SECOND_TRY) {
        let mut forged = bytes.clone();
        forged[byte] ^= 1;
        let forged = back.replace(&good, &authflow::secret::encode(&forged));
        ada.go(&forged).await.is(303);
        assert!(!ada.cookies(APP).contains_key(GATE), "byte {byte}");
    }
    assert_eq!(app.count("SELECT COUNT(*) FROM spent_tickets").await, 0);
    ada.go(&back).await.is(303);
    assert!(ada.cookies(APP).contains_key(GATE));
}

#[tokio::test]
async fn a_ticket_leads_within_its_own_host() {
    let (app, ada) = stage(false, &[]).await;
    let login = ada.open(&format!("{LOGIN}/auth/login")).await;
    ada.sign_in(&login, ADA).await.is(200);
    for (to, there) in [
        ("https://app.example.org//evil.example/x", "https://app.example.org//evil.example/x"),
        ("https://app.example.org/x?__gate=y", "https://app.example.org/x"),
        ("https://wiki.example.net/", "https://app.example.org/"),
        ("https://evil.example/", "https://app.example.org/"),
        ("//evil.example/", "https://app.example.org/"),
        ("/x", "https://app.example.org/"),
        ("https://app.example.org/.authflow/ticket", "https://app.example.org/"),
        ("", "https://app.example.org/"),
    ] {
        ada.forget_cookie(APP, GATE);
        let back = ticket(&ada, DEEP).await;
        let (address, _) = back.split_once("&to=").unwrap();
        let arrived = ada.go(&format!("{address}&{}", encode(&[("to", to)]))).await;
        assert_eq!(arrived.is(303).header("location"), there, "{to}");
        assert!(ada.cookies(APP).contains_key(GATE));
        // A second time, without a ticket, and by another way of asking.
        let again = ada.go(&format!("{address}&{}", encode(&[("to", to)]))).await;
        assert_eq!(again.is(303).header("location"), there, "{to}");
        let bare = ada.go(&format!("{APP}/.authflow/ticket?{}", encode(&[("to", to)]))).await;
        assert_eq!(bare.is(303).header("location"), there, "{to}");
        app.wait(11);
    }
}

#[tokio::test]
async fn the_reserved_prefix_has_nothing_but_tickets() {
    let (app, ada) = stage(false, &[]).await;
    let login = ada.open(DEEP).await;
    ada.sign_in(&login, ADA).await.is(200);
    let browser = app.browser();
    let forwarded = [("x-forwarded-proto", "https"), ("x-forwarded-host", "app.example.org")];
    let ask = async |method: Method, path: &str, headers: &[(&str, &str)]| {
        browser.send(method, path, headers, None).await
    };
    for path in
        ["/.authflow", "/.authflow/", "/.authflow/x", "/.authflow/ticket/", "/.authflow/ticket/x"]
    {
        for method in [Method::GET, Method::POST] {
            let nothing = ask(method, path, &forwarded).await;
            assert!(nothing.is(404).body.len() < 100 && nothing.set_cookies().is_empty(), "{path}");
        }
    }
    for path in ["/%2eauthflow/ticket?ticket=x", "/x/..%2f.authflow/ticket?ticket=x"] {
        ask(Method::GET, path, &forwarded).await.is(404);
    }
    for method in [Method::POST, Method::PUT, Method::DELETE, Method::OPTIONS] {
        ask(method, "/.authflow/ticket?ticket=x", &forwarded).await.is(405);
    }
    // A stranger, and one who does not follow.
    let stranger =
        ask(Method::GET, "/.authflow/ticket", &[&forwarded[..], &NAVIGATION].concat()).await;
    assert_eq!(location(stranger.is(303)).path(), "/gate/start");
    let script = ask(Method::GET, "/.authflow/ticket", &forwarded).await;
    assert_eq!(script.is(401).header("authflow-reason"), "no_ticket");
    let script = ask(Method::GET, "/.authflow/ticket?ticket=x", &forwarded).await;
    assert_eq!(script.is(401).header("authflow-reason"), "ticket_failed");
    assert!(!script.headers.contains_key("location"));
    // For whom, a proxy has to say.
    for (headers, reason) in [
        (&[][..], "missing_header"),
        (&forwarded[..1], "missing_header"),
        (&[forwarded[0], ("x-forwarded-host", "other.example.org")], "unknown_host"),
        (&[forwarded[0], ("x-forwarded-host", "login.example.org")], "unknown_host"),
        (&[("x-forwarded-proto", "http"), forwarded[1]], "other_scheme"),
        (
            &[forwarded[0], ("x-forwarded-host", "app.example.org,evil.example")],
            "contradictory_headers",
        ),
        (
            &[forwarded[0], forwarded[1], ("x_forwarded_host", "wiki.example.net")],
            "contradictory_headers",
        ),
    ] {
        let refused = ask(Method::GET, "/.authflow/ticket?ticket=x", headers).await;
        assert_eq!(refused.is(403).header("authflow-reason"), reason, "{headers:?}");
    }
}

#[tokio::test]
async fn only_a_trusted_proxy_brings_tickets() {
    let mut variables = VARIABLES.to_vec();
    variables.push(("TRUSTED_PROXIES", "192.0.2.0/24"));
    let app = TestApp::with(&variables).await;
    let headers = [("x-forwarded-proto", "https"), ("x-forwarded-host", "app.example.org")];
    let refused =
        app.browser().send(Method::GET, "/.authflow/ticket?ticket=x", &headers, None).await;
    assert_eq!(refused.is(403).header("authflow-reason"), "untrusted_peer");
}

#[tokio::test]
async fn a_ticket_is_redeemed_for_head_as_well() {
    let (_app, ada) = stage(false, &[]).await;
    let login = ada.open(&format!("{LOGIN}/auth/login")).await;
    ada.sign_in(&login, ADA).await.is(200);
    let back = ticket(&ada, DEEP).await;
    let head = ada.send(Method::HEAD, &back, &NAVIGATION, None).await;
    assert_eq!(head.is(303).header("location"), DEEP);
    assert!(ada.cookies(APP).contains_key(GATE));
}

/// The sign-in moved to another account, while the token of the first is still good at the application.
#[tokio::test]
async fn a_new_ticket_counts_more_than_an_earlier_token() {
    let (app, ada) = stage(false, &[]).await;
    sign_up(&app, "bob@example.org").await;
    let login = ada.open(DEEP).await;
    ada.sign_in(&login, ADA).await.is(200);
    ada.forget_cookie(LOGIN, "__Host-authflow-refresh");
    let login = ada.open(&format!("{LOGIN}/auth/login")).await;
    ada.sign_in(&login, "bob@example.org").await.is(200);
    assert_eq!(ada.go(DEEP).await.is(200).header("remote-user"), ADA);
    let nonce = authflow::domain::gate::ticket::Nonce::parse(&ada.cookies(APP)[NONCE]).unwrap();
    let way = encode(&[("return_to", DEEP), ("nonce", &nonce.hash().to_text())]);
    let there = ada.open(&format!("{LOGIN}/gate/start?{way}")).await;
    assert_eq!(there.is(200).header("remote-user"), "bob@example.org");
}

#[tokio::test]
async fn an_outdated_proxy_is_named_and_shows_no_ticket_to_the_application() {
    for is_nginx in [true, false] {
        let (app, ada) = stage(is_nginx, &[]).await;
        let login = ada.open(&format!("{LOGIN}/auth/login")).await;
        ada.sign_in(&login, ADA).await.is(200);
        let ada = ada.behind_an_outdated_proxy();
        let back = ticket(&ada, DEEP).await;
        let page = ada.go(&back).await;
        page.is(403).says("configured for an earlier version").says("authflow proxy");
        assert_eq!(page.header("authflow-reason"), "outdated_proxy");
        assert!(page.set_cookies().is_empty());
        assert_eq!(app.count("SELECT COUNT(*) FROM spent_tickets").await, 1);
        // Also for who has a token from before, for everything below the prefix, and in every spelling.
        let ada = Traveller::playing(&app, is_nginx, &[]);
        let login = ada.open(DEEP).await;
        ada.sign_in(&login, ADA).await.is(200);
        let ada = ada.behind_an_outdated_proxy();
        ada.go(DEEP).await.is(200);
        for path in [
            "/.authflow/ticket?ticket=x",
            "/.authflow/ticket",
            "/.authflow/",
            "/.authflow",
            "//.authflow/ticket?ticket=x",
            "/%2eauthflow/ticket?ticket=x",
            "/x/../.authflow/ticket?ticket=x",
            "/x/..%2F.authflow/ticket?ticket=x",
            "/.AUTHFLOW/ticket?ticket=x",
        ] {
            for (method, headers) in [
                (Method::GET, &NAVIGATION[..]),
                (Method::GET, &SCRIPT),
                (Method::POST, &NAVIGATION),
                (Method::POST, &SCRIPT),
            ] {
                let page = ada.send(method, &format!("{APP}{path}"), headers, None).await;
                // What plays the other proxies has resolved the dots.
                let is_ticket = path.starts_with("/.authflow/ticket")
                    || !is_nginx && path.starts_with("/x/../.authflow/ticket");
                let reason = if is_ticket { "outdated_proxy" } else { "reserved_path" };
                assert_eq!(page.is(403).header("authflow-reason"), reason, "{path}");
            }
        }
    }
}

#[tokio::test]
async fn a_token_is_good_at_its_host_alone() {
    for is_nginx in [true, false] {
        let (_app, ada) = stage(is_nginx, &[]).await;
        let login = ada.open(DEEP).await;
        ada.sign_in(&login, ADA).await.is(200);
        let token = ada.cookies(APP)[GATE].clone();
        let thief = ada.another();
        thief.set_cookie(WIKI, GATE, &token);
        assert_eq!(location(&thief.go(WIKI).await).path(), "/gate/start");
        for name in ["refresh", "session", "csrf", "device"] {
            thief.set_cookie(LOGIN, &format!("__Host-authflow-{name}"), &token);
        }
        thief.open(&format!("{LOGIN}/dashboard")).await.is(200).says("Sign in");
        let refresh = ada.cookies(LOGIN)["__Host-authflow-refresh"].clone();
        thief.set_cookie(APP, GATE, &refresh);
        assert_eq!(location(&thief.go(DEEP).await).path(), "/gate/start");
        let authorization = format!("Bearer {token}");
        let headers = [("authorization", authorization.as_str())];
        let profile = format!("{LOGIN}/api/auth/profile");
        thief.send(Method::GET, &profile, &headers, None).await.is(401);
        // Not as a query, not under the other name.
        thief.set_cookie(APP, GATE, "");
        thief.set_cookie(APP, "authflow-gate", &token);
        assert_eq!(location(&thief.go(DEEP).await).path(), "/gate/start");
    }
}

#[tokio::test]
async fn a_browser_without_cookies_does_not_go_round_in_circles() {
    for is_nginx in [true, false] {
        let (app, ada) = stage(is_nginx, &[]).await;
        let login = ada.open(&format!("{LOGIN}/auth/login")).await;
        ada.sign_in(&login, ADA).await.is(200);

        // It does not keep the nonce: it is sent to the login once more, and then told why there is no way on.
        let mut page = ada.go(DEEP).await;
        let mut starts = 0;
        while page.status.is_redirection() {
            ada.forget_cookie(APP, NONCE);
            starts += usize::from(page.header("location").contains("/gate/start?"));
            page = ada.go(page.header("location")).await;
        }
        assert_eq!(starts, 2);
        page.is(400).says("The sign-in did not arrive").says("The browser blocks cookies");
        assert!(page.set_cookies().is_empty() && !page.headers.contains_key("location"));
        assert_eq!(page.select("main ul.links a")[0]["href"], DEEP);
        // To try again helps, once cookies work.
        ada.open(DEEP).await.is(200).says("the application");
        app.wait(60);

        // It keeps the nonce, but never the token.
        let mut hops = 0;
        let page = loop {
            ada.forget_cookie(APP, GATE);
            let page = ada.go(&ticket(&ada, DEEP).await).await;
            if page.status == 400 {
                break page;
            }
            hops += 1;
            assert!(hops < 7, "a browser gives up after twenty redirects");
        };
        page.says("The sign-in did not arrive");
        assert!(hops >= 3, "a few tabs at once are no loop");
        // A reload gets another ticket, and the same page as long as nothing has changed.
        ada.open(&page.path).await.is(400).says("The sign-in did not arrive");
    }
}

#[tokio::test]
async fn tickets_that_are_no_good_twice_end_the_way() {
    let (app, ada) = stage(false, &[]).await;
    let login = ada.open(&format!("{LOGIN}/auth/login")).await;
    ada.sign_in(&login, ADA).await.is(200);
    let back = ticket(&ada, DEEP).await;
    app.wait(60);
    let again = ada.go(&back).await;
    assert_eq!(parameter(&location(&again), "again").as_deref(), Some("on"));
    let second = ada.go(again.header("location")).await;
    app.wait(60);
    ada.go(second.header("location")).await.is(400).says("the clocks");
}

#[tokio::test]
async fn tabs_share_the_nonce() {
    for is_nginx in [true, false] {
        let (_app, ada) = stage(is_nginx, &[]).await;
        let one = ada.go(DEEP).await;
        let other = ada.go("https://app.example.org/other").await;
        assert_eq!(one.set_cookies(), other.set_cookies());
        let login = ada.follow(one).await;
        ada.follow(other).await.is(200);
        assert_eq!(ada.sign_in(&login, ADA).await.path, DEEP);
        let there = ada.open("https://app.example.org/other").await;
        assert_eq!(there.path, "https://app.example.org/other");
    }
}

#[tokio::test]
async fn as_many_tabs_as_one_likes_get_in_at_once() {
    for is_nginx in [true, false] {
        let (_app, ada) = stage(is_nginx, &[]).await;
        let login = ada.open(&format!("{LOGIN}/auth/login")).await;
        ada.sign_in(&login, ADA).await.is(200);
        let mut tabs = Vec::new();
        for _ in 0..12 {
            tabs.push(ticket(&ada, DEEP).await);
        }
        for back in tabs {
            assert_eq!(ada.go(&back).await.is(303).header("location"), DEEP);
        }
        // The token of another session is no sign that the browser keeps this one's.
        let refresh = "__Host-authflow-refresh";
        let other = ada.another();
        other.set_cookie(LOGIN, refresh, &ada.cookies(LOGIN)[refresh]);
        let back = ticket(&other, DEEP).await;
        other.set_cookie(APP, GATE, "x");
        other.go(&back).await.is(400).says("The sign-in did not arrive");
    }
}

#[tokio::test]
async fn an_address_with_a_ticket_never_reaches_the_application() {
    for is_nginx in [true, false] {
        let (_app, ada) = stage(is_nginx, &[]).await;
        let login = ada.open(&format!("{LOGIN}/auth/login")).await;
        ada.sign_in(&login, ADA).await.is(200);
        let spare = ticket(&ada, DEEP).await;
        let spare = parameter(&Url::parse(&spare).unwrap(), "ticket").unwrap();
        let stranger = ada.another();
        stranger.set_cookie(APP, NONCE, &ada.cookies(APP)[NONCE]);
        let page = stranger.go(&format!("{APP}/?__gate={spare}")).await;
        assert_eq!(location(&page).path(), "/gate/start");
        assert!(!stranger.cookies(APP).contains_key(GATE), "it is not honoured there");
        ada.open(DEEP).await.is(200);
        for (address, clean) in [
            (&*format!("{APP}/?__gate={spare}"), "https://app.example.org/"),
            ("https://app.example.org/?__gate=x", "https://app.example.org/"),
            ("https://app.example.org/a?__gate=x&b=c&__gate=", "https://app.example.org/a?b=c"),
            ("https://app.example.org/a?b=c&__gate", "https://app.example.org/a?b=c"),
        ] {
            for (method, headers) in [
                (Method::GET, &NAVIGATION[..]),
                (Method::GET, &SCRIPT),
                (Method::POST, &NAVIGATION),
                (Method::POST, &SCRIPT),
            ] {
                let page = ada.send(method, address, headers, None).await;
                assert_eq!(page.header("location"), clean);
            }
        }
        let stranger = ada.another();
        let page = stranger
            .send(Method::POST, "https://app.example.org/?__gate=x", &NAVIGATION, None)
            .await;
        assert_eq!(
            parameter(&location(&page), "return_to").as_deref(),
            Some("https://app.example.org/")
        );
    }
}

#[tokio::test]
async fn who_asks_and_what_for_has_to_be_right() {
    let (app, ada) = stage(false, &[]).await;
    let login = ada.open(DEEP).await;
    ada.sign_in(&login, ADA).await.is(200);
    let cookie = format!("{GATE}={}", ada.cookies(APP)[GATE]);
    let caddy = [
        ("x-forwarded-method", "GET"),
        ("x-forwarded-proto", "https"),
        ("x-forwarded-host", "app.example.org"),
        ("x-forwarded-uri", "/"),
    ];
    let nginx = [("x-original-url", DEEP), ("x-original-method", "GET")];
    let browser = app.browser();
    let ask = async |path: &str, headers: &[(&str, &str)]| {
        let mut all = headers.to_vec();
        all.push(("cookie", &cookie));
        browser.send(Method::GET, path, &all, None).await
    };
    ask("/gate/forward", &caddy).await.is(200);
    ask("/gate/nginx", &nginx).await.is(200);

    // The wrong address for the proxy, or a proxy that leaves something out, explains itself.
    let wrong = ask("/gate/nginx", &caddy).await;
    wrong.is(403).says("x-original-url").says("/gate/forward");
    assert_eq!(wrong.header("authflow-reason"), "missing_header");
    ask("/gate/forward", &nginx).await.is(403).says("x-forwarded").says("/gate/nginx");
    for left_out in 0..caddy.len() {
        let mut rest = caddy.to_vec();
        let (name, _) = rest.remove(left_out);
        ask("/gate/forward", &rest).await.is(403).says(name);
    }
    // Hosts that nobody guards.
    for (name, value, reason) in [
        ("x-forwarded-host", "other.example.org", "unknown_host"),
        ("x-forwarded-host", "login.example.org", "unknown_host"),
        ("x-forwarded-host", "app.example.org:8443", "unknown_host"),
        ("x-forwarded-host", "app.example.org, other.example.org", "contradictory_headers"),
        ("x-forwarded-proto", "http", "other_scheme"),
        ("remote_user", "root", "contradictory_headers"),
    ] {
        let mut changed: Vec<_> = caddy.into_iter().filter(|(other, _)| *other != name).collect();
        changed.push((name, value));
        let refused = ask("/gate/forward", &changed).await;
        assert_eq!((refused.status.as_u16(), refused.header("authflow-reason")), (403, reason));
        assert!(!refused.headers.contains_key("remote-user"));
        changed.extend(NAVIGATION);
        let page = ask("/gate/forward", &changed).await;
        page.is(403).says("This application cannot be reached");
    }
    // Slips in a rule.
    for rule in ["roles=admin", "factor=1", "role="] {
        let refused = ask(&format!("/gate/forward?{rule}"), &caddy).await;
        assert_eq!(
            (refused.status.as_u16(), refused.header("authflow-reason")),
            (403, "unknown_rule")
        );
    }
    let mut with_query = caddy.to_vec();
    with_query[3] = ("x-forwarded-uri", "/deep?a=b");
    ask("/gate/forward?a=b", &with_query).await.is(403).says("uri /gate/forward?");
    // Sockets, and every spelling of the one host.
    for (name, value) in [
        ("x-forwarded-proto", "wss"),
        ("x-forwarded-host", "APP.example.org"),
        ("x-forwarded-host", "app.example.org:443"),
    ] {
        let mut changed: Vec<_> = caddy.into_iter().filter(|(other, _)| *other != name).collect();
        changed.push((name, value));
        ask("/gate/forward", &changed).await.is(200);
    }
}

#[tokio::test]
async fn nobody_but_a_proxy_of_the_gate_may_ask() {
    for (more, may_ask) in [
        (&[("TRUSTED_PROXIES", "192.0.2.0/24")][..], false),
        (&[("GATE_PROXIES", "192.0.2.0/24")], false),
        // Whoever connects may tell addresses, but not ask.
        (&[("TRUSTED_PROXIES", "hops:1"), ("GATE_PROXIES", "192.0.2.0/24")], false),
        (&[("TRUSTED_PROXIES", "hops:1")], true),
        (&[("TRUSTED_PROXIES", "192.0.2.0/24"), ("GATE_PROXIES", "127.0.0.0/8")], true),
    ] {
        let app = TestApp::with(&[&VARIABLES[..], more].concat()).await;
        for path in ["/gate/forward", "/gate/nginx"] {
            let headers = [
                ("x-forwarded-method", "GET"),
                ("x-forwarded-proto", "https"),
                ("x-forwarded-host", "app.example.org"),
                ("x-forwarded-uri", "/"),
                ("x-forwarded-for", "192.0.2.1"),
                ("x-original-url", DEEP),
                ("x-original-method", "GET"),
            ];
            let answer = app.browser().send(Method::GET, path, &headers, None).await;
            if may_ask {
                answer.is(401);
            } else {
                answer.is(403).says("GATE_PROXIES");
                assert_eq!(answer.header("authflow-reason"), "untrusted_peer");
            }
        }
    }
}

#[tokio::test]
async fn applications_get_their_own_cookies_and_no_others() {
    for is_nginx in [true, false] {
        let (_app, ada) = stage(is_nginx, &[]).await;
        let login = ada.open(DEEP).await;
        ada.sign_in(&login, ADA).await.is(200);
        ada.set_cookie(APP, "theme", "dark");
        ada.set_cookie(APP, "authflow-refresh", "x");
        ada.set_cookie(APP, "session", "s; authflow-gate=planted");
        let there = ada.go(DEEP).await;
        assert_eq!(there.is(200).header("cookie"), "session=s; theme=dark");
    }
}

#[tokio::test]
async fn an_application_can_have_a_token_that_it_verifies() {
    let (app, ada) = stage(false, &[(APP, "token=1")]).await;
    let login = ada.open(DEEP).await;
    let there = ada.sign_in(&login, ADA).await;
    let token = there.header("remote-token").to_owned();
    let claims: Vec<_> = token.split('.').collect();
    assert_eq!(claims.len(), 3);
    let payload = authflow::secret::decode(claims[1]).unwrap();
    let payload: serde_json::Value = serde_json::from_slice(&payload).unwrap();
    assert_eq!(payload["aud"], APP);
    assert_eq!((&payload["iss"], &payload["email"]), (&LOGIN.into(), &ADA.into()));
    assert_eq!(payload["sub"], there.header("remote-id"));
    let jwks: serde_json::Value =
        serde_json::from_str(&app.browser().get("/.well-known/jwks.json").await.body).unwrap();
    let keys: jsonwebtoken::jwk::JwkSet = serde_json::from_value(jwks).unwrap();
    let header = jsonwebtoken::decode_header(&token).unwrap();
    let key = keys.find(&header.kid.unwrap()).unwrap();
    let mut rules = jsonwebtoken::Validation::new(header.alg);
    rules.set_audience(&[APP]);
    rules.set_issuer(&[LOGIN]);
    let key = jsonwebtoken::DecodingKey::from_jwk(key).unwrap();
    jsonwebtoken::decode::<serde_json::Value>(&token, &key, &rules).unwrap();
    // At the login's own API it opens nothing.
    let authorization = format!("Bearer {token}");
    let headers = [("authorization", authorization.as_str())];
    let profile = format!("{LOGIN}/api/auth/profile");
    ada.send(Method::GET, &profile, &headers, None).await.is(401);
}

#[tokio::test]
async fn people_are_known_by_what_the_operator_chose() {
    for (user, expected) in [("id", None), ("email", Some(ADA))] {
        let mut variables = VARIABLES.to_vec();
        variables.push(("GATE_REMOTE_USER", user));
        let app = TestApp::with(&variables).await;
        sign_up(&app, ADA).await;
        let ada = Traveller::playing(&app, false, &[]);
        let login = ada.open(DEEP).await;
        let there = ada.sign_in(&login, ADA).await;
        let expected = expected.unwrap_or(there.header("remote-id"));
        assert_eq!(there.header("remote-user"), expected);
    }
    let (app, ada) = stage(false, &[]).await;
    app.change("UPDATE users SET username = 'Zoë 100%'").await;
    let login = ada.open(DEEP).await;
    let there = ada.sign_in(&login, ADA).await;
    assert_eq!(there.header("remote-name"), "Zo%C3%AB 100%25");
}

#[tokio::test]
async fn only_guarded_applications_are_led_to() {
    let (_app, ada) = stage(false, &[]).await;
    let start = |to: &str| {
        format!("{LOGIN}/gate/start?{}", encode(&[("return_to", to), ("nonce", &"A".repeat(43))]))
    };
    let elsewhere =
        ["https://evil.example/", "http://app.example.org/", "//app.example.org", "/dashboard", ""];
    for to in elsewhere {
        ada.go(&start(to)).await.is(403).says("does not lead to an application");
    }
    ada.go(&format!("{LOGIN}/gate/start")).await.is(403);
    let login = ada.open(&start(DEEP)).await;
    ada.sign_in(&login, ADA).await;
    for to in elsewhere {
        ada.go(&start(to)).await.is(403).says("does not lead to an application");
    }
    // Without a nonce there is no ticket.
    let bare = format!("{LOGIN}/gate/start?{}", encode(&[("return_to", DEEP)]));
    assert_eq!(ada.go(&bare).await.is(303).header("location"), DEEP);
    // The sign-in page leads there as well, and nowhere else.
    let login = |to: &str| format!("{LOGIN}/auth/login?{}", encode(&[("return_to", to)]));
    assert_eq!(ada.go(&login(DEEP)).await.header("location"), DEEP);
    assert_eq!(ada.go(&login("https://evil.example/")).await.header("location"), "/dashboard");
}

#[tokio::test]
async fn a_gate_that_cannot_look_stays_shut() {
    for is_nginx in [true, false] {
        let (app, ada) = stage(is_nginx, &[]).await;
        let login = ada.open(DEEP).await;
        ada.sign_in(&login, ADA).await.is(200);
        app.app.db.close().await;
        let shut = ada.go(DEEP).await;
        shut.is(503).says("cannot answer right now");
        assert!(!shut.headers.contains_key("remote-user"));
        assert_eq!(shut.header("retry-after"), "5");
    }
}

#[tokio::test]
async fn two_instances_guard_alike() {
    let (app, ada) = stage(false, &[]).await;
    let login = ada.open(DEEP).await;
    ada.sign_in(&login, ADA).await.is(200);
    let (_other, browser) = app.another().await;
    let cookie = format!("{GATE}={}", ada.cookies(APP)[GATE]);
    let headers = [
        ("x-original-url", DEEP),
        ("x-original-method", "GET"),
        ("cookie", cookie.as_str()),
        NAVIGATION[1],
    ];
    let ask = async || browser.send(Method::GET, "/gate/nginx", &headers, None).await;
    ask().await.is(200);
    let asks = ada.open(&format!("{LOGIN}/auth/logout")).await;
    ada.press(&asks, "Sign out now", &[]).await.is(200);
    ask().await.is(401);
}

#[tokio::test]
async fn one_of_many_gets_in_with_one_ticket() {
    let (app, ada) = stage(false, &[]).await;
    let login = ada.open(&format!("{LOGIN}/auth/login")).await;
    ada.sign_in(&login, ADA).await.is(200);
    let back = ticket(&ada, DEEP).await;
    let nonce = ada.cookies(APP)[NONCE].clone();
    let tries = (0..20).map(|_| {
        let copy = ada.another();
        copy.set_cookie(APP, NONCE, &nonce);
        let back = back.clone();
        tokio::spawn(async move {
            let page = copy.go(&back).await;
            page.set_cookies().contains_key(GATE)
        })
    });
    let tries: Vec<_> = tries.collect();
    let mut opened = 0;
    for one in tries {
        opened += usize::from(one.await.unwrap());
    }
    assert_eq!(opened, 1);
    assert_eq!(app.count("SELECT COUNT(*) FROM spent_tickets").await, 1);
}

#[tokio::test]
async fn a_request_writes_nothing_but_that_the_session_was_seen() {
    let (app, ada) = stage(false, &[]).await;
    let login = ada.open(DEEP).await;
    ada.sign_in(&login, ADA).await.is(200);
    let generation = async || {
        app.count("SELECT generation FROM sessions WHERE ended_at IS NULL ORDER BY id DESC LIMIT 1")
            .await
    };
    let seen = async || app.count("SELECT MAX(last_seen_at) FROM sessions").await;
    let (before, first) = (generation().await, seen().await);
    for _ in 0..5 {
        app.wait(11);
        ada.go(DEEP).await.is(200);
    }
    assert_eq!(seen().await, first, "at most once a minute");
    app.wait(3_600);
    ada.go(DEEP).await.is(200);
    assert_eq!(seen().await, first + 3_655);
    assert_eq!(generation().await, before, "the gate never rotates");
    // Unknown visitors cost nothing at all.
    let rows = async || {
        let mut counts = BTreeSet::new();
        for table in [
            "SELECT COUNT(*) FROM sessions",
            "SELECT COUNT(*) FROM spent_tickets",
            "SELECT COUNT(*) FROM tower_sessions",
        ] {
            counts.insert((table, app.count(table).await));
        }
        counts
    };
    let before = rows().await;
    let stranger = ada.another();
    stranger.open(DEEP).await.is(200).says("Sign in");
    stranger.go(&format!("{DEEP}&__gate={}", "A".repeat(120))).await;
    stranger.go(&format!("{APP}/.authflow/ticket?ticket={}", "A".repeat(142))).await;
    assert_eq!(rows().await, before);
}

#[tokio::test]
async fn the_login_may_lie_below_a_path_of_a_guarded_host() {
    for is_nginx in [true, false] {
        let variables = [
            ("PUBLIC_URL", "https://example.org/id"),
            ("MAIL_TRANSPORT", "file"),
            ("GATE_ORIGINS", "https://example.org,https://app.example.org"),
        ];
        let app = TestApp::with(&variables).await;
        sign_up(&app, ADA).await;
        let ada = Traveller::playing(&app, is_nginx, &[]);
        let page = "https://example.org/page?x=y";
        let login = ada.open(page).await;
        assert!(login.path.starts_with("https://example.org/id/auth/login?"), "{}", login.path);
        let there = ada.sign_in(&login, ADA).await;
        assert_eq!((there.path.as_str(), there.body.as_str()), (page, "the application"));
        assert!(ada.cookies("https://example.org/id/x").contains_key("__Secure-authflow-refresh"));
        assert!(!ada.cookies(page).keys().any(|name| name.contains("refresh")));
        ada.open(DEEP).await.is(200).says("the application");
    }
}
