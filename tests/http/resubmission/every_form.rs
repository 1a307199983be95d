//! Every form of the pages can be sent twice.

use authflow::domain::audit_event::Event;
use authflow::domain::email::mail_kind::MailKind;

use super::*;

#[tokio::test]
async fn signing_up_twice_sends_one_email_and_confirming_twice_signs_in() {
    let app = TestApp::start().await;
    let fields = [
        ("username", "Ada Lovelace"),
        ("email", ADA),
        ("password", PASSWORD),
        ("confirm_password", PASSWORD),
    ];
    let browser = lose_first(&app.browser(), "/auth/register", "Create account", &fields).await;
    let link = app.mailed_path(ADA).await;
    assert_eq!(app.subjects(ADA).await.len(), 1);

    let browser = lose_first(&browser, &link, "Confirm and sign in", &[]).await;
    browser.get("/dashboard").await.is(200).says("Your email is confirmed and you are signed in.");
    assert_eq!(app.active_sessions().await, 1);
    assert_eq!(app.emails(MailKind::Welcome).await.len(), 1);
    // The device cookie is sent again as well: the next sign-in is not from an unknown browser.
    let browser = lose_first(&browser, "/dashboard", "Sign out", &[]).await;
    assert!(browser.cookie("authflow-refresh").is_none() && !browser.is_signed_in().await);
    browser.sign_in(ADA, PASSWORD).await.goes_to("/dashboard");
    assert!(app.emails(MailKind::NewSignIn).await.is_empty());
}

#[tokio::test]
async fn confirming_twice_in_another_browser_signs_in_and_declining_twice_deletes() {
    let app = TestApp::start().await;
    app.browser().sign_up(ADA).await;
    let link = app.mailed_path(ADA).await;
    let fields = [("password", PASSWORD)];
    let browser = lose_first(&app.browser(), &link, "Confirm and sign in", &fields).await;
    assert!(browser.is_signed_in().await);

    app.browser().sign_up(EVE).await;
    let link = app.mailed_path(EVE).await;
    let fields = [("not_mine", "on")];
    let browser = lose_first(&app.browser(), &link, "Delete account", &fields).await;
    browser.get("/auth/login").await.says("The account has been deleted");
}

#[tokio::test]
async fn signing_in_twice_makes_one_session() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    let fields = [("email", ADA), ("password", PASSWORD)];
    let browser = lose_first(&app.browser(), "/auth/login", "Sign in", &fields).await;
    assert!(browser.is_signed_in().await);
    assert_eq!(app.active_sessions().await, 2);
    assert_eq!(app.emails(MailKind::NewSignIn).await.len(), 1);
    browser.get("/profile/email").await.is(200);
}

#[tokio::test]
async fn both_steps_of_a_two_factor_sign_in_can_be_sent_twice() {
    let app = TestApp::start().await;
    let authenticator = app.person(ADA).await.enable_two_factor(&app).await;
    let fields = [("email", ADA), ("password", PASSWORD)];
    let browser = lose_first(&app.browser(), "/auth/login", "Sign in", &fields).await;
    let code = authenticator.code(&app);
    let browser = lose_first(&browser, "/auth/two-factor", "Sign in", &[("code", &code)]).await;
    assert!(browser.is_signed_in().await);
    assert_eq!(app.active_sessions().await, 2);

    let browser = lose_first(&app.browser(), "/auth/login", "Sign in", &fields).await;
    let code = [("code", authenticator.recovery_codes[0].as_str())];
    let browser =
        lose_first(&browser, "/auth/two-factor", "Sign in with a recovery code", &code).await;
    browser.get("/dashboard").await.is(200).says("9 are left.");
}

#[tokio::test]
async fn recovery_codes_are_shown_again_until_they_are_saved_or_for_ten_minutes() {
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    let page = browser.get("/profile/two-factor").await;
    let code = Authenticator::scan(&page).code(&app);
    let browser = lose_first_on(&browser, &page, "Turn on", &[("code", &code)]).await;
    let shown = browser.get("/profile/two-factor/recovery-codes").await;
    let codes = shown.is(200).says("Two-factor authentication is on.").each(".codes code");
    assert_eq!(codes.len(), 10);
    assert_eq!(browser.get("/profile/two-factor/recovery-codes").await.each(".codes code"), codes);
    assert_eq!(app.emails(MailKind::SecondFactorOn).await.len(), 1);

    // Only this session may see them, and only with a recent proof.
    let other = app.browser();
    other.sign_in(ADA, PASSWORD).await.goes_to("/auth/two-factor");
    other
        .press("/auth/two-factor", "Sign in with a recovery code", &[("code", &codes[0])])
        .await
        .goes_to("/dashboard");
    other.get("/profile/two-factor/recovery-codes").await.goes_to("/profile/two-factor");

    let path = "/profile/two-factor/recovery-codes";
    let browser = lose_first(&browser, path, "I’ve saved them", &[]).await;
    browser.get(path).await.goes_to("/profile/two-factor");
    assert_eq!(app.rows("recovery_code_seeds").await, 0);
    assert_eq!(app.rows("recovery_codes").await, 10, "the codes still work");

    // New codes, then ten minutes pass.
    let code = Authenticator::scan(&page).code(&app);
    let browser =
        lose_first(&browser, "/profile/two-factor", "Generate new codes", &[("code", &code)]).await;
    let renewed = browser.get(path).await.is(200).each(".codes code");
    assert!(renewed.len() == 10 && renewed.iter().all(|code| !codes.contains(code)));
    app.wait(599);
    assert_eq!(browser.get(path).await.each(".codes code"), renewed);
    app.wait(1);
    browser.get(path).await.goes_to("/profile/two-factor");
    authflow::services::two_factor::code_set::forget_seeds(&app.app).await.unwrap();
    assert_eq!(app.rows("recovery_code_seeds").await, 0);

    let code = Authenticator::scan(&page).code(&app);
    let browser =
        lose_first(&browser, "/profile/two-factor?turn_off=on", "Turn off", &[("code", &code)])
            .await;
    browser.get("/profile/two-factor").await.says("Two-factor authentication is off");
    assert!(app.emails(MailKind::RecoveryCodesRenewed).await.len() == 1);
    assert_eq!(app.rows("recovery_code_seeds").await, 0);
}

/// Confirms the password twice, and returns the browser that got the second response.
async fn confirm_password(browser: &Browser, return_to: &str) -> Browser {
    let path = format!("/auth/confirm-password?return_to={return_to}");
    lose_first(browser, &path, "Confirm", &[("password", PASSWORD)]).await
}

#[tokio::test]
async fn a_password_that_was_confirmed_twice_counts_in_the_browser_with_the_second_response() {
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    app.wait(3_600);
    let browser = confirm_password(&browser, "/profile/email").await;
    browser
        .press("/profile/email", "Change email", &[("email", NEW)])
        .await
        .goes_to("/profile/email");
    browser.get("/profile/email").await.says(NEW);
}

#[tokio::test]
async fn a_confirmation_code_can_be_asked_for_twice_and_entered_twice() {
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    app.forget_password(ADA).await;
    app.wait(3_600);
    let path = "/auth/confirm-password?return_to=/profile/two-factor";
    let browser = lose_first(&browser, path, "Send code", &[]).await;
    let code = app.emailed_code().await;
    assert_eq!(app.emails(MailKind::ConfirmationCode).await.len(), 1);
    let browser = lose_first(&browser, path, "Confirm", &[("code", &code)]).await;
    browser.get("/profile/two-factor").await.is(200);
    assert_eq!(app.audit_entries(Event::ConfirmationCodeChecked).await.len(), 1);
}

#[tokio::test]
async fn resets_and_password_changes_can_be_sent_twice() {
    let app = TestApp::start().await;
    let ada = app.person(ADA).await;
    lose_first(&app.browser(), "/auth/forgot-password", "Send reset link", &[("email", ADA)]).await;
    let link = app.path_in(ADA, "reset your password").await;
    assert_eq!(app.emails(MailKind::ResetPassword).await.len(), 1);
    let fields = [("password", STRONGER), ("confirm_password", STRONGER)];
    let browser = lose_first(&ada, &link, "Set password", &fields).await;
    browser.get("/auth/login").await.says("Your password has been reset");
    let browser = app.browser().carried_to(&browser);
    browser.sign_in(ADA, STRONGER).await.goes_to("/dashboard");
    assert_eq!(app.emails(MailKind::PasswordChanged).await.len(), 1);
    assert!(app.emails(MailKind::NewSignIn).await.is_empty(), "the browser is known");

    let fields =
        [("current_password", STRONGER), ("password", PASSWORD), ("confirm_password", PASSWORD)];
    let browser = lose_first(&browser, "/profile/password", "Change password", &fields).await;
    browser.get("/profile/password").await.is(200).says("Your password has been changed");
    assert!(browser.is_signed_in().await);
    assert_eq!(app.emails(MailKind::PasswordChanged).await.len(), 2);
}

#[tokio::test]
async fn changes_of_name_and_address_can_be_sent_twice() {
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    let browser = lose_first(&browser, "/profile", "Save", &[("username", "Ada King")]).await;
    browser.get("/profile").await.says("Your profile has been saved");
    assert_eq!(app.audit_entries(Event::UsernameChanged).await.len(), 1);

    let browser = lose_first(&browser, "/profile/email", "Change email", &[("email", NEW)]).await;
    assert_eq!(app.subjects(NEW).await.len(), 1, "the link in the first email still works");
    let browser = lose_first(&browser, "/profile/email", "Cancel the change", &[]).await;
    let browser = lose_first(&browser, "/profile/email", "Change email", &[("email", NEW)]).await;
    let link = app.path_in(NEW, "confirm your new email address").await;
    let browser = lose_first(&browser, &link, "Use this email", &[]).await;
    browser.get("/profile/email").await.is(200).says(&format!("Your email is {NEW}"));

    let link = app.path_in(ADA, "your email address was changed").await;
    let fields = [("not_me", "on")];
    let browser = lose_first(&browser, &link, "Sign out everywhere", &fields).await;
    browser.get("/auth/login").await.says("We sent a reset link");
    assert_eq!(app.audit_entries(Event::AccountSecured).await.len(), 1);
}

#[tokio::test]
async fn sessions_can_be_ended_twice_and_accounts_deleted_twice() {
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    for (button, says) in [
        ("End session", "The session has been ended."),
        ("Sign out everywhere else", "You are signed out everywhere else."),
    ] {
        app.browser().sign_in(ADA, PASSWORD).await;
        let browser = lose_first(&browser, "/profile/sessions", button, &[]).await;
        browser.get("/profile/sessions").await.is(200).says(says);
        assert_eq!(app.active_sessions().await, 1);
    }
    let fields = [("password", PASSWORD)];
    let browser =
        lose_first(&browser, "/profile/delete?confirm=on", "Delete my account", &fields).await;
    browser.get("/auth/login").await.says("Your account has been deleted");
    assert!(browser.cookie("authflow-refresh").is_none());
}

/// The page of an account.
async fn page_of(root: &Browser, email: &str) -> String {
    let list = root.get(&format!("/admin/users?search={email}")).await;
    list.select(".list th a")[0]["href"].clone()
}

#[tokio::test]
async fn administrators_can_press_every_button_twice() {
    let (app, mut root) = site("open", &[]).await;
    let ada = app.person(ADA).await;
    ada.enable_two_factor(&app).await;
    let page = page_of(&root, ADA).await;
    for (button, fields, event) in [
        ("Save roles", &[("roles", "staff")][..], Event::RolesChanged),
        ("Change handle", &[("handle", "lady.ada")], Event::HandleChanged),
        ("Send password reset email", &[], Event::ResetLinkSent),
        ("End all sessions", &[], Event::SessionsEnded),
        ("Disable account", &[], Event::UserDisabled),
        ("Enable account", &[], Event::UserEnabled),
    ] {
        let before = app.audit_entries(event).await.len();
        root = lose_first(&root, &page, button, fields).await;
        root.get(&page).await.is(200);
        assert_eq!(app.audit_entries(event).await.len(), before + 1, "{button}");
    }
    let path = format!("{page}/remove-second-factor");
    root = lose_first(&root, &path, "Turn off", &[("reason", "She lost her phone")]).await;
    root.get(&page).await.says("Two-factor authentication Off");

    app.browser().sign_up(EVE).await;
    let waiting = page_of(&root, EVE).await;
    root = lose_first(&root, &waiting, "Send confirmation email again", &[]).await;
    assert_eq!(app.subjects(EVE).await.len(), 2);
    root = lose_first(&root, &waiting, "Mark email as confirmed", &[]).await;
    root = lose_first(&root, &format!("{waiting}/delete"), "Delete account", &[]).await;
    root.get("/admin/users").await.is(200).says("Account deleted.");
}

#[tokio::test]
async fn invitations_can_be_made_used_and_revoked_twice() {
    let (app, root) = site("invite", &[]).await;
    let fields = [("email", ADA), ("by_mail", "on"), ("days", "7")];
    let root = lose_first(&root, "/admin/users/invite", "Create invitation", &fields).await;
    assert_eq!(app.rows("invitations").await, 1);
    let link = app.mailed_path(ADA).await;
    let fields = [
        ("username", "Ada Lovelace"),
        ("email", ADA),
        ("password", PASSWORD),
        ("confirm_password", PASSWORD),
    ];
    lose_first(&app.browser(), &link, "Create account", &fields).await;
    assert_eq!(app.audit_entries(Event::Registered).await.len(), 1);

    // A second invitation with other fields, from the same page.
    let page = root.get("/admin/users/invite").await;
    let root =
        lose_first_on(&root, &page, "Create invitation", &[("email", EVE), ("by_mail", "on")])
            .await;
    root.press_on(&page, "Create invitation", &[("email", NEW), ("by_mail", "on")]).await.is(303);
    assert_eq!(app.rows("invitations").await, 3, "a form that was changed is another form");
    let made = root.get("/admin/invitations").await.select(".list th a")[0]["href"].clone();
    let root = lose_first(&root, &made, "Revoke invitation", &[]).await;
    root.get(&made).await.is(200).says("Invitation revoked.");
}

#[tokio::test]
async fn sign_ups_can_be_approved_and_rejected_twice() {
    let (app, root) = site("approval", &[]).await;
    for (email, path, button) in [(ADA, "", "Approve account"), (EVE, "/reject", "Reject sign-up")]
    {
        let browser = app.browser();
        browser.sign_up(email).await;
        let link = app.mailed_path(email).await;
        let browser = lose_first(&browser, &link, "Confirm email", &[]).await;
        browser.get("/auth/awaiting-approval").await.is(200);
        let page = format!("{}{path}", page_of(&root, email).await);
        lose_first(&root, &page, button, &[]).await;
    }
    assert_eq!(app.emails(MailKind::SignUpAccepted).await.len(), 1);
}
