//! Recovery codes: used, downloaded and replaced.

use super::super::support::*;
use super::first_step;

#[tokio::test]
async fn each_recovery_code_works_once() {
    let app = TestApp::start().await;
    let owner = app.person(ADA).await;
    let authenticator = owner.enable_two_factor(&app).await;
    let code = &authenticator.recovery_codes[3];
    let stored = app.recovery_code_hashes().await;
    assert!(stored.len() == 10 && stored.iter().all(|hash| hash.len() == 32));

    let browser = app.browser();
    first_step(&browser, ADA).await;
    let typed = code.to_uppercase().replace('-', " ");
    let button = "Sign in with a recovery code";
    let page = browser.press("/auth/two-factor", button, &[("code", &typed)]).await;
    page.goes_to("/dashboard");
    browser.get("/dashboard").await.says("You used a recovery code. 9 are left.");
    browser.get("/profile/two-factor").await.says("You have 9 left");
    let mails = app.mails().await;
    let mail = mails.iter().find(|it| it.subject.contains("a recovery code was used")).unwrap();
    assert!(mail.text.contains("9 codes left."), "{}", mail.text);

    let again = app.browser();
    first_step(&again, ADA).await;
    let refused = again.press("/auth/two-factor", button, &[("code", code)]).await;
    refused.is(401).says("That recovery code is wrong or was already used.");
    assert_eq!(refused.select("details[open] #recovery_code[aria-invalid]").len(), 1);
    // Another user's codes do not work.
    let eve = app.person("eve@example.org").await.enable_two_factor(&app).await;
    again.press("/auth/two-factor", button, &[("code", &eve.recovery_codes[0])]).await.is(401);
}

#[tokio::test]
async fn recovery_codes_are_downloaded_and_replaced() {
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    let page = browser.get("/profile/two-factor").await;
    let authenticator = Authenticator::scan(&page);
    let done = browser.press_on(&page, "Turn on", &[("code", &authenticator.code(&app))]).await;
    let shown = browser.get(done.is(303).header("location")).await;
    let first = shown.each(".codes code");
    let file = browser.press_on(&shown, "Download codes", &[]).await;
    assert_eq!(file.is(200).header("content-type"), "text/plain; charset=utf-8");
    assert!(file.header("content-disposition").starts_with("attachment"));
    assert_eq!(file.header("cache-control"), "no-store");
    assert!(first.iter().all(|code| file.body.lines().any(|line| line == code)), "{}", file.body);
    // The download contains only codes of the account.
    let later = browser.get("/profile/two-factor").await;
    assert!(first.iter().all(|code| !later.body.contains(code)));
    let forged = [("codes", "<script>alert(1)</script> 0000-0000-0000-0000-0000-0000")];
    let refused = browser.press_on(&shown, "Download codes", &forged).await;
    assert!(!refused.is(410).body.contains("alert(1)"));

    let code = authenticator.code(&app);
    let renewed =
        browser.press("/profile/two-factor", "Generate new codes", &[("code", &code)]).await;
    let renewed = browser.get(renewed.goes_to(RECOVERY_CODES).header("location")).await;
    let second = renewed.each(".codes code");
    assert!(second.len() == 10 && second.iter().all(|code| !first.contains(code)));
    browser.press_on(&shown, "Download codes", &[]).await.is(410);
    let other = app.browser();
    first_step(&other, ADA).await;
    let button = "Sign in with a recovery code";
    other.press("/auth/two-factor", button, &[("code", &first[0])]).await.is(401);
    other.press("/auth/two-factor", button, &[("code", &second[0])]).await.goes_to("/dashboard");
    let subjects = app.subjects(ADA).await;
    assert!(subjects.contains(&"new recovery codes created".to_owned()), "{subjects:?}");
}

#[tokio::test]
async fn the_form_for_new_codes_opens_by_itself_only_if_it_was_refused() {
    const OPEN: &str = "main details[open] form[action='/profile/two-factor/recovery-codes']";
    const CLOSED: &str =
        "main details:not([open]) form[action='/profile/two-factor/recovery-codes']";
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    let authenticator = browser.enable_two_factor(&app).await;
    let page = browser.get("/profile/two-factor").await;
    assert_eq!((page.select(CLOSED).len(), page.select(OPEN).len()), (1, 0));
    // The button that opens the row is not the one that sends the form, and both say what they do.
    assert_eq!(page.each("main details > summary"), ["Generate new codes…"]);
    assert_eq!(page.each("main details form button"), ["Generate new codes"]);
    for (code, why) in [("", "Enter"), ("x", "digits"), ("000000", "wrong")] {
        let refused = browser.press_on(&page, "Generate new codes", &[("code", code)]).await;
        assert_eq!((refused.select(CLOSED).len(), refused.select(OPEN).len()), (0, 1), "{code:?}");
        assert!(refused.inside("main details .error").contains(why), "{}", refused.text());
    }
    app.wait(60);
    let fields = [("code", &*authenticator.code(&app))];
    browser.press_on(&page, "Generate new codes", &fields).await.goes_to(RECOVERY_CODES);
}
