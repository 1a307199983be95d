//! Administrators see all emails, and retry failed ones.

use authflow::domain::audit_event::Event;
use authflow::domain::email::mail_state::MailState;

use super::*;

/// A site where three emails have failed.
async fn broken_site() -> (TestApp, Browser) {
    let (app, root) = site().await;
    for email in ["ada@example.org", "bea@example.org", "cleo@example.org"] {
        app.browser().sign_up(email).await.goes_to("/auth/check-mail");
    }
    app.change(
        "UPDATE outbox SET state = 'failed', attempts = 9, finished_at = created_at, last_error = '550 no such <b>user</b>'
         WHERE kind = 'verify_email' AND recipient <> 'root@example.org'",
    )
    .await;
    assert_eq!(app.emails_in(MailState::Failed).await.len(), 3);
    (app, root)
}

#[tokio::test]
async fn emails_are_listed_by_state_with_their_errors() {
    let (app, root) = broken_site().await;
    let all = root.get("/admin/emails").await;
    all.is(200).says("3 emails could not be sent.").says("Confirm the address of a sign-up");
    assert_eq!(all.each(".list tbody tr").len(), app.emails_to("root@example.org").await.len() + 3);
    let errors = all.each(".list details");
    assert!(errors.len() == 3 && errors.iter().all(|it| it.contains("550 no such <b>user</b>")));
    let failed = root.get("/admin/emails?state=failed").await;
    assert_eq!(
        failed.is(200).each(".list .address"),
        ["cleo@example.org", "bea@example.org", "ada@example.org"]
    );
    assert_eq!(failed.each("h1 .count"), ["3"]);
    assert_eq!(failed.select("option[selected]")[0]["value"], "failed");
    failed.says("Clear filters");
    let none = root.get("/admin/emails?state=cancelled").await;
    none.is(200).says("No emails have this status.").says("Clear filters");
    let unknown = root.get("/admin/emails?state=x").await;
    assert_eq!(unknown.each(".list tbody tr"), all.each(".list tbody tr"));
}

#[tokio::test]
async fn a_failed_email_is_retried_and_the_log_says_who_did_it() {
    let (app, root) = broken_site().await;
    let list = "/admin/emails?state=failed&per_page=50";
    let page = root.get(list).await;
    assert!(page.select("button[aria-label]")[0]["aria-label"].contains("cleo@example.org"));
    root.press_on(&page, "Try again", &[]).await.goes_to(list);
    root.get(list).await.says("We are trying to send this email again");
    assert_eq!(app.emails_in(MailState::Failed).await.len(), 2);
    assert_eq!(app.emails_in(MailState::Waiting).await[0].recipient, "cleo@example.org");
    let entries = app.audit_entries(Event::EmailsRetried).await;
    assert_eq!(entries.len(), 1);
    assert!(entries[0].actor.is_some() && entries[0].detail.as_deref() == Some("1"));
    // The same email once more, from a page that was open meanwhile.
    app.wait(601);
    root.press_on(&page, "Try again", &[]).await.goes_to(list);
    root.get(list).await.says("No email was waiting to be tried again.");
    assert_eq!(app.audit_entries(Event::EmailsRetried).await.len(), 1);
    app.mails().await;
    assert!(app.subjects("cleo@example.org").await.len() == 1, "it was sent");
}

#[tokio::test]
async fn all_failed_emails_are_retried_after_a_proof() {
    let (app, root) = broken_site().await;
    let page = root.get("/admin/emails").await;
    app.wait(16 * 60);
    let asked = root.press_on(&page, "Try all again", &[]).await;
    assert!(asked.is(303).header("location").starts_with("/auth/confirm-password?"));
    assert_eq!(app.emails_in(MailState::Failed).await.len(), 3);
    root.press(asked.header("location"), "Confirm", &[("password", PASSWORD)])
        .await
        .goes_to("/admin/emails");
    root.press("/admin/emails", "Try all again", &[]).await.goes_to("/admin/emails");
    let page = root.get("/admin/emails").await;
    page.says("We are trying to send 3 emails again");
    assert!(!page.text().contains("Try all again"));
    assert!(app.emails_in(MailState::Failed).await.is_empty());
    root.get("/admin/audit?event=emails_retried").await.says("3 emails").says("root@example.org");
    for id in ["", "nonsense"] {
        let page = root.get("/profile").await;
        let token = page.value("csrf_token").unwrap();
        root.post("/admin/emails/retry", &[("csrf_token", &token), ("id", id)]).await.is(404);
    }
}
