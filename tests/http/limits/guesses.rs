//! Wrong passwords and wrong codes.

use super::*;
use authflow::domain::audit_event::{Event, Outcome};

#[tokio::test]
async fn wrong_passwords_from_elsewhere_do_not_block_the_right_one_in_a_new_browser() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    let attacker = app.browser_at("198.51.100.7");
    assert_eq!(guess_until_held(&attacker, ADA).await, 5);
    attacker.sign_in(ADA, PASSWORD).await.is(429);
    app.browser_at("203.0.113.9").sign_in(ADA, PASSWORD).await.goes_to("/dashboard");
    app.browser_at("2001:db8::1").sign_in(ADA, PASSWORD).await.goes_to("/dashboard");
    attacker.sign_in(ADA, PASSWORD).await.is(429);
}

#[tokio::test]
async fn a_known_browser_is_not_limited_by_its_network() {
    let app = TestApp::start().await;
    let owner = app.person(ADA).await;
    owner.press("/dashboard", "Sign out", &[]).await;
    let attacker = app.browser(); // the same network
    for n in 0..30 {
        attacker.sign_in(&format!("user{n}@example.org"), WRONG).await.is(401);
    }
    attacker.sign_in(ADA, WRONG).await.is(429);
    while attacker.post("/auth/login", &[]).await.status == 403 {}
    attacker.get("/auth/login").await.is(200);
    attacker.post("/auth/login", &[]).await.is(429);
    owner.sign_in(ADA, PASSWORD).await.goes_to("/dashboard");
    // Its own wrong passwords count only for this browser.
    owner.press("/dashboard", "Sign out", &[]).await;
    assert_eq!(guess_until_held(&owner, ADA).await, 5);
    app.browser_at("203.0.113.9").sign_in(ADA, PASSWORD).await.goes_to("/dashboard");
}

#[tokio::test]
async fn guesses_by_others_do_not_stop_a_signed_in_user_from_confirming_the_password() {
    let app = TestApp::start().await;
    let owner = app.person(ADA).await;
    owner.forget_cookie("authflow-device"); // only its session is known
    guess_until_held(&app.browser(), ADA).await;
    app.wait(15 * 60);
    guess_until_held(&app.browser(), ADA).await;
    let confirm = owner.get("/profile/two-factor").await.header("location").to_owned();
    let asked = owner.press(&confirm, "Confirm", &[("password", PASSWORD)]).await;
    asked.goes_to("/profile/two-factor");
    for _ in 0..5 {
        let fields = [
            ("current_password", WRONG),
            ("password", NEW_PASSWORD),
            ("confirm_password", NEW_PASSWORD),
        ];
        owner.press("/profile/password", "Change password", &fields).await.is(401);
    }
    owner.press("/profile/password", "Change password", &CHANGE).await.is(429);
}

#[tokio::test]
async fn an_account_under_attack_allows_fewer_tries_and_notifies_its_owner() {
    let app = TestApp::start().await;
    let known = app.person(ADA).await;
    known.press("/dashboard", "Sign out", &[]).await;
    let told = async || count_of(&app, ADA, "many wrong passwords for your account").await;
    for n in 0..10 {
        let network = app.browser_at(&format!("198.51.{n}.7"));
        assert_eq!(guess_until_held(&network, ADA).await, 5);
    }
    assert_eq!(told().await, 0);
    let last = app.browser_at("198.51.10.7");
    last.sign_in(ADA, WRONG).await.is(401);
    assert_eq!(told().await, 1);
    let next = app.browser_at("198.51.11.7");
    assert_eq!(guess_until_held(&next, ADA).await, 2);
    let held = next.sign_in(ADA, PASSWORD).await;
    assert_eq!(number(held.is(429), "retry-after"), Some(60));
    // A network without earlier tries may sign in.
    app.browser_at("203.0.113.9").sign_in(ADA, PASSWORD).await.goes_to("/dashboard");
    known.sign_in(ADA, PASSWORD).await.goes_to("/dashboard");
    guess_until_held(&app.browser_at("198.51.12.7"), ADA).await;
    assert_eq!(told().await, 1, "the owner is notified once a day");

    // An address without an account gets the same limits, and no email.
    for n in 0..11 {
        guess_until_held(&app.browser_at(&format!("198.52.{n}.7")), "nobody@example.org").await;
    }
    let next = app.browser_at("198.52.11.7");
    assert_eq!(guess_until_held(&next, "nobody@example.org").await, 2);
    assert!(app.subjects("nobody@example.org").await.is_empty());
}

/// Enters the right password, then wrong codes until the server refuses to check more; returns how many it checked.
async fn guess_codes(browser: &Browser) -> usize {
    browser.sign_in(ADA, PASSWORD).await.goes_to("/auth/two-factor");
    for n in 0..100 {
        let code = format!("{n:06}");
        match browser.press("/auth/two-factor", "Sign in", &[("code", &code)]).await.status.as_u16()
        {
            401 => {}
            429 => return n,
            other => panic!("{other}"),
        }
    }
    panic!("no limit was reached")
}

#[tokio::test]
async fn guessing_codes_with_the_right_password_does_not_lock_out_the_owner() {
    let app = TestApp::start().await;
    let known = app.person(ADA).await;
    let authenticator = known.enable_two_factor(&app).await;
    known.press("/dashboard", "Sign out", &[]).await;
    assert_eq!(guess_codes(&app.browser_at("198.51.100.7")).await, 5);
    let sign_in = async |browser: &Browser| {
        browser.sign_in(ADA, PASSWORD).await.goes_to("/auth/two-factor");
        let code = [("code", authenticator.code(&app))];
        browser.press("/auth/two-factor", "Sign in", &[("code", &code[0].1)]).await
    };
    sign_in(&app.browser_at("203.0.113.9")).await.goes_to("/dashboard");
    app.wait(60);

    // All networks together may try 100 six-digit codes a day.
    let mut looked_at = 5;
    for n in 0..30 {
        looked_at += guess_codes(&app.browser_at(&format!("198.51.{n}.9"))).await;
    }
    assert_eq!(looked_at, 100);
    // Then new browsers have to wait. Recovery codes, known browsers and emailed links still work.
    let new = app.browser_at("203.0.113.10");
    sign_in(&new).await.is(429).says("You can use a recovery code instead.");
    let code = [("code", authenticator.recovery_codes[0].as_str())];
    let recovered = new.press("/auth/two-factor", "Sign in with a recovery code", &code).await;
    recovered.goes_to("/dashboard");
    sign_in(&known).await.goes_to("/dashboard");
    app.wait(60);
    let new = app.browser_at("203.0.113.11");
    forgot(&new, ADA).await;
    let link = app.path_in(ADA, RESET).await;
    let code = authenticator.code(&app);
    let fields = [NEW[0], NEW[1], ("code", code.as_str())];
    new.press(&link, "Set password", &fields).await.goes_to("/auth/login");
}

#[tokio::test]
async fn wrong_codes_at_a_reset_notify_the_owner() {
    let app = TestApp::start().await;
    app.person(ADA).await.enable_two_factor(&app).await;
    let reader = app.browser(); // of someone who reads the mailbox
    forgot(&reader, ADA).await;
    let link = app.path_in(ADA, RESET).await;
    let told = async || count_of(&app, ADA, "wrong two-factor codes for your account").await;
    for n in 0..5 {
        assert_eq!(told().await, 0);
        let code = format!("{n:06}");
        let fields = [NEW[0], NEW[1], ("code", code.as_str())];
        reader.press(&link, "Set password", &fields).await.is(401);
    }
    assert_eq!(told().await, 1);
}

#[tokio::test]
async fn refused_sign_ins_from_one_network_add_one_audit_entry_a_minute() {
    let app = TestApp::start().await;
    let owner = app.person(ADA).await;
    for n in 0..9 {
        let stranger = app.browser_at(&format!("2001:db8:1:{n:x}00::7"));
        stranger.sign_in(ADA, WRONG).await.is(401);
    }
    app.browser_at("198.51.100.7").sign_in(ADA, WRONG).await.is(401);
    let refused = async || {
        let entries = app.audit_entries(Event::SignedIn).await;
        entries.iter().filter(|entry| entry.outcome == Outcome::Refused).count()
    };
    assert_eq!(refused().await, 2);
    let page = owner.get("/profile/activity").await;
    page.says("9 times within a minute");
    let export: serde_json::Value =
        serde_json::from_str(&owner.get("/profile/export").await.is(200).body).unwrap();
    let entries = export["auditEntries"].as_array().unwrap();
    let counts: Vec<_> = entries.iter().filter(|it| it["outcome"] == "refused").collect();
    assert_eq!((&counts[0]["count"], &counts[1]["count"]), (&1.into(), &9.into()));

    app.give_role(ADA, "admin").await;
    owner.get("/admin/audit").await.is(200).says("9 times within a minute");
    let csv = owner.get("/admin/audit/export/audit.csv?outcome=refused").await;
    assert!(csv.is(200).body.lines().any(|line| line.ends_with(",9")), "{}", csv.body);
    let lines = owner.get("/admin/audit/export/audit.jsonl?outcome=refused").await;
    assert!(lines.body.contains("\"count\":9"), "{}", lines.body);

    app.wait(60);
    app.browser_at("2001:db8:1::7").sign_in(ADA, WRONG).await.is(401);
    assert_eq!(refused().await, 3);
}

#[tokio::test]
async fn rate_limited_guesses_at_new_addresses_write_no_rows() {
    let app = TestApp::start().await;
    let rows = async || {
        let throttles = app.rows("throttles").await;
        throttles + app.rows("audit_events").await
    };
    let attacker = app.browser_at("198.51.100.7");
    for n in 0..30 {
        attacker.sign_in(&format!("user{n}@example.org"), WRONG).await.is(401);
    }
    let before = rows().await;
    for n in 30..60 {
        attacker.sign_in(&format!("user{n}@example.org"), WRONG).await.is(429);
    }
    assert_eq!(rows().await, before);
    // Cleanup deletes counts that no limit needs: those of a network after an hour, those of accounts after a day.
    app.wait(3_600 + 300);
    authflow::services::operations::retention::clean_up(&app.app).await.unwrap();
    let left = app.rows("throttles").await;
    assert_eq!(left, 90, "three counts per address: two networks and the total");
    app.wait(86_400);
    authflow::services::operations::retention::clean_up(&app.app).await.unwrap();
    assert_eq!(app.rows("throttles").await, 0);
}
