//! What people do with their own account: name, password, sessions, activity, data.

use serde_json::Value;

use super::support::*;

const CHANGE: [(&str, &str); 3] = [
    ("current_password", PASSWORD),
    ("password", NEW_PASSWORD),
    ("confirm_password", NEW_PASSWORD),
];

const PAGES: [&str; 8] = [
    "/dashboard",
    "/profile",
    "/profile/email",
    "/profile/password",
    "/profile/two-factor",
    "/profile/sessions",
    "/profile/activity",
    "/profile/delete",
];

#[tokio::test]
async fn a_person_changes_the_name() {
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    let page = browser.get("/profile").await;
    assert_eq!(page.is(200).value("username").as_deref(), Some("Ada Lovelace"));
    let name = "<script>alert(1)</script> & \"Ada\" {{7*7}}";
    browser.press_on(&page, "Save", &[("username", name)]).await.goes_to("/profile");
    let page = browser.get("/profile").await;
    page.is(200).says("Your name has been changed.");
    assert_eq!(page.value("username").as_deref(), Some(name));
    for path in PAGES {
        let page = browser.get(path).await;
        assert!(page.is(200).select("script").is_empty(), "{path}");
    }
    browser.get("/dashboard").await.says(&format!("Hello, {name}"));
    let refused = browser.press("/profile", "Save", &[("username", "  ")]).await;
    refused.is(422).says("Enter the name");
    let refused = browser.press("/profile", "Save", &[("username", &"x".repeat(65))]).await;
    refused.is(422).says("longer than 64 characters");
    assert_eq!(refused.value("username").as_deref(), Some("x".repeat(65).as_str()));
}

#[tokio::test]
async fn strangers_have_no_profile() {
    let app = TestApp::start().await;
    let browser = app.browser();
    for path in PAGES.into_iter().chain(["/profile/export"]) {
        let login = format!("/auth/login?return_to={}", path.replace('/', "%2F"));
        browser.get(path).await.goes_to(&login);
    }
    let lost = browser.post("/profile", &[("username", "Eve")]).await;
    lost.goes_to("/auth/login?return_to=%2Fprofile&unsaved=on");
    browser.get(lost.header("location")).await.is(200).says("what you sent was not saved");
    browser.get("/auth/login?return_to=%2Fprofile").await.says("Please sign in to see this page.");
    // Addresses for forms alone lead to the page that holds the form.
    for (path, page) in [
        ("/profile/two-factor/disable", "/profile/two-factor"),
        ("/profile/two-factor/recovery-codes/download", "/profile/two-factor"),
        ("/profile/sessions/revoke-others", "/profile/sessions"),
        ("/profile/sessions/0/revoke", "/profile/sessions"),
        ("/profile/email/withdraw", "/profile/email"),
        ("/profile/delete", "/profile/delete"),
    ] {
        let back = format!("/auth/login?return_to={}&unsaved=on", page.replace('/', "%2F"));
        browser.post(path, &[]).await.goes_to(&back);
    }
}

#[tokio::test]
async fn every_page_for_members_has_a_way_out() {
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    for path in PAGES {
        let page = browser.get(path).await;
        assert_eq!(page.form("Sign out").action, "/auth/logout");
        let here = page.select("nav[aria-label=Profile] [aria-current=page]");
        assert_eq!(here.len(), usize::from(path != "/dashboard"), "{path}");
    }
}

#[tokio::test]
async fn a_new_password_ends_everything_else() {
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    let elsewhere = app.browser();
    elsewhere.sign_in(ADA, PASSWORD).await.goes_to("/dashboard");
    elsewhere.press("/auth/forgot-password", "Send me a link", &[("email", ADA)]).await;
    let reset = app.path_in(ADA, "set a new password").await;
    let ask = [("email", "ada@new.example.org")];
    browser.press("/profile/email", "Change address", &ask).await.goes_to("/profile/email");
    let confirm = app.path_in("ada@new.example.org", "confirm your new address").await;
    elsewhere.press("/auth/forgot-password", "Send me a link", &[("email", ADA)]).await; // waits

    browser
        .press("/profile/password", "Change password", &CHANGE)
        .await
        .goes_to("/profile/password");
    browser.get("/profile/password").await.says("Your password has been changed");
    assert!(browser.is_signed_in().await && !elsewhere.is_signed_in().await);
    elsewhere.get("/auth/login").await.says("the password of your account was changed");
    elsewhere.get(&reset).await.is(410);
    browser.get(&confirm).await.is(410);
    assert!(!browser.get("/profile/email").await.body.contains("ada@new.example.org"));
    let subjects = app.subjects(ADA).await;
    assert_eq!(subjects.iter().filter(|it| *it == "set a new password").count(), 1, "{subjects:?}");
    assert_eq!(subjects.last().unwrap(), "your password was changed");
    app.browser().sign_in(ADA, PASSWORD).await.is(401);

    // The browser that changed it is still a known one.
    let before = app.mails().await.len();
    browser.press("/dashboard", "Sign out", &[]).await;
    browser.sign_in(ADA, NEW_PASSWORD).await.goes_to("/dashboard");
    assert_eq!(app.mails().await.len(), before);
}

#[tokio::test]
async fn a_new_password_needs_the_old_one_and_has_to_be_another_and_a_good_one() {
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    let change = async |current: &str, new: &str, again: &str| {
        let fields =
            [("current_password", current), ("password", new), ("confirm_password", again)];
        browser.press("/profile/password", "Change password", &fields).await
    };
    change("", "", "").await.is(422).says("Enter a password.");
    let wrong = change("not the one at all", NEW_PASSWORD, NEW_PASSWORD).await;
    wrong.is(401).says("This is not your current password.");
    assert!(!wrong.body.contains(NEW_PASSWORD) && !wrong.body.contains("not the one"));
    change(PASSWORD, NEW_PASSWORD, "another").await.is(422).says("are not the same");
    change(PASSWORD, "password1", "password1").await.is(422).says("too easy to guess");
    change(PASSWORD, PASSWORD, PASSWORD).await.is(422).says("the password that you have now");
    browser.post("/profile/password", &CHANGE).await.is(403).says("out of date");
    app.browser().sign_in(ADA, PASSWORD).await.goes_to("/dashboard");
    // Guessing is slowed down as at a sign-in.
    let mut statuses = Vec::new();
    for _ in 0..7 {
        statuses
            .push(change("wrong, surely wrong", NEW_PASSWORD, NEW_PASSWORD).await.status.as_u16());
    }
    assert!(statuses.contains(&429), "{statuses:?}");
}

#[tokio::test]
async fn two_changes_of_password_at_once_have_one_winner() {
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    let page = browser.get("/profile/password").await;
    let form = page.form("Change password");
    let posts = (0..4).map(|n| {
        let password = format!("{NEW_PASSWORD} {n}");
        let fields = [
            ("current_password", PASSWORD),
            ("password", &password),
            ("confirm_password", &password),
        ];
        let (browser, body) = (browser.clone(), encode(&form.filled(&fields)));
        let post = async move { browser.post_raw("/profile/password", body).await.status };
        tokio::spawn(async move { (post.await.as_u16(), password) })
    });
    let mut winners = Vec::new();
    for post in posts.collect::<Vec<_>>() {
        match post.await.unwrap() {
            (303, password) => winners.push(password),
            (status, _) => assert_eq!(status, 401),
        }
    }
    assert_eq!(winners.len(), 1);
    app.browser().sign_in(ADA, &winners[0]).await.goes_to("/dashboard");
}

#[tokio::test]
async fn something_sensitive_asks_for_the_password_and_keeps_what_was_typed() {
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    app.wait(15 * 60 - 1);
    browser
        .get("/auth/confirm-password?return_to=%2Fprofile%2Femail")
        .await
        .goes_to("/profile/email");
    app.wait(1);
    let new = [("email", "ada@new.example.org")];
    let asked = browser.press("/profile/email", "Change address", &new).await;
    asked.goes_to("/auth/confirm-password?return_to=%2Fprofile%2Femail");
    assert_eq!(app.subjects("ada@new.example.org").await.len(), 0, "nothing has happened yet");
    let page = browser.get(asked.header("location")).await;
    page.is(200).says("Confirm your password");
    let wrong = browser.press_on(&page, "Confirm", &[("password", "wrong, surely")]).await;
    wrong.is(401).says("This is not your password.");
    browser.press_on(&wrong, "Confirm", &[("password", "")]).await.is(422);
    let stale = browser.post("/auth/confirm-password", &[("return_to", "/profile/email")]).await;
    assert_eq!(stale.is(403).value("return_to").as_deref(), Some("/profile/email"));
    browser.press_on(&wrong, "Confirm", &[("password", PASSWORD)]).await.goes_to("/profile/email");
    let page = browser.get("/profile/email").await;
    assert_eq!(
        page.says("What you typed is still here.").value("email").as_deref(),
        Some(new[0].1)
    );
    browser.press_on(&page, "Change address", &[]).await.goes_to("/profile/email");
    assert_eq!(app.subjects("ada@new.example.org").await, ["confirm your new address"]);
    assert_eq!(
        browser.get("/profile/email").await.value("email").as_deref(),
        Some(""),
        "kept once"
    );

    // The page with the key, and the forms on the page of a second factor that is on.
    app.wait(15 * 60);
    let confirm = "/auth/confirm-password?return_to=%2Fprofile%2Ftwo-factor";
    browser.get("/profile/two-factor").await.goes_to(confirm);
    let done = browser.press(confirm, "Confirm", &[("password", PASSWORD)]).await;
    done.goes_to("/profile/two-factor");
    let authenticator = browser.enable_two_factor(&app).await;
    app.wait(15 * 60);
    for button in ["Switch off", "Make new recovery codes"] {
        let code = authenticator.code(&app);
        browser.press("/profile/two-factor", button, &[("code", &code)]).await.goes_to(confirm);
    }
    browser.get("/profile/two-factor").await.is(200).says("You have 10 left");
    for target in ["https://evil.example/", "//evil.example", "/\\evil.example"] {
        let query = encode(&[("return_to", target)]);
        let page = browser.get(&format!("/auth/confirm-password?{query}")).await;
        assert_eq!(page.is(200).value("return_to").as_deref(), Some(""), "{target}");
    }
    let strangers = app.browser().get("/auth/confirm-password").await;
    assert!(strangers.header("location").starts_with("/auth/login"));
}

#[tokio::test]
async fn a_confirmed_password_moves_the_token_on_and_keeps_the_session() {
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    assert!(browser.is_signed_in().await); // the first token is known to have arrived
    app.wait(5 * 60); // not due by itself
    let (copy, before) = (browser.copy(), browser.cookie("authflow-refresh").unwrap());
    let sessions = app.count("SELECT COUNT(*) FROM sessions").await;
    let fields = [
        ("current_password", PASSWORD),
        ("password", NEW_PASSWORD),
        ("confirm_password", NEW_PASSWORD),
    ];
    browser
        .press("/profile/password", "Change password", &fields)
        .await
        .goes_to("/profile/password");
    assert_ne!(browser.cookie("authflow-refresh").unwrap(), before);
    assert!(browser.is_signed_in().await);
    assert_eq!(app.count("SELECT COUNT(*) FROM sessions").await, sessions);
    app.wait(61);
    assert!(!copy.is_signed_in().await, "a copy of the former token gives itself away");

    // Where the token has just been renewed, the next page does it: tabs under way are not taken for thieves.
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    assert!(browser.is_signed_in().await);
    app.wait(15 * 60);
    let tab = browser.copy(); // a slow tab: sent before the page below was answered
    let page = browser.get("/auth/confirm-password").await;
    let renewed = browser.cookie("authflow-refresh").unwrap();
    assert_ne!(tab.cookie("authflow-refresh").unwrap(), renewed);
    browser.press_on(&page, "Confirm", &[("password", PASSWORD)]).await.goes_to("/profile");
    assert_eq!(browser.cookie("authflow-refresh").unwrap(), renewed);
    assert!(tab.is_signed_in().await);
    app.wait(60);
    assert!(browser.is_signed_in().await);
    assert_ne!(browser.cookie("authflow-refresh").unwrap(), renewed);
}

#[tokio::test]
async fn a_copy_of_the_cookies_does_not_share_in_a_proof() {
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    assert!(browser.is_signed_in().await);
    let confirm = "/auth/confirm-password?return_to=%2Fprofile%2Ftwo-factor";
    for settled in [false, true] {
        app.wait(15 * 60);
        let page = browser.get(confirm).await;
        if settled {
            app.wait(61);
            assert!(browser.is_signed_in().await);
        }
        // A thief with every cookie that the browser had until then, its state's included.
        let ask = [("email", "ada@new.example.org")];
        browser.press("/profile/email", "Change address", &ask).await;
        let thief = browser.copy();
        assert!(thief.cookie("authflow-session").is_some());
        browser
            .press_on(&page, "Confirm", &[("password", PASSWORD)])
            .await
            .goes_to("/profile/two-factor");
        assert!(thief.is_signed_in().await, "at first nothing tells them apart");
        thief.get("/profile/two-factor").await.goes_to(confirm);
        let ask = [("email", "thief@example.org")];
        let asked = thief.press("/profile/email", "Change address", &ask).await;
        assert!(asked.header("location").starts_with("/auth/confirm-password"));
        thief
            .get("/profile/export")
            .await
            .goes_to("/auth/confirm-password?return_to=%2Fprofile%2Fdelete");
        browser.get("/profile/two-factor").await.is(200).says("Add this account to your app");
        let thief = browser.copy(); // from now on, of course, a copy has it all
        thief.get("/profile/two-factor").await.is(200);
    }
    // The same after a new password, which is a proof as well.
    app.wait(15 * 60);
    let thief = browser.copy();
    browser
        .press("/profile/password", "Change password", &CHANGE)
        .await
        .goes_to("/profile/password");
    browser.get("/profile/two-factor").await.is(200);
    thief.get("/profile/two-factor").await.goes_to(confirm);
}

#[tokio::test]
async fn a_key_shown_before_another_proof_is_not_the_one_that_is_switched_on() {
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    assert!(!browser.get("/profile/two-factor").await.body.contains("not the one any more"));
    let seen = browser.get("/profile/two-factor").await.inside(".key code");
    app.wait(15 * 60);
    let confirm = browser.get("/profile/two-factor").await.header("location").to_owned();
    browser
        .press(&confirm, "Confirm", &[("password", PASSWORD)])
        .await
        .goes_to("/profile/two-factor");
    let page = browser.get("/profile/two-factor").await;
    assert_ne!(page.says("is not the one any more").inside(".key code"), seen);
}

#[tokio::test]
async fn what_one_person_typed_is_not_shown_to_the_next() {
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    app.person("bob@example.org").await;
    app.wait(15 * 60);
    let new = [("email", "ada@new.example.org")];
    browser.press("/profile/email", "Change address", &new).await;
    browser.press("/dashboard", "Sign out", &[]).await.goes_to("/auth/login");
    browser.sign_in("bob@example.org", PASSWORD).await.goes_to("/dashboard");
    assert_eq!(browser.get("/profile/email").await.value("email").as_deref(), Some(""));
    // Also where nobody signed out in between.
    browser.press("/dashboard", "Sign out", &[]).await;
    browser.sign_in(ADA, PASSWORD).await.goes_to("/dashboard");
    app.wait(15 * 60);
    browser.press("/profile/email", "Change address", &new).await;
    browser.forget_cookie("authflow-refresh");
    browser.sign_in("bob@example.org", PASSWORD).await.goes_to("/dashboard");
    assert_eq!(browser.get("/profile/email").await.value("email").as_deref(), Some(""));
}

#[tokio::test]
async fn the_right_password_does_not_count_as_a_guess() {
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    let token = browser.get("/profile").await.value("csrf_token").unwrap();
    for _ in 0..8 {
        let fields = [("csrf_token", token.as_str()), ("password", PASSWORD)];
        browser.post("/auth/confirm-password", &fields).await.goes_to("/profile");
    }
    let weak = [
        ("current_password", PASSWORD),
        ("password", "password1"),
        ("confirm_password", "password1"),
    ];
    for _ in 0..8 {
        browser.press("/profile/password", "Change password", &weak).await.is(422);
    }
    browser
        .press("/profile/password", "Change password", &CHANGE)
        .await
        .goes_to("/profile/password");
    let authenticator = browser.enable_two_factor(&app).await;
    for _ in 0..8 {
        let fields = [("password", NEW_PASSWORD), ("code", "000000")];
        browser
            .press("/profile/delete", "Delete my account", &fields)
            .await
            .is(401)
            .says("This code");
        app.wait(300);
    }
    let fields = [("password", NEW_PASSWORD), ("code", &authenticator.code(&app))];
    browser.press("/profile/delete", "Delete my account", &fields).await.goes_to("/auth/login");
}

#[tokio::test]
async fn sessions_are_listed_in_words_and_ended() {
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    app.wait(3_600);
    let (phone, other) = (app.browser(), app.browser());
    let page = phone.get("/auth/login").await;
    let fields = [("email", ADA), ("password", PASSWORD), ("remember", "on")];
    let iphone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) \
                  Version/18.1 Mobile/15E148 Safari/604.1";
    let headers = [("content-type", "application/x-www-form-urlencoded"), ("user-agent", iphone)];
    let body = encode(&page.form("Sign in").filled(&fields)).into_bytes();
    phone
        .send(reqwest::Method::POST, "/auth/login", &headers, Some(body))
        .await
        .goes_to("/dashboard");
    other.sign_in(ADA, PASSWORD).await.goes_to("/dashboard");
    let eve = app.person("eve@example.org").await;

    let now = app.app.clock.now();
    let page = browser.get("/profile/sessions").await;
    let rows = page.each(".rows li");
    assert_eq!(rows.len(), 3);
    assert!(rows[0].contains("this one"), "{rows:?}");
    let phones = rows.iter().find(|row| row.contains("Safari on iPhone")).unwrap();
    let until = authflow::clock::Timestamp(now.0 + 7 * 86_400).to_string();
    assert!(phones.contains("127.0.0.1") && phones.contains(&now.to_string()), "{phones}");
    assert!(phones.contains(&until) && !phones.contains("browser is closed"), "{phones}");
    let others =
        rows.iter().find(|row| !row.contains("this one") && !row.contains("iPhone")).unwrap();
    let until = authflow::clock::Timestamp(now.0 + 12 * 3_600).to_string();
    assert!(
        others.contains(&until) && others.contains("or until the browser is closed"),
        "{others}"
    );

    // Somebody else's session is not there to be ended, and a stale form ends nothing.
    let action = page.form("End this session").action;
    let token = eve.get("/profile/sessions").await.value("csrf_token").unwrap();
    eve.post(&action, &[("csrf_token", &token)]).await.is(404);
    browser.post(&action, &[]).await.is(403);
    assert!(phone.is_signed_in().await && other.is_signed_in().await);

    browser.press_on(&page, "End this session", &[]).await.goes_to("/profile/sessions");
    let after = browser.get("/profile/sessions").await;
    after.says("The session has been ended.");
    browser.press_on(&page, "End this session", &[]).await.goes_to("/profile/sessions");
    let page = browser.get("/profile/sessions").await;
    assert_eq!(page.says("That session had ended already.").each(".rows li").len(), 2);
    assert!(phone.is_signed_in().await != other.is_signed_in().await);
    browser.press_on(&page, "End all other sessions", &[]).await.goes_to("/profile/sessions");
    assert!(!phone.is_signed_in().await && !other.is_signed_in().await);
    assert!(browser.is_signed_in().await && eve.is_signed_in().await);
    phone.get("/auth/login").await.says("ended from another browser");
    let page = browser.get("/profile/sessions").await;
    assert!(!page.body.contains("End all other sessions"));
    browser.press_on(&page, "Sign out here", &[]).await.goes_to("/auth/login");
    assert!(!browser.is_signed_in().await && browser.cookie("authflow-refresh").is_none());
    eve.post("/profile/sessions/nonsense/revoke", &[("csrf_token", &token)]).await.is(404);
}

#[tokio::test]
async fn sessions_that_are_over_are_not_listed() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    app.wait(12 * 3_600);
    let browser = app.browser();
    browser.sign_in(ADA, PASSWORD).await.goes_to("/dashboard");
    assert_eq!(browser.get("/profile/sessions").await.each(".rows li").len(), 1);
}

#[tokio::test]
async fn people_read_what_has_happened_to_their_account() {
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    app.person("eve@example.org").await;
    app.browser().sign_in(ADA, "wrong, surely wrong").await.is(401);
    let page = browser.get("/profile/activity").await;
    let rows = page.each(".rows li strong");
    let refused = "Sign-in refused: wrong password, or address not confirmed";
    assert_eq!(rows, [refused, "Signed in", "Address confirmed", "Signed up"]);
    assert_eq!(page.each(".rows .refused strong"), [refused]);
    assert!(page.each(".rows li").iter().all(|row| row.contains("127.0.0.1")));

    for n in 0..50 {
        browser.press("/profile", "Save", &[("username", &format!("Ada {n}"))]).await;
    }
    let page = browser.get("/profile/activity").await;
    let first = page.each(".rows li");
    assert_eq!(first.len(), 50);
    let older = page.select("a[href*=before]")[0]["href"].clone();
    let page = browser.get(&older).await;
    assert_eq!(page.each(".rows li strong"), rows);
    assert!(page.select("a[href*=before]").is_empty(), "that was all");
    browser.get("/profile/activity?before=nonsense").await.is(200);
}

#[tokio::test]
async fn people_take_their_data_with_them() {
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    let authenticator = browser.enable_two_factor(&app).await;
    let mut tx = app.app.db.begin().await.unwrap();
    let role = "INSERT INTO user_roles (user_id, role) SELECT id, 'editor' FROM users";
    authflow::db::query(&mut tx, role).execute().await.unwrap();
    tx.commit().await.unwrap();
    app.mails().await;
    let file = browser.get("/profile/export").await;
    assert_eq!(file.is(200).header("content-type"), "application/json; charset=utf-8");
    assert!(file.header("content-disposition").starts_with("attachment"));
    let data: Value = serde_json::from_str(&file.body).unwrap();
    assert_eq!(data["user"]["email"], ADA);
    assert_eq!(data["user"]["username"], "Ada Lovelace");
    assert_eq!(data["user"]["recoveryCodesLeft"], 10);
    assert_eq!(data["user"]["formerEmails"], serde_json::json!([]));
    assert_eq!(data["roles"], serde_json::json!(["editor"]));
    assert_eq!(data["sessions"][0]["isThisOne"], true);
    assert_eq!(data["sessions"][0]["signedInWith"], serde_json::json!(["pwd", "otp", "mfa"]));
    let events: Vec<&str> = data["auditEntries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["event"].as_str().unwrap())
        .collect();
    assert_eq!(
        events,
        ["data_exported", "second_factor_enabled", "signed_in", "email_verified", "registered"]
    );
    assert!(
        data["mails"]
            .as_array()
            .unwrap()
            .iter()
            .any(|it| it["kind"] == "welcome" && it["state"] == "sent")
    );

    let (hash,): (String,) =
        authflow::db::query(&app.app.db, "SELECT password_hash FROM users").one().await.unwrap();
    for secret in [
        &hash,
        "argon2",
        "seed",
        &authenticator.recovery_codes[0],
        &browser.cookie("authflow-refresh").unwrap(),
    ] {
        assert!(!file.body.contains(secret), "{secret}");
    }
}

#[tokio::test]
async fn a_deletion_under_way_does_not_survive_a_new_password() {
    let app = TestApp::start().await;
    let owner = app.person(ADA).await;
    let (slow, busy) = app.with_busy_hasher().await;
    for (name, value) in owner.cookies() {
        slow.set_cookie(&name, &value);
    }
    let page = slow.get("/profile/delete").await;
    let body = encode(&page.form("Delete my account").filled(&[("password", PASSWORD)]));
    let counted = app.count("SELECT COUNT(*) FROM throttles").await;
    let under_way = tokio::spawn(async move { slow.post_raw("/profile/delete", body).await });
    app.wait_for_throttles(counted + 2).await;
    owner.press("/profile/password", "Change password", &CHANGE).await.goes_to("/profile/password");
    assert!(!busy.is_finished(), "the deletion had to wait");
    under_way.await.unwrap().is(401);
    assert!(owner.is_signed_in().await);
}

#[tokio::test]
async fn an_account_is_deleted_with_all_that_hangs_on_it() {
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    let eve = app.person("eve@example.org").await;
    let elsewhere = app.browser();
    elsewhere.sign_in(ADA, PASSWORD).await.goes_to("/dashboard");
    elsewhere.press("/auth/forgot-password", "Send me a link", &[("email", ADA)]).await;
    app.mails().await;
    let reset = app.path_in(ADA, "set a new password").await;
    let authenticator = browser.enable_two_factor(&app).await;

    let delete = async |password: &str, code: &str| {
        let fields = [("password", password), ("code", code)];
        browser.press("/profile/delete", "Delete my account", &fields).await
    };
    delete("", "").await.is(422).says("Enter a password.").says("Enter the code.");
    delete("wrong, surely wrong", &authenticator.code(&app))
        .await
        .is(401)
        .says("not your password");
    delete(PASSWORD, "000000").await.is(401).says("This code does not work");
    browser.post("/profile/delete", &[("password", PASSWORD)]).await.is(403);
    assert!(browser.is_signed_in().await);
    let gone = delete(PASSWORD, &authenticator.code(&app)).await;
    gone.goes_to("/auth/login");
    assert!(gone.set_cookies()["authflow-refresh"].contains("Max-Age=0"));
    browser.get("/auth/login").await.says("Your account has been deleted.");

    assert!(!browser.is_signed_in().await && !elsewhere.is_signed_in().await);
    app.browser().sign_in(ADA, PASSWORD).await.is(401);
    app.browser().get(&reset).await.is(410);
    assert!(eve.is_signed_in().await, "nobody else is touched");
    assert_eq!(app.subjects(ADA).await.last().unwrap(), "your account was deleted");
    for (table, left) in [
        ("SELECT COUNT(*) FROM users", 1),
        ("SELECT COUNT(*) FROM sessions", 1),
        ("SELECT COUNT(*) FROM totp", 0),
        ("SELECT COUNT(*) FROM recovery_codes", 0),
        ("SELECT COUNT(*) FROM one_time_tokens WHERE email_key = 'ada@example.org'", 0),
        ("SELECT COUNT(*) FROM outbox WHERE recipient = 'ada@example.org'", 0),
    ] {
        assert_eq!(app.count(table).await, left, "{table}");
    }
    // The address is free, and the account is another one.
    let again = app.person(ADA).await;
    assert_eq!(again.get("/profile/activity").await.each(".rows li").len(), 3);
}
