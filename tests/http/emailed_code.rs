//! Users without a password confirm who they are by a code that is emailed to them.

use authflow::domain::audit_event::{Event, Outcome};
use authflow::domain::email::mail_kind::MailKind;
use authflow::domain::sign_in::emailed_code::EmailedCode;
use authflow::domain::sign_in::session::Session;
use authflow::domain::source::Source;
use authflow::services::operations::retention::clean_up;
use authflow::services::session::session_management;
use authflow::services::sign_in::emailed_code::{self, EmailedCodeError, SendError};
use tokio::task::JoinSet;

use super::support::*;

const CONFIRM: &str = "/auth/confirm-password?return_to=%2Fprofile%2Ftwo-factor";

/// A signed-in user without a password, whose last proof is no longer recent.
async fn person_without_a_password(app: &TestApp) -> Browser {
    let browser = app.person(ADA).await;
    assert!(browser.is_signed_in().await); // confirms that the first token arrived
    app.forget_password(ADA).await;
    app.wait(15 * 60);
    browser
}

/// Asks for a code and returns it.
async fn ask(app: &TestApp, browser: &Browser) -> String {
    let page = browser.get(CONFIRM).await;
    let is_first = page.body.contains("Send code");
    let button = if is_first { "Send code" } else { "Send another code" };
    browser.press_on(&page, button, &[]).await.is(303);
    app.emailed_code().await
}

async fn enter(browser: &Browser, code: &str) -> Page {
    browser.press(CONFIRM, "Confirm", &[("code", code)]).await
}

/// A code that is not this one.
fn other_than(code: &str) -> &'static str {
    if code == "1234 5678" { "8765 4321" } else { "1234 5678" }
}

/// Enters a code in a browser whose page does not ask for one.
async fn force(browser: &Browser, code: &str) -> Page {
    let page = browser.get(CONFIRM).await;
    assert!(page.is(200).select("[name=code]").is_empty(), "the page asks for a code");
    let csrf = page.value("csrf_token").unwrap();
    browser.post("/auth/confirm-password", &[("csrf_token", &csrf), ("code", code)]).await
}

async fn is_proven(browser: &Browser) -> bool {
    match browser.get("/profile/two-factor").await.status.as_u16() {
        200 => true,
        303 => false,
        other => panic!("the page answered {other}"),
    }
}

#[tokio::test]
async fn a_user_without_a_password_confirms_with_a_code_from_an_email() {
    let app = TestApp::start().await;
    let browser = person_without_a_password(&app).await;
    let new = [("email", "ada@new.example.org")];
    let asked = browser.press("/profile/email", "Change email", &new).await;
    let page = browser.get(asked.is(303).header("location")).await;
    page.is(200).says("Confirm that it’s you").says("We will email it to ada@example.org");
    assert!(page.select("[name=password], [name=code]").is_empty());

    let sent = browser.press_on(&page, "Send code", &[]).await;
    let page = browser.get(sent.is(303).header("location")).await;
    page.is(200).says("We have emailed you a code.").says("It expires after 10 minutes");
    assert_eq!(page.select("[name=code]")[0]["autocomplete"], "one-time-code");
    let code = app.emailed_code().await;
    let mails = app.mails().await;
    let mail = mails.iter().find(|mail| mail.text.contains(&code)).unwrap();
    assert_eq!(mail.to, ADA);
    assert!(!mail.subject.contains(|c: char| c.is_ascii_digit()), "{}", mail.subject);
    assert!(app.link_in(mail).unwrap().starts_with("/auth/not-me/"));

    browser.press_on(&page, "Confirm", &[("code", "")]).await.is(422).says("Enter the code");
    browser.press_on(&page, "Confirm", &[("code", "1234")]).await.is(422).says("8 digits");
    let typed = code.replace(' ', "");
    browser.press_on(&page, "Confirm", &[("code", &typed)]).await.goes_to("/profile/email");
    let page = browser.get("/profile/email").await;
    page.says("We kept what you entered.");
    browser.press_on(&page, "Change email", &[]).await.goes_to("/profile/email");
    assert_eq!(app.subjects("ada@new.example.org").await, ["confirm your new email address"]);
    let activity = browser.get("/profile/activity").await;
    activity.says("Confirmed with a code from an email").says("Confirmation code emailed");

    let file = browser.get("/profile/export").await;
    let data: serde_json::Value = serde_json::from_str(&file.is(200).body).unwrap();
    assert_eq!(data["emailedCodes"][0]["tries"], 1);
    assert!(!file.body.contains(&typed) && !file.body.contains(&code));

    // It worked once.
    app.wait(15 * 60 - 1);
    assert!(is_proven(&browser).await);
    app.wait(1);
    assert!(!is_proven(&browser).await);
    force(&browser, &code).await.is(401).says("no longer works");
}

#[tokio::test]
async fn sending_a_code_keeps_the_way_back() {
    let app = TestApp::start().await;
    let browser = person_without_a_password(&app).await;
    let referrer = [("referer", "http://localhost:5000/dashboard")];
    let page = browser.send(reqwest::Method::GET, CONFIRM, &referrer, None).await;
    let sent = browser.press_on(&page, "Send code", &[]).await;
    let page = browser.get(sent.is(303).header("location")).await;
    assert_eq!(page.is(200).select("main .links a")[0]["href"], "/dashboard");
    let wrong = browser.press_on(&page, "Confirm", &[("code", "")]).await;
    assert_eq!(wrong.is(422).select("main .links a")[0]["href"], "/dashboard");
    let forged = browser.get(&format!("{CONFIRM}&back=https%3A%2F%2Fevil.example%2F")).await;
    assert_eq!(forged.is(200).select("main .links a")[0]["href"], "/profile");
}

#[tokio::test]
async fn a_code_works_only_in_the_browser_that_asked_for_it() {
    let app = TestApp::start().await;
    let browser = person_without_a_password(&app).await;
    let new = [("email", "ada@new.example.org")];
    browser.press("/profile/email", "Change email", &new).await.is(303);
    let page = browser.get(CONFIRM).await;
    // Thieves with the refresh token, and with every cookie from before the code was asked for.
    let thieves = [app.browser(), browser.copy()];
    assert!(thieves[1].cookie("authflow-session").is_some());
    thieves[0].set_cookie("authflow-refresh", &browser.cookie("authflow-refresh").unwrap());
    browser.press_on(&page, "Send code", &[]).await.is(303);
    let code = app.emailed_code().await;
    for thief in &thieves {
        assert!(thief.is_signed_in().await, "a fresh copy is indistinguishable");
        force(thief, &code).await.is(401).says("no longer works in this browser");
        assert!(!is_proven(thief).await);
    }
    assert_eq!(app.count("SELECT COUNT(*) FROM emailed_codes WHERE tries = 0").await, 1);
    enter(&browser, &code).await.goes_to("/profile/two-factor");
    assert!(is_proven(&browser).await);
    for thief in &thieves {
        assert!(!is_proven(thief).await);
    }
}

#[tokio::test]
async fn each_session_has_codes_of_its_own() {
    let app = TestApp::start().await;
    let (browser, other) = (app.person(ADA).await, app.browser());
    other.sign_in(ADA, PASSWORD).await.goes_to("/dashboard");
    app.forget_password(ADA).await;
    app.wait(15 * 60);
    let code = ask(&app, &browser).await;
    let code_of_other = ask(&app, &other).await;
    enter(&other, &code).await.is(401).says("That code is wrong.");
    enter(&browser, &code).await.goes_to("/profile/two-factor");
    enter(&other, &code_of_other).await.goes_to("/profile/two-factor");
}

#[tokio::test]
async fn the_fifth_wrong_code_is_the_last() {
    let app = TestApp::start().await;
    let browser = person_without_a_password(&app).await;
    let code = ask(&app, &browser).await;
    let wrong = other_than(&code);
    for left in ["4 tries", "3 tries", "2 tries", "1 try"] {
        let page = enter(&browser, wrong).await;
        page.is(401).says("That code is wrong.").says(&format!("You have {left} left."));
    }
    let page = browser.get(CONFIRM).await;
    let last = browser.press_on(&page, "Confirm", &[("code", wrong)]).await;
    last.is(401).says("this was the last try");
    assert!(last.select("[name=code]").is_empty());
    let late = browser.press_on(&page, "Confirm", &[("code", &code)]).await;
    late.is(401).says("That code no longer works");
    assert!(!is_proven(&browser).await);
    let entries = app.audit_entries(Event::ConfirmationCodeChecked).await;
    assert!(entries.iter().all(|it| it.outcome == Outcome::Refused));
    assert_eq!(entries.iter().map(|it| it.count).sum::<i64>(), 5);

    let code = ask(&app, &browser).await;
    enter(&browser, &code).await.goes_to("/profile/two-factor");
}

#[tokio::test]
async fn a_code_works_for_ten_minutes() {
    let app = TestApp::start().await;
    let browser = person_without_a_password(&app).await;
    let code = ask(&app, &browser).await;
    let page = browser.get(CONFIRM).await;
    app.wait(600);
    let late = browser.press_on(&page, "Confirm", &[("code", &code)]).await;
    late.is(401).says("That code no longer works").says("Send code");
    // Whatever was entered: there is no field any longer that could say what is wrong with it.
    for nonsense in ["", "x"] {
        let late = browser.press_on(&page, "Confirm", &[("code", nonsense)]).await;
        late.is(401).says("That code no longer works");
    }
    assert!(!is_proven(&browser).await);
    let code = ask(&app, &browser).await;
    app.wait(599);
    clean_up(&app.app).await.unwrap();
    enter(&browser, &code).await.goes_to("/profile/two-factor");
    app.wait(2);
    clean_up(&app.app).await.unwrap();
    assert_eq!(app.rows("emailed_codes").await, 0);
}

#[tokio::test]
async fn a_code_from_before_the_clock_was_set_back_does_not_work() {
    const DAY: u64 = 86_400;
    let app = TestApp::start().await;
    app.wait(DAY / 4);
    let browser = person_without_a_password(&app).await;
    let code = ask(&app, &browser).await;
    let page = browser.get(CONFIRM).await;
    app.set_back(DAY / 4);
    let early = browser.press_on(&page, "Confirm", &[("code", &code)]).await;
    early.is(401).says("That code no longer works");
    let code = ask(&app, &browser).await;
    enter(&browser, &code).await.goes_to("/profile/two-factor");
}

#[tokio::test]
async fn a_new_code_replaces_the_earlier_one() {
    let app = TestApp::start().await;
    let browser = person_without_a_password(&app).await;
    let first = ask(&app, &browser).await;
    let second = ask(&app, &browser).await;
    assert_ne!(first, second);
    let page = enter(&browser, &first).await;
    page.is(401).says("Enter the code from the newest email. You have 4 tries left.");
    enter(&browser, &second).await.goes_to("/profile/two-factor");

    // A replaced code is not emailed if its email still waits.
    app.wait(15 * 60);
    browser.press(CONFIRM, "Send code", &[]).await.is(303);
    browser.press(CONFIRM, "Send another code", &[]).await.is(303);
    let code = app.emailed_code().await;
    assert_eq!(app.emails(MailKind::ConfirmationCode).await.len(), 3);
    enter(&browser, &code).await.goes_to("/profile/two-factor");
}

#[tokio::test]
async fn a_code_that_has_expired_is_not_emailed() {
    let app = TestApp::start().await;
    let browser = person_without_a_password(&app).await;
    browser.press(CONFIRM, "Send code", &[]).await.is(303);
    app.wait(600);
    assert!(!app.subjects(ADA).await.contains(&"your confirmation code".to_owned()));
    assert!(app.emails(MailKind::ConfirmationCode).await.is_empty());
}

#[tokio::test]
async fn codes_are_sent_ahead_of_emails_that_strangers_cause() {
    let app = TestApp::with(&[("EMAILS_PER_MINUTE", "1")]).await;
    let browser = person_without_a_password(&app).await;
    for stranger in ["eve@example.org", "mallory@example.org", "trudy@example.org"] {
        app.browser().sign_up(stranger).await.goes_to("/auth/check-mail");
    }
    let code = ask(&app, &browser).await;
    enter(&browser, &code).await.goes_to("/profile/two-factor");
}

#[tokio::test]
async fn an_account_gets_five_codes_an_hour_and_twenty_a_day() {
    const HOUR: u64 = 3_600;
    let an_hour = 3_000..HOUR + 1;
    let app = TestApp::start().await;
    let browser = person_without_a_password(&app).await;
    for waits in [an_hour.clone(), an_hour.clone(), an_hour, 20 * HOUR..24 * HOUR] {
        for _ in 0..5 {
            ask(&app, &browser).await;
        }
        let more = browser.press(CONFIRM, "Send another code", &[]).await;
        more.is(429).says("Too many codes sent.");
        let wait = number::<u64>(&more, "retry-after").unwrap();
        assert!(waits.contains(&wait), "{wait}");
        // The latest code still works.
        assert_eq!(more.select("[name=code]").len(), 1);
        app.wait(HOUR);
    }
    assert_eq!(app.emails(MailKind::ConfirmationCode).await.len(), 20);
}

#[tokio::test]
async fn an_account_with_a_password_gets_no_code() {
    let app = TestApp::start().await;
    let browser = person_without_a_password(&app).await;
    let code = ask(&app, &browser).await;
    let page = browser.get(CONFIRM).await;
    app.give_passwords().await;
    let refused = browser.press_on(&page, "Confirm", &[("code", &code)]).await;
    refused.is(422).says("Confirm your password");
    let refused = browser.press_on(&page, "Send another code", &[]).await;
    refused.is(422).says("Confirm your password");
    let session = session(&app).await;
    let sent = emailed_code::send(&app.app, &session, &Source::command_line()).await;
    assert!(matches!(sent, Err(SendError::HasPassword)));
    assert_eq!(app.emails(MailKind::ConfirmationCode).await.len(), 1);
}

#[tokio::test]
async fn a_change_of_the_account_revokes_its_codes() {
    let app = TestApp::start().await;
    let browser = person_without_a_password(&app).await;
    ask(&app, &browser).await;
    assert_eq!(app.rows("emailed_codes").await, 1);
    let link = app.path_in(ADA, "your confirmation code").await;
    browser.press(&link, "Sign out everywhere", &[("not_me", "on")]).await.is(303);
    assert_eq!(app.rows("emailed_codes").await, 0);
}

/// The session of Ada's only browser.
async fn session(test: &TestApp) -> Session {
    let id = test.sessions(ADA).await[0].id;
    session_management::find_live(&test.app, id).await.unwrap().unwrap()
}

#[tokio::test]
async fn of_parallel_guesses_five_are_checked() {
    let app = TestApp::start().await;
    person_without_a_password(&app).await;
    let session = session(&app).await;
    let sent = emailed_code::send(&app.app, &session, &Source::command_line()).await.unwrap();
    let code = app.emailed_code().await;
    let mut guesses = JoinSet::new();
    for _ in 0..20 {
        let (app, session) = (app.app.clone(), session.clone());
        let guess = EmailedCode::parse(other_than(&code)).unwrap();
        guesses.spawn(async move {
            let checked =
                emailed_code::confirm(&app, &session, &sent, &guess, &Source::command_line()).await;
            match checked.unwrap_err() {
                EmailedCodeError::Wrong(left) => Some(left),
                EmailedCodeError::Over => None,
                EmailedCodeError::Failed(error) => panic!("{error}"),
            }
        });
    }
    let mut left: Vec<i64> = guesses.join_all().await.into_iter().flatten().collect();
    left.sort_unstable();
    assert_eq!(left, [0, 1, 2, 3, 4]);
    let right = EmailedCode::parse(&code).unwrap();
    let late =
        emailed_code::confirm(&app.app, &session, &sent, &right, &Source::command_line()).await;
    assert!(matches!(late, Err(EmailedCodeError::Over)));
}

#[tokio::test]
async fn of_parallel_uses_of_a_code_one_succeeds() {
    let app = TestApp::start().await;
    person_without_a_password(&app).await;
    let session = session(&app).await;
    let sent = emailed_code::send(&app.app, &session, &Source::command_line()).await.unwrap();
    let code = app.emailed_code().await;
    let mut uses = JoinSet::new();
    for _ in 0..10 {
        let (app, session) = (app.app.clone(), session.clone());
        let code = EmailedCode::parse(&code).unwrap();
        uses.spawn(async move {
            emailed_code::confirm(&app, &session, &sent, &code, &Source::command_line())
                .await
                .is_ok()
        });
    }
    let succeeded = uses.join_all().await.into_iter().filter(|it| *it).count();
    assert_eq!(succeeded, 1);
}
