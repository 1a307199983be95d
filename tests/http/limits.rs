//! What the limits promise: no stranger keeps an owner out, and no one makes the server send, store or try more than it should.

use std::time::Duration;

use authflow::domain::email::mail_kind::MailKind;
use authflow::domain::finding::Finding;
use authflow::domain::source::Source;
use authflow::error::Result;
use authflow::services::administration::user_lookup;
use authflow::services::email::delivery;
use authflow::services::email::queue::{self, Recipient};
use authflow::services::operations::doctor;
use authflow::{transaction, worker};

use super::support::*;

const WRONG: &str = "a wrong guess, surely";
const RESET: &str = "set a new password";
const NEW: [(&str, &str); 2] = [("password", NEW_PASSWORD), ("confirm_password", NEW_PASSWORD)];

async fn forgot(browser: &Browser, email: &str) {
    let fields = [("email", email)];
    let asked = browser.press("/auth/forgot-password", "Send me a link", &fields).await;
    asked.goes_to("/auth/check-mail");
}

/// Guesses until the server asks to wait; how many were looked at.
async fn guess_until_held(browser: &Browser, email: &str) -> usize {
    for n in 0..100 {
        match browser.sign_in(email, WRONG).await.status.as_u16() {
            401 => {}
            429 => return n,
            other => panic!("{other}"),
        }
    }
    panic!("no limit")
}

async fn count_of(app: &TestApp, to: &str, subject: &str) -> usize {
    app.subjects(to).await.iter().filter(|it| *it == subject).count()
}

#[tokio::test]
async fn reset_requests_of_strangers_never_leave_the_owner_without_a_link_that_works() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    let strangers = ["198.51.100.7", "203.0.113.9", "2001:db8::7"].map(|at| app.browser_at(at));
    let owner = app.browser_at("192.0.2.200");
    // Over a day, strangers ask as often as they like, and the owner at odd moments.
    let mut links = Vec::new();
    for round in 0..30 {
        for stranger in &strangers {
            forgot(stranger, ADA).await;
        }
        app.wait(300 + 60 * (round % 7));
        forgot(&owner, ADA).await;
        let link = app.path_in(ADA, RESET).await;
        owner.get(&link).await.is(200);
        links.push(link);
        app.wait(19 * 60); // as long as it has at least
        owner.get(links.last().unwrap()).await.is(200);
        app.wait(60 * (round % 11));
    }
    let hours = 24;
    assert!(count_of(&app, ADA, RESET).await <= hours * 6, "one every ten minutes at most");
}

#[tokio::test]
async fn a_short_life_of_links_means_shorter_pauses_between_them() {
    let app = TestApp::with(&[("RESET_TOKEN_TTL", "4m")]).await;
    app.person(ADA).await;
    let (stranger, owner) = (app.browser_at("198.51.100.7"), app.browser());
    forgot(&stranger, ADA).await;
    app.mails().await;
    app.wait(119);
    forgot(&owner, ADA).await;
    assert_eq!(count_of(&app, ADA, RESET).await, 1);
    app.wait(1);
    forgot(&owner, ADA).await;
    assert_eq!(count_of(&app, ADA, RESET).await, 2);
}

#[tokio::test]
async fn after_a_reset_the_next_link_is_sent_at_once() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    let owner = app.browser();
    forgot(&owner, ADA).await;
    let first = app.path_in(ADA, RESET).await;
    owner.press(&first, "Set password", &NEW).await.goes_to("/auth/login");
    forgot(&owner, ADA).await;
    let second = app.path_in(ADA, RESET).await;
    assert_ne!(first, second);
    owner.get(&second).await.is(200);
}

#[tokio::test]
async fn a_stranger_in_the_owners_network_keeps_no_link_from_being_sent_or_used() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    let (stranger, owner) = (app.browser(), app.browser());
    for n in 0..30 {
        forgot(&stranger, &format!("user{n}@example.org")).await;
    }
    for _ in 0..59 {
        stranger.sign_up_as("Eve", "eve@example.org", "password1").await.is(422);
    }
    stranger.sign_up_as("Eve", "eve@example.org", "password1").await.is(429);
    app.wait(60); // its forms too
    forgot(&owner, ADA).await;
    let link = app.path_in(ADA, RESET).await;
    // A flood of forms from there makes no link useless that works, and lets none through that doesn't.
    let page = owner.get(&link).await;
    for _ in 0..260 {
        stranger.post("/auth/login", &[]).await;
    }
    stranger.post("/auth/login", &[]).await.is(429);
    stranger.post(&format!("{link}x"), &[]).await.is(429);
    stranger
        .post("/auth/reset-password/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", &[])
        .await
        .is(429);
    owner.press_on(&page, "Set password", &NEW).await.goes_to("/auth/login");
}

#[tokio::test]
async fn wrong_passwords_elsewhere_do_not_hold_back_the_right_one_in_a_new_browser() {
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
async fn a_browser_that_the_account_knows_is_not_held_back_by_its_network() {
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
    // Its own errors count, and nowhere else.
    owner.press("/dashboard", "Sign out", &[]).await;
    assert_eq!(guess_until_held(&owner, ADA).await, 5);
    app.browser_at("203.0.113.9").sign_in(ADA, PASSWORD).await.goes_to("/dashboard");
}

#[tokio::test]
async fn the_password_of_who_is_signed_in_is_asked_for_whatever_others_do() {
    let app = TestApp::start().await;
    let owner = app.person(ADA).await;
    owner.forget_cookie("authflow-device"); // its session alone is known
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
async fn an_account_under_attack_gives_networks_less_and_tells_its_owner() {
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
    // A network that has not tried yet is heard.
    app.browser_at("203.0.113.9").sign_in(ADA, PASSWORD).await.goes_to("/dashboard");
    known.sign_in(ADA, PASSWORD).await.goes_to("/dashboard");
    guess_until_held(&app.browser_at("198.51.12.7"), ADA).await;
    assert_eq!(told().await, 1, "once a day");

    // An address without an account is treated alike, and nobody is told.
    for n in 0..11 {
        guess_until_held(&app.browser_at(&format!("198.52.{n}.7")), "nobody@example.org").await;
    }
    let next = app.browser_at("198.52.11.7");
    assert_eq!(guess_until_held(&next, "nobody@example.org").await, 2);
    assert!(app.subjects("nobody@example.org").await.is_empty());
}

/// Gives the right password, then wrong codes until the server asks to wait; how many were looked at.
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
    panic!("no limit")
}

#[tokio::test]
async fn who_guesses_codes_with_the_right_password_does_not_lock_the_owner_out() {
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

    // All networks together get so many guesses a day at six digits.
    let mut looked_at = 5;
    for n in 0..30 {
        looked_at += guess_codes(&app.browser_at(&format!("198.51.{n}.9"))).await;
    }
    assert_eq!(looked_at, 100);
    // Then new browsers wait; recovery codes, known browsers and a mailed link do not.
    let new = app.browser_at("203.0.113.10");
    sign_in(&new).await.is(429).says("A recovery code can be used meanwhile.");
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
async fn wrong_codes_at_a_reset_are_told_to_the_owner() {
    let app = TestApp::start().await;
    app.person(ADA).await.enable_two_factor(&app).await;
    let reader = app.browser(); // of the mailbox
    forgot(&reader, ADA).await;
    let link = app.path_in(ADA, RESET).await;
    let told = async || count_of(&app, ADA, "wrong codes for your account").await;
    for n in 0..5 {
        assert_eq!(told().await, 0);
        let code = format!("{n:06}");
        let fields = [NEW[0], NEW[1], ("code", code.as_str())];
        reader.press(&link, "Set password", &fields).await.is(401);
    }
    assert_eq!(told().await, 1);
}

#[tokio::test]
async fn sign_ups_from_many_networks_of_one_site_are_limited_together() {
    let app = TestApp::start().await;
    let sign_up = async |network: &str, n: usize| {
        let browser = app.browser_at(&format!("{network}::7"));
        let email = format!("user{n}@{}.example.org", network.replace(':', "-"));
        match browser.sign_up(&email).await.status.as_u16() {
            303 => 1,
            429 => 0,
            other => panic!("{other}"),
        }
    };
    // 26 /64s of one /48, next to each other: one household.
    let mut passed = 0;
    for n in 0..26 {
        passed += sign_up(&format!("2001:db8:1:{n:x}"), n).await;
    }
    assert_eq!((passed, app.count("SELECT COUNT(*) FROM outbox").await), (25, 25));
    // All over another /48.
    let mut passed = 0;
    for n in 0..84 {
        passed += sign_up(&format!("2001:db8:2:{n:x}00"), n).await;
    }
    assert_eq!(passed, 80);
    passed = sign_up("2001:db8:3:0", 0).await;
    assert_eq!(passed, 1, "another site");
}

#[tokio::test]
async fn refused_sign_ins_of_one_network_are_one_entry_a_minute() {
    let app = TestApp::start().await;
    let owner = app.person(ADA).await;
    for n in 0..9 {
        let stranger = app.browser_at(&format!("2001:db8:1:{n:x}00::7"));
        stranger.sign_in(ADA, WRONG).await.is(401);
    }
    app.browser_at("198.51.100.7").sign_in(ADA, WRONG).await.is(401);
    let refused =
        "SELECT COUNT(*) FROM audit_events WHERE event = 'signed_in' AND outcome = 'refused'";
    assert_eq!(app.count(refused).await, 2);
    let page = owner.get("/profile/activity").await;
    page.says("9 times within a minute");
    let export: serde_json::Value =
        serde_json::from_str(&owner.get("/profile/export").await.is(200).body).unwrap();
    let entries = export["auditEntries"].as_array().unwrap();
    let counts: Vec<_> = entries.iter().filter(|it| it["outcome"] == "refused").collect();
    assert_eq!((&counts[0]["count"], &counts[1]["count"]), (&1.into(), &9.into()));

    app.change("INSERT INTO user_roles (user_id, role) SELECT id, 'admin' FROM users").await;
    owner.get("/admin/audit").await.is(200).says("9 times within a minute");
    let csv = owner.get("/admin/audit/export/audit.csv?outcome=refused").await;
    assert!(csv.is(200).body.lines().any(|line| line.ends_with(",9")), "{}", csv.body);
    let lines = owner.get("/admin/audit/export/audit.jsonl?outcome=refused").await;
    assert!(lines.body.contains("\"count\":9"), "{}", lines.body);

    app.wait(60);
    app.browser_at("2001:db8:1::7").sign_in(ADA, WRONG).await.is(401);
    assert_eq!(app.count(refused).await, 3);
}

#[tokio::test]
async fn guesses_at_ever_new_addresses_fill_no_table() {
    let app = TestApp::start().await;
    let rows = async || {
        let throttles = app.count("SELECT COUNT(*) FROM throttles").await;
        throttles + app.count("SELECT COUNT(*) FROM audit_events").await
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
    // What no rule looks at any more goes: the network's count after an hour, the accounts' after a day.
    app.wait(3_600 + 300);
    authflow::services::operations::retention::clean_up(&app.app).await.unwrap();
    let left = app.count("SELECT COUNT(*) FROM throttles").await;
    assert_eq!(left, 90, "three for each address: in two networks, and in all");
    app.wait(86_400);
    authflow::services::operations::retention::clean_up(&app.app).await.unwrap();
    assert_eq!(app.count("SELECT COUNT(*) FROM throttles").await, 0);
}

#[tokio::test]
async fn emails_that_strangers_cause_are_sent_within_one_budget_and_in_turns() {
    let app = TestApp::with(&[("EMAILS_PER_MINUTE", "3")]).await;
    app.person(ADA).await;
    app.mails().await;
    app.wait(60);
    let flood = app.browser_at("198.51.100.7");
    for n in 0..10 {
        flood.sign_up(&format!("flood{n}@example.org")).await.goes_to("/auth/check-mail");
    }
    let someone = app.browser_at("203.0.113.9");
    someone.sign_up("someone@example.org").await.goes_to("/auth/check-mail");
    forgot(&app.browser(), ADA).await;

    let sent = async || app.mails().await.iter().filter(|it| it.to.starts_with("flood")).count();
    assert_eq!(sent().await, 2);
    // Another instance has no budget of its own.
    let (another, _) = app.another().await;
    deliver_all(&another).await;
    assert_eq!(sent().await, 2);
    assert_eq!(count_of(&app, "someone@example.org", "confirm your email address").await, 1);
    assert_eq!(count_of(&app, ADA, RESET).await, 1, "does not wait");
    assert_ne!(app.app.emails_alarm_at.load(std::sync::atomic::Ordering::Relaxed), 0);

    let finding = async || {
        let found = doctor::of_server(&app.app).await.unwrap();
        found
            .into_iter()
            .find(|it| it.text.contains("EMAILS_PER_MINUTE"))
            .map(|it: Finding| it.text)
    };
    assert_eq!(finding().await, None, "a moment is nothing to speak of");
    app.wait(2 * 60 + 1);
    let text = finding().await.unwrap();
    assert!(text.starts_with("8 that visitors caused wait for their turn"), "{text}");
    for expected in [5, 8, 10, 10] {
        assert_eq!(sent().await, expected);
        app.wait(60);
    }
    assert_eq!(finding().await, None);
}

#[tokio::test]
async fn an_email_that_waited_for_its_turn_has_its_day_of_retrying() {
    use authflow::mail::{DeliveryError, Mail, MailTransport};

    #[derive(Debug)]
    struct Away;

    #[async_trait::async_trait]
    impl MailTransport for Away {
        fn describe(&self) -> String {
            "a server that is away".into()
        }
        async fn check(&self) -> Result<String, DeliveryError> {
            Err(DeliveryError::Passing("away".into()))
        }
        async fn deliver(&self, _: &Mail) -> Result<String, DeliveryError> {
            Err(DeliveryError::Passing("away".into()))
        }
    }

    let app = TestApp::start().await;
    app.browser().sign_up(ADA).await.goes_to("/auth/check-mail");
    app.wait(3 * 86_400);
    let mut away = app.app.clone();
    away.mail = std::sync::Arc::new(Away);
    let waiting = "SELECT COUNT(*) FROM outbox WHERE state = 'waiting'";
    delivery::deliver_next(&away).await.unwrap();
    assert_eq!(app.count(waiting).await, 1);
    app.wait(86_400);
    delivery::deliver_next(&away).await.unwrap();
    assert_eq!(app.count(waiting).await, 0);
}

#[tokio::test]
async fn the_owners_own_program_does_not_hide_a_thief() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    let told = async || count_of(&app, ADA, "a new browser signed in").await;
    let sign_in = async |address: &str, user_agent: &str| {
        let headers = [("x-forwarded-for", address), ("user-agent", user_agent)];
        let mut fields = headers.to_vec();
        fields.push(("content-type", "application/json"));
        let body = serde_json::json!({ "email": ADA, "password": PASSWORD }).to_string();
        let answer = app
            .browser()
            .send(reqwest::Method::POST, "/api/auth/login", &fields, Some(body.into_bytes()))
            .await;
        answer.is(200);
    };
    for _ in 0..12 {
        sign_in("192.0.2.7", "backup/1.0").await;
    }
    assert_eq!(told().await, 3);
    sign_in("198.51.100.7", "backup/1.0").await;
    assert_eq!(told().await, 4, "from another network");
    sign_in("192.0.2.7", "curl/8.5.0").await;
    assert_eq!(told().await, 5, "another program");
    sign_in("192.0.2.8", "backup/1.0").await;
    assert_eq!(told().await, 6, "next door");
    // Whoever makes up names is told of so often.
    for n in b'a'..=b'z' {
        sign_in("198.51.100.7", &format!("x{}", char::from(n))).await;
    }
    assert_eq!(told().await, 6 + 9);
    app.wait(86_400);
    sign_in("192.0.2.7", "backup/1.0").await;
    assert_eq!(told().await, 6 + 9 + 1);
}

/// Mails that were asked for by so many addresses, none of which has an account.
async fn ask_for_nothing(app: &TestApp, count: usize) {
    let source = Source::command_line();
    transaction!(app.app.db, |tx| -> Result<_> {
        for n in 0..count {
            let (kind, to) = (MailKind::ResetPassword, format!("nobody{n}@example.org"));
            queue::put(&app.app, tx, kind, Recipient::Address(&to), None, &source).await?;
        }
        Ok(())
    })
    .unwrap();
}

#[tokio::test]
async fn whoever_rings_the_bell_does_not_slow_down_what_waits() {
    let app = TestApp::start().await;
    ask_for_nothing(&app, 150).await;
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let working = tokio::spawn(worker::run(app.app.clone(), stopped));
    let bell = app.app.outbox_bell.clone();
    let ringing = tokio::spawn(async move {
        loop {
            bell.notify_one();
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    });
    // With a moment's hesitation before each of them it would be half a minute.
    let drained = async {
        while app.count("SELECT COUNT(*) FROM outbox").await > 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let is_drained = tokio::time::timeout(Duration::from_secs(12), drained).await.is_ok();
    ringing.abort();
    stop.send(true).unwrap();
    working.await.unwrap();
    assert!(is_drained);
}

#[tokio::test]
async fn what_somebody_does_in_an_account_sends_no_more_emails_than_a_person_would_cause() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    deliver_all(&app.app).await;
    let user = user_lookup::named(&app.app, ADA).await.unwrap().unwrap().id;
    let source = Source::command_line();
    transaction!(app.app.db, |tx| -> Result<_> {
        for _ in 0..25 {
            let kind = MailKind::RecoveryCodesRenewed;
            queue::put(&app.app, tx, kind, Recipient::Account(user, ADA), None, &source).await?;
        }
        let kind = MailKind::EmailChanged;
        queue::put(&app.app, tx, kind, Recipient::Account(user, ADA), None, &source).await
    })
    .unwrap();
    // What is beyond waits for its turn within the budget, and a link for a new password for none of them.
    let exempt = "SELECT COUNT(*) FROM outbox WHERE state = 'waiting' AND turn IS NULL";
    assert_eq!(app.count(exempt).await, 11);
    forgot(&app.browser(), ADA).await;
    delivery::deliver_next(&app.app).await.unwrap();
    let sent = "SELECT COUNT(*) FROM outbox WHERE state = 'sent' AND kind = 'reset_password'";
    assert_eq!(app.count(sent).await, 1, "first of all that waits");
    assert_eq!(count_of(&app, ADA, "new recovery codes were made").await, 25, "none is lost");
}

#[tokio::test]
async fn reset_links_of_sign_ups_count_as_the_emails_of_strangers_that_they_are() {
    let app = TestApp::start().await;
    for n in 0..3 {
        let browser = app.browser_at(&format!("198.51.{n}.7"));
        browser.sign_up_as("Eve", &format!("ada+{n}@example.org"), PASSWORD).await.is(303);
    }
    deliver_all(&app.app).await;
    for n in 0..3 {
        forgot(&app.browser(), &format!("ada+{n}@example.org")).await;
    }
    for n in 0..3 {
        assert_eq!(count_of(&app, &format!("ada+{n}@example.org"), RESET).await, 0, "{n}");
    }
    // A person who forgot what they signed up with gets one.
    app.browser().sign_up_as("Bob", "bob@example.org", PASSWORD).await.is(303);
    forgot(&app.browser(), "bob@example.org").await;
    assert_eq!(count_of(&app, "bob@example.org", RESET).await, 1);
}

#[tokio::test]
async fn an_email_that_is_put_off_holds_up_no_round() {
    let app = TestApp::start().await;
    let sign_up = async |n: usize, network: usize| {
        let browser = app.browser_at(&format!("198.51.{network}.7"));
        browser.sign_up_as("Eve", &format!("user{n}@example.org"), PASSWORD).await.is(303);
    };
    sign_up(0, 0).await;
    app.change("UPDATE outbox SET attempts = 1, due_at = due_at + 3600").await;
    let turn_of = "SELECT COALESCE(MAX(turn), 0) FROM outbox WHERE state = 'waiting'";
    let put_off = app.count(turn_of).await;
    for n in 1..4 {
        sign_up(n, 1).await;
    }
    let waiting = app.count(turn_of).await;
    assert!(waiting > put_off);
    // The first two of the other network are sent; whoever comes now waits for the third alone.
    app.change("UPDATE outbox SET state = 'sent' WHERE state = 'waiting' AND attempts = 0 AND turn < (SELECT MAX(turn) FROM outbox)").await;
    sign_up(9, 2).await;
    assert_eq!(
        app.count(turn_of).await,
        waiting + 2,
        "in the round after the one that is being sent"
    );
}
