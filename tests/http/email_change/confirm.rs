//! An address change takes effect once its link is confirmed.

use super::*;

#[tokio::test]
async fn a_new_address_takes_effect_once_its_signed_in_owner_confirms_the_link() {
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    let elsewhere = app.browser();
    elsewhere.sign_in(ADA, PASSWORD).await.goes_to("/dashboard");
    ask(&browser, " ADA@New.Example.org ").await.goes_to("/profile/email");
    let page = browser.get("/profile/email").await;
    page.says("We sent a link to ADA@new.example.org")
        .says("It works for 1 hour after it was sent.")
        .says(&format!("Your email is {ADA}"));
    // The page tells it once, and its title, which screen readers say first.
    assert!(page.select(".flash").is_empty());
    assert!(page.inside("title").starts_with("Link sent · "), "{}", page.inside("title"));
    app.browser().sign_in(NEW, PASSWORD).await.is(401);

    let link = app.path_in("ADA@new.example.org", "confirm your new email address").await;
    assert!(link.starts_with("/auth/confirm-email/"));
    let told = app.mails().await;
    let told = told
        .iter()
        .find(|it| it.to == ADA && it.subject.contains("email change requested"))
        .unwrap();
    assert!(told.text.contains("ADA@new.example.org"), "{}", told.text);
    // Opening the link changes nothing, and no other user can use it.
    let scanner = app.browser();
    scanner.get(&link).await.is(401).says("open the link in our message again");
    let token = scanner.get("/auth/login").await.value("csrf_token").unwrap();
    scanner.post(&link, &[("csrf_token", &token)]).await.is(401);
    let eve = app.person("eve@example.org").await;
    eve.get(&link).await.is(403).says("This link is for another account").says("eve@example.org");
    let token = eve.get("/profile").await.value("csrf_token").unwrap();
    eve.post(&link, &[("csrf_token", &token)]).await.is(403);
    for _ in 0..3 {
        browser.get(&link).await.is(200).says(ADA).says("ADA@new.example.org");
    }
    browser.press(&link, "Use this email", &[]).await.goes_to("/profile/email");
    browser.get("/profile/email").await.says("Your email is ADA@new.example.org");
    browser.get(&link).await.is(200).says("Already done");
    eve.get(&link).await.is(410);
    assert!(browser.is_signed_in().await && !elsewhere.is_signed_in().await);
    elsewhere.get("/auth/login").await.says("the email address of your account was changed");

    app.browser().sign_in(ADA, PASSWORD).await.is(401);
    app.browser().sign_in(NEW, PASSWORD).await.goes_to("/dashboard");
    assert_eq!(app.subjects(ADA).await.last().unwrap(), "your email address was changed");
    // The browser that changed it is still known.
    let before = app.mails().await.len();
    browser.press("/dashboard", "Sign out", &[]).await;
    browser.sign_in(NEW, PASSWORD).await.goes_to("/dashboard");
    assert_eq!(app.mails().await.len(), before);
}

#[tokio::test]
async fn the_former_address_stays_reserved_while_the_change_can_be_undone() {
    let app = TestApp::start().await;
    let thief = app.person(ADA).await;
    ask(&thief, NEW).await;
    let confirm = app.path_in(NEW, "confirm your new email address").await;
    thief.press(&confirm, "Use this email", &[]).await.goes_to("/profile/email");
    app.path_in(ADA, "your email address was changed").await;
    app.wait(3 * 86_400);
    // The owner, who can no longer sign in, signs up again, and another user requests the address.
    let owner = app.browser();
    owner.sign_up(ADA).await.goes_to("/auth/check-mail");
    let told = app.subjects(ADA).await;
    assert_eq!(told.last().unwrap(), "someone wants to use your former email address");
    let eve = app.person("eve@example.org").await;
    ask(&eve, "ADA@example.org").await.goes_to("/profile/email");
    let told_again = app.subjects(ADA).await; // in its owner's spelling
    assert_eq!(told_again.len(), told.len() + 1);
    assert_eq!(told_again.last().unwrap(), "someone wants to use your former email address");
    let mails = app.mails().await;
    let mail = mails.iter().find(|it| it.subject.contains("former email address")).unwrap();
    assert!(!mail.text.contains(NEW), "the notice does not reveal the new address");
    let undo = app.link_in(mail).unwrap();
    owner.press(&undo, "Sign out everywhere", &[("not_me", "on")]).await.goes_to("/auth/login");
    owner.get("/auth/login").await.says(&format!("We sent a reset link to {ADA}"));
    assert!(!thief.is_signed_in().await);

    // Afterwards anyone can use it.
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    ask(&browser, NEW).await;
    let confirm = app.path_in(NEW, "confirm your new email address").await;
    browser.press(&confirm, "Use this email", &[]).await.goes_to("/profile/email");
    app.wait(8 * 86_400);
    app.browser().sign_up(ADA).await.goes_to("/auth/check-mail");
    assert_eq!(app.subjects(ADA).await.last().unwrap(), "confirm your email address");
}

#[tokio::test]
async fn a_pending_change_can_be_cancelled() {
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    for (page, button) in
        [("/profile/email", "Cancel the change"), ("link", "Keep my current email")]
    {
        ask(&browser, NEW).await.goes_to("/profile/email");
        let link = app.path_in(NEW, "confirm your new email address").await;
        let page = if page == "link" { &link } else { page };
        browser.press(page, button, &[]).await.goes_to("/profile/email");
        let page = browser.get("/profile/email").await;
        assert!(!page.says(&format!("Your email is {ADA}")).body.contains(NEW));
        browser.get(&link).await.is(410);
    }
    ask(&browser, NEW).await;
    browser.post("/profile/email/withdraw", &[]).await.is(403);
    browser.get("/profile/email").await.says(&format!("We sent a link to {NEW}"));
}

#[tokio::test]
async fn a_sign_in_in_progress_does_not_survive_an_address_change() {
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    ask(&browser, NEW).await;
    let confirm = app.path_in(NEW, "confirm your new email address").await;
    let held = app.hold_sign_in(ADA).await;
    browser.press(&confirm, "Use this email", &[]).await.goes_to("/profile/email");
    held.response().await.is(401);
}

#[tokio::test]
async fn only_the_latest_change_link_works_and_only_for_its_address() {
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    ask(&browser, "first@example.org").await.goes_to("/profile/email");
    let first = app.path_in("first@example.org", "confirm your new email address").await;
    let opened = browser.get(&first).await;
    ask(&browser, "second@example.org").await.goes_to("/profile/email");
    // Neither the open page nor the link of the first change confirms the second.
    browser.press_on(&opened, "Use this email", &[]).await.is(410);
    browser.get(&first).await.is(410);
    let second = app.path_in("second@example.org", "confirm your new email address").await;
    browser.press(&second, "Use this email", &[]).await.goes_to("/profile/email");
    browser.get("/dashboard").await.says("second@example.org");
    assert_eq!(app.count("SELECT COUNT(*) FROM email_changes WHERE confirmed_at IS NULL").await, 0);

    // An email still queued when the next change is requested contains no valid link.
    ask(&browser, "third@example.org").await;
    ask(&browser, "fourth@example.org").await;
    assert!(app.subjects("third@example.org").await.is_empty());
}

#[tokio::test]
async fn a_parallel_change_and_confirmation_confirm_only_the_address_shown() {
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    for round in 0..10 {
        app.wait(3_600); // the account may request another email
        let (seen, unseen) =
            (format!("seen{round}@example.org"), format!("unseen{round}@example.org"));
        browser
            .press(
                "/auth/confirm-password?return_to=%2Fprofile",
                "Confirm",
                &[("password", PASSWORD)],
            )
            .await;
        ask(&browser, &seen).await.goes_to("/profile/email");
        let link = app.path_in(&seen, "confirm your new email address").await;
        let confirm = encode(&browser.get(&link).await.form("Use this email").filled(&[]));
        let change = browser.get("/profile/email").await;
        let change = encode(&change.form("Change email").filled(&[("email", &unseen)]));
        let (one, other) = (browser.clone(), browser.clone());
        let confirming = tokio::spawn(async move { one.post_raw(&link, confirm).await });
        let changing = tokio::spawn(async move { other.post_raw("/profile/email", change).await });
        let (confirmed, changed) = (confirming.await.unwrap(), changing.await.unwrap());
        assert!([303, 410].contains(&confirmed.status.as_u16()), "{}", confirmed.text());
        assert!([303, 503].contains(&changed.status.as_u16()), "{}", changed.text());
        let address = browser.get("/dashboard").await.inside("dd .address");
        assert_ne!(address, unseen);
        assert_eq!(address == seen, confirmed.status.as_u16() == 303);
    }
}

#[tokio::test]
async fn a_double_click_on_the_link_succeeds() {
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    ask(&browser, NEW).await;
    let confirm = app.path_in(NEW, "confirm your new email address").await;
    let statuses = click_twice(&browser, &confirm, "Use this email", &[]).await;
    assert_eq!(statuses, [303, 303]);
    let undo = app.path_in(ADA, "your email address was changed").await;
    let statuses =
        click_twice(&app.browser(), &undo, "Sign out everywhere", &[("not_me", "on")]).await;
    assert_eq!(statuses, [303, 303]);
}

/// Sends one form twice in parallel, and returns the sorted statuses.
async fn click_twice(
    browser: &Browser,
    path: &str,
    button: &str,
    fields: &[(&str, &str)],
) -> Vec<u16> {
    let body = encode(&browser.get(path).await.form(button).filled(fields));
    let (one, other) = (browser.post_raw(path, body.clone()), browser.post_raw(path, body));
    let (one, other) = tokio::join!(one, other);
    let mut statuses = vec![one.status.as_u16(), other.status.as_u16()];
    statuses.sort_unstable();
    statuses
}

#[tokio::test]
async fn the_link_expires_after_an_hour() {
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    ask(&browser, NEW).await;
    let link = app.path_in(NEW, "confirm your new email address").await;
    app.wait(3_599);
    browser.get(&link).await.is(200);
    browser.get("/profile/email").await.says(&format!("We sent a link to {NEW}"));
    app.wait(1);
    browser.get(&link).await.is(410).says("Request a new link");
    assert!(!browser.get("/profile/email").await.body.contains(NEW));
}

#[tokio::test]
async fn only_the_owner_of_a_taken_address_learns_about_the_attempt() {
    let app = TestApp::start().await;
    let eve = app.person("eve@example.org").await;
    app.person(ADA).await;
    let taken = ask(&eve, ADA).await;
    let free = ask(&eve, NEW).await;
    assert_eq!((taken.status, taken.header("location")), (free.status, free.header("location")));
    ask(&eve, "eve@example.org").await.is(422).says("This is already your email.");
    ask(&eve, "nonsense").await.is(422).says("name@example.org");
    assert_eq!(app.subjects(ADA).await.last().unwrap(), "this email address is already in use");
    let mails = app.mails().await;
    let told =
        mails.iter().find(|it| it.to == ADA && it.subject.contains("already in use")).unwrap();
    assert!(
        !told.text.contains("eve") && !told.text.contains("/auth/confirm-email"),
        "{}",
        told.text
    );

    // The account's data export does not reveal it either.
    let mails = async |address: &str| {
        let file = eve.get("/profile/export").await.is(200).body.clone();
        let data: serde_json::Value = serde_json::from_str(&file).unwrap();
        data["mails"].as_array().unwrap().iter().filter(|it| it["recipient"] == address).count()
    };
    assert_eq!((mails(ADA).await, mails(NEW).await), (0, 0));

    // An address that gets an account while the change is pending stays with that account.
    let link = app.path_in(NEW, "confirm your new email address").await;
    app.person(NEW).await;
    eve.press(&link, "Use this email", &[]).await.is(410).says("already in use");
    eve.get("/dashboard").await.says("eve@example.org");
    // An unconfirmed sign-up does not block the address.
    app.browser().sign_up("mine@example.org").await;
    ask(&eve, "mine@example.org").await;
    let link = app.path_in("mine@example.org", "confirm your new email address").await;
    eve.press(&link, "Use this email", &[]).await.goes_to("/profile/email");
    eve.get("/dashboard").await.says("mine@example.org");
}

#[tokio::test]
async fn address_changes_are_limited() {
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    for n in 0..5 {
        ask(&browser, &format!("new{n}@example.org")).await.goes_to("/profile/email");
    }
    let page = ask(&browser, NEW).await;
    page.is(429);
    assert_eq!(page.value("email").as_deref(), Some(NEW));
    assert!(number::<u64>(&page, "retry-after").unwrap() > 3_000);
    // An address gets a limited number of emails, however many accounts request them.
    let eve = app.person("eve@example.org").await;
    for _ in 0..3 {
        ask(&eve, "victim@example.org").await.goes_to("/profile/email");
        app.mails().await;
    }
    let refused = ask(&eve, "victim@example.org").await;
    refused.is(429).says("several emails to this address");
    assert!(number::<u64>(&refused, "retry-after").is_some());
    assert_eq!(app.subjects("victim@example.org").await.len(), 3);
    // The link that was sent last still works.
    let link = app.path_in("victim@example.org", "confirm your new email address").await;
    eve.get(&link).await.is(200);
}
