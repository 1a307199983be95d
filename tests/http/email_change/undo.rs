//! The former address cancels or undoes a change.

use super::*;

#[tokio::test]
async fn the_old_address_cancels_a_pending_change() {
    let app = TestApp::start().await;
    let thief = app.person(ADA).await;
    ask(&thief, NEW).await;
    let confirm = app.path_in(NEW, "confirm your new email address").await;
    let undo = app.path_in(ADA, "email change requested").await;
    let owner = app.browser();
    for _ in 0..3 {
        owner.get(&undo).await.is(200).says("Everyone is signed out of the account.");
    }
    assert!(thief.is_signed_in().await, "opening the link changes nothing");
    owner.press(&undo, "Sign out everywhere", &[]).await.is(422).says("Tick the box");
    let done = owner.press(&undo, "Sign out everywhere", &[("not_me", "on")]).await;
    done.goes_to("/auth/login");
    owner.get("/auth/login").await.says("If it had a password, it no longer works.").says(ADA);
    assert!(!thief.is_signed_in().await);
    thief.get(&confirm).await.is(401);
    thief.sign_in(ADA, PASSWORD).await.is(401);
    owner.get(&undo).await.is(200).says("Already done");

    let reset = app.path_in(ADA, "reset your password").await;
    let fields = [("password", PASSWORD), ("confirm_password", PASSWORD)];
    let lost = owner.press(&reset, "Set password", &fields).await;
    lost.is(422).says("This password was disabled");
    let fields = [("password", NEW_PASSWORD), ("confirm_password", NEW_PASSWORD)];
    owner.press(&reset, "Set password", &fields).await.goes_to("/auth/login");
    owner.sign_in(ADA, NEW_PASSWORD).await.goes_to("/dashboard");
    owner.get(&confirm).await.is(410);
}

/// Moves the account of a browser to another address.
async fn move_to(app: &TestApp, browser: &Browser, email: &str) {
    ask(browser, email).await.goes_to("/profile/email");
    let confirm = app.path_in(email, "confirm your new email address").await;
    browser.press(&confirm, "Use this email", &[]).await.goes_to("/profile/email");
}

async fn not_me(browser: &Browser, link: &str) -> Page {
    browser.press(link, "Sign out everywhere", &[("not_me", "on")]).await
}

#[tokio::test]
async fn the_old_address_undoes_a_change_and_everything_after_it() {
    let app = TestApp::start().await;
    let thief = app.person(ADA).await;
    move_to(&app, &thief, NEW).await;
    let undo = app.path_in(ADA, "your email address was changed").await;
    // The thief sets a password, a second factor and another address, and signs up with the old one.
    thief.press("/profile/password", "Change password", &CHANGE).await.goes_to("/profile/password");
    let at_first = app.path_in(NEW, "your password was changed").await;
    move_to(&app, &thief, "thief@example.org").await;
    thief.enable_two_factor(&app).await;
    let at_second = app.path_in("thief@example.org", "two-factor authentication is on").await;
    app.browser().sign_up(ADA).await;
    app.wait(6 * 86_400);
    // They even use 'this was not me' in both mailboxes, and set a new password.
    let accomplice = app.browser();
    not_me(&accomplice, &at_first).await.goes_to("/auth/login");
    let reset = app.path_in(NEW, "reset your password").await;
    let fields =
        [("password", "yet another long one"), ("confirm_password", "yet another long one")];
    accomplice.press(&reset, "Set password", &fields).await.goes_to("/auth/login");
    accomplice.sign_in(NEW, "yet another long one").await.goes_to("/dashboard");
    accomplice.get(&at_second).await.is(410);

    let owner = app.browser();
    owner.get(&undo).await.says(&format!("The email of the account changes back to {ADA}"));
    not_me(&owner, &undo).await.goes_to("/auth/login");
    let reset = app.path_in(ADA, "reset your password").await;
    let fields = [("password", PASSWORD), ("confirm_password", PASSWORD)];
    owner.press(&reset, "Set password", &fields).await.goes_to("/auth/login");
    owner.sign_in(ADA, PASSWORD).await.goes_to("/dashboard");
    owner.get("/dashboard").await.says(ADA);
    assert!(!thief.is_signed_in().await && !accomplice.is_signed_in().await);
    // Links sent to the thief's addresses no longer work.
    for link in [&at_first, &at_second] {
        accomplice.get(link).await.is(410);
    }
    let changed = app.mails().await;
    let changed =
        changed.iter().find(|it| it.to == NEW && it.subject.contains("address was changed"));
    accomplice.get(&app.link_in(changed.unwrap()).unwrap()).await.is(410);
    assert_eq!(
        app.subjects(NEW).await.last().unwrap(),
        "your account was restored to its previous email address"
    );
    owner
        .get("/profile/activity")
        .await
        .says("Email changed")
        .says("Two-factor authentication turned off");
}

#[tokio::test]
async fn undoing_a_change_undoes_later_changes_and_revokes_their_links() {
    let app = TestApp::start().await;
    let thief = app.person(ADA).await;
    move_to(&app, &thief, NEW).await;
    let undo = app.path_in(ADA, "your email address was changed").await;
    move_to(&app, &thief, "thief@example.org").await;
    let theirs = app.path_in(NEW, "your email address was changed").await;
    let owner = app.browser();
    owner
        .get(&theirs)
        .await
        .is(200)
        .says(&format!("The email of the account changes back to {NEW}"));
    not_me(&owner, &undo).await.goes_to("/auth/login");
    not_me_is_gone(&owner, &theirs).await;
    assert_eq!(app.rows("email_changes").await, 0);
}

async fn not_me_is_gone(browser: &Browser, link: &str) {
    browser.get(link).await.is(410);
    let token = browser.get("/auth/login").await.value("csrf_token").unwrap();
    let fields = [("csrf_token", token.as_str()), ("not_me", "on")];
    browser.post(link, &fields).await.is(410);
}

#[tokio::test]
async fn an_intermediate_address_cannot_undo_anything_once_the_account_is_restored() {
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    move_to(&app, &browser, NEW).await;
    move_to(&app, &browser, ADA).await;
    assert_eq!(browser.get("/dashboard").await.inside("dd .address"), ADA);
    let theirs = app.path_in(NEW, "your email address was changed").await;
    not_me_is_gone(&app.browser(), &theirs).await;
    assert_eq!(app.rows("email_changes").await, 0);
    // A sign-up with it only gets the email for taken addresses.
    app.browser().sign_up(ADA).await.goes_to("/auth/check-mail");
    assert_eq!(app.subjects(ADA).await.last().unwrap(), "you already have an account");
    // In the other order, the first address can still undo the change.
    move_to(&app, &browser, NEW).await;
    let undo = app.path_in(ADA, "your email address was changed").await;
    app.browser()
        .get(&undo)
        .await
        .is(200)
        .says(&format!("The email of the account changes back to {ADA}"));
}

#[tokio::test]
async fn a_change_can_be_undone_only_for_a_limited_time() {
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    ask(&browser, NEW).await;
    let undo = app.path_in(ADA, "email change requested").await;
    let confirm = app.path_in(NEW, "confirm your new email address").await;
    browser.press(&confirm, "Use this email", &[]).await.goes_to("/profile/email");
    app.wait(7 * 86_400 - 1);
    app.browser().get(&undo).await.is(200).says("The email of the account changes back to");
    app.wait(1);
    app.browser().get(&undo).await.is(410).says("no longer works");
    app.wait(4 * 86_400);
    authflow::services::operations::retention::clean_up(&app.app).await.unwrap();
    assert_eq!(app.rows("email_changes").await, 0);
}
