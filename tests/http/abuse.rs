//! Password guessing, floods and account enumeration.

use super::support::*;
use authflow::domain::email::mail_kind::MailKind;

#[tokio::test]
async fn failed_guesses_lock_out_the_attacker_longer_each_time_but_not_the_owner() {
    let app = TestApp::start().await;
    let owner = app.person(ADA).await;
    owner.press("/dashboard", "Sign out", &[]).await;
    let attacker = app.browser();
    for _ in 0..5 {
        attacker.sign_in(ADA, "a wrong guess, surely").await.is(401);
    }
    let held = attacker.sign_in(ADA, PASSWORD).await;
    held.is(429).says("Too many sign-in attempts");
    assert_eq!(number(&held, "retry-after"), Some(1));
    assert_eq!(held.value("email").as_deref(), Some(ADA));
    app.wait(1);
    attacker.sign_in(ADA, "a wrong guess, surely").await.is(401);
    assert_eq!(number(&attacker.sign_in(ADA, PASSWORD).await, "retry-after"), Some(2));

    // The owner's browser has signed in before and is not rate limited. Another browser in the attacker's network is.
    owner.sign_in(ADA, PASSWORD).await.goes_to("/dashboard");
    app.browser().sign_in(ADA, PASSWORD).await.is(429);
    app.wait(2);
    app.browser().sign_in(ADA, PASSWORD).await.goes_to("/dashboard");
    for _ in 0..5 {
        attacker.sign_in(ADA, "a wrong guess, surely").await.is(401); // the count has been reset
    }
}

#[tokio::test]
async fn an_unknown_address_is_rate_limited_like_a_known_one() {
    let app = TestApp::start().await;
    let attacker = app.browser();
    for _ in 0..5 {
        attacker.sign_in("nobody@example.org", "a wrong guess, surely").await.is(401);
    }
    attacker.sign_in("NOBODY@example.org", "a wrong guess, surely").await.is(429);
    attacker.sign_in(ADA, "a wrong guess, surely").await.is(401);
}

#[tokio::test]
async fn parallel_guesses_get_no_more_tries_than_sequential_ones() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    let attacker = app.browser();
    let page = attacker.get("/auth/login").await;
    let body = encode(
        &page.form("Sign in").filled(&[("email", ADA), ("password", "a wrong guess, surely")]),
    );
    let guesses = (0..40).map(|_| {
        let (attacker, body) = (attacker.clone(), body.clone());
        tokio::spawn(async move { attacker.post_raw("/auth/login", body).await.status.as_u16() })
    });
    let mut looked_at = 0;
    for guess in guesses.collect::<Vec<_>>() {
        match guess.await.unwrap() {
            401 => looked_at += 1,
            status => assert_eq!(status, 429),
        }
    }
    assert_eq!(looked_at, 5);
}

#[tokio::test]
async fn guesses_from_one_network_at_many_accounts_share_a_limit() {
    let app = TestApp::start().await;
    let attacker = app.browser();
    let mut held = 0;
    for n in 0..32 {
        let page = attacker.sign_in(&format!("user{n}@example.org"), "a wrong guess, surely").await;
        held += i32::from(page.status == 429);
    }
    assert_eq!(held, 2);
}

#[tokio::test]
async fn successful_sign_ins_do_not_count_against_the_network() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    for _ in 0..40 {
        app.browser().sign_in(ADA, PASSWORD).await.goes_to("/dashboard");
    }
}

#[tokio::test]
async fn guesses_at_the_password_of_an_unconfirmed_sign_up_are_counted() {
    let app = TestApp::start().await;
    app.browser().sign_up(ADA).await;
    let (link, scanner) = (app.mailed_path(ADA).await, app.browser());
    for _ in 0..5 {
        scanner.press(&link, "Confirm and sign in", &[("password", "a wrong guess")]).await.is(401);
    }
    let held = scanner.press(&link, "Confirm and sign in", &[("password", PASSWORD)]).await;
    held.is(429);
    scanner.sign_in(ADA, "a wrong guess, surely").await.is(429); // the sign-in page and the link share one count
}

#[tokio::test]
async fn forms_and_emails_do_not_reveal_whether_an_address_has_an_account() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    let ask = async |email: &str| {
        let browser = app.browser();
        let answer =
            browser.press("/auth/forgot-password", "Send reset link", &[("email", email)]).await;
        let page = browser.get(answer.goes_to("/auth/check-mail").header("location")).await;
        (comparable(&answer), comparable(&page))
    };
    assert_eq!(ask(ADA).await, ask("nobody@example.org").await);
    let sign_up = async |email: &str| {
        let browser = app.browser();
        let answer = browser.sign_up_as("Eve", email, NEW_PASSWORD).await;
        let page = browser.get(answer.goes_to("/auth/check-mail").header("location")).await;
        (comparable(&answer), comparable(&page))
    };
    assert_eq!(sign_up(ADA).await, sign_up("eve@example.org").await);
    app.mails().await;
    let sent = app.subjects("nobody@example.org").await;
    assert!(sent.is_empty(), "{sent:?}");
    assert!(app.emails_to("nobody@example.org").await.is_empty());
}

/// Status, body, headers and cookie names: everything that an attacker could compare.
fn comparable(page: &Page) -> impl PartialEq + std::fmt::Debug + use<> {
    let headers = page
        .headers
        .iter()
        .filter(|(name, _)| !["set-cookie", "x-request-id", "date"].contains(&name.as_str()));
    let headers: Vec<_> = headers
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
        .collect();
    let cookies: Vec<_> =
        page.set_cookies().into_iter().map(|(name, line)| (name, line.len())).collect();
    (page.status.as_u16(), page.without_ids(), headers, cookies)
}

#[tokio::test]
async fn a_mailbox_gets_at_most_3_sign_up_emails_an_hour_and_10_a_day_in_all_its_tags() {
    let app = TestApp::start().await;
    let mut sent = Vec::new();
    for hour in 0..6 {
        for n in 0..5 {
            let email = format!("ada+{hour}{n}@example.org");
            app.browser().sign_up(&email).await.goes_to("/auth/check-mail");
        }
        sent.push(app.emails(MailKind::VerifyEmail).await.len());
        app.wait(3_600);
    }
    assert_eq!(sent, [3, 6, 9, 10, 10, 10]);
    app.browser().sign_up("eve@example.org").await.goes_to("/auth/check-mail");
    assert_eq!(
        app.emails(MailKind::VerifyEmail).await.len(),
        11,
        "another mailbox has its own limit"
    );
}

#[tokio::test]
async fn sign_ups_are_limited_per_network() {
    let app = TestApp::start().await;
    let browser = app.browser();
    for n in 0..20 {
        browser.sign_up(&format!("user{n}@example.org")).await.goes_to("/auth/check-mail");
    }
    let held = browser.sign_up("late@example.org").await;
    held.is(429).says("Too many sign-ups from your network").says("1 hour");
    assert_eq!(held.value("email").as_deref(), Some("late@example.org"));
    assert_eq!(app.rows("users").await, 20);
    // A sign-in before the confirmation sends no email now either.
    assert_eq!(app.rows("outbox").await, 20);
    browser.sign_in("user1@example.org", PASSWORD).await.is(401);
    assert_eq!(app.rows("outbox").await, 20);
    app.wait(3_600);
    browser.sign_in("user1@example.org", PASSWORD).await.is(401);
    assert_eq!(app.rows("outbox").await, 21);
    browser.sign_up("late@example.org").await.goes_to("/auth/check-mail");
}

#[tokio::test]
async fn reset_requests_for_unknown_addresses_add_no_rows_beyond_the_network_limit() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    let browser = app.browser();
    let forgot = async |email: &str| {
        let answer =
            browser.press("/auth/forgot-password", "Send reset link", &[("email", email)]).await;
        comparable(answer.goes_to("/auth/check-mail"))
    };
    for n in 0..20 {
        forgot(&format!("user{n}@example.org")).await;
    }
    assert_eq!(app.emails(MailKind::ResetPassword).await.len(), 20);
    let unknown = forgot("user20@example.org").await;
    let rows = app.rows("throttles").await;
    for n in 21..40 {
        forgot(&format!("user{n}@example.org")).await;
    }
    assert_eq!(app.emails(MailKind::ResetPassword).await.len(), 20);
    assert_eq!(app.rows("throttles").await, rows);
    // The response is the same, and the address with an account gets the link.
    assert_eq!(forgot(ADA).await, unknown);
    assert_eq!(app.emails(MailKind::ResetPassword).await.len(), 21);
    forgot(ADA).await;
    assert_eq!(app.emails(MailKind::ResetPassword).await.len(), 21);
    app.wait(3_600);
    forgot("user40@example.org").await;
    assert_eq!(app.emails(MailKind::ResetPassword).await.len(), 22);
}

#[tokio::test]
async fn address_changes_are_limited_per_network() {
    let app = TestApp::start().await;
    let mut n = 0;
    for person in ["ada@example.org", "grace@example.org", "joan@example.org", "mary@example.org"] {
        let browser = app.person(person).await;
        for _ in 0..5 {
            n += 1;
            let email = format!("new{n}@example.org");
            browser
                .press("/profile/email", "Change email", &[("email", &email)])
                .await
                .goes_to("/profile/email");
        }
    }
    let change = async |person: &str| {
        let browser = app.person(person).await;
        browser.press("/profile/email", "Change email", &[("email", "new@example.org")]).await
    };
    change("late@example.org").await.is(429);
    app.wait(3_600);
    change("later@example.org").await.goes_to("/profile/email");
}

#[tokio::test]
async fn a_flood_of_forms_is_refused_without_a_query() {
    let app = TestApp::start().await;
    let browser = app.browser();
    for _ in 0..240 {
        browser.post("/auth/login", &[]).await.is(403);
    }
    let held = browser.post("/auth/login", &[]).await;
    held.is(429).says("Please wait");
    assert_eq!(number(&held, "retry-after"), Some(60));
    browser.get("/auth/login").await.is(200);
    app.wait(60);
    browser.post("/auth/login", &[]).await.is(403);
}

#[tokio::test]
async fn clients_behind_a_trusted_proxy_are_distinguished() {
    let app = TestApp::start().await;
    let attempt = async |forwarded: &str, email: &str| {
        let browser = app.browser();
        let page = browser.get("/auth/login").await;
        let body = encode(
            &page
                .form("Sign in")
                .filled(&[("email", email), ("password", "a wrong guess, surely")]),
        );
        let headers =
            [("content-type", "application/x-www-form-urlencoded"), ("x-forwarded-for", forwarded)];
        browser
            .send(reqwest::Method::POST, "/auth/login", &headers, Some(body.into_bytes()))
            .await
            .status
            .as_u16()
    };
    for n in 0..30 {
        // The client can only forge entries on the left, which are ignored.
        assert_eq!(
            attempt(&format!("203.0.113.{n}, 198.51.100.7"), &format!("u{n}@example.org")).await,
            401
        );
    }
    assert_eq!(attempt("198.51.100.7", "x@example.org").await, 429);
    assert_eq!(attempt("198.51.100.8", "x@example.org").await, 401);
    let addresses =
        "SELECT CAST(SUM(count) AS BIGINT) FROM audit_events WHERE address = '198.51.100.7'";
    // 198.51.100.8 is in the same network: its refusal a moment later is added to the same entry.
    assert_eq!(app.count(addresses).await, 31);
}

#[tokio::test]
async fn a_full_hashing_queue_answers_503_and_other_pages_still_work() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    let busy = app
        .beside(|app| {
            let mut passwords = app.config.passwords.clone();
            passwords.argon2 = argon2::Params::new(65_536, 2, 1, None).unwrap();
            (passwords.workers, passwords.queue) = (1, 1);
            app.hasher = authflow::hasher::Hasher::start(&passwords).unwrap();
        })
        .await;
    let page = busy.get("/auth/login").await;
    let rush = (0..12).map(|n| {
        let email = format!("user{n}@example.org");
        let body = encode(
            &page.form("Sign in").filled(&[("email", &email), ("password", "a wrong guess")]),
        );
        let busy = busy.clone();
        tokio::spawn(async move { busy.post_raw("/auth/login", body).await })
    });
    let rush = rush.collect::<Vec<_>>();
    busy.get("/health").await.is(200);
    let mut refused = 0;
    for one in rush {
        let page = one.await.unwrap();
        if page.status == 503 {
            refused += 1;
            page.says("Nothing was lost");
            assert_eq!(number(&page, "retry-after"), Some(5));
            assert!(page.value("email").unwrap().starts_with("user"));
        } else {
            page.is(401);
        }
    }
    assert!(refused > 0);
}

#[tokio::test]
async fn sign_ups_by_strangers_do_not_block_the_owners_password_reset() {
    let app = TestApp::start().await;
    for n in 0..4 {
        app.browser()
            .sign_up_as("Eve", ADA, &format!("{NEW_PASSWORD} {n}"))
            .await
            .goes_to("/auth/check-mail");
    }
    // The address has used up its sign-up emails. Declining one sign-up resets the limit.
    let (owner, link) = (app.browser(), app.mailed_path(ADA).await);
    let before = app.mails().await.len();
    owner.sign_up(ADA).await.goes_to("/auth/check-mail");
    assert_eq!(app.mails().await.len(), before);
    owner.press(&link, "Delete account", &[("not_mine", "on")]).await.goes_to("/auth/login");
    owner.sign_up(ADA).await.goes_to("/auth/check-mail");
    let link = app.mailed_path(ADA).await;
    owner.press(&link, "Confirm and sign in", &[]).await.goes_to("/dashboard");
    for _ in 0..4 {
        app.browser().sign_up_as("Eve", ADA, NEW_PASSWORD).await;
    }
    owner
        .press("/auth/forgot-password", "Send reset link", &[("email", ADA)])
        .await
        .goes_to("/auth/check-mail");
    assert_eq!(app.subjects(ADA).await.last().unwrap(), "reset your password");
}

#[tokio::test]
async fn a_password_reset_makes_known_browsers_unknown() {
    let app = TestApp::start().await;
    let thief = app.person(ADA).await; // knew the old password
    thief.press("/dashboard", "Sign out", &[]).await;
    let owner = app.browser();
    owner.press("/auth/forgot-password", "Send reset link", &[("email", ADA)]).await;
    let link = app.mailed_path(ADA).await;
    let fields = [("password", NEW_PASSWORD), ("confirm_password", NEW_PASSWORD)];
    owner.press(&link, "Set password", &fields).await.goes_to("/auth/login");
    for _ in 0..5 {
        app.browser().sign_in(ADA, "a wrong guess, surely").await.is(401);
    }
    thief.sign_in(ADA, PASSWORD).await.is(429);
}

#[tokio::test]
async fn password_strength_checks_are_limited_per_network() {
    let app = TestApp::start().await;
    let browser = app.browser();
    for _ in 0..60 {
        browser.sign_up_as("Ada", ADA, "password1").await.is(422).says("too easy to guess");
    }
    browser.sign_up_as("Ada", ADA, "password1").await.is(429);
    browser.sign_up_as("Ada", ADA, "short").await.is(422).says("Use at least 8 characters.");
    app.wait(3_600);
    browser.sign_up(ADA).await.goes_to("/auth/check-mail");
}

#[tokio::test]
async fn signing_out_without_a_session_writes_no_rows() {
    let app = TestApp::start().await;
    let browser = app.browser();
    let token = browser.get("/auth/login").await.value("csrf_token").unwrap();
    browser.post("/auth/logout", &[("csrf_token", &token)]).await.goes_to("/auth/login");
    assert!(browser.cookie("authflow-session").is_none());
}
