//! Refresh tokens over HTTP: rotation, tabs, lost responses, copies and restored backups.

use super::support::*;
use authflow::domain::audit_event::Event;
use authflow::domain::id::SessionId;
use authflow::domain::sign_in::session_kind::SessionKind;
use authflow::repositories::sessions;
use reqwest::Method;
use uuid::Uuid;

const COOKIE: &str = "authflow-refresh";

async fn signed_in() -> (TestApp, Browser) {
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    assert!(browser.is_signed_in().await); // confirms the first generation
    (app, browser)
}

#[tokio::test]
async fn a_token_is_rotated_after_10_minutes() {
    let (app, browser) = signed_in().await;
    let first = browser.cookie(COOKIE).unwrap();
    app.wait(599);
    assert!(browser.get("/dashboard").await.is(200).set_cookies().is_empty());
    app.wait(1);
    let rotated = browser.get("/dashboard").await;
    let cookies = rotated.is(200).set_cookies();
    assert!(cookies.contains_key(COOKIE));
    assert_eq!(rotated.header("cache-control"), "no-store");
    assert_ne!(browser.cookie(COOKIE).unwrap(), first);
    assert!(browser.get("/dashboard").await.is(200).set_cookies().is_empty());
}

#[tokio::test]
async fn a_rotated_cookie_keeps_the_sessions_end() {
    let (app, _) = signed_in().await;
    let browser = app.browser();
    let fields = [("email", ADA), ("password", PASSWORD), ("remember", "on")];
    browser.press("/auth/login", "Sign in", &fields).await.goes_to("/dashboard");
    browser.get("/dashboard").await.is(200);
    app.wait(86_400);
    let line = browser.get("/dashboard").await.set_cookies().remove(COOKIE).unwrap();
    assert!(line.contains(&format!("Max-Age={}", 29 * 86_400)), "{line}");
}

#[tokio::test]
async fn only_pages_and_forms_rotate() {
    let (app, browser) = signed_in().await;
    app.wait(700);
    let get = async |headers: &[(&str, &str)]| {
        browser.send(Method::GET, "/dashboard", headers, None).await
    };
    for headers in [
        &[("sec-fetch-mode", "cors")][..],
        &[("sec-fetch-mode", "no-cors")],
        &[("sec-fetch-mode", "navigate"), ("sec-purpose", "prefetch")],
        &[("purpose", "prefetch")],
    ] {
        assert!(get(headers).await.is(200).set_cookies().is_empty(), "{headers:?}");
    }
    assert!(
        browser.send(Method::HEAD, "/dashboard", &[], None).await.is(200).set_cookies().is_empty()
    );
    assert_eq!(app.generation().await, 1);
    let form = browser
        .send(Method::GET, "/profile", &[("sec-fetch-mode", "cors")], None)
        .await
        .form("Save");
    let posted = browser.post("/profile", &form.filled(&[("username", "Ada King")])).await;
    assert!(posted.goes_to("/profile").set_cookies().contains_key(COOKIE), "a form rotates");
    assert_eq!(app.generation().await, 2);
}

#[tokio::test]
async fn twenty_parallel_tabs_rotate_once_and_stay_signed_in() {
    let (app, browser) = signed_in().await;
    app.wait(700);
    let stale = browser.copy();
    let tabs = (0..20).map(|_| {
        let stale = stale.copy();
        tokio::spawn(async move { stale.get("/dashboard").await })
    });
    let mut tokens = std::collections::BTreeSet::new();
    for tab in tabs.collect::<Vec<_>>() {
        let page = tab.await.unwrap();
        tokens.extend(page.is(200).set_cookies().remove(COOKIE));
    }
    assert_eq!(tokens.len(), 1, "all tabs converge on one token");
    assert_eq!(app.generation().await, 2);
    assert!(stale.is_signed_in().await, "the old token is valid until its successor is used");
}

#[tokio::test]
async fn of_parallel_rotations_of_one_generation_one_succeeds() {
    let (app, _browser) = signed_in().await;
    let session = app.sessions(ADA).await[0].id;
    let rotations = (0..20).map(|_| {
        let (db, now) = (app.app.db.clone(), app.app.clock.now());
        tokio::spawn(async move {
            let won = authflow::transaction!(db, |tx| -> authflow::db::Result<_> {
                authflow::repositories::sessions::rotate(tx, session, 1, now).await
            });
            won.unwrap()
        })
    });
    let mut winners = 0;
    for rotation in rotations.collect::<Vec<_>>() {
        winners += i32::from(rotation.await.unwrap());
    }
    assert_eq!((winners, app.generation().await), (1, 2));
}

#[tokio::test]
async fn a_lost_response_does_not_end_the_session_even_a_day_later() {
    let (app, browser) = signed_in().await;
    app.wait(700);
    let lost = browser.copy(); // the response never reaches `browser`
    lost.get("/dashboard").await.is(200);
    for _ in 0..3 {
        app.wait(3_000);
        let page = browser.copy().get("/dashboard").await;
        assert!(page.is(200).set_cookies().contains_key(COOKIE), "the cookie is sent again");
    }
    assert_eq!(app.generation().await, 2);
    assert!(browser.is_signed_in().await);
    assert_eq!(browser.cookie(COOKIE), lost.cookie(COOKIE));
}

#[tokio::test]
async fn tabs_restored_after_a_lost_response_stay_signed_in() {
    let (app, browser) = signed_in().await;
    app.wait(700);
    browser.copy().get("/dashboard").await.is(200); // lost
    app.wait(36_000);
    let late_tab = browser.copy();
    assert!(browser.is_signed_in().await); // gets the current token, which is overdue for rotation
    assert!(browser.is_signed_in().await); // sends it
    assert!(late_tab.is_signed_in().await, "a concurrent tab stays signed in");
    assert!(browser.is_signed_in().await);
}

#[tokio::test]
async fn a_copy_used_later_ends_the_session_and_says_why() {
    let (app, browser) = signed_in().await;
    let thief = browser.copy();
    app.wait(700);
    assert!(browser.is_signed_in().await);
    assert!(browser.is_signed_in().await); // sends the new token
    app.wait(59);
    let page = thief.get("/dashboard").await;
    assert!(page.is(200).set_cookies().is_empty(), "during the grace period, no new token is sent");
    app.wait(1);
    thief
        .get("/dashboard")
        .await
        .is(401)
        .says("an old copy of its cookie was used")
        .says("Sign in again");
    browser.get("/dashboard").await.is(401).says("an old copy of its cookie was used");
    browser.get("/auth/login").await.is(200).says("an old copy of its cookie was used");
    assert!(browser.cookie(COOKIE).is_some(), "the cookie is not changed");
    assert_eq!(app.subjects(ADA).await.last().unwrap(), "we ended a copied session");
    let audited = app.audit_entries(Event::RefreshTokenReused).await.len();
    assert_eq!(audited, 1);
    browser.sign_in(ADA, PASSWORD).await.goes_to("/dashboard");
    assert!(browser.is_signed_in().await);
}

#[tokio::test]
async fn a_stolen_token_used_first_is_detected_when_the_owner_returns() {
    let (app, browser) = signed_in().await;
    let thief = browser.copy();
    app.wait(700);
    assert!(thief.is_signed_in().await && thief.is_signed_in().await);
    app.wait(61);
    browser.get("/dashboard").await.is(401).says("an old copy of its cookie was used");
    assert!(!thief.is_signed_in().await);
}

#[tokio::test]
async fn a_restored_backup_signs_out_without_an_alarm() {
    let (app, browser) = signed_in().await;
    app.wait(700);
    assert!(browser.is_signed_in().await);
    let before = browser.cookie(COOKIE);
    app.restore_first_tokens().await;
    browser.get("/dashboard").await.goes_to("/auth/login?return_to=%2Fdashboard");
    assert_eq!(browser.cookie(COOKIE), before, "the cookie is not changed");
    assert!(app.sessions(ADA).await.iter().all(|session| session.ended_at.is_none()));
    assert!(!app.subjects(ADA).await.contains(&"we ended a copied session".to_owned()));
    browser.sign_in(ADA, PASSWORD).await.goes_to("/dashboard");
}

#[tokio::test]
async fn forged_and_malformed_cookies_do_not_sign_in() {
    let (app, browser) = signed_in().await;
    let genuine = browser.cookie(COOKIE).unwrap();
    let mut forged = authflow::secret::decode(&genuine).unwrap();
    forged[28] += 1; // the next generation
    for value in
        [authflow::secret::encode(&forged), genuine[..40].to_owned(), "x".into(), "A".repeat(4_000)]
    {
        let visitor = app.browser();
        visitor.set_cookie(COOKIE, &value);
        visitor.get("/dashboard").await.goes_to("/auth/login?return_to=%2Fdashboard");
        assert!(visitor.cookie(COOKIE).is_some(), "the cookie is not changed");
        assert!(
            visitor.get("/auth/login").await.is(200).set_cookies().keys().eq(["authflow-csrf"])
        );
    }
    assert!(browser.is_signed_in().await);
}

#[tokio::test]
async fn a_cookie_without_a_key_id_is_valid_until_its_rotation() {
    let (app, browser) = signed_in().await;
    let current = authflow::secret::decode(&browser.cookie(COOKIE).unwrap()).unwrap();
    let body = &current[5..29];
    let session = SessionId(Uuid::from_slice(&body[..16]).unwrap());
    let session = sessions::find(&app.app.db, session).await.unwrap().unwrap();
    let message = [&[1], body].concat();
    let key = app.app.secrets.master.mac_key(session.seed.reveal(), "refresh");
    let earlier = authflow::secret::encode(&[&*message, &key.tag(&message)].concat());
    browser.set_cookie(COOKIE, &earlier);
    assert!(browser.is_signed_in().await);
    assert_eq!(browser.cookie(COOKIE).unwrap(), earlier);
    app.wait(600);
    assert!(browser.is_signed_in().await);
    let rotated = authflow::secret::decode(&browser.cookie(COOKIE).unwrap()).unwrap();
    assert_eq!(rotated[..5], current[..5], "kind and key id");
    assert!(browser.is_signed_in().await);
}

#[tokio::test]
async fn page_views_only_update_last_seen_at_most_once_a_minute() {
    let (app, browser) = signed_in().await;
    let seen = async || app.last_seen().await.0;
    let start = seen().await;
    app.wait(59);
    browser.get("/dashboard").await.is(200);
    assert_eq!(seen().await, start);
    app.wait(1);
    browser.get("/dashboard").await.is(200);
    assert_eq!(seen().await, start + 60);
    // An anonymous visit writes nothing.
    let states = app.rows("tower_sessions").await;
    app.browser().get("/auth/login").await.is(200);
    assert_eq!(app.rows("tower_sessions").await, states);
}

#[tokio::test]
async fn an_unavailable_database_answers_503_and_signs_no_one_out() {
    let (app, browser) = signed_in().await;
    let before = browser.cookie(COOKIE);
    app.app.db.close().await;
    let page = browser.get("/dashboard").await;
    assert_eq!(number(&page, "retry-after"), Some(5));
    page.is(503).says("Nothing was lost");
    assert!(page.set_cookies().is_empty());
    assert_eq!(browser.cookie(COOKIE), before);
    app.browser().get("/health/ready").await.is(503);
    app.browser().get("/health").await.is(200);

    // A form is shown again with its input.
    let visitor = app.browser();
    let page = visitor.sign_in(ADA, PASSWORD).await;
    page.is(503).says("try again in a few seconds");
    assert_eq!(page.value("email").as_deref(), Some(ADA));
    assert_eq!(number(&page, "retry-after"), Some(5));
}

#[tokio::test]
async fn without_the_database_a_form_keeps_its_input_but_no_secrets() {
    let (app, browser) = signed_in().await;
    let name = browser.get("/profile").await;
    let delete = browser.get("/profile/delete?confirm=on").await;
    app.app.db.close().await;
    let page = browser.press_on(&name, "Save", &[("username", "<b>Ada</b> & \"co\"")]).await;
    assert_eq!(number(&page, "retry-after"), Some(5));
    page.is(503).says("We kept what you entered");
    let form = page.form("Submit again");
    assert_eq!(form.action, "/profile");
    assert_eq!(page.value("username").as_deref(), Some("<b>Ada</b> & \"co\""));
    assert!(page.select("b").is_empty());
    let page = browser.press_on(&delete, "Delete my account", &[("password", PASSWORD)]).await;
    page.is(503).form("Submit again");
    assert!(!page.body.contains(PASSWORD) && page.value("password").is_none());

    // Input from another site is not shown, and certainly not with a button.
    for (headers, token) in [
        (&[("sec-fetch-site", "cross-site")][..], name.value("csrf_token").unwrap()),
        (&[], "guessed".to_owned()),
    ] {
        let fields = [("username", "Mallory"), ("csrf_token", token.as_str())];
        let kind = [("content-type", "application/x-www-form-urlencoded")];
        let headers = [headers, &kind].concat();
        let body = Some(encode(&fields).into_bytes());
        let page = browser.send(reqwest::Method::POST, "/profile", &headers, body).await;
        assert!(!page.is(503).body.contains("Mallory") && page.select("form").is_empty());
    }
}

#[tokio::test]
async fn pages_are_shown_while_the_database_is_read_only() {
    let (app, browser) = signed_in().await;
    app.wait(61); // last seen is due for an update
    let authflow::db::Db::Sqlite { .. } = app.app.db else { return }; // PostgreSQL has no single write lock
    let held = app.app.db.begin().await.unwrap();
    browser.get("/dashboard").await.is(200).says("Hello, Ada Lovelace");
    drop(held);
}

#[tokio::test]
async fn access_tokens_verify_with_the_published_keys() {
    use authflow::services::session::access_tokens;
    use authflow::services::session::session_management;
    use jsonwebtoken::{DecodingKey, Validation, decode, decode_header, jwk::JwkSet};
    for algorithm in ["ES256", "EdDSA"] {
        let app = TestApp::with(&[("JWT_ALGORITHM", algorithm), ("SITE_NAME", "Test")]).await;
        let browser = app.person(ADA).await;
        let source =
            authflow::domain::source::Source::new([127, 0, 0, 1].into(), "", String::new());
        let resumed = session_management::resume(
            &app.app,
            SessionKind::Browser,
            &browser.cookie(COOKIE).unwrap(),
            false,
            &source,
        )
        .await
        .unwrap();
        let session_management::Resumed::SignedIn { session, .. } = resumed else {
            panic!("{resumed:?}")
        };
        let claims = access_tokens::claims(&app.app, &session);
        let token = access_tokens::sign(&app.app, &claims).unwrap();

        let jwks = browser.get("/.well-known/jwks.json").await;
        assert!(jwks.is(200).header("cache-control").contains("max-age"));
        assert!(!jwks.body.contains("\"d\""), "the private key is not published");
        let jwks: JwkSet = serde_json::from_str(&jwks.body).unwrap();
        let header = decode_header(token.reveal()).unwrap();
        assert_eq!(header.typ.as_deref(), Some("at+jwt"));
        let jwk = jwks.find(&header.kid.unwrap()).unwrap();
        let mut validation = Validation::new(algorithm.parse().unwrap());
        validation.set_audience(&["http://localhost:5000"]);
        validation.set_issuer(&["http://localhost:5000"]);
        validation.set_required_spec_claims(&["exp", "aud", "iss", "sub"]);
        let read = decode::<serde_json::Value>(
            token.reveal(),
            &DecodingKey::from_jwk(jwk).unwrap(),
            &validation,
        );
        let read = read.unwrap().claims;
        assert_eq!(read["email"], ADA);
        assert_eq!(read["email_verified"], true);
        assert_eq!(read["name"], "Ada Lovelace");
        assert_eq!(read["sid"], session.id.to_string());
        assert_eq!(read["amr"], serde_json::json!(["pwd"]));
        assert_eq!(read["exp"].as_i64().unwrap() - read["iat"].as_i64().unwrap(), 300);
    }
}
